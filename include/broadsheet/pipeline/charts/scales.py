"""From values to points: bounds, ticks and the words of an axis."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.ticker import MaxNLocator

from broadsheet.domain.parts import Format
from broadsheet.pipeline.formats import finite, format_number

MINUS = "−"
_MOST_WRITTEN_OUT = 1e10
"""Above it the last digit of a label does not matter, and much above it labels have an exponent."""
_FORMATS = {one.value: one for one in (Format.INTEGER, Format.DECIMAL2, Format.PERCENT)}
_MOST = 1.7e308
"""Near the largest float there is."""


@dataclass(frozen=True)
class Scale:
    """A linear axis: ``low`` stands at the point ``start`` and ``high`` at ``end``."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return the point of a value."""
        # Halves first: the distance of two huge numbers is no number any more.
        span = self.high / 2 - self.low / 2
        share = (value / 2 - self.low / 2) / span if span else 0.5
        return self.start + share * (self.end - self.start)


@dataclass(frozen=True)
class Bounds:
    """Lower and upper bound of an axis, and its ticks with their texts."""

    low: float
    high: float
    ticks: tuple[float, ...]
    texts: tuple[str, ...]

    def scale(self, start: float, end: float) -> Scale:
        """Lay the axis between two points."""
        return Scale(self.low, self.high, start, end)


def bounds_of(
    values: Sequence[float], kind: str, *, from_zero: bool, most_ticks: int = 5, tight: bool = False
) -> Bounds:
    """Choose the bounds of an axis and its ticks.

    Bars start at zero; so do lines that come near it. ``tight`` leaves no room beyond the values.
    """
    low, high = min(values), max(values)
    if from_zero or (low >= 0 and low < 0.5 * high):
        low, high = min(low, 0.0), max(high, 0.0)
    if high / 2 - low / 2 <= 1e-12 * max(abs(high), abs(low), 1e-3):
        room = abs(high) * 0.1 or (0.1 if kind == "percent" else 1.0)
        room = max(room, 2.0) if kind == "integer" else room
        low, high = (low if low == 0 else low - room), high + room
    elif not tight:
        room = high / 2 - low / 2
        low = low if low == 0 else max(low - 0.16 * room, -_MOST)
        high = high if high == 0 else min(high + 0.12 * room, _MOST)
    ticks = _ticks(low, high, most_ticks, whole=kind == "integer")
    return Bounds(low, high, ticks, tuple(tick_texts(ticks, kind)))


def _ticks(low: float, high: float, most: int, *, whole: bool) -> tuple[float, ...]:
    locator = MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10], integer=whole)
    # Beyond this, distances between floats overflow; the axis is read off its bounds then.
    if max(abs(low), abs(high)) > 1e300:
        scale = 1e300
        found = [float(tick) * scale for tick in locator.tick_values(low / scale, high / scale)]
    else:
        found = [float(tick) for tick in locator.tick_values(low, high)]
    tiny = 1e-12 * (high / 2 - low / 2)
    return tuple(0.0 if abs(tick) < tiny else tick for tick in found if low <= tick <= high)


def tick_texts(ticks: Sequence[float], kind: str) -> list[str]:
    """Write ticks with just the decimals that their distance needs."""
    scale = 100.0 if kind == "percent" else 1.0
    step = min((abs(b - a) for a, b in itertools.pairwise(ticks)), default=1.0) * scale
    decimals = 0
    while (
        math.isfinite(step)
        and decimals < 4
        and abs(step * 10**decimals - round(step * 10**decimals)) > 1e-6 * step * 10**decimals
    ):
        decimals += 1
    suffix = " %" if kind == "percent" else ""
    return [f"{_grouped(tick * scale, decimals, step=step)}{suffix}" for tick in ticks]


def value_text(value: float, kind: str, *, signed: bool = False) -> str:
    """Write a value as a label beside a mark."""
    sign = "+" if signed and value > 0 else ""
    suffix = " %" if kind == "percent" else ""
    if abs(value) >= _MOST_WRITTEN_OUT:
        return f"{sign}{_grouped(value * (100 if suffix else 1), 1)}{suffix}"
    # Beside the same number in a tile or a table it must not differ in its last digit.
    words = format_number(finite(value), _FORMATS.get(kind, Format.DECIMAL1))
    return f"{sign}{words}{suffix}"


def _grouped(value: float, decimals: int, *, step: float | None = None) -> str:
    if abs(value) >= 1e12 or (step is not None and 0 < step < 1e-4 and value):
        return f"{value:.1e}".replace("-", MINUS)
    text = f"{value:,.{decimals}f}"
    return text.lstrip("-") if float(text.replace(",", "")) == 0 else text.replace("-", MINUS)
