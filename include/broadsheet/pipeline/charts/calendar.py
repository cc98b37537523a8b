"""Calendars with a value in each day: months with their days' numbers, or whole years as strips of weeks."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from broadsheet.pipeline.charts import labels as words
from broadsheet.pipeline.charts.cells import Classes, classes_of, draw_cells, draw_classes
from broadsheet.pipeline.charts.frame import draw_notes, note_lines
from broadsheet.pipeline.charts.scales import value_text
from broadsheet.pipeline.charts.sheet import ROW, Box, Sheet
from broadsheet.pipeline.charts.weeks import Weeks, month_names, weekday_names, weeks_of
from broadsheet.pipeline.document.drawing import Drawing
from broadsheet.pipeline.document.figures import tallest_drawing
from broadsheet.pipeline.document.theme import Theme
from broadsheet.pipeline.formats import count_words, format_count, format_month
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.payload import ChartPart, known

_KEY = 24.0
_LARGEST_STRIP = 13.0
_SMALLEST_STRIP = 5.5
_STRIP_HEAD = 24.0
_LEFT = 22.0
_DAYS_AS_MONTHS = 92
_MOST_YEARS = 12

Days = Mapping[date, float | None]


def draw_calendar(chart: ChartPart, width: float, height: float, theme: Theme) -> Drawing:  # noqa: ARG001 - as high as its days need
    """Draw days coloured by value. The chart's ``x`` are days in ISO form, in order."""
    days = {
        date.fromisoformat(str(day)): value
        for day, value in zip(chart.x, chart.series[0].values, strict=False)
    }
    classes = classes_of(known(chart.series[:1]), chart.format, theme.colors)
    notes, calendar = note_lines(chart, width), weeks_of(theme.locale)
    blocks, room = _blocks_of(days, width, calendar), tallest_drawing(theme) - _KEY - (len(notes) + 1) * ROW
    if len(days) <= _DAYS_AS_MONTHS and blocks.rows * blocks.tall <= room:
        sheet = _draw_months(chart, days, classes, blocks, width, foot=len(notes) * ROW, theme=theme)
    else:
        years = sorted({day.year for day in days})
        strips = _strips_of(years, width, room=room)
        if len(strips.years) < len(years):
            notes = [
                *notes,
                count_words(
                    theme.locale,
                    "the latest {shown} of {count} year shown",
                    "the latest {shown} of {count} years shown",
                    len(years),
                    shown=format_count(len(strips.years), locale=theme.locale),
                ),
            ]
        sheet = _draw_years(days, strips, classes, width, foot=len(notes) * ROW, theme=theme)
    missing = say(theme.locale, "no value") if any(value is None for value in days.values()) else ""
    with sheet.from_start():
        draw_classes(sheet, classes, x=0, y=sheet.high - 9, missing=missing)
    draw_notes(sheet, notes)
    return sheet.record()


@dataclass(frozen=True)
class _Blocks:
    """Months as blocks, ``across`` of them in each of ``rows``; lengths in points."""

    months: list[list[date]]
    across: int
    rows: int
    block: float
    tall: float
    pitch: float


def _blocks_of(days: Days, width: float, calendar: Weeks) -> _Blocks:
    months = [list(group) for _, group in itertools.groupby(days, key=lambda day: (day.year, day.month))]
    across = min(len(months), max(1, int((width + 16) // 150)))
    block = (width - 16 * (across - 1)) / across
    weeks = max(calendar.number(month[-1]) - calendar.number(month[0]) + 1 for month in months)
    pitch = min(max(block / 7 * 0.62, 15.0), 24.0)
    return _Blocks(months, across, math.ceil(len(months) / across), block, 22 + weeks * pitch + 8, pitch)


def _draw_months(
    chart: ChartPart,
    days: Days,
    classes: Classes,
    blocks: _Blocks,
    width: float,
    *,
    foot: float,
    theme: Theme,
) -> Sheet:
    """Draw a block per month, with weekdays across and weeks down; numbers and values where they fit."""
    months, across, block, tall, pitch = (
        blocks.months,
        blocks.across,
        blocks.block,
        blocks.tall,
        blocks.pitch,
    )
    slot, calendar = block / 7, weeks_of(theme.locale)
    sheet = Sheet(width, _KEY + blocks.rows * tall + foot, theme)
    # Calendars on paper begin at the right in Arabic and Hebrew.
    sheet.mirrored = theme.rtl
    shown = [value_text(value, chart.format) for value in days.values() if value is not None]
    roomy = words.width_of(shown, size=7.0) + 3 <= slot and pitch >= 20
    cells: list[tuple[Box, float | None]] = []
    for number, month in enumerate(months):
        x = (number % across) * (block + 16)
        top = sheet.high - _KEY - (number // across) * tall
        _draw_month_head(sheet, month[0], x=x, top=top, slot=slot)
        for day in month:
            left = x + calendar.place(day) * slot
            upper = top - 22 - (calendar.number(day) - calendar.number(month[0])) * pitch
            box = Box(left, upper - pitch + 1, left + slot - 1, upper)
            value = days[day]
            cells.append((box, value))
            ink = sheet.colors.quiet if value is None else classes.ink(value)
            if not roomy:
                middle = (box.bottom + box.top) / 2
                sheet.label(
                    (box.left + box.right) / 2, middle, str(day.day), color=ink, align="center", middle=True
                )
                continue
            sheet.label(box.left + 2, box.top - 7, str(day.day), color=ink, size=7.0)
            if value is not None:
                text = value_text(value, chart.format)
                sheet.label(box.right - 2, box.bottom + 2.5, text, color=ink, align="right", bold=True)
    draw_cells(sheet, cells, classes)
    return sheet


def _draw_month_head(sheet: Sheet, first: date, *, x: float, top: float, slot: float) -> None:
    name = format_month(first, year=True, locale=sheet.theme.locale)
    sheet.label(x, top - 8, name, color=sheet.colors.ink, bold=True, size=8.0)
    for weekday, word in enumerate(weekday_names(slot, sheet.theme.locale)):
        sheet.label(x + (weekday + 0.5) * slot, top - 18.5, word, align="center", size=7.0)


@dataclass(frozen=True)
class _Strips:
    """Years as strips of so many months each; ``size`` is that of a day, in points."""

    years: Sequence[int]
    months: int
    size: float


def _strips_of(years: Sequence[int], width: float, *, room: float) -> _Strips:
    """Choose the latest years, as many as there is room for, and how large their days are."""
    months = 12 if (width - _LEFT) / 54 >= _SMALLEST_STRIP else 6
    each = 12 // months
    most = max(1, min(_MOST_YEARS, int(room / (each * (7 * _SMALLEST_STRIP + _STRIP_HEAD)))))
    shown = years[-most:]
    high = (room / (len(shown) * each) - _STRIP_HEAD) / 7
    size = min((width - _LEFT) / (54 if months == 12 else 28), _LARGEST_STRIP, high)
    return _Strips(shown, months, size)


def _draw_years(
    days: Days, shown: _Strips, classes: Classes, width: float, *, foot: float, theme: Theme
) -> Sheet:
    """Draw a strip per year: a column for each week, its days downwards, months set off by lines.

    Where a year's days would be too small to see, each of its halves is a strip.
    """
    left, years, months, size = _LEFT, shown.years, shown.months, shown.size
    strips = [(year, first) for year in years for first in range(1, 13, months)]
    strips = [
        (year, first)
        for year, first in strips
        if any(day.year == year and first <= day.month < first + months for day in days)
    ]
    tall = 7 * size + _STRIP_HEAD
    sheet = Sheet(width, _KEY + len(strips) * tall + foot, theme)
    weekdays, calendar = weekday_names(left, theme.locale), weeks_of(theme.locale)
    cells: list[tuple[Box, float | None]] = []
    heads = []
    for number, (year, month) in enumerate(strips):
        top = sheet.high - _KEY - number * tall - 20
        first = calendar.number(date(year, month, 1))
        heads.append((year, month, top))
        for weekday in (0, 2, 4, 6) if size > 6 else (0, 6):
            y = top - (weekday + 0.5) * size
            sheet.label(0, y, weekdays[weekday], size=7.0, middle=True)
        for day, value in days.items():
            if day.year == year and month <= day.month < month + months:
                x, y = left + (calendar.number(day) - first) * size, top - calendar.place(day) * size
                cells.append((Box(x, y - size + 0.6, x + size - 0.6, y), value))
    draw_cells(sheet, cells, classes)
    for year, month, top in heads:
        if len(years) > 1:
            sheet.label(0, top + 12, str(year), color=sheet.colors.ink, bold=True, size=8.0)
        names = range(month, month + months)
        _draw_months_of_strip(sheet, year, names, calendar, left=left, top=top, size=size)
    return sheet


def _draw_months_of_strip(
    sheet: Sheet, year: int, months: range, calendar: Weeks, *, left: float, top: float, size: float
) -> None:
    """Write the months over a strip and draw the line between each two of them."""
    first = calendar.number(date(year, months.start, 1))
    names = month_names(4 * size, sheet.theme.locale)
    runs = []
    for month in months:
        day = date(year, month, 1)
        x, place = left + (calendar.number(day) - first) * size, calendar.place(day)
        # The month's name stands over its first whole week.
        sheet.label(x + (size if place else 0), top + 3, names[month - 1], size=7.0)
        if month != months.start:
            y = top - place * size + 0.3
            low, line = top - 7 * size + 0.3, x - 0.3
            runs.append(
                [(line, low), (line, y), (line + size, y), (line + size, top + 0.3)]
                if place
                else [(line, low), (line, top + 0.3)]
            )
    sheet.line(runs, sheet.colors.ink, width=0.7)
