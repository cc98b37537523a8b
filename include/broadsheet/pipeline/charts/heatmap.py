"""Heatmaps: a row for each name, a column for each category, a value in each cell."""

from __future__ import annotations

from broadsheet.pipeline.charts import labels as words
from broadsheet.pipeline.charts.cells import classes_of, classes_width, draw_cells, draw_classes
from broadsheet.pipeline.charts.frame import draw_notes, note_lines
from broadsheet.pipeline.charts.rows import rows_that_fit
from broadsheet.pipeline.charts.scales import value_text
from broadsheet.pipeline.charts.sheet import ROW, Box, Sheet
from broadsheet.pipeline.charts.values import category_names, padded
from broadsheet.pipeline.document.drawing import Drawing
from broadsheet.pipeline.document.theme import Theme
from broadsheet.pipeline.formats import count_words, format_count
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.payload import ChartPart, known

MOST_ROWS = 40
_NAME = 8.0
_VALUE = 7.0
_KEY = 24.0
_GAP = 0.7
_LEAST_PITCH = 11.5


def draw_heatmap(chart: ChartPart, width: float, height: float, theme: Theme) -> Drawing:
    """Draw cells coloured by value, with the values in them where all fit; as high as the rows need."""
    names, notes = category_names(chart), note_lines(chart, width)
    # Names below the cells take three lines at most; the others are the unit and what is left out.
    around = _KEY + (len(notes) + 2) * ROW + 3 * 9.0 + 5
    series = chart.series[: rows_that_fit(theme, _LEAST_PITCH, around=around, most=MOST_ROWS)]
    left = min(words.width_of([one.name for one in series], size=_NAME), 0.34 * width) + 7
    slot = (width - left) / len(names)
    labels, lines = words.category_labels(names, slot=slot, may_skip=True)
    if len(chart.series) > len(series):
        notes = [
            *notes,
            count_words(
                theme.locale,
                "{shown} of {count} row shown",
                "{shown} of {count} rows shown",
                len(chart.series),
                shown=format_count(len(series), locale=theme.locale),
            ),
        ]
    foot = len(notes) * ROW + lines * 9.0 + 5 + (ROW if chart.x_label else 0)
    pitch = min(max((height - _KEY - foot) / len(series), _LEAST_PITCH), 22.0)
    sheet = Sheet(width, _KEY + pitch * len(series) + foot, theme)
    classes = classes_of(known(series), chart.format, sheet.colors)
    # Names stand where lines begin; columns, which are mostly times, run from left to right everywhere.
    start = 0.0 if theme.rtl else left
    grid = [
        (Box(start + at * slot, sheet.high - _KEY - (row + 1) * pitch + _GAP,
             start + (at + 1) * slot - _GAP, sheet.high - _KEY - row * pitch), value)
        for row, one in enumerate(series)
        for at, value in enumerate(padded(one, len(names)))
    ]  # fmt: skip
    draw_cells(sheet, grid, classes)
    missing = say(theme.locale, "no value") if any(value is None for _, value in grid) else ""
    with sheet.from_start():
        draw_classes(
            sheet,
            classes,
            x=max(min(left, width - classes_width(classes, missing)), 0.0),
            y=sheet.high - 9,
            missing=missing,
        )
    texts = [None if value is None else value_text(value, chart.format) for _, value in grid]
    if words.width_of([text for text in texts if text], size=_VALUE) + 3 <= slot:
        for (box, value), text in zip(grid, texts, strict=True):
            if value is not None and text:
                x, y = (box.left + box.right) / 2, (box.bottom + box.top) / 2
                sheet.label(x, y, text, color=classes.ink(value), size=_VALUE, align="center", middle=True)
    for row, one in enumerate(series):
        y = sheet.high - _KEY - (row + 0.5) * pitch
        short = words.fitted(one.name, width=left - 6.5, size=_NAME)
        with sheet.from_start():
            sheet.label(left - 5, y, short, size=_NAME, align="right", middle=True, color=sheet.colors.ink)
    words.draw_categories(sheet, labels, left=start, slot=slot, y=foot - 9)
    if chart.x_label:
        x = start + (width - left) / 2
        y = len(notes) * ROW + 2.5
        sheet.label(x, y, words.fitted(chart.x_label, width=width - left), align="center")
    draw_notes(sheet, notes)
    return sheet.record()
