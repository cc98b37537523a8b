"""Points in a plane, named directly where there is room for their names."""

from __future__ import annotations

from collections.abc import Sequence

from broadsheet.pipeline.charts import labels as words
from broadsheet.pipeline.charts.frame import (
    DOTTED,
    LEAST_PLOT,
    draw_grid,
    draw_notes,
    draw_x_label,
    head_text,
    note_lines,
)
from broadsheet.pipeline.charts.labels import KeyEntry
from broadsheet.pipeline.charts.palette import Look, looks_of
from broadsheet.pipeline.charts.scales import Scale, bounds_of
from broadsheet.pipeline.charts.sheet import ROW, TICK, Box, Point, Sheet
from broadsheet.pipeline.charts.values import reference_ends, reference_values
from broadsheet.pipeline.document.drawing import Drawing
from broadsheet.pipeline.document.fonts import Face, text_width
from broadsheet.pipeline.document.theme import Theme
from broadsheet.pipeline.payload import ChartPart, SeriesPart, known, points_of

_MOST_NAMED = 40
_DOT = 5.0
_SMALL_DOT = 3.0


def draw_scatter(chart: ChartPart, width: float, height: float, theme: Theme) -> Drawing:
    """Draw points with axes that need not start at zero, which is said."""
    sheet, looks = Sheet(width, height, theme), looks_of(chart.series, theme.colors)
    numbers = [x for one in chart.series for x, _, _ in points_of(one)]
    bounds = bounds_of([*known(chart.series), *reference_values(chart)], chart.format, from_zero=False)
    across = bounds_of(numbers, chart.x_format, from_zero=False, most_ticks=6)
    entries = [KeyEntry(look, one.name, dot=True) for one, look in zip(chart.series, looks, strict=True)]
    key = words.key_rows(entries if len(entries) > 1 else [], width=width)
    ends, notes = reference_ends(chart, sheet.colors), note_lines(chart, width)
    left, right = words.width_of(bounds.texts) + 7, words.end_room(ends, width=width) or 10.0
    foot = len(notes) * ROW
    head = head_text(chart, bounds, locale=sheet.theme.locale)
    above, bottom = len(key) * ROW + (ROW + 5 if head else 6), 17 + foot + (ROW if chart.x_label else 0)
    sheet.high = max(height, bottom + above + LEAST_PLOT)
    plot = Box(left, bottom, width - right, sheet.high - above)
    up, along = bounds.scale(plot.bottom, plot.top), across.scale(plot.left, plot.right)
    words.draw_key(sheet, key)
    sheet.label(0, sheet.high - len(key) * ROW - (9.5 if key else 7.5), words.fitted(head, width=width))
    draw_grid(sheet, plot, bounds, up)
    sheet.line([[(along.at(tick), plot.bottom), (along.at(tick), plot.top)] for tick in across.ticks],
               sheet.colors.grid, width=0.6)  # fmt: skip
    for tick, text in zip(across.ticks, across.texts, strict=True):
        half = text_width(text, Face.SANS, TICK) / 2
        sheet.label(min(along.at(tick), width - half), plot.bottom - 11, text, align="center")
    draw_x_label(sheet, chart, plot, y=2.5 + foot)
    sheet.line([[(plot.left, plot.bottom), (plot.right, plot.bottom)]], sheet.colors.ink, width=0.7)
    if bounds.low < 0 < bounds.high:
        sheet.line([[(plot.left, up.at(0.0)), (plot.right, up.at(0.0))]], sheet.colors.quiet, width=0.6)
    for series, look in zip(chart.series, looks, strict=True):
        _draw_points(sheet, series, look, along, up)
    _name_points(sheet, chart.series, along, up, plot)
    for level in reference_values(chart):
        sheet.line(
            [[(plot.left, up.at(level)), (plot.right, up.at(level))]],
            sheet.colors.ink,
            width=0.8,
            dash=DOTTED,
        )
    words.draw_end_labels(
        sheet, ends, [up.at(end.value) for end in ends], x=plot.right + 6, room=right - 6, top=plot.top
    )
    draw_notes(sheet, notes)
    return sheet.record()


def _draw_points(sheet: Sheet, series: SeriesPart, look: Look, along: Scale, up: Scale) -> None:
    points: list[Point] = [(along.at(x), up.at(y)) for x, y, _ in points_of(series)]
    many = len(points) > 150
    sheet.dots(
        points, look.color, size=_SMALL_DOT if many else _DOT, marker=look.marker, alpha=0.45 if many else 0.8
    )


def _name_points(sheet: Sheet, found: Sequence[SeriesPart], along: Scale, up: Scale, plot: Box) -> None:
    """Write names beside points, the outermost first, wherever they touch neither a point nor a name."""
    places = [(along.at(x), up.at(y), name) for one in found for x, y, name in points_of(one)]
    if len(places) > _MOST_NAMED * 4:
        return
    middle = ((plot.left + plot.right) / 2, (plot.bottom + plot.top) / 2)
    taken = [Box(x - 0.4, y - 2.5, x + 0.4, y + 2.5) for x, y, _ in places]
    named = 0
    for x, y, name in sorted(
        (place for place in places if place[2]),
        key=lambda place: (-abs(place[0] - middle[0]) - 2 * abs(place[1] - middle[1]), place[2]),
    ):
        width = text_width(name, Face.SANS, 7.0)
        for box in (
            Box(x + 3.5, y - 3, x + 3.5 + width, y + 4),
            Box(x - 3.5 - width, y - 3, x - 3.5, y + 4),
            Box(x - width / 2, y + 3.5, x + width / 2, y + 10),
            Box(x - width / 2, y - 10, x + width / 2, y - 3.5),
        ):
            inside = (
                box.left >= plot.left
                and box.right <= sheet.wide
                and plot.bottom <= box.bottom <= plot.top - 6
            )
            if inside and named < _MOST_NAMED and not any(_touch(box, other) for other in taken):
                sheet.label(box.left, box.bottom + 1, name, color=sheet.colors.ink, size=7.0)
                taken.append(box)
                named += 1
                break


def _touch(one: Box, other: Box) -> bool:
    return (
        one.left < other.right + 3
        and other.left < one.right + 3
        and one.bottom < other.top
        and other.bottom < one.top
    )
