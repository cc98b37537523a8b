"""How values lie within each group: the middle half as a box, its median as a line, whiskers for the rest."""

from __future__ import annotations

from broadsheet.pipeline.charts.frame import DOTTED
from broadsheet.pipeline.charts.labels import fitted
from broadsheet.pipeline.charts.palette import look, mixed
from broadsheet.pipeline.charts.rows import Rows, open_rows
from broadsheet.pipeline.charts.scales import Scale, bounds_of
from broadsheet.pipeline.charts.sheet import TICK, Box
from broadsheet.pipeline.charts.values import reference_values
from broadsheet.pipeline.document.drawing import Drawing
from broadsheet.pipeline.document.fonts import Face, text_width
from broadsheet.pipeline.document.theme import Theme
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.payload import ChartPart, SpreadPart, spread_values

_PITCH = 15.0
_AXIS = 12.0


def draw_boxes(chart: ChartPart, width: float, height: float, theme: Theme) -> Drawing:  # noqa: ARG001 - as high as its rows need
    """Draw a box per row; a row without values says so."""
    rows = open_rows(chart, width, pitch=_PITCH, entries=[], theme=theme, foot=_AXIS)
    sheet, plot = rows.sheet, rows.plot
    values = [value for spread in chart.spreads for value in spread_values(spread)]
    bounds = bounds_of([*values, *reference_values(chart)], chart.format, from_zero=False, most_ticks=7)
    scale = bounds.scale(plot.left + 4, plot.right - 4)
    heights = [(scale.at(tick), plot.bottom, plot.top) for tick in bounds.ticks]
    sheet.line([[(x, low), (x, high)] for x, low, high in heights], sheet.colors.grid, width=0.6)
    for tick, text in zip(bounds.ticks, bounds.texts, strict=True):
        half = text_width(text, Face.SANS, TICK) / 2
        x = min(scale.at(tick), sheet.wide - half)
        sheet.label(x, plot.bottom - 9.5, text, align="center")
    if bounds.low <= 0 <= bounds.high:
        sheet.line([[(scale.at(0.0), plot.bottom), (scale.at(0.0), plot.top)]], sheet.colors.quiet, width=0.7)
    for number in range(len(rows.names)):
        spread = chart.spreads[number] if number < len(chart.spreads) else None
        if spread is not None and spread_values(spread):
            _draw_box(rows, scale, number, spread)
        else:
            sheet.label(plot.left + 4, rows.middle(number), say(sheet.theme.locale, "no values"), middle=True)
    for reference in chart.references:
        if reference.value is not None:
            x = scale.at(reference.value)
            sheet.line([[(x, plot.bottom), (x, plot.top)]], sheet.colors.ink, width=0.8, dash=DOTTED)
            name = fitted(reference.label, width=(plot.right - plot.left) / 2)
            half = text_width(name, Face.SANS, TICK) / 2
            sheet.label(min(max(x, plot.left + half), plot.right - half), plot.top + 3, name,
                        align="center", color=sheet.colors.ink)  # fmt: skip
    return sheet.record()


def _draw_box(rows: Rows, scale: Scale, number: int, spread: SpreadPart) -> None:
    low, lower, median, upper, high = (scale.at(value) for value in spread_values(spread))
    y, half, color = rows.middle(number), rows.pitch * 0.3, look(0, rows.sheet.colors).color
    sheet = rows.sheet
    whiskers = [[(low, y), (lower, y)], [(upper, y), (high, y)]]
    ends = [[(x, y - half / 2), (x, y + half / 2)] for x in (low, high)]
    sheet.line([*whiskers, *ends], color, width=0.9)
    sheet.fill(
        [Box(lower, y - half, upper, y + half)], mixed("#ffffff", color, 0.35), edge=color, edge_width=0.7
    )
    sheet.line([[(median, y - half), (median, y + half)]], sheet.colors.ink, width=1.8)
    if spread.mark is not None:
        sheet.dots(
            [(scale.at(spread.mark), y)],
            "#ffffff",
            size=4.0,
            marker="D",
            edge=sheet.colors.ink,
            edge_width=0.8,
        )
