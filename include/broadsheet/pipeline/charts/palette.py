"""Colours of series: which takes which, what else tells them apart, and ramps from pale to dark."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass, replace

from broadsheet.domain.theme import Colors
from broadsheet.pipeline.payload import SeriesPart, SeriesTone

# Of white; what is lighter is hard to read as small text.
_LIGHTEST_TEXT = 0.42
_LIGHT = 0.6
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
            looks.append(toned(number, one.tone, colors))
            number += 1
    return looks


def toned(number: int, tone: SeriesTone, colors: Colors) -> Look:
    """Return the look of the n-th series, in the colour of its tone if it has one."""
    own = look(number, colors)
    if not tone:
        return own
    color = _tone_color(tone, colors)
    return replace(own, color=color, ink=readable(color))


def _tone_color(tone: SeriesTone, colors: Colors) -> str:
    """Return the colour that says something: the theme's own, for areas as for lines."""
    match tone:
        case "good":
            return colors.good
        case "warn":
            return _warning(colors)
        case "bad":
            return colors.bad
        case "quiet":
            return colors.ghost
        case "dark":
            return colors.quiet
        case _:
            return colors.series[0]


def _warning(colors: Colors) -> str:
    """Return the light colour of the series whose hue is nearest to that of words of warning."""
    light = [color for color in colors.series if lightness_of(color) > _LIGHT] or [
        mixed("#ffffff", colors.warn, 0.6)
    ]
    hue = colorsys.rgb_to_hls(*_parts(colors.warn))[0]

    def distance(color: str) -> float:
        found, _, saturation = colorsys.rgb_to_hls(*_parts(color))
        apart = abs(found - hue)
        # Greys have a hue, too, but nobody sees it.
        return min(apart, 1 - apart) + (1.0 if saturation < 0.4 else 0.0)

    return min(light, key=distance)


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


def ink_on(color: str, dark: str) -> str:
    """Return white or a dark colour, whichever is read better on a ground: by WCAG's contrast."""
    ground = _luminance(color)
    return "#ffffff" if 1.05 / (ground + 0.05) >= (ground + 0.05) / (_luminance(dark) + 0.05) else dark


def _luminance(color: str) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


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
