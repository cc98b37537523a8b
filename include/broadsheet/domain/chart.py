"""The charts of a report's definition."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from broadsheet.domain.parts import Name, Part, Text
from broadsheet.domain.period import PeriodKind


class ChartKind(StrEnum):
    """Kinds of chart."""

    LINE = "line"
    AREA = "area"
    BAR = "bar"
    HBAR = "hbar"
    """Bars that lie on their side, a row for each name."""
    STACKED = "stacked"
    """Bars whose layers stand upon each other: the same as ``bar`` with ``layers: stacked``."""
    COMBO = "combo"
    """Bars, and the measures in ``lines`` as lines upon them."""
    HISTOGRAM = "histogram"
    SCATTER = "scatter"
    """The first measure along the bottom, the second upwards: a point for each group, or each row."""
    BOX = "box"
    """How the values of the measure's column lie within each group."""
    HEATMAP = "heatmap"
    """A cell for each group (across) and each value of ``split`` (downwards)."""
    CALENDAR = "calendar"
    """A cell for each day."""
    SLOPE = "slope"
    """Each group's value in the period before and in this one, or of two measures."""
    WATERFALL = "waterfall"
    """How groups add up to the total; with ``compare``, how they lead from the period before to this one."""
    MULTIPLES = "multiples"
    """A small chart for each value of ``split``, all with the same axes."""
    SPARKLINE = "sparkline"
    """A row with a small line for each value of ``split``, or for each measure."""


class Layers(StrEnum):
    """How series that share a category stand."""

    GROUPED = "grouped"
    """Side by side."""
    STACKED = "stacked"
    """Upon each other; negative ones downwards."""
    PERCENT = "percent"
    """As shares of their sum, which fill the axis."""


class Shape(StrEnum):
    """What a small chart of many draws."""

    LINE = "line"
    BAR = "bar"
    AREA = "area"


class Step(StrEnum):
    """Units of the calendar that a date or an instant is counted in."""

    HOUR = "hour"
    """Hour of the day, 0 to 23, in the period's zone; of an instant only."""
    WEEKDAY = "weekday"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Span(StrEnum):
    """Which rows a chart shows."""

    PERIOD = "period"
    ALL = "all"
    """Every row that the query gives, whatever its day: the months before, to see a trend."""


class SeriesTone(StrEnum):
    """What a series' colour says, beside its name."""

    MAIN = "main"
    """The palette's first colour."""
    GOOD = "good"
    WARN = "warn"
    """A light colour of the palette, of the hue that warnings have."""
    BAD = "bad"
    QUIET = "quiet"
    """A pale grey."""
    DARK = "dark"
    """A dark grey."""


class Reference(Part):
    """A line across a chart: a fixed value such as a target, or a measure over the whole period."""

    value: float | None = None
    measure: Name | None = None
    label: Text
    """Template."""


class Annotation(Part):
    """Words at a place along a chart's bottom, or over a range of it."""

    at: str | int | float
    """Group, as in the data: a name, a number, a day as 2013-03-08. Template where it is a text."""
    to: str | int | float | None = None
    """The last group of a range. Template where it is a text."""
    text: Text
    """Template; one that renders to nothing is not drawn, nor is one whose place the chart does not show."""


class Chart(Part):
    """A chart: groups of rows along one axis, measures along the other."""

    kind: ChartKind
    title: Text
    """Template."""
    subtitle: str = ""
    """Template; ``shown`` and ``total`` are the numbers of groups drawn and found."""
    x_label: str = ""
    """What stands along the bottom; of ``hbar`` and ``box``, the unit of the values."""
    y_label: str = ""
    """What the values are; it stands over their axis."""
    measures: tuple[Name, ...] = Field(min_length=1)
    """Several make several series; of one dataset."""
    lines: tuple[Name, ...] = ()
    """Those of ``measures`` that a ``combo`` draws as lines."""
    second_axis: str = ""
    """Name of an axis at the right, for the lines of a ``combo`` whose unit is not that of its bars."""
    group: Name | None = None
    """Column whose values make the groups."""
    group_for: dict[PeriodKind, Name] = {}
    """Another column for some kinds of period: by hour when the period is one day."""
    by: Step | None = None
    """Count the dates or instants of ``group`` in these; those without rows are shown, too."""
    edges: tuple[float, ...] = ()
    """Inner bounds of a histogram's bins over ``group``, ascending; default: some of one width."""
    split: Name | None = None
    """Column whose values make the series: layers, lines, rows of a heatmap, small charts."""
    split_by: Step | None = None
    """Count the dates or instants of ``split`` in these."""
    layers: Layers | None = None
    """How several series of bars or areas stand; default: bars side by side, areas upon each other."""
    shape: Shape = Shape.LINE
    """What ``multiples`` draw."""
    order: tuple[str, ...] = ()
    """Groups (where there is ``split``, its values) in this order; others follow by name."""
    top: int | None = Field(None, ge=1, le=50)
    """Only so many groups, those with the highest first measure; of small charts, values of ``split``."""
    tones: dict[str, SeriesTone] = {}
    """Colours that say something, by value of ``split`` or by measure; others take the palette in order."""
    highlight: str = ""
    """The group that is set off from the others, of ``slope`` and ``hbar``. Template."""
    other: str = ""
    """What the groups beyond ``top`` are called together; without it they are left out."""
    min_rows: int = Field(1, ge=1)
    """Groups with fewer rows of the first measure are left out."""
    fill: bool = False
    """Whether to draw whole numbers between the lowest and highest group that have no rows."""
    compare: bool = False
    """Whether to draw the period before as a second series."""
    span: Span = Span.PERIOD
    """Which rows to show: those of the period, or all that the query gives."""
    reference: Reference | None = None
    """A line across the chart."""
    targets: tuple[Reference, ...] = Field((), max_length=4)
    """More lines across the chart."""
    annotations: tuple[Annotation, ...] = Field((), max_length=6)
    """Words at places or ranges along the bottom."""
