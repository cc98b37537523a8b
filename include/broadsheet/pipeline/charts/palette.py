"""Colours of series: which takes which, what else tells them apart, and ramps from pale to dark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from broadsheet.domain.theme import Colors
from broadsheet.pipeline.payload import SeriesPart

# Of white; what is lighter is hard to read as small text.
_LIGHTEST_TEXT = 0.42
_DASHES: tuple[tuple[float, ...], ...] = ((), (5.0, 1.8), (1.6, 1.5), (7.0, 1.8, 1.6, 1.8))
_MARKERS = ("o", "s", "^", "D", "v", "P")


@dataclass(frozen=True)
class Look:
    """How a series is drawn: beside its colour, dashes and markers tell it from its neighbours."""

    color: str
    ink: str
    """The colour as dark as text must be."""
    dash: tuple[float, ...]
    marker: str


def looks_of(series: Sequence[SeriesPart], colors: Colors) -> list[Look]:
    """Give each series its look: the period before is a ghost, the others take the palette in order."""
    looks, number = [], 0
    for one in series:
        if one.role == "previous":
            looks.append(Look(colors.ghost, colors.quiet, (3.0, 2.0), "o"))
        else:
            looks.append(look(number, colors))
            number += 1
    return looks


def look(number: int, colors: Colors) -> Look:
    """Return the look of the n-th series."""
    color = colors.series[number % len(colors.series)]
    return Look(color, readable(color), _DASHES[number % len(_DASHES)], _MARKERS[number % len(_MARKERS)])


def readable(color: str) -> str:
    """Return a colour as dark as text must be, for words that name a light line."""
    lightness = lightness_of(color)
    if lightness <= _LIGHTEST_TEXT:
        return color
    factor = _LIGHTEST_TEXT / lightness
    return _to_hex([part * factor for part in _parts(color)])


def lightness_of(color: str) -> float:
    """Return how light a colour looks, from 0 to 1."""
    red, green, blue = _parts(color)
    return 0.3 * red + 0.59 * green + 0.11 * blue


def ramp(count: int, colors: Colors) -> list[str]:
    """Return so many colours from pale to dark, of one hue: their order survives any print and any eye."""
    pale, dark = _parts(mixed("#ffffff", colors.accent, 0.11)), _parts(colors.accent)
    steps = [number / max(count - 1, 1) for number in range(count)]
    return [
        _to_hex([low + (high - low) * step for low, high in zip(pale, dark, strict=True)]) for step in steps
    ]


def mixed(color: str, other: str, share: float) -> str:
    """Return a colour with a share of another one in it."""
    pairs = zip(_parts(color), _parts(other), strict=True)
    return _to_hex([one + (two - one) * share for one, two in pairs])


def _parts(color: str) -> list[float]:
    return [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]


def _to_hex(parts: Sequence[float]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)
