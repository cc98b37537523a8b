"""Bars, tints and flags of a table's columns, computed over the rows that the document shows."""

from __future__ import annotations

from collections.abc import Sequence

from broadsheet.domain.table import Bar, Flag, Shade
from broadsheet.pipeline.payload import Tone
from broadsheet.pipeline.table_data.columns import TypedColumn, numbers_of

SIGNS: dict[Tone, str] = {"good": "✓", "warn": "!", "bad": "✗"}

Lengths = list[float | None]


def bar_lengths(columns: Sequence[TypedColumn], number: int) -> Lengths:
    """Return the length of each bar of a column, from -1 to 1; columns of a pivot share their scale."""
    column = columns[number]
    if column.declared is None or not column.declared.bar:
        return []
    values = numbers_of(column.values)
    bar = column.declared.bar
    most = bar.most if isinstance(bar, Bar) else None
    if most is None:
        most = max((abs(value) for value in _scale(columns, column) if value is not None), default=0.0)
    return [None if value is None else max(-1.0, min(1.0, value / most)) if most else 0.0 for value in values]


def shade_depths(columns: Sequence[TypedColumn], number: int) -> Lengths:
    """Return the depth of the tint of each cell of a column, from -1 to 1."""
    column = columns[number]
    if column.declared is None or not column.declared.shade:
        return []
    shade = column.declared.shade if isinstance(column.declared.shade, Shade) else Shade()
    known = [value for value in _scale(columns, column) if value is not None]
    if not known:
        return [None] * len(column.values)
    low = min(known) if shade.low is None else shade.low
    high = max(known) if shade.high is None else shade.high
    values = numbers_of(column.values)
    if shade.middle is not None:
        reach = max(abs(high - shade.middle), abs(low - shade.middle))
        return [None if value is None else _within(value - shade.middle, reach) for value in values]
    return [None if value is None else max(0.0, _within(value - low, high - low)) for value in values]


def _within(distance: float, reach: float) -> float:
    return max(-1.0, min(1.0, distance / reach)) if reach else 0.0


def _scale(columns: Sequence[TypedColumn], column: TypedColumn) -> Lengths:
    """Return the numbers that a column is compared with: its own, or those of all columns of its pivot."""
    if column.pivot is None:
        return numbers_of(column.values)
    alike = [one for one in columns if one.pivot is not None and one.pivot.values is not None]
    return [value for one in alike for value in numbers_of(one.values)]


def tones_of(column: TypedColumn) -> list[Tone]:
    """Return the tone of each cell of a column that has flags; nothing for one without."""
    if column.declared is None or not column.declared.flags:
        return []
    flags = column.declared.flags
    numbers = numbers_of(column.values)
    return [_tone(flags, value, number) for value, number in zip(column.values, numbers, strict=True)]


def _tone(flags: Sequence[Flag], value: object, number: float | None) -> Tone:
    for flag in flags:
        if flag.equals is not None and value == flag.equals:
            return flag.tone
        if flag.above is None and flag.below is None:
            continue
        if number is None or (flag.above is not None and not number > flag.above):
            continue
        if flag.below is None or number < flag.below:
            return flag.tone
    return ""


def flag_notes(columns: Sequence[TypedColumn]) -> list[str]:
    """Return what the signs of a table mean, each once."""
    flags = [flag for column in columns if column.declared for flag in column.declared.flags]
    return list(dict.fromkeys(f"{SIGNS[flag.tone]} {flag.label}" for flag in flags))
