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
from broadsheet.pipeline.document.theme import COLUMN_WIDTH, CONTENT_WIDTH, GRID_HEX
from broadsheet.pipeline.payload import ChartPart

SIZES = {"half": (COLUMN_WIDTH, 144.0), "full": (CONTENT_WIDTH, 184.0)}


def make_drawing(chart: ChartPart, *, size: str) -> Drawing:
    """Draw a chart in a size, ``half`` or ``full``.

    Without any number it says so instead of showing empty axes.
    """
    width, height = SIZES[size]
    with rc_context(cast(Any, parts.STYLE)):
        if not parts.finite(chart) or not chart.x:
            return _no_data(width, height / 2)
        return _KINDS[chart.kind](chart, width, height)


def _no_data(width: float, height: float) -> Drawing:
    figure = Sheet(width, height)
    axes = parts.place_axes(figure, Margins(0, 0, 0, 0))
    axes.axhspan(0, 1, color=GRID_HEX, alpha=0.55, lw=0)
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


_KINDS: dict[str, Callable[[ChartPart, float, float], Drawing]] = {
    "line": draw_line_chart,
    "bar": draw_bars,
    "histogram": draw_bars,
    "stacked": draw_stacked,
    "hbar": draw_rows,
    "scatter": draw_scatter,
}
