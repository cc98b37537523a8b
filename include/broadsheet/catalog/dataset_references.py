"""Check what the datasets of a definition say of their columns: how a burst's variants share their rows."""

from __future__ import annotations

from collections.abc import Iterator

from broadsheet.catalog.fitting import parameter_fault
from broadsheet.catalog.yaml_lines import Location
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.suggestion import suggest

Fault = tuple[Location, str]


def check_filters(report: ReportDefinition) -> Iterator[Fault]:
    """Yield every filter whose column or parameter does not exist, or whose two have different types."""
    for name, dataset in report.datasets.items():
        for column, parameter in dataset.filter.items():
            place = ("datasets", name, "filter", column)
            if column not in dataset.columns:
                hint = suggest(column, dataset.columns)
                yield place, f"{column!r} is no column of dataset {name!r}: {hint}"
            schema = report.parameter_schemas.get(parameter)
            if schema is None:
                hint = suggest(parameter, report.parameter_schemas)
                yield place, f"{parameter!r} is no parameter: {hint}"
            elif column in dataset.columns and (
                fault := parameter_fault(column, dataset.columns[column], parameter, schema)
            ):
                yield place, fault
