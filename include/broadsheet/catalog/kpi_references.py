"""Check the tiles of a definition, and that what they compare with is fetched."""

from __future__ import annotations

from collections.abc import Iterator

from broadsheet.catalog.yaml_lines import Location
from broadsheet.domain.kpi import Kpi
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.suggestion import suggest

Fault = tuple[Location, str]


def check_kpis(report: ReportDefinition) -> Iterator[Fault]:
    """Yield every fault of the sets of tiles, and of datasets that are to have a year before."""
    for name, dataset in report.datasets.items():
        if dataset.year_before and dataset.day is None:
            yield (
                ("datasets", name, "year_before"),
                "which rows are of the year before, `day` must tell: name the column of dates",
            )
    for name, members in report.kpis.items():
        for position, member in enumerate(members):
            tile = member if isinstance(member, Kpi) else Kpi(measure=member)
            for place, message in _check_tile(report, tile):
                # A tile that is only a name has no places within it.
                yield ("kpis", name, position, *(place if isinstance(member, Kpi) else ())), message


def _check_tile(report: ReportDefinition, tile: Kpi) -> Iterator[Fault]:
    measure = report.measures.get(tile.measure)
    if measure is None:
        yield ("measure",), f"{tile.measure!r} is no measure: {suggest(tile.measure, report.measures)}"
        return
    if measure.dataset not in report.sources_of_rows:
        return
    if tile.compare == "year_before" and not report.has_year_before(measure.dataset):
        yield (
            ("compare",),
            f"dataset {measure.dataset!r} has no rows of the year before: say `year_before: true` there, "
            "and let its query give them",
        )
    if tile.target is not None and measure.better == "neither":
        yield (
            ("target",),
            f"whether a target is reached, measure {tile.measure!r} must tell by `better: up` or `down`",
        )
    if tile.spark is not None and tile.spark not in report.columns_of(measure.dataset):
        hint = suggest(tile.spark, report.columns_of(measure.dataset))
        yield ("spark",), f"{tile.spark!r} is no column of dataset {measure.dataset!r}: {hint}"
