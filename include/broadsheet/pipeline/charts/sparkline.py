"""Sparklines: a line the size of words, and charts that are rows of them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from broadsheet.pipeline.charts import labels as words
from broadsheet.pipeline.charts.frame import draw_notes, note_lines
from broadsheet.pipeline.charts.palette import look
from broadsheet.pipeline.charts.rows import rows_that_fit
from broadsheet.pipeline.charts.scales import value_text
from broadsheet.pipeline.charts.sheet import ROW, Point, Sheet
from broadsheet.pipeline.charts.values import padded, runs_of
from broadsheet.pipeline.document.drawing import Drawing
from broadsheet.pipeline.document.fonts import Face
from broadsheet.pipeline.document.theme import Theme
from broadsheet.pipeline.formats import shown_of
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.payload import ChartPart, SeriesPart

MOST_ROWS = 36
_PITCH = 22.0
_NAME = 8.0


def sparkline(
    values: Sequence[float | None],
    theme: Theme,
    *,
    width: float = 90.0,
    height: float = 16.0,
    color: str | None = None,
    end: bool = True,
) -> Drawing:
    """Draw a small list of values as a line without axes, from the first at the left to the last.

    ``None`` (and what is not finite) is a gap; a value between two gaps is a dot, a constant list a line
    in the middle, and a list without any value a dash. The scale runs from the lowest to the highest
    value, not from zero. ``end`` marks the last value. ``width`` and ``height`` are points; nothing is drawn
    outside of them.
    """
    sheet = Sheet(width, height, theme)
    known = [value if value is not None and math.isfinite(value) else None for value in values]
    _draw_spark(sheet, known, left=0.0, bottom=0.0, width=width, height=height, color=color, end=end)
    return sheet.record()


def _draw_spark(
    sheet: Sheet,
    values: Sequence[float | None],
    *,
    left: float,
    bottom: float,
    width: float,
    height: float,
    color: str | None,
    end: bool,
) -> None:
    own, inset = color or look(0, sheet.colors).color, 2.2
    runs = runs_of(values)
    if not runs:
        middle = bottom + height / 2
        sheet.line([[(left + inset, middle), (left + width - inset, middle)]], sheet.colors.grid, width=1.0)
        return
    found = [value for run in runs for _, value in run]
    low, high = min(found), max(found)
    # Halves, since the distance of two huge numbers is none any more.
    span = high / 2 - low / 2
    step = (width - 2 * inset) / max(len(values) - 1, 1)

    def place(number: int, value: float) -> Point:
        share = (value / 2 - low / 2) / span if span else 0.5
        x = left + inset + step * number if len(values) > 1 else left + width / 2
        return x, bottom + inset + share * (height - 2 * inset)

    points = [[place(number, value) for number, value in run] for run in runs]
    sheet.line(points, own, width=1.1, round_cap=True)
    sheet.dots([run[0] for run in points if len(run) == 1], own, size=2.4)
    if end and values[-1] is not None:
        sheet.dots([points[-1][-1]], own, size=3.6)


def draw_sparklines(chart: ChartPart, width: float, height: float, theme: Theme) -> Drawing:  # noqa: ARG001 - as high as needed
    """Draw a row per series: its name, its line, its last value, and the lowest and highest of all."""
    notes = note_lines(chart, width)
    most = rows_that_fit(theme, _PITCH, around=(len(notes) + 2) * ROW + 5, most=MOST_ROWS)
    rows = chart.series[:most]
    if len(chart.series) > len(rows):
        notes = [*notes, shown_of(len(rows), len(chart.series), locale=theme.locale)]
    name_width = min(words.width_of([one.name for one in rows], size=_NAME), 0.34 * width) + 10
    texts = [_row_texts(chart, series) for series in rows]
    titles = [say(theme.locale, title) for title in _TITLES]
    columns = [
        max(words.width_of([row[at] for row in texts], face=Face.SANS_BOLD if at == 0 else Face.SANS),
            words.width_of([title])) + 10
        for at, title in enumerate(titles)
    ]  # fmt: skip
    sheet = Sheet(width, ROW + 3 + len(rows) * _PITCH + 2 + len(notes) * ROW, theme)
    spark = max(width - name_width - sum(columns), 40.0)
    x = name_width + spark
    sheet.mirrored = theme.rtl
    for title, column in zip(titles, columns, strict=True):
        x += column
        sheet.label(x, sheet.high - 7.5, title, align="right")
    for number, (series, row) in enumerate(zip(rows, texts, strict=True)):
        bottom = sheet.high - ROW - 3 - (number + 1) * _PITCH
        middle = bottom + _PITCH / 2
        sheet.line([[(0, bottom + _PITCH), (width, bottom + _PITCH)]], sheet.colors.grid, width=0.5)
        short = words.fitted(series.name, width=name_width - 9, size=_NAME)
        sheet.label(0, middle, short, size=_NAME, middle=True, color=sheet.colors.ink)
        values = padded(series, len(chart.x))
        # The line itself runs from left to right everywhere, as time does in charts.
        sheet.mirrored = False
        _draw_spark(
            sheet,
            values,
            left=width - name_width - spark if theme.rtl else name_width,
            bottom=bottom + 2,
            width=spark,
            height=_PITCH - 4,
            color=None,
            end=True,
        )
        sheet.mirrored = theme.rtl
        x = name_width + spark
        for at, (text, column) in enumerate(zip(row, columns, strict=True)):
            x += column
            ink = sheet.colors.ink if at == 0 else sheet.colors.quiet
            sheet.label(x, middle, text, align="right", middle=True, color=ink, bold=at == 0)
    draw_notes(sheet, notes)
    return sheet.record()


_TITLES = ("last", "lowest", "highest")


def _row_texts(chart: ChartPart, series: SeriesPart) -> tuple[str, str, str]:
    values = padded(series, len(chart.x))
    known = [value for value in values if value is not None]
    if not known:
        return "–", "–", "–"
    last = values[-1]
    return (
        "–" if last is None else value_text(last, chart.format),
        value_text(min(known), chart.format),
        value_text(max(known), chart.format),
    )
