"""The aggregates of a report's definition: rows made of a dataset's rows, for tables, measures and charts."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from broadsheet.domain.measure import Function, Measure
from broadsheet.domain.parts import ColumnType, Name, Part, Scalar


class Every(StrEnum):
    """Steps of the calendar. Weeks begin on Monday; an hour is one of the period's zone."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Resample(Part):
    """Rows put into steps of the calendar, of which each has a row, also where nothing happened."""

    column: Name
    """Column of dates or instants; it holds the first day, or the first instant, of each step."""
    every: Every


class Derived(Part):
    """A column of an aggregate: a measure of each row's group, or something made of another column."""

    measure: Name | None = None
    running: Name | None = None
    """Column whose values are added up from the first row to this one."""
    share: Name | None = None
    """Column of whose sum this row has a share, as a fraction."""
    rank: Name | None = None
    """Column by which this row has a place: 1 is the highest, equal values have the same."""
    change: Name | None = None
    """Column whose value is compared with that of the row before, as a difference."""
    within: Name | None = None
    """Column whose values part the rows: each part is added up, shared, ranked or compared by itself."""
    order: Literal["highest", "lowest"] = "highest"
    """Which value has rank 1."""

    @property
    def base(self) -> str | None:
        """Column that this one is made of; None for a measure."""
        return self.running or self.share or self.rank or self.change

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = [one for one in (self.measure, self.running, self.share, self.rank, self.change) if one]
        if len(given) != 1:
            raise ValueError("give one of `measure`, `running`, `share`, `rank` and `change`")
        return self


class Top(Part):
    """Only the groups with the highest value of a measure; all others together are one more group, Other."""

    measure: Name
    most: int = Field(ge=1, le=500)
    order: Literal["highest", "lowest"] = "highest"


class Aggregate(Part):
    """Rows made of a dataset's rows: by groups and steps of the calendar, or by a function of your own."""

    dataset: Name
    where: dict[Name, Scalar] = {}
    """Only rows whose columns have these values."""
    group: tuple[Name, ...] = ()
    """Columns that make the groups."""
    resample: Resample | None = None
    """Steps of the calendar that make the groups, beside those columns."""
    top: Top | None = None
    """Keeps the foremost values of the first column of `group`, a text, and puts the others together."""
    columns: dict[Name, Derived] = {}
    """Columns beside those that make the groups."""
    function: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")] | None = None
    """Function in `include/broadsheet_ext/`, `module.function`, instead of groups: the way out."""
    returns: dict[Name, ColumnType] = {}
    """Columns that the function returns, in their order."""


def aggregate_columns(
    aggregate: Aggregate, *, columns: Mapping[str, ColumnType], measures: Mapping[str, Measure]
) -> dict[str, ColumnType]:
    """Return the columns of an aggregate over a dataset with ``columns``; unknown names are left out."""
    if aggregate.function:
        return dict(aggregate.returns)
    found: dict[str, ColumnType] = {}
    if aggregate.resample:
        hourly = aggregate.resample.every is Every.HOUR
        found[aggregate.resample.column] = ColumnType.TIMESTAMP if hourly else ColumnType.DATE
    found |= {name: columns[name] for name in aggregate.group if name in columns}
    for name, derived in aggregate.columns.items():
        found[name] = _derived_type(derived, found, columns, measures)
    return found


def _derived_type(
    derived: Derived,
    found: Mapping[str, ColumnType],
    columns: Mapping[str, ColumnType],
    measures: Mapping[str, Measure],
) -> ColumnType:
    if derived.rank:
        return ColumnType.INTEGER
    if derived.share:
        return ColumnType.NUMBER
    if derived.measure:
        measure = measures.get(derived.measure)
        if measure is None:
            return ColumnType.NUMBER
        if measure.take in (Function.COUNT, Function.DISTINCT):
            return ColumnType.INTEGER
        exact = measure.column is not None and columns.get(measure.column) is ColumnType.DECIMAL
        return ColumnType.DECIMAL if exact else ColumnType.NUMBER
    return found.get(derived.base or "", ColumnType.NUMBER)
