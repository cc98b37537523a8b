"""Charts: their series, levels, annotations and words."""

from __future__ import annotations

from typing import Literal

from broadsheet.pipeline.payload.fields import Label, Part, Plotted, SeriesTone, Text


class SeriesPart(Part):
    """One line, set of bars, layer or row of cells, with a value for each ``x`` of its chart.

    Points of a scatter have places of their own along the bottom, ``x_values``, and names. ``shape`` is what
    a chart of several shapes draws the series as; ``second`` says that its axis is the one at the right.
    """

    name: Label
    values: tuple[Plotted, ...]
    role: Literal["current", "previous", "other"] = "current"
    tone: SeriesTone = ""
    """What its colour says; where it is empty the series takes the palette's next."""
    shape: Literal["bar", "line"] = "bar"
    second: bool = False
    x_values: tuple[Plotted, ...] = ()
    names: tuple[Label, ...] = ()


class ReferencePart(Part):
    """A level across a chart, to compare with."""

    value: Plotted
    label: Label = ""


class AnnotationPart(Part):
    """Words at a place along the bottom, or over a range: positions in ``x``, or numbers of a scatter."""

    text: Label
    start: Plotted
    end: Plotted = None


class SpreadPart(Part):
    """How values lie: 5th and 95th percentile, quartiles, median, and how many values there are."""

    low: Plotted
    lower: Plotted
    median: Plotted
    upper: Plotted
    high: Plotted
    mark: Plotted = None
    """The chart's own measure, where it is another number than the median."""
    count: int = 0


class PanelPart(Part):
    """One small chart of many with the same axes."""

    title: Label
    series: tuple[SeriesPart, ...] = ()


ChartWord = Literal[
    "line",
    "area",
    "bar",
    "hbar",
    "stacked",
    "combo",
    "histogram",
    "scatter",
    "box",
    "heatmap",
    "calendar",
    "slope",
    "waterfall",
    "multiples",
    "sparkline",
]


class ChartPart(Part):
    """What a chart shows; fractions where ``format`` is percent."""

    kind: ChartWord
    layers: Literal["grouped", "stacked", "percent"] = "grouped"
    """How series that share a category stand: side by side, upon each other, or as shares of their sum."""
    title: Label
    subtitle: Label = ""
    unit: Label = ""
    x_label: Label = ""
    y_label: Label = ""
    second_label: Label = ""
    """Name of the axis at the right, for series that have ``second``."""
    x: tuple[float | Label, ...] = ()
    series: tuple[SeriesPart, ...] = ()
    spreads: tuple[SpreadPart, ...] = ()
    """One for each ``x`` of a box chart."""
    panels: tuple[PanelPart, ...] = ()
    shape: Literal["line", "bar", "area"] = "line"
    """What the panels of small multiples draw."""
    totals: tuple[int, ...] = ()
    """Positions of a waterfall's bars that stand on the ground; the others are changes."""
    better: Literal["up", "down", "neither"] = "neither"
    """Which way the changes of a waterfall are good news."""
    highlight: Label = ""
    """Name of the group that is set off from the others."""
    references: tuple[ReferencePart, ...] = ()
    annotations: tuple[AnnotationPart, ...] = ()
    format: str = "decimal1"
    x_format: str = "decimal1"
    second_format: str = "decimal1"
    second_unit: Label = ""
    """Unit of the series that have ``second``."""
    note: Label = ""
    """What a reader must know below the chart: what was left out, how it is read."""
    empty: Label = ""
    """Why nothing can be drawn; where this is empty and there is no value either, the usual words stand."""
    alt: Text = ""
