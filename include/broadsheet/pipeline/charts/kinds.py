"""Charts from their numbers to a drawing: which kind is drawn by what, and what is drawn without numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from matplotlib import rc_context

from broadsheet.pipeline.charts import labels as words
from broadsheet.pipeline.charts.bars import draw_bars, draw_combo, draw_stack
from broadsheet.pipeline.charts.boxes import draw_boxes
from broadsheet.pipeline.charts.calendar import draw_calendar
from broadsheet.pipeline.charts.heatmap import draw_heatmap
from broadsheet.pipeline.charts.lines import draw_areas, draw_lines
from broadsheet.pipeline.charts.multiples import draw_multiples
from broadsheet.pipeline.charts.rows import draw_rows
from broadsheet.pipeline.charts.scatter import draw_scatter
from broadsheet.pipeline.charts.sheet import STYLE, Box, Sheet
from broadsheet.pipeline.charts.slope import draw_slope
from broadsheet.pipeline.charts.sparkline import draw_sparklines
from broadsheet.pipeline.charts.waterfall import draw_waterfall
from broadsheet.pipeline.document.drawing import Drawing
from broadsheet.pipeline.document.theme import Theme
from broadsheet.pipeline.document.wanted import FULL, HALF
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.payload import ChartPart, is_drawable

SIZES = (HALF, FULL)
NOTHING = "No data for this chart in this period"


def size_of(size: str, theme: Theme) -> tuple[float, float]:
    """Return width and height of a drawing; kinds that consist of rows take the height that they need."""
    return (theme.column_width, 144.0) if size == HALF else (theme.content_width, 184.0)


def make_drawing(chart: ChartPart, *, size: str, theme: Theme) -> Drawing:
    """Draw a chart in a size, ``half`` or ``full``.

    Without any number it says so instead of showing empty axes.
    """
    width, height = size_of(size, theme)
    with rc_context(cast(Any, STYLE)):
        if not is_drawable(chart):
            return _say(chart.empty or say(theme.locale, NOTHING), width, height / 2, theme)
        return _KINDS[chart.kind](chart, width, height, theme)


def _say(text: str, width: float, height: float, theme: Theme) -> Drawing:
    sheet = Sheet(width, height, theme)
    sheet.fill([Box(0, 0, width, height)], sheet.colors.grid, alpha=0.55)
    lines = words.wrapped(text, width - 24, most=4) or [words.fitted(text, width=width - 24)]
    for number, line in enumerate(lines):
        y = height / 2 + ((len(lines) - 1) / 2 - number) * 12
        sheet.label(width / 2, y, line, align="center", middle=True, size=8.6)
    return sheet.record()


_KINDS: dict[str, Callable[[ChartPart, float, float, Theme], Drawing]] = {
    "line": draw_lines,
    "area": draw_areas,
    "bar": draw_bars,
    "hbar": draw_rows,
    "stacked": draw_stack,
    "combo": draw_combo,
    "histogram": draw_bars,
    "scatter": draw_scatter,
    "box": draw_boxes,
    "heatmap": draw_heatmap,
    "calendar": draw_calendar,
    "slope": draw_slope,
    "waterfall": draw_waterfall,
    "multiples": draw_multiples,
    "sparkline": draw_sparklines,
}
