"""The numbers of a report's definition: measures over a dataset's rows, facts and highlights for the text."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from broadsheet.domain.parts import Format, Name, Part, Scalar, Text


class Function(StrEnum):
    """What a measure takes of a column. Rows without a value count for nothing, in ``share`` too."""

    COUNT = "count"
    DISTINCT = "distinct"
    SUM = "sum"
    MEAN = "mean"
    MEDIAN = "median"
    QUANTILE = "quantile"
    MIN = "min"
    MAX = "max"
    SHARE = "share"


class Fact(Part):
    """One cell of a dataset's first row, for the text."""

    dataset: Name
    column: Name
    format: Format = Format.TEXT


class Measure(Part):
    """One number from one dataset, for the period, the period before and any group of rows."""

    dataset: Name
    take: Function
    column: Name | None = None
    """Column that the number is taken of; only ``count`` does without."""
    q: float | None = Field(None, ge=0, le=1)
    """Which quantile, for ``take: quantile``: 0.9."""
    where: dict[Name, Scalar] = {}
    """Only rows whose columns have these values."""
    label: Text
    """What readers read for it."""
    format: Format = Format.DECIMAL1
    unit: Annotated[str, StringConstraints(max_length=20)] = ""
    """What stands beside the number: €, min, mi."""
    better: Literal["up", "down", "neither"] = "neither"
    """Which way is good news."""
    note: Annotated[str, StringConstraints(max_length=200)] = ""
    """Some words below its tile."""


class Highlight(Part):
    """The group with the highest or lowest measure, for the text."""

    measure: Name
    group: Name
    order: Literal["highest", "lowest"] = "highest"
    min_rows: int = Field(1, ge=1)
    """Groups with fewer rows of the measure are left out."""
