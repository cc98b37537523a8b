"""What every kind of chart asks of its numbers: categories, values, the levels to compare with."""

from __future__ import annotations

from collections.abc import Sequence

from broadsheet.domain.theme import Colors
from broadsheet.pipeline.charts.labels import EndLabel
from broadsheet.pipeline.charts.scales import MINUS
from broadsheet.pipeline.payload import ChartPart, SeriesPart


def category_names(chart: ChartPart) -> list[str]:
    """Return the texts of the categories."""
    return [value if isinstance(value, str) else f"{value:,.10g}".replace("-", MINUS) for value in chart.x]


def padded(series: SeriesPart, count: int) -> list[float | None]:
    """Return as many values as there are categories: a missing one is a gap."""
    return [*series.values[:count], *([None] * (count - len(series.values)))]


def reference_values(chart: ChartPart) -> list[float]:
    """Return the levels to compare with."""
    return [reference.value for reference in chart.references if reference.value is not None]


def reference_ends(chart: ChartPart, colors: Colors) -> list[EndLabel]:
    """Return the labels of the levels to compare with."""
    return [
        EndLabel(reference.value, reference.label, colors.ink)
        for reference in chart.references
        if reference.value is not None
    ]


def runs_of(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """Cut values into stretches without a gap: positions with their values."""
    runs: list[list[tuple[int, float]]] = []
    before = False
    for number, value in enumerate(values):
        if value is not None:
            if not before:
                runs.append([])
            runs[-1].append((number, value))
        before = value is not None
    return runs
