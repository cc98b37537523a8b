"""The tables of a report's definition."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from broadsheet.domain.parts import Format, Name, Part, Scalar, Text


class Total(StrEnum):
    """What a column of a dataset adds up to below its rows."""

    SUM = "sum"
    MEAN = "mean"
    MEDIAN = "median"
    MIN = "min"
    MAX = "max"
    COUNT = "count"
    DISTINCT = "distinct"


class Flag(Part):
    """A sign, and a colour, for cells of a column: of several the first that fits counts."""

    tone: Literal["good", "warn", "bad"]
    """Which sign: a tick, an exclamation mark or a cross. The colour says the same."""
    above: float | None = None
    """Fits numbers above this one; a share is a fraction: 0.9."""
    below: float | None = None
    """Fits numbers below this one."""
    equals: Scalar | None = None
    """Fits cells that are this text, number or truth value."""
    label: Text
    """What the sign means, for the line below the table."""

    @model_validator(mode="after")
    def _fits_something(self) -> Self:
        if self.above is None and self.below is None and self.equals is None:
            raise ValueError("say what the flag is for: `above`, `below` or `equals`")
        return self


class Shade(Part):
    """A tint behind each number of a column: the deeper, the higher."""

    low: float | None = None
    """Number without a tint. Default: the lowest shown."""
    high: float | None = None
    """Number with the deepest tint. Default: the highest shown."""
    middle: float | None = None
    """Numbers below this one have a tint of another hue, the deeper the lower."""


class Bar(Part):
    """A bar beside each number of a column, from zero."""

    most: float | None = Field(None, gt=0)
    """Number whose bar is the longest. Default: the largest shown; shares of 1 want 1."""


class TableColumn(Part):
    """One column of a table: a column of the dataset or, in a grouped table, of the group, or a measure."""

    name: Name
    label: str
    format: Format | None = None
    """Default: what fits the column's type, or the measure's own format."""
    unit: str = ""
    total: Total | bool | None = None
    """What stands below the column in rows of totals: for a column of the dataset nothing unless said, for a
    measure the measure over all the rows unless `false`."""
    bar: bool | Bar = False
    """Whether a bar stands beside each number, or how long it is."""
    shade: bool | Shade = False
    """Whether a tint lies behind each number, or from where to where."""
    flags: tuple[Flag, ...] = ()
    """Signs for cells that want attention."""
    lines: int = Field(3, ge=1, le=40)
    """Lines that a long text may take; what does not fit ends in an ellipsis, the exports have it whole."""
    align: Literal["left", "right"] | None = None
    """Default: numbers right, all else left."""


_DEEPEST = 3


class Sections(Part):
    """Rows of a table under headings, one for each value of a column; of several, one within another."""

    by: Name | Annotated[tuple[Name, ...], Field(min_length=1, max_length=_DEEPEST)]
    """Column of the dataset, or up to three, the outermost first; in a grouped table, of the group."""
    order: Literal["name", "size", "rank"] = "name"
    """Sections by their names, the largest first, or in the order of their best rows."""
    subtotals: bool | tuple[Name, ...] = False
    """Whether each section ends with a row of its totals, or those of which columns do."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that part the rows, the outermost first."""
        return (self.by,) if isinstance(self.by, str) else self.by

    @property
    def summed(self) -> tuple[str, ...]:
        """Those of its columns whose sections end with a row of totals."""
        if isinstance(self.subtotals, bool):
            return self.columns if self.subtotals else ()
        return self.subtotals


def _spelled_out(sections: object) -> object:
    """Take a list of columns for sections without more to say of them."""
    return {"by": sections} if isinstance(sections, list | tuple | str) else sections


_Columns = Name | Annotated[list[Name], Field(min_length=1, max_length=_DEEPEST)]


class Pivot(Part):
    """Columns of a table made from the values of a column: one for each, with a measure in its cells."""

    by: Name
    """Column whose values become columns."""
    measure: Name
    order: tuple[str, ...] = ()
    """Values in this order; others follow in their own."""
    most: int = Field(12, ge=1, le=40)
    """Columns at most; the values with the fewest rows share one more column, Other."""
    total: bool = False
    """Whether a last column has the measure over all values."""
    bar: bool = False
    """Whether bars stand beside the numbers."""
    shade: bool | Shade = False
    """Whether tints lie behind the numbers, on one scale for all columns."""


class Table(Part):
    """A table of rows, or of groups of rows, ranked by one column."""

    title: Text
    dataset: Name
    """A dataset or an aggregate."""
    columns: tuple[TableColumn, ...] = Field(min_length=1)
    group: tuple[Name, ...] = ()
    """Columns that make the groups; without it every row of the period stands by itself."""
    where: dict[Name, Scalar] = {}
    """Only rows whose columns have these values."""
    order_by: Name | None = None
    """Column or measure to rank by. Without it rows stand in the query's order, groups in their names'."""
    order: Literal["highest", "lowest"] = "highest"
    missing: Literal["left_out", "last"] = "left_out"
    """What becomes of rows without a value to rank by; below the table stands how many are left out."""
    min_rows: int = Field(1, ge=1)
    """Groups with fewer rows are left out; the line below the table says how many."""
    limit: Annotated[int, Field(ge=1, le=100_000)] | Literal["all"] = 100
    """Rows that the document shows; exports have all of them."""
    rank: bool = True
    """Whether to number the rows in a first column; in a table with sections, within each of them."""
    pivot: Pivot | None = None
    """Further columns, made from the values of a column; in a grouped table only."""
    sections: Annotated[
        Sections | None, BeforeValidator(_spelled_out, json_schema_input_type=Sections | _Columns | None)
    ] = None
    """Headings between the rows; a column, or a list of them, is short for `by`."""
    other: bool = False
    """Whether a row sums up what the limit leaves out."""
    totals: bool = False
    """Whether a last row has the totals of all rows, those beyond the limit too."""

    @property
    def most(self) -> int | None:
        """Rows that the document shows at most; None for all of them."""
        return None if self.limit == "all" else self.limit
