"""Slopes: what each name had then and has now, as a line between two columns."""

from __future__ import annotations

from dataclasses import dataclass

from broadsheet.domain.theme import Colors
from broadsheet.pipeline.charts import labels as words
from broadsheet.pipeline.charts.frame import draw_notes, note_lines
from broadsheet.pipeline.charts.labels import apart
from broadsheet.pipeline.charts.palette import look, mixed
from broadsheet.pipeline.charts.scales import Scale, bounds_of, value_text
from broadsheet.pipeline.charts.sheet import ROW, Sheet
from broadsheet.pipeline.charts.values import category_names, padded
from broadsheet.pipeline.document.drawing import Drawing
from broadsheet.pipeline.document.fonts import Face
from broadsheet.pipeline.document.theme import Theme
from broadsheet.pipeline.formats import shown_of
from broadsheet.pipeline.payload import ChartPart, SeriesPart, known

MOST_SLOPES = 24
_DISTANCE = 9.4
_MOST_ALIKE = 5
_HEAD = 11.0
"""From the columns' upper ends to the words over them: names beside the highest points need half of it."""


@dataclass(frozen=True)
class _Slope:
    """One name with its two values, and the colour of its line; ``bold`` sets the largest changes off."""

    name: str
    before: float | None
    after: float | None
    color: str
    bold: bool


def draw_slope(chart: ChartPart, width: float, height: float, theme: Theme) -> Drawing:
    """Draw a line per name; a name with one value only has a dot.

    In colour is the group that the author sets off, else the largest rise and the largest fall.
    """
    shown = chart.series[:MOST_SLOPES]
    notes = note_lines(chart, width)
    if len(chart.series) > len(shown):
        notes = [*notes, shown_of(len(shown), len(chart.series), locale=theme.locale)]
    slopes = _slopes(chart, theme.colors)
    foot = len(notes) * ROW + 4
    sheet = Sheet(width, max(height, len(shown) * _DISTANCE + 34) + foot - 4, theme)
    texts = [_values(chart, one) for one in slopes]
    name = words.width_of([one.name for one in slopes], face=Face.SANS_BOLD)
    digits = words.width_of([text for pair in texts for text in pair], face=Face.SANS_BOLD)
    side = min(name + digits + 14, 0.4 * width)
    left, right, top = side, width - side, sheet.high - ROW - _HEAD
    bounds = bounds_of(known(shown), chart.format, from_zero=False, tight=True)
    scale = Scale(bounds.low, bounds.high, foot + 5, top - 5)
    heads = category_names(chart)
    middle = (left + right) / 2
    for x, head, align, room in ((left, heads[0], "right", left), (right, heads[1], "left", width - right)):
        # Beside its column where there is room, else above the lines.
        inner = "left" if align == "right" else "right"
        fits = words.width_of([head]) <= room
        text = words.fitted(head, width=room if fits else middle - left - 4)
        sheet.label(x, top + _HEAD, text, align=align if fits else inner, bold=True)
    sheet.line([[(x, foot), (x, top)] for x in (left, right)], sheet.colors.rule, width=0.7)
    for one in slopes:
        _draw_slope(sheet, one, scale, left, right)
    for at, x in ((0, left), (1, right)):
        _write_side(sheet, slopes, texts, scale, at=at, x=x, digits=digits, bottom=foot, top=top)
    draw_notes(sheet, notes)
    return sheet.record()


def _slopes(chart: ChartPart, colors: Colors) -> list[_Slope]:
    pairs = [(one.name, *_pair(one)) for one in chart.series[:MOST_SLOPES]]
    changes = {
        name: after - before for name, before, after in pairs if before is not None and after is not None
    }
    rises = sorted((change, name) for name, change in changes.items() if change > 0)
    falls = sorted((change, name) for name, change in changes.items() if change < 0)
    few = len(pairs) <= _MOST_ALIKE
    marked = {*([rises[-1][1]] if rises else []), *([falls[0][1]] if falls else [])}
    if chart.highlight in {name for name, _, _ in pairs}:
        marked, few = {chart.highlight}, False
    found = []
    for name, before, after in pairs:
        change = changes.get(name, 0.0)
        special = name in marked
        color = (
            look(0 if change >= 0 or chart.highlight == name else 3, colors).color
            if special or few
            else mixed(colors.ghost, colors.quiet, 0.3)
        )
        found.append(_Slope(name, before, after, color, special))
    # What is set off is drawn last, on top.
    return sorted(found, key=lambda one: one.bold)


def _pair(series: SeriesPart) -> tuple[float | None, float | None]:
    before, after = padded(series, 2)
    return before, after


def _values(chart: ChartPart, one: _Slope) -> tuple[str, str]:
    before, after = (
        "" if value is None else value_text(value, chart.format) for value in (one.before, one.after)
    )
    return before, after


def _draw_slope(sheet: Sheet, one: _Slope, scale: Scale, left: float, right: float) -> None:
    ends = [
        (x, scale.at(value)) for x, value in ((left, one.before), (right, one.after)) if value is not None
    ]
    sheet.line([ends], one.color, width=1.9 if one.bold else 1.1)
    sheet.dots(ends, one.color, size=4.2 if one.bold else 3.2)


def _write_side(
    sheet: Sheet,
    slopes: list[_Slope],
    texts: list[tuple[str, str]],
    scale: Scale,
    *,
    at: int,
    x: float,
    digits: float,
    bottom: float,
    top: float,
) -> None:
    """Write values and names beside one column, moved apart where they would overlap."""
    found = []
    for one, pair in zip(slopes, texts, strict=True):
        value = (one.before, one.after)[at]
        if value is not None:
            found.append((scale.at(value), one.name, pair[at], one.bold))
    found.sort()
    heights = apart([entry[0] for entry in found], distance=_DISTANCE, top=top, bottom=bottom)
    way, align = (-1, "right") if at == 0 else (1, "left")
    room = (x if at == 0 else sheet.wide - x) - digits - 13
    for (_, name, text, bold), y in zip(found, heights, strict=True):
        sheet.label(x + 5 * way, y, text, align=align, middle=True, bold=bold, color=sheet.colors.ink)
        short = words.fitted(name, width=room, bold=bold)
        place = x + (10 + digits) * way
        sheet.label(place, y, short, align=align, middle=True, bold=bold, color=sheet.colors.ink)
