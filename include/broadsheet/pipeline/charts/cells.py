"""Cells coloured by value, from pale to dark: a heatmap's classes and their key."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from broadsheet.domain.theme import Colors
from broadsheet.pipeline.charts.palette import ink_on, ramp
from broadsheet.pipeline.charts.scales import bounds_of, tick_texts
from broadsheet.pipeline.charts.sheet import TICK, Box, Sheet
from broadsheet.pipeline.document.fonts import Face, text_width

_CROWDED = 0.75
_SWATCH = 22.0
_DASH = 4.0


@dataclass(frozen=True)
class Classes:
    """Bounds between the classes of values, ascending, and their colours; ``dark`` is for text."""

    bounds: tuple[float, ...]
    colors: tuple[str, ...]
    texts: tuple[str, ...]
    dark: str

    def color(self, value: float) -> str:
        """Return the colour of a value."""
        return self.colors[bisect_right(self.bounds, value)]

    def ink(self, value: float) -> str:
        """Return the colour of text on a value's cell."""
        return ink_on(self.color(value), self.dark)


def classes_of(values: Sequence[float], kind: str, colors: Colors) -> Classes:
    """Cut values into up to eight classes of one width with round bounds.

    Where nearly all of them would fall into one class, the classes get as many values each instead; the key
    shows their bounds.
    """
    if min(values) == max(values):
        return Classes((), (ramp(3, colors)[1],), (), colors.ink)
    found = bounds_of(values, kind, from_zero=False, most_ticks=7, tight=True)
    bounds = [tick for tick in found.ticks if min(values) < tick <= max(values)]
    counts: dict[int, int] = {}
    for value in values:
        place = bisect_right(bounds, value)
        counts[place] = counts.get(place, 0) + 1
    if max(counts.values()) > _CROWDED * len(values) and len(set(values)) > 5:
        ranked = sorted(values)
        cuts = (float(f"{ranked[len(ranked) * part // 6]:.2g}") for part in range(1, 6))
        bounds = sorted({cut for cut in cuts if min(values) < cut <= max(values)}) or bounds
    return Classes(
        tuple(bounds), tuple(ramp(len(bounds) + 1, colors)), tuple(_texts(bounds, kind)), colors.ink
    )


def _texts(bounds: Sequence[float], kind: str) -> list[str]:
    return tick_texts(bounds, kind) if bounds else []


def draw_cells(sheet: Sheet, cells: Iterable[tuple[Box, float | None]], classes: Classes) -> None:
    """Fill cells by their values, all of one class at once; one without a value has a dash, as in tables."""
    by_color: dict[str, list[Box]] = {}
    missing: list[Box] = []
    for box, value in cells:
        if value is None:
            missing.append(box)
        else:
            by_color.setdefault(classes.color(value), []).append(box)
    for color in classes.colors:
        sheet.fill(by_color.get(color, []), color)
    sheet.line(
        [
            [(x - half, y), (x + half, y)]
            for box in missing
            for x, y in (((box.left + box.right) / 2, (box.bottom + box.top) / 2),)
            for half in (min(_DASH / 2, (box.right - box.left) / 4),)
        ],
        sheet.colors.rule,
        width=0.8,
    )


def classes_width(classes: Classes, missing: str) -> float:
    """Return the width of the key to the classes."""
    width = len(classes.colors) * _SWATCH
    return width + (text_width(missing, Face.SANS, TICK) + 26 if missing else 0.0)


def draw_classes(sheet: Sheet, classes: Classes, *, x: float, y: float, missing: str, name: str = "") -> None:
    """Draw the key to the classes: their colours side by side, their bounds below the seams."""
    if name:
        sheet.label(x, y + 0.5, name)
        x += text_width(name, Face.SANS, TICK) + 8
    for number, color in enumerate(classes.colors):
        sheet.fill([Box(x + number * _SWATCH, y, x + (number + 1) * _SWATCH - 0.6, y + 6)], color)
    end = x + len(classes.colors) * _SWATCH
    taken = x - 12
    for number, text in enumerate(classes.texts, start=1):
        middle, half = x + number * _SWATCH - 0.3, text_width(text, Face.SANS, 7.0) / 2
        if middle - half > taken + 3:
            sheet.label(middle, y - 8, text, align="center", size=7.0)
            taken = middle + half
    if missing:
        sheet.line([[(end + 14, y + 3), (end + 14 + _DASH, y + 3)]], sheet.colors.rule, width=1.0)
        sheet.label(end + 22, y + 0.5, missing)
