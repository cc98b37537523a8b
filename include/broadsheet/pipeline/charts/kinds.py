"""Charts from their numbers to a drawing: which kind is drawn by what, and what is drawn without numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from matplotlib import rc_context

from broadsheet.pipeline.charts import axes as parts
from broadsheet.pipeline.charts.axes import Margins
from broadsheet.pipeline.charts.categories import draw_bars, draw_line_chart, draw_stacked
from broadsheet.pipeline.charts.renderer import Sheet, record
from broadsheet.pipeline.charts.rows import draw_rows
from broadsheet.pipeline.charts.scatter import draw_scatter
from broadsheet.pipeline.document.drawing import Drawing
from broadsheet.pipeline.document.theme import Theme
from broadsheet.pipeline.payload import ChartPart

SIZES = ("half", "full")


def size_of(size: str, theme: Theme) -> tuple[float, float]:
    """Return width and height of a drawing; bars that lie on their side take the height that they need."""
    return (theme.column_width, 144.0) if size == "half" else (theme.content_width, 184.0)


def make_drawing(chart: ChartPart, *, size: str, theme: Theme) -> Drawing:
    """Draw a chart in a size, ``half`` or ``full``.

    Without any number it says so instead of showing empty axes.
    """
    width, height = size_of(size, theme)
    with rc_context(cast(Any, parts.STYLE)):
        if not parts.finite(chart) or not chart.x:
            return _no_data(width, height / 2, theme)
        return _KINDS[chart.kind](chart, width, height, theme)


def _no_data(width: float, height: float, theme: Theme) -> Drawing:
    figure = Sheet(width, height, theme)
    axes = parts.place_axes(figure, Margins(0, 0, 0, 0))
    axes.axhspan(0, 1, color=theme.colors.grid, alpha=0.55, lw=0)
    parts.label(
        figure,
        width / 2,
        height / 2,
        "No data for this chart in this period",
        align="center",
        middle=True,
        size=8.6,
    )
    return record(figure, width, height)


_KINDS: dict[str, Callable[[ChartPart, float, float, Theme], Drawing]] = {
    "line": draw_line_chart,
    "bar": draw_bars,
    "histogram": draw_bars,
    "stacked": draw_stacked,
    "hbar": draw_rows,
    "scatter": draw_scatter,
}
