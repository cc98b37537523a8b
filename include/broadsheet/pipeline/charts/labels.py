"""Words around a plot: keys, names at a line's end, categories, and how they make room for each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from broadsheet.pipeline.charts.palette import Look
from broadsheet.pipeline.charts.sheet import ROW, TICK, Box, Sheet
from broadsheet.pipeline.document.fonts import Face, shorten, text_width

_LINE = 9.0
_APART = 9.2


def width_of(texts: Sequence[str], *, size: float = TICK, face: Face = Face.SANS) -> float:
    """Return the width of the widest text."""
    return max((text_width(text, face, size) for text in texts), default=0.0)


def fitted(text: str, *, width: float, size: float = TICK, bold: bool = False) -> str:
    """Return text cut to a width with an ellipsis."""
    return shorten(text, Face.SANS_BOLD if bold else Face.SANS, size, width=width)


def category_labels(texts: Sequence[str], *, slot: float, may_skip: bool) -> tuple[list[str], int]:
    """Fit the labels below an axis into slots: wrapped up to three lines, else thinned out, else shortened.

    Return the labels (empty where thinned out) and how many lines they take.
    """
    room = slot - 3
    if width_of(texts) <= room:
        return list(texts), 1
    lines = [wrapped(text, room) for text in texts]
    if all(one is not None for one in lines):
        return ["\n".join(one or ()) for one in lines], max(len(one or ()) for one in lines)
    if may_skip or max(len(text) for text in texts) <= 5 or slot < 20:
        limit = max(3 * slot, 60.0)
        short = [fitted(text, width=limit) for text in texts]
        step = max(1, math.ceil((width_of(short) + 6) / slot))
        return [text if number % step == 0 else "" for number, text in enumerate(short)], 1
    return [fitted(text, width=room) for text in texts], 1


def wrapped(text: str, room: float, *, most: int = 3) -> list[str] | None:
    """Return text in lines of a width; None when a word is too wide or there would be too many lines."""
    lines: list[str] = []
    for word in text.split(" "):
        if text_width(word, Face.SANS, TICK) > room:
            return None
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(joined, Face.SANS, TICK) <= room:
            lines[-1] = joined
        else:
            lines.append(word)
    return lines if len(lines) <= most else None


def draw_categories(sheet: Sheet, labels: Sequence[str], *, left: float, slot: float, y: float) -> None:
    """Write the categories below their slots, within the drawing's edges and without overlap."""
    taken = [-3.0] * 3
    for number, text in enumerate(labels):
        for line, words in enumerate(text.split("\n")):
            half = text_width(words, Face.SANS, TICK) / 2
            at = min(max(left + slot * (number + 0.5), half), sheet.wide - half)
            if words and at - half >= taken[line] + 2:
                sheet.label(at, y - _LINE * line, words, align="center")
                taken[line] = at + half


@dataclass(frozen=True)
class KeyEntry:
    """A look and what it stands for; ``line`` shows it as a line with its dashes, ``dot`` by its marker."""

    look: Look
    name: str
    line: bool = False
    dot: bool = False


KeyRows = list[list[tuple[float, KeyEntry]]]


def key_rows(entries: Sequence[KeyEntry], *, width: float) -> KeyRows:
    """Lay a key out in rows; each entry comes with its distance from the left."""
    rows: KeyRows = []
    at = width
    for entry in entries:
        name = fitted(entry.name, width=min(width - 20, 160.0))
        needed = (16 if entry.line else 10) + text_width(name, Face.SANS, TICK)
        if not rows or at + needed > width:
            rows.append([])
            at = 0.0
        rows[-1].append((at, replace(entry, name=name)))
        at += needed + 12
    return rows


def draw_key(sheet: Sheet, rows: KeyRows) -> None:
    """Draw a key from the drawing's top downwards."""
    y = sheet.high - 8.0
    for row in rows:
        for x, entry in row:
            with sheet.from_start():
                _draw_entry(sheet, entry, x, y)
        y -= ROW


def _draw_entry(sheet: Sheet, entry: KeyEntry, x: float, y: float) -> None:
    if entry.line:
        run = [(x, y + 2.5), (x + 12, y + 2.5)]
        sheet.line([run], entry.look.color, width=1.7, dash=entry.look.dash)
    elif entry.dot:
        sheet.dots([(x + 3, y + 2.5)], entry.look.color, size=5.0, marker=entry.look.marker)
    else:
        sheet.fill([Box(x, y - 0.5, x + 6, y + 5.5)], entry.look.color)
    sheet.label(x + (16 if entry.line else 10), y, entry.name, color=sheet.colors.ink)


@dataclass(frozen=True)
class EndLabel:
    """A name at the right of the plot, at the height of a value."""

    value: float
    name: str
    color: str
    bold: bool = False


def end_room(ends: Sequence[EndLabel], *, width: float) -> float:
    """Return the room that names at the right of a plot need; 0 without any."""
    widths = [text_width(end.name, Face.SANS_BOLD if end.bold else Face.SANS, TICK) for end in ends]
    return min(max(widths), 0.3 * width) + 8 if widths else 0.0


def draw_end_labels(
    sheet: Sheet, ends: Sequence[EndLabel], heights: Sequence[float], *, x: float, room: float, top: float
) -> None:
    """Write names beside the plot at their heights, moved apart where they would overlap."""
    placed = sorted(zip(heights, ends, strict=True), key=lambda pair: (pair[0], pair[1].name))
    moved = apart([height for height, _ in placed], distance=_APART, top=top)
    for (_, end), y in zip(placed, moved, strict=True):
        name = fitted(end.name, width=room, bold=end.bold)
        sheet.label(x, y, name, color=end.color, bold=end.bold, middle=True)


def apart(heights: Sequence[float], *, distance: float, top: float, bottom: float = 0.0) -> list[float]:
    """Move ascending heights apart, all together by as little as can be, within ``bottom`` and ``top``."""
    # Groups of neighbours that push each other: where their lowest would like to be, and how many they are.
    groups: list[tuple[float, int]] = []
    for height in heights:
        start, count = height, 1
        while groups and groups[-1][0] + groups[-1][1] * distance > start:
            before, many = groups.pop()
            start = (before * many + (start - many * distance) * count) / (many + count)
            count += many
        groups.append((start, count))
    moved = [start + number * distance for start, count in groups for number in range(count)]
    for number, height in enumerate(moved):
        moved[number] = max(height, bottom + number * distance)
    for number, height in enumerate(moved):
        moved[number] = min(height, top - (len(moved) - 1 - number) * distance)
    return moved
