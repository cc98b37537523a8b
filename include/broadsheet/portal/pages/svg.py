"""Shapes of small charts. Numbers only: the markup is in the template ``portal/charts.html.j2``.

Across, a chart is measured in percent of the room it gets, so that it fills any width and its labels keep
their size; from top to bottom it is measured in pixels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, log10

_GAP = 0.28
"""Part of a column's room that stays empty."""
_LEAST = 1.5
"""Pixels that a value other than nought has at least, so that it is seen."""


@dataclass(frozen=True)
class Bar:
    """One piece of a column: a series' value."""

    series: str
    y: float
    height: float


@dataclass(frozen=True)
class Column:
    """The bars above one label."""

    label: str
    words: str
    """What the column says, for pointers and readers."""
    values: tuple[int, ...]
    """A value per series, in the chart's order."""
    x: float
    width: float
    middle: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Tick:
    """A line across the chart."""

    value: int
    y: float


@dataclass(frozen=True)
class Series:
    """What is counted; ``key`` names its colour in the style sheet."""

    key: str
    label: str
    total: int


@dataclass(frozen=True)
class StackedBars:
    """Columns of stacked bars; ``height`` is that of the plot, without the labels below it."""

    height: int
    series: tuple[Series, ...]
    columns: tuple[Column, ...]
    ticks: tuple[Tick, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return all(series.total == 0 for series in self.series)


@dataclass(frozen=True)
class Sparkline:
    """A line without axes, in a box of ``width`` by ``height``."""

    width: int
    height: int
    line: str
    area: str


def stacked_bars(
    labels: Sequence[str],
    values: Mapping[str, Sequence[int]],
    *,
    names: Mapping[str, str],
    height: int = 160,
) -> StackedBars:
    """Lay out a column per label, in which each series stands on the one before it.

    ``values`` holds as many numbers per series as there are labels; ``names`` are the series' words.
    """
    totals = [sum(row[index] for row in values.values()) for index in range(len(labels))]
    ticks = _ticks(max(totals, default=0))
    scale = height / ticks[-1]
    room = 100 / max(len(labels), 1)
    columns = tuple(
        Column(
            label=label,
            words=_words(label, {key: row[index] for key, row in values.items()}, names),
            values=tuple(row[index] for row in values.values()),
            x=_short(room * (index + _GAP / 2)),
            width=_short(room * (1 - _GAP)),
            middle=_short(room * (index + 0.5)),
            bars=_stack({key: row[index] for key, row in values.items()}, scale=scale, height=height),
        )
        for index, label in enumerate(labels)
    )
    return StackedBars(
        height=height,
        series=tuple(Series(key, names[key], sum(row)) for key, row in values.items()),
        columns=columns,
        ticks=tuple(Tick(value, _short(height - value * scale)) for value in ticks),
    )


def sparkline(values: Sequence[float], *, width: int = 120, height: int = 28) -> Sparkline | None:
    """Lay out a line from nought upwards; None for fewer than two values, which make no line."""
    if len(values) < 2:
        return None
    most = max(values) or 1.0
    step = width / (len(values) - 1)
    points = [
        f"{_short(index * step)} {_short(height - 2 - value / most * (height - 4))}"
        for index, value in enumerate(values)
    ]
    line = f"M{' L'.join(points)}"
    return Sparkline(width, height, line, f"{line} L{width} {height} L0 {height} Z")


def share(part: float, whole: float) -> float:
    """Return a part in percent of a whole, from 0 to 100."""
    return _short(min(100.0, 100 * part / whole)) if whole > 0 else 0.0


def _stack(values: Mapping[str, int], *, scale: float, height: int) -> tuple[Bar, ...]:
    bars = []
    top = float(height)
    for key, value in values.items():
        if value <= 0:
            continue
        tall = max(_LEAST, value * scale)
        top = max(0.0, top - tall)
        bars.append(Bar(key, _short(top), _short(tall)))
    return tuple(bars)


def _words(label: str, values: Mapping[str, int], names: Mapping[str, str]) -> str:
    said = [f"{value} {names[key].lower()}" for key, value in values.items() if value]
    return f"{label}: {', '.join(said) or 'none'}"


def _ticks(most: int) -> tuple[int, ...]:
    """Return round numbers from nought to at least ``most``: 2 to 5 of them."""
    if most <= 1:
        return (0, 1)
    rough = most / 4
    power = 10 ** int(log10(rough)) if rough >= 1 else 1
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    return tuple(step * index for index in range(ceil(most / step) + 1))


def _short(number: float) -> float:
    return round(number, 2)
