"""What the kinds of chart share: number formats, scales, axis labels, keys, labels at a line's end."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from broadsheet.pipeline.charts.renderer import Sheet
from broadsheet.pipeline.document.fonts import Face, shorten, text_width
from broadsheet.pipeline.payload import ChartPart

TICK = 7.5
ROW = 11.0
# Of white; what is lighter is hard to read as small text.
_LIGHTEST_TEXT = 0.42
STYLE = {
    # A dollar sign in a label is a dollar sign.
    "text.parse_math": False,
    "text.usetex": False,
    "axes.unicode_minus": True,
    "axes.linewidth": 0.6,
    "lines.solid_capstyle": "round",
    "lines.solid_joinstyle": "round",
    "lines.dashed_pattern": [3.0, 2.0],
    "lines.scale_dashes": False,
    "path.simplify": False,
    "path.sketch": None,
    "patch.linewidth": 0.0,
}


@dataclass(frozen=True)
class Margins:
    """Points between the drawing's edges and the plot."""

    left: float
    right: float
    top: float
    bottom: float


def value_text(value: float, kind: str) -> str:
    """Write a value as a label beside a mark."""
    if kind == "percent":
        return f"{_grouped(value * 100, 1)} %"
    return _grouped(value, {"integer": 0, "decimal2": 2}.get(kind, 1))


def _grouped(value: float, decimals: int) -> str:
    if abs(value) >= 1e12:
        return f"{value:.1e}".replace("-", "−")
    text = f"{value:,.{decimals}f}"
    return "0" if float(text.replace(",", "")) == 0 and decimals == 0 else text.replace("-", "−")


def tick_texts(ticks: Sequence[float], kind: str) -> list[str]:
    """Write ticks with just the decimals that their distance needs."""
    scale = 100.0 if kind == "percent" else 1.0
    step = min((abs(b - a) for a, b in itertools.pairwise(ticks)), default=1.0) * scale
    decimals = 0
    while decimals < 4 and abs(step * 10**decimals - round(step * 10**decimals)) > 1e-6 * step * 10**decimals:
        decimals += 1
    suffix = " %" if kind == "percent" else ""
    return [f"{_grouped(tick * scale, decimals)}{suffix}" for tick in ticks]


def finite(chart: ChartPart) -> list[float]:
    """Return every value that the chart draws."""
    return [value for series in chart.series for value in series.values if value is not None]


def value_scale(
    values: Sequence[float], kind: str, *, from_zero: bool, most_ticks: int = 5
) -> tuple[float, float, list[float]]:
    """Return lower and upper bound of an axis and its ticks.

    Bars start at zero; so do lines that come near it.
    """
    low, high = min(values), max(values)
    if from_zero or (low >= 0 and low < 0.5 * high):
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low <= 1e-12 * max(abs(high), abs(low), 1e-3):
        room = abs(high) * 0.1 or (0.1 if kind == "percent" else 1.0)
        room = max(room, 2.0) if kind == "integer" else room
        low, high = (low if low == 0 else low - room), high + room
    locator = MaxNLocator(nbins=most_ticks, steps=[1, 2, 2.5, 5, 10], integer=kind == "integer")
    span = high - low
    low = low if low == 0 else low - 0.08 * span
    high = high if high == 0 else high + 0.06 * span
    ticks = [float(tick) for tick in locator.tick_values(low, high) if low <= tick <= high]
    return low, high, [0.0 if abs(tick) < 1e-12 * span else tick for tick in ticks]


def width_of(texts: Sequence[str], *, size: float = TICK, face: Face = Face.SANS) -> float:
    """Return the width of the widest text."""
    return max((text_width(text, face, size) for text in texts), default=0.0)


def category_labels(texts: Sequence[str], *, slot: float, may_skip: bool) -> tuple[list[str], int]:
    """Fit the labels below an axis into slots: wrapped up to three lines, else thinned out, else shortened.

    Return the labels (empty where thinned out) and how many lines they take.
    """
    room = slot - 3
    if width_of(texts) <= room:
        return list(texts), 1
    wrapped = [_wrapped(text, room) for text in texts]
    if all(lines is not None for lines in wrapped):
        return ["\n".join(lines or ()) for lines in wrapped], max(len(lines or ()) for lines in wrapped)
    if may_skip or max(len(text) for text in texts) <= 5 or slot < 20:
        limit = max(3 * slot, 60.0)
        short = [shorten(text, Face.SANS, TICK, width=limit) for text in texts]
        step = max(1, math.ceil((width_of(short) + 6) / slot))
        return [text if number % step == 0 else "" for number, text in enumerate(short)], 1
    return [shorten(text, Face.SANS, TICK, width=room) for text in texts], 1


def _wrapped(text: str, room: float) -> list[str] | None:
    lines: list[str] = []
    for word in text.split(" "):
        if text_width(word, Face.SANS, TICK) > room:
            return None
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(joined, Face.SANS, TICK) <= room:
            lines[-1] = joined
        else:
            lines.append(word)
    return lines if len(lines) <= 3 else None


def place_axes(figure: Sheet, margins: Margins) -> Axes:
    """Add axes within margins, with nothing drawn but what the chart adds."""
    width, height = (float(side) for side in figure.get_size_inches() * 72)
    axes = figure.add_axes(
        (
            margins.left / width,
            margins.bottom / height,
            (width - margins.left - margins.right) / width,
            (height - margins.top - margins.bottom) / height,
        )
    )
    axes.set_axis_off()
    return axes


def label(
    figure: Sheet,
    x: float,
    y: float,
    text: str,
    *,
    size: float = TICK,
    color: str | None = None,
    align: str = "left",
    bold: bool = False,
    middle: bool = False,
) -> None:
    """Write text at a point of the drawing, in points from its lower left corner; quiet by default."""
    face, color = Face.SANS_BOLD if bold else Face.SANS, color or figure.theme.colors.quiet
    figure.add_label(x, y, text, face=face, size=size, color=color, align=align, middle=middle)


@dataclass(frozen=True)
class KeyEntry:
    """A colour and what it stands for."""

    color: str
    name: str


def key_rows(entries: Sequence[KeyEntry], *, width: float) -> list[list[tuple[float, KeyEntry]]]:
    """Lay a key out in rows; each entry comes with its distance from the left."""
    rows: list[list[tuple[float, KeyEntry]]] = []
    at = width
    for entry in entries:
        name = shorten(entry.name, Face.SANS, TICK, width=min(width - 14, 160.0))
        needed = 10 + text_width(name, Face.SANS, TICK)
        if not rows or at + needed > width:
            rows.append([])
            at = 0.0
        rows[-1].append((at, KeyEntry(entry.color, name)))
        at += needed + 12
    return rows


def draw_key(figure: Sheet, rows: Sequence[Sequence[tuple[float, KeyEntry]]]) -> None:
    """Draw a key from the drawing's top downwards."""
    width, height = (float(side) for side in figure.get_size_inches() * 72)
    y = height - 8.0
    for row in rows:
        for x, entry in row:
            square = Rectangle(
                (x / width, (y - 0.5) / height), 6 / width, 6 / height, color=entry.color, lw=0
            )
            square.set_transform(figure.transFigure)
            figure.add_artist(square)
            label(figure, x + 10, y, entry.name, color=figure.theme.colors.ink)
        y -= ROW


def draw_grid(
    figure: Sheet, axes: Axes, ticks: Sequence[float], texts: Sequence[str], *, left: float, baseline: float
) -> None:
    """Draw horizontal lines at the ticks with their texts at the left, and a darker line at the base."""
    for tick, text in zip(ticks, texts, strict=True):
        axes.axhline(tick, color=figure.theme.colors.grid, lw=0.6, zorder=0)
        label(figure, left - 5, _figure_y(axes, tick), text, align="right", middle=True)
    axes.axhline(baseline, color=figure.theme.colors.ink, lw=0.7, zorder=4, clip_on=False)


def _figure_y(axes: Axes, value: float) -> float:
    return float(axes.transData.transform((0.0, value))[1])


def readable(color: str) -> str:
    """Return a colour as dark as text must be, for words that name a light line."""
    red, green, blue = to_rgb(color)
    lightness = 0.3 * red + 0.59 * green + 0.11 * blue
    if lightness <= _LIGHTEST_TEXT:
        return color
    factor = _LIGHTEST_TEXT / lightness
    return to_hex((red * factor, green * factor, blue * factor))


@dataclass(frozen=True)
class EndLabel:
    """A name at the right of the plot, at the height of a value."""

    value: float
    name: str
    color: str
    bold: bool = False


def draw_end_labels(figure: Sheet, axes: Axes, labels: Sequence[EndLabel], *, x: float, room: float) -> None:
    """Write names beside the plot, moved apart where they would overlap."""
    box = axes.get_window_extent()
    placed = sorted(labels, key=lambda entry: (entry.value, entry.name))
    heights = [_figure_y(axes, entry.value) for entry in placed]
    for number in range(1, len(heights)):
        heights[number] = max(heights[number], heights[number - 1] + 9.2)
    # Pushed up beyond the plot, they move down together again.
    limit = float(box.y1)
    for number in range(len(heights) - 1, -1, -1):
        heights[number] = min(heights[number], limit)
        limit = heights[number] - 9.2
    for entry, y in zip(placed, heights, strict=True):
        name = shorten(entry.name, Face.SANS_BOLD if entry.bold else Face.SANS, TICK, width=room)
        label(figure, x, y, name, color=entry.color, bold=entry.bold, middle=True)
