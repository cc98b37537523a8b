"""What stands behind or beside the numbers of a table: bars, tints, and the colours of what is flagged.

Colour is never the only sign: a bar and a tint repeat the number they stand beside, and a flagged number
carries a sign in its text.
"""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.lib.colors import Color

from broadsheet.pipeline.document.theme import Theme
from broadsheet.pipeline.payload import Tone

BAR_GAP = 5.0
"""Points between the place of the bars and the numbers beside them."""
LEAST_BAR = 34.0
_MOST_BAR = 96.0
_BAR_HEIGHT = 5.4
_STEPS = 8
"""Depths of tint that are told apart."""
_DEEPEST = 0.42


def bar_room(size: float, text: float) -> float:
    """Return how wide the place of the bars is in a cell of a width, whose widest number is so wide."""
    return max(0.0, min(_MOST_BAR, size - text - BAR_GAP))


def fill(color: Color) -> str:
    """Return the operator that fills with a colour from there on."""
    return f"{color.red:.3f} {color.green:.3f} {color.blue:.3f} rg"


def tone_fills(theme: Theme) -> dict[Tone, str]:
    """Return the operator for each tone of a number; the plain one for a number without."""
    return {
        "": fill(theme.cell.color),
        "good": fill(theme.good),
        "warn": fill(theme.warn),
        "bad": fill(theme.bad),
    }


def mixed(base: Color, other: Color, share: float) -> Color:
    """Return a colour between two: ``share`` of the second."""
    pairs = ((base.red, other.red), (base.green, other.green), (base.blue, other.blue))
    return Color(*(one + (two - one) * share for one, two in pairs))


def tint_operators(
    shades: Sequence[float | None], tops: Sequence[float], *, left: float, width: float, theme: Theme
) -> str:
    """Return rectangles behind the cells of a column; ``tops`` has the top of each row and the last foot."""
    drawn = []
    for number, shade in enumerate(shades):
        step = round(abs(shade or 0.0) * _STEPS)
        if not step:
            continue
        hue = theme.accent if (shade or 0.0) > 0 else theme.bad
        color = mixed(theme.paper, hue, _DEEPEST * min(step, _STEPS) / _STEPS)
        bottom = tops[number + 1] + 0.4
        height = tops[number] - 0.4 - bottom
        drawn.append(f"{fill(color)} {left + 0.6:.2f} {bottom:.2f} {width - 1.2:.2f} {height:.2f} re f")
    return "\n".join(drawn)


def bar_operators(
    bars: Sequence[float | None],
    tops: Sequence[float],
    *,
    left: float,
    width: float,
    middle: float,
    reach: tuple[float, float],
    theme: Theme,
) -> str:
    """Return the bars of a column, from a common zero; ``middle`` is how far below a row's top they lie.

    ``reach`` is how far the column's bars go below and above zero, in shares of the longest; where some go
    below it, a line shows the zero.
    """
    below, above = reach
    most = width / (below + above or 1.0)
    # Bars grow to where lines end: to the left in Arabic and Hebrew.
    zero = left + (above if theme.rtl else below) * most
    ahead: list[str] = []
    behind: list[str] = []
    for bar, top in zip(bars, tops, strict=False):
        if not bar:
            continue
        length = min(1.0, abs(bar)) * most
        start = zero if (bar > 0) != theme.rtl else zero - length
        rectangle = (
            f"{start:.2f} {top - middle - _BAR_HEIGHT / 2:.2f} {max(length, 0.4):.2f} {_BAR_HEIGHT:g} re"
        )
        (ahead if bar > 0 else behind).append(rectangle)
    drawn = []
    if ahead:
        drawn.append(f"{fill(mixed(theme.paper, theme.accent, 0.55))} {' '.join(ahead)} f")
    if behind:
        drawn.append(f"{fill(mixed(theme.paper, theme.bad, 0.5))} {' '.join(behind)} f")
    if below and len(tops) > 1:
        drawn.append(f"{fill(theme.rule)} {zero - 0.3:.2f} {tops[-1]:.2f} 0.6 {tops[0] - tops[-1]:.2f} re f")
    return "\n".join(drawn)
