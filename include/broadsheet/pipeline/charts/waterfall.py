"""Waterfalls: how changes, one after the other, lead from nothing or from a start to a total."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from broadsheet.domain.theme import Colors
from broadsheet.pipeline.charts import labels as words
from broadsheet.pipeline.charts.bars import bar_share
from broadsheet.pipeline.charts.frame import close_frame, open_frame
from broadsheet.pipeline.charts.labels import KeyEntry
from broadsheet.pipeline.charts.palette import Look, look, mixed, toned
from broadsheet.pipeline.charts.rows import open_rows
from broadsheet.pipeline.charts.scales import Scale, bounds_of, value_text
from broadsheet.pipeline.charts.sheet import TICK, Box, Sheet
from broadsheet.pipeline.charts.values import category_names, padded, reference_ends, reference_values
from broadsheet.pipeline.document.drawing import Drawing
from broadsheet.pipeline.document.fonts import Face
from broadsheet.pipeline.document.theme import Theme
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.payload import ChartPart

_VALUE = 7.2


def waterfall_steps(chart: ChartPart) -> list[tuple[float, float] | None]:
    """Return for each position where its bar starts and ends; None where no value is known."""
    steps: list[tuple[float, float] | None] = []
    level = 0.0
    for number, value in enumerate(padded(chart.series[0], len(chart.x))):
        if value is None:
            steps.append(None)
            continue
        start = 0.0 if number in chart.totals else level
        level = start + value
        steps.append((start, level))
    return steps


@dataclass(frozen=True)
class _Colors:
    """Colours of bars: of changes upwards and downwards, and of those that stand on the ground."""

    rise: Look
    fall: Look
    total: str

    def of(self, chart: ChartPart, number: int, step: tuple[float, float]) -> str:
        """Return the colour of a position's bar."""
        if number in chart.totals:
            return self.total
        return (self.rise if step[1] >= step[0] else self.fall).color


def _colors(chart: ChartPart, colors: Colors) -> _Colors:
    """Colour changes as good or bad news where the measure says which is which."""
    if chart.better == "neither":
        return _Colors(look(0, colors), look(1, colors), look(2, colors).color)
    good, bad = toned(0, "good", colors), toned(1, "bad", colors)
    rise, fall = (good, bad) if chart.better == "up" else (bad, good)
    return _Colors(rise, fall, mixed(colors.quiet, "#ffffff", 0.35))


def _entries(
    chart: ChartPart, found: _Colors, steps: Sequence[tuple[float, float] | None], locale: str
) -> list[KeyEntry]:
    """Return a key to the changes' colours where they differ."""
    changes = [step for number, step in enumerate(steps) if step and number not in chart.totals]
    if not any(end < start for start, end in changes):
        return []
    words = {"up": ("better", "worse"), "down": ("worse", "better")}.get(chart.better, ("more", "less"))
    return [
        KeyEntry(one, say(locale, name)) for one, name in zip((found.rise, found.fall), words, strict=True)
    ]


def draw_waterfall(chart: ChartPart, width: float, height: float, theme: Theme) -> Drawing:
    """Draw totals from zero and changes from where the one before ended, with their values and signs.

    Where the names do not fit below their bars, the bars lie on their side.
    """
    names = category_names(chart)
    slot = (width - 40) / len(names)
    if any(words.wrapped(name, slot - 3) is None for name in names):
        return _draw_lying(chart, width, theme)
    sheet, steps = Sheet(width, height, theme), waterfall_steps(chart)
    ends = [end for step in steps if step for end in step]
    bounds = bounds_of([0.0, *ends, *reference_values(chart)], chart.format, from_zero=True)
    colors = _colors(chart, sheet.colors)
    entries = _entries(chart, colors, steps, theme.locale)
    levels = reference_ends(chart, sheet.colors)
    frame = open_frame(sheet, chart, bounds, ends=levels, entries=entries)
    half = bar_share(frame) * frame.slot / 2
    scale, runs = frame.values, []
    looks: dict[str, list[Box]] = {}
    texts = [
        "" if step is None else value_text(step[1] - step[0], chart.format, signed=number not in chart.totals)
        for number, step in enumerate(steps)
    ]
    fits = words.width_of(texts, size=_VALUE) + 2 <= frame.slot
    previous: tuple[int, float] | None = None
    for number, step in enumerate(steps):
        if step is None:
            continue
        x, (start, end) = frame.middle(number), step
        looks.setdefault(colors.of(chart, number, step), []).append(
            Box(x - half, scale.at(start), x + half, scale.at(end))
        )
        if previous is not None:
            y = scale.at(previous[1])
            runs.append([(frame.middle(previous[0]) + half, y), (x - half, y)])
        previous = number, end
        if fits:
            down = end < start
            y = scale.at(min(start, end)) - 7.4 if down else scale.at(max(start, end)) + 2.4
            bold = number in chart.totals
            sheet.label(x, y, texts[number], align="center", color=sheet.colors.ink, size=_VALUE, bold=bold)
    for color, boxes in looks.items():
        sheet.fill(boxes, color)
    sheet.line(runs, sheet.colors.quiet, width=0.6)
    close_frame(frame, baseline=0.0, ends=[(end, scale.at(end.value)) for end in levels])
    return sheet.record()


def _draw_lying(chart: ChartPart, width: float, theme: Theme) -> Drawing:
    """Draw the steps below each other, from the start at the top to the total at the bottom."""
    colors, steps = _colors(chart, theme.colors), waterfall_steps(chart)
    entries = _entries(chart, colors, steps, theme.locale)
    rows = open_rows(chart, width, pitch=14.0, entries=entries, theme=theme)
    steps = steps[: len(rows.names)]
    ends = [0.0, *(end for step in steps if step for end in step)]
    low, high = min(ends), max(ends)
    texts = [
        "" if step is None else value_text(step[1] - step[0], chart.format, signed=at not in chart.totals)
        for at, step in enumerate(steps)
    ]
    room = words.width_of(texts, face=Face.SANS_BOLD) + 6
    scale = Scale(low, high if high > low else low + 1.0, rows.plot.left, rows.plot.right - room)
    half = rows.pitch * 0.32
    boxes: dict[str, list[Box]] = {}
    runs = []
    before: tuple[int, float] | None = None
    for number, step in enumerate(steps):
        if step is None:
            continue
        (start, end), y = step, rows.middle(number)
        boxes.setdefault(colors.of(chart, number, step), []).append(
            Box(scale.at(start), y + half, scale.at(end), y - half)
        )
        if before is not None:
            x = scale.at(before[1])
            runs.append([(x, rows.middle(before[0]) - half), (x, y + half)])
        before = number, end
        x = scale.at(max(start, end)) + 3
        bold = number in chart.totals
        rows.sheet.label(x, y, texts[number], color=theme.colors.ink, size=TICK, middle=True, bold=bold)
    for color, found in boxes.items():
        rows.sheet.fill(found, color)
    rows.sheet.line(runs, theme.colors.quiet, width=0.6)
    zero = scale.at(0.0)
    rows.sheet.line([[(zero, rows.plot.bottom), (zero, rows.plot.top)]], theme.colors.ink, width=0.7)
    return rows.sheet.record()
