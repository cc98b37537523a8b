"""Bars that lie on their side, one row for each name: single, side by side, upon each other, as shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from broadsheet.pipeline.charts import labels as words
from broadsheet.pipeline.charts.frame import DOTTED, draw_notes, note_lines
from broadsheet.pipeline.charts.labels import KeyEntry
from broadsheet.pipeline.charts.layers import layers_of
from broadsheet.pipeline.charts.palette import Look, ink_on, looks_of, mixed
from broadsheet.pipeline.charts.scales import Scale, value_text
from broadsheet.pipeline.charts.sheet import ROW, TICK, Box, Sheet
from broadsheet.pipeline.charts.values import category_names, padded, reference_values
from broadsheet.pipeline.document.drawing import Drawing
from broadsheet.pipeline.document.figures import tallest_drawing
from broadsheet.pipeline.document.fonts import Face, text_width
from broadsheet.pipeline.document.theme import Theme
from broadsheet.pipeline.formats import shown_of
from broadsheet.pipeline.payload import ChartPart, SeriesPart, known

MOST_ROWS = 36
NAME = 8.0
_BAR_ROW = 13.6
_SMALL = 7.0


@dataclass(frozen=True)
class Rows:
    """A chart on its way to the page: names to the left of ``plot``, rows of one height below each other."""

    sheet: Sheet
    chart: ChartPart
    names: list[str]
    plot: Box
    pitch: float

    def middle(self, row: float) -> float:
        """Return the height at which a row stands."""
        return self.plot.top - (row + 0.5) * self.pitch


@dataclass(frozen=True)
class _Taken:
    """Where a value is written: in which row, and from where to where."""

    row: int
    left: float
    right: float


def rows_that_fit(theme: Theme, pitch: float, *, around: float, most: int) -> int:
    """Return how many rows of a height fit a page, with what is ``around`` them; at least one."""
    return max(1, min(most, int((tallest_drawing(theme) - around) / pitch)))


def open_rows(
    chart: ChartPart,
    width: float,
    *,
    pitch: float,
    entries: Sequence[KeyEntry],
    theme: Theme,
    foot: float = 0.0,
) -> Rows:
    """Make room for names, key, unit and notes, and write them; rows beyond a page are counted below."""
    key = words.key_rows(entries, width=width)
    notes = note_lines(chart, width)
    around = (len(key) + len(notes) + 3) * ROW + 7 + foot
    names = category_names(chart)[: rows_that_fit(theme, pitch, around=around, most=MOST_ROWS)]
    if len(chart.x) > len(names):
        notes = [*notes, shown_of(len(names), len(chart.x), locale=theme.locale)]
    left = min(words.width_of(names, size=NAME), 0.42 * width) + 8
    # The unit stands over the names; where it is wider than they are, the reference's label goes below it.
    unit = words.fitted(chart.x_label, width=width)
    crowded = bool(chart.references) and words.width_of([unit]) > left - 6
    lines = (2 if crowded else 1) if unit or chart.references else 0
    head, below = (len(key) + lines) * ROW + 4, 3 + len(notes) * ROW + foot
    total = head + len(names) * pitch + below
    sheet = Sheet(width, total, theme)
    # Rows are read like those of a table: from the right, their names first, in Arabic and Hebrew.
    sheet.mirrored = theme.rtl
    words.draw_key(sheet, key)
    sheet.label(0, total - len(key) * ROW - (9.5 if key else 7.5), unit)
    draw_notes(sheet, notes)
    rows = Rows(sheet, chart, names, Box(left, below, width - 2, total - head), pitch)
    for number, name in enumerate(names):
        short = words.fitted(name, width=left - 8, size=NAME)
        sheet.label(
            left - 5,
            rows.middle(number),
            short,
            align="right",
            middle=True,
            size=NAME,
            color=sheet.colors.ink,
        )
    return rows


def draw_rows(chart: ChartPart, width: float, height: float, theme: Theme) -> Drawing:  # noqa: ARG001 - as high as its bars need
    """Draw bars to the right of their names, as many as fit a page; the rest are counted below."""
    if chart.layers != "grouped" and len(chart.series) > 1:
        return _draw_layers(chart, width, theme)
    pairs = list(zip(chart.series, looks_of(chart.series, theme.colors), strict=True))
    front = [pair for pair in pairs if pair[0].role != "previous"] or pairs
    entries = [KeyEntry(look, series.name) for series, look in pairs] if len(pairs) > 1 else []
    rows = open_rows(chart, width, pitch=_BAR_ROW * max(1.0, 0.6 * len(front)), entries=entries, theme=theme)
    scale = _scale(rows)
    taken: list[_Taken] = []
    for series, look in sorted(pairs, key=lambda pair: pair in front):
        lane = front.index((series, look)) if (series, look) in front else None
        taken += _draw_series(rows, scale, series, look, lane=lane, lanes=len(front))
    _draw_zero(rows, scale)
    _draw_references(rows, scale, taken)
    return rows.sheet.record()


def _scale(rows: Rows) -> Scale:
    """Return a scale on which the longest bars leave room for the values at their ends."""
    values = [0.0, *known(rows.chart.series), *reference_values(rows.chart)]
    texts = [value_text(value, rows.chart.format) for value in values]
    room = words.width_of(texts, size=TICK, face=Face.SANS_BOLD) + 6
    plot = rows.plot.right - rows.plot.left
    low, high = min(values), max(values)
    sides = int(high > 0) + int(low < 0) or 1
    inner = max(plot - room * sides, plot * 0.2)
    start = rows.plot.left + (room if low < 0 else 0.0)
    return Scale(low, high if high > low else low + 1.0, start, start + inner)


def _draw_series(
    rows: Rows, scale: Scale, series: SeriesPart, look: Look, *, lane: int | None, lanes: int
) -> list[_Taken]:
    """Draw a series and return where its values are written.

    One without a lane of its own lies behind the others, without values.
    """
    taken: list[_Taken] = []
    bold, points = (True, TICK) if lanes == 1 else (False, _SMALL)
    size = 0.9 if lane is None else 0.62 / lanes
    shift = 0.0 if lane is None else (lane - (lanes - 1) / 2) * size
    bars = []
    for number, value in enumerate(padded(series, len(rows.chart.x))[: len(rows.names)]):
        if value is None:
            continue
        y, x = rows.middle(number + shift), scale.at(value)
        half = size * rows.pitch / 2 * (0.92 if lanes > 1 and lane is not None else 1.0)
        bars.append((number, Box(scale.at(0.0), y - half, x, y + half)))
        if lane is None:
            continue
        side = 1 if value >= 0 else -1
        text = value_text(value, rows.chart.format)
        align = "left" if side > 0 else "right"
        rows.sheet.label(
            x + 3 * side,
            y,
            text,
            color=rows.sheet.colors.ink,
            bold=bold,
            align=align,
            middle=True,
            size=points,
        )
        width = text_width(text, Face.SANS_BOLD if bold else Face.SANS, points)
        ends = x + 3 * side, x + side * (3 + width)
        taken.append(_Taken(number, min(ends), max(ends)))
    names = category_names(rows.chart)
    special = rows.chart.highlight if rows.chart.highlight in names else ""
    pale = mixed(look.color, "#ffffff", 0.55)
    rows.sheet.fill([box for at, box in bars if not special or names[at] == special], look.color)
    rows.sheet.fill([box for at, box in bars if special and names[at] != special], pale)
    return taken


def _draw_zero(rows: Rows, scale: Scale) -> None:
    x = scale.at(0.0)
    rows.sheet.line([[(x, rows.plot.bottom), (x, rows.plot.top)]], rows.sheet.colors.ink, width=0.7)


def _draw_references(rows: Rows, scale: Scale, taken: Sequence[_Taken]) -> None:
    """Draw the levels to compare with through all rows but those where a value is written in the way."""
    free = rows.plot.left
    for reference in sorted(rows.chart.references, key=lambda one: one.value or 0.0):
        if reference.value is None:
            continue
        x = scale.at(reference.value)
        crossed = {place.row for place in taken if place.left - 2 < x < place.right + 2}
        runs = [
            [(x, rows.middle(number - 0.5)), (x, rows.middle(number + 0.5))]
            for number in range(len(rows.names))
            if number not in crossed
        ]
        for run in runs:
            # On white, so that the dots are seen on dark bars too.
            rows.sheet.line([run], "#ffffff", width=1.8)
            rows.sheet.line([run], rows.sheet.colors.ink, width=0.8, dash=DOTTED)
        name = words.fitted(reference.label, width=(rows.plot.right - rows.plot.left) / 2)
        half = text_width(name, Face.SANS, TICK) / 2
        middle = min(max(x, free + half), rows.plot.right - half)
        if middle - half >= free - 0.1:
            rows.sheet.label(middle, rows.plot.top + 3, name, color=rows.sheet.colors.ink, align="center")
            free = middle + half + 8


def _draw_layers(chart: ChartPart, width: float, theme: Theme) -> Drawing:
    """Draw layers one behind the other along each row, with their sizes where they fit."""
    layers = layers_of(chart, theme.colors)
    entries = [KeyEntry(layer.look, layer.series.name) for layer in layers]
    rows = open_rows(chart, width, pitch=_BAR_ROW * 1.15, entries=entries, theme=theme)
    ends = [base + size for layer in layers for base, size in zip(layer.base, layer.drawn, strict=True)]
    low, high = min(0.0, *ends), max(0.0, *ends)
    totals = _totals(chart, len(rows.names)) if chart.layers == "stacked" and low == 0 else []
    room = words.width_of(totals, face=Face.SANS_BOLD) + 5 if totals else 0.0
    scale = Scale(low, high if high > low else 1.0, rows.plot.left, rows.plot.right - room)
    style = "percent" if chart.layers == "percent" else chart.format
    half = rows.pitch * 0.36
    for layer in layers:
        bars = []
        ink = ink_on(layer.look.color, rows.sheet.colors.ink)
        for number, (base, size) in enumerate(zip(layer.base, layer.drawn, strict=True)):
            if number >= len(rows.names) or not size:
                continue
            box = Box(
                scale.at(base), rows.middle(number) - half, scale.at(base + size), rows.middle(number) + half
            )
            bars.append(box)
            text = value_text(size, style)
            if text_width(text, Face.SANS, _SMALL) + 5 < abs(box.right - box.left):
                x = (box.left + box.right) / 2
                rows.sheet.label(
                    x, rows.middle(number), text, color=ink, align="center", middle=True, size=_SMALL
                )
        rows.sheet.fill(bars, layer.look.color, edge="#ffffff", edge_width=0.6)
    for number, text in enumerate(totals):
        x = scale.at(max(layer.base[number] + layer.drawn[number] for layer in layers)) + 4
        rows.sheet.label(x, rows.middle(number), text, color=rows.sheet.colors.ink, bold=True, middle=True)
    _draw_zero(rows, scale)
    _draw_references(rows, scale, [])
    return rows.sheet.record()


def _totals(chart: ChartPart, count: int) -> list[str]:
    """Return what each row's layers add up to, in words; nothing where a row has no value at all."""
    columns = [padded(series, len(chart.x)) for series in chart.series]
    found = [[column[number] for column in columns] for number in range(count)]
    return [
        value_text(sum(value or 0.0 for value in row), chart.format)
        if any(value is not None for value in row)
        else ""
        for row in found
    ]
