"""What every kind of chart asks of its numbers: categories, values, colours, the level to compare with."""

from __future__ import annotations

import itertools

from broadsheet.pipeline.charts.axes import EndLabel, finite
from broadsheet.pipeline.document.theme import Theme
from broadsheet.pipeline.payload import ChartPart, SeriesPart

MINUS = "\u2212"


def category_names(chart: ChartPart) -> list[str]:
    """Return the texts of the categories."""
    return [value if isinstance(value, str) else f"{value:,.10g}".replace("-", MINUS) for value in chart.x]


def padded(series: SeriesPart, count: int) -> list[float | None]:
    """Return as many values as there are categories: a missing one is a gap."""
    return [*series.values[:count], *([None] * (count - len(series.values)))]


def colored_series(chart: ChartPart, theme: Theme) -> list[tuple[SeriesPart, str]]:
    """Give each series its colour: the period before is a ghost, the others take the palette in order."""
    palette, ghost = itertools.cycle(theme.colors.series), theme.colors.ghost
    return [(series, ghost if series.role == "previous" else next(palette)) for series in chart.series]


def reference_ends(chart: ChartPart, theme: Theme) -> list[EndLabel]:
    """Return the label of the level to compare with, if there is one."""
    if chart.reference is None or chart.reference.value is None:
        return []
    return [EndLabel(chart.reference.value, chart.reference.label, theme.colors.ink)]


def all_values(chart: ChartPart) -> list[float]:
    """Return every value that the scale must hold, the level to compare with included."""
    values = finite(chart)
    if chart.reference is not None and chart.reference.value is not None:
        values.append(chart.reference.value)
    return values
