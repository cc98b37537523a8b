"""The tables of a report's definition."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from broadsheet.domain.parts import Format, Name, Part, Scalar, Text


class TableColumn(Part):
    """One column of a table: a column of the dataset or, in a grouped table, of the group, or a measure."""

    name: Name
    label: str
    format: Format | None = None
    """Default: what fits the column's type, or the measure's own format."""
    unit: str = ""


class Table(Part):
    """A table of rows, or of groups of rows, ranked by one column."""

    title: Text
    dataset: Name
    columns: tuple[TableColumn, ...] = Field(min_length=1)
    group: tuple[Name, ...] = ()
    """Columns that make the groups; without it every row of the period stands by itself."""
    where: dict[Name, Scalar] = {}
    order_by: Name
    """Column or measure to rank by; rows without a value of it are left out of the table."""
    order: Literal["highest", "lowest"] = "highest"
    min_rows: int = Field(1, ge=1)
    """Groups with fewer rows are left out."""
    limit: int = Field(100, ge=1, le=100_000)
    rank: bool = True
    """Whether to number the rows in a first column."""
