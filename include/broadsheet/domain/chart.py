"""The charts of a report's definition."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from broadsheet.domain.parts import Name, Part, Text
from broadsheet.domain.period import PeriodKind


class ChartKind(StrEnum):
    """Kinds of chart."""

    LINE = "line"
    BAR = "bar"
    HBAR = "hbar"
    STACKED = "stacked"
    HISTOGRAM = "histogram"


class Reference(Part):
    """A line across a chart: a fixed value, or a measure over the whole period."""

    value: float | None = None
    measure: Name | None = None
    label: Text


class Chart(Part):
    """A chart: groups of rows along one axis, measures along the other."""

    kind: ChartKind
    title: Text
    subtitle: str = ""
    """Template; ``shown`` and ``total`` are the numbers of groups drawn and found."""
    x_label: str = ""
    y_label: str = ""
    measures: tuple[Name, ...] = Field(min_length=1)
    group: Name | None = None
    """Column whose values make the groups."""
    group_for: dict[PeriodKind, Name] = {}
    """Another column for some kinds of period: by hour when the period is one day."""
    edges: tuple[float, ...] = ()
    """Inner bounds of a histogram's bins over ``group``, ascending; the outer bins are open."""
    split: Name | None = None
    """Column whose values make the layers of a stacked chart."""
    order: tuple[str, ...] = ()
    """Groups (or layers, of a stacked chart) in this order; others follow in the order of their names."""
    top: int | None = Field(None, ge=1, le=50)
    """Only so many groups with the highest first measure, highest first."""
    min_rows: int = Field(1, ge=1)
    """Groups with fewer rows of the first measure are left out."""
    fill: bool = False
    """Whether to draw whole numbers between the lowest and highest group that have no rows."""
    compare: bool = False
    """Whether to draw the period before as a second series."""
    reference: Reference | None = None
