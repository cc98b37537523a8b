"""The plot of a chart with categories along the bottom: its margins, its grid and the words around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from broadsheet.pipeline.charts import labels as words
from broadsheet.pipeline.charts.annotations import annotation_rows, draw_annotations, draw_bands
from broadsheet.pipeline.charts.labels import EndLabel, KeyEntry
from broadsheet.pipeline.charts.palette import Look
from broadsheet.pipeline.charts.scales import Bounds, Scale
from broadsheet.pipeline.charts.sheet import ROW, TICK, Box, Sheet
from broadsheet.pipeline.charts.values import category_names
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.payload import ChartPart

DOTTED = (1.2, 2.2)
LEAST_PLOT = 60.0
"""Height of a plot in points, however many words are around it."""


@dataclass(frozen=True)
class Frame:
    """A plot within its drawing, in points: ``slot`` is the width of a category."""

    sheet: Sheet
    chart: ChartPart
    plot: Box
    slot: float
    values: Scale
    second: Scale | None = None

    def middle(self, number: float) -> float:
        """Return where the n-th category stands."""
        return self.plot.left + self.slot * (number + 0.5)

    def scale_of(self, *, second: bool) -> Scale:
        """Return the axis that a series is read on."""
        return self.second if second and self.second is not None else self.values


def open_frame(
    sheet: Sheet,
    chart: ChartPart,
    bounds: Bounds,
    *,
    ends: Sequence[EndLabel] = (),
    entries: Sequence[KeyEntry] = (),
    second: Bounds | None = None,
    second_look: Look | None = None,
    may_skip: bool = False,
) -> Frame:
    """Make room for everything around the plot, and draw what lies behind the marks."""
    names = category_names(chart)
    key = words.key_rows(entries, width=sheet.wide)
    left = words.width_of(bounds.texts) + 7
    right = words.end_room(ends, width=sheet.wide) or 2.0
    if second is not None:
        right = max(right, words.width_of(second.texts) + 7)
    slot = (sheet.wide - left - right) / max(len(names), 1)
    labels, lines = words.category_labels(names, slot=slot, may_skip=may_skip)
    notes = note_lines(chart, sheet.wide)
    head = head_text(chart, bounds, locale=sheet.theme.locale)
    below = len(notes) * ROW
    bottom = 6 + lines * 9.0 + (ROW if chart.x_label else 0) + below
    over = annotation_rows(chart, lambda at: left + slot * (at + 0.5), left=left, right=sheet.wide - right)
    above = len(key) * ROW + (ROW + 5 if head or chart.second_label else 6) + len(over) * ROW
    # Words never leave less than this of the plot; the drawing grows instead.
    sheet.high = max(sheet.high, bottom + above + LEAST_PLOT)
    top = sheet.high - above
    plot = Box(left, bottom, sheet.wide - right, top)
    frame = Frame(
        sheet,
        chart,
        plot,
        slot,
        bounds.scale(bottom, top),
        second.scale(bottom, top) if second is not None else None,
    )
    draw_bands(sheet, over, plot)
    draw_grid(sheet, plot, bounds, frame.values)
    words.draw_key(sheet, key)
    y = sheet.high - len(key) * ROW - (9.5 if key else 7.5)
    sheet.label(0, y, words.fitted(head, width=sheet.wide * (0.6 if chart.second_label else 1.0)))
    if second is not None and second_look is not None:
        _draw_second_axis(frame, second, second_look, y)
    words.draw_categories(sheet, labels, left=left, slot=slot, y=bottom - 11)
    draw_x_label(sheet, chart, plot, y=2.5 + below)
    draw_notes(sheet, notes)
    draw_annotations(sheet, over, plot)
    return frame


def draw_x_label(sheet: Sheet, chart: ChartPart, plot: Box, *, y: float) -> None:
    """Write what stands along the bottom, in the middle below the plot."""
    text = words.fitted(chart.x_label, width=plot.right - plot.left) if chart.x_label else ""
    sheet.label((plot.left + plot.right) / 2, y, text, align="center")


def close_frame(frame: Frame, *, baseline: float, ends: Sequence[tuple[EndLabel, float]] = ()) -> None:
    """Draw what lies upon the marks: the base, the levels to compare with, and names at the right."""
    sheet, plot = frame.sheet, frame.plot
    y = frame.values.at(baseline)
    sheet.line([[(plot.left, y), (plot.right, y)]], sheet.colors.ink, width=0.7)
    for reference in frame.chart.references:
        if reference.value is not None:
            level = frame.values.at(reference.value)
            sheet.line([[(plot.left, level), (plot.right, level)]], sheet.colors.ink, width=0.8, dash=DOTTED)
    if ends:
        words.draw_end_labels(
            sheet,
            [end for end, _ in ends],
            [height for _, height in ends],
            x=plot.right + 6,
            room=sheet.wide - plot.right - 6,
            top=plot.top,
        )


def draw_grid(sheet: Sheet, plot: Box, bounds: Bounds, scale: Scale, *, texts: bool = True) -> None:
    """Draw horizontal lines at the ticks, with their texts at the left."""
    heights = [scale.at(tick) for tick in bounds.ticks]
    sheet.line([[(plot.left, y), (plot.right, y)] for y in heights], sheet.colors.grid, width=0.6)
    for text, y in zip(bounds.texts if texts else (), heights, strict=False):
        sheet.label(plot.left - 5, y, text, align="right", middle=True)


def head_text(chart: ChartPart, bounds: Bounds, *, locale: str) -> str:
    """Return what stands over the axis: the name of its values, and that it does not start at zero."""
    if bounds.low > 0 or bounds.high < 0:
        broken = say(locale, "axis does not start at zero")
        return f"{chart.y_label} ({broken})" if chart.y_label else broken
    return chart.y_label


def note_lines(chart: ChartPart, width: float) -> list[str]:
    """Return the note below a chart in lines."""
    if not chart.note:
        return []
    lines = words.wrapped(chart.note, width, most=4)
    return lines if lines is not None else [words.fitted(chart.note, width=width)]


def draw_notes(sheet: Sheet, lines: Sequence[str]) -> None:
    """Write a note at the foot of a drawing."""
    with sheet.from_start():
        for number, line in enumerate(lines):
            sheet.label(0, 2.5 + ROW * (len(lines) - 1 - number), line, size=TICK)


def _draw_second_axis(frame: Frame, bounds: Bounds, look: Look, y: float) -> None:
    """Write the ticks of the axis at the right in its series' colour, without a second grid."""
    sheet, scale = frame.sheet, frame.second
    if scale is None:
        return
    for tick, text in zip(bounds.ticks, bounds.texts, strict=True):
        sheet.label(frame.plot.right + 5, scale.at(tick), text, middle=True, color=look.ink)
    name = words.fitted(frame.chart.second_label, width=sheet.wide * 0.4 - 8)
    sheet.label(sheet.wide, y, name, align="right", color=look.ink)
