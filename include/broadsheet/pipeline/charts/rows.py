"""Bars that lie on their side, one row for each name."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes

from broadsheet.pipeline.charts import axes as parts
from broadsheet.pipeline.charts.axes import KeyEntry, Margins
from broadsheet.pipeline.charts.renderer import Sheet, record
from broadsheet.pipeline.charts.series import all_values, category_names, colored_series, padded
from broadsheet.pipeline.document.drawing import Drawing
from broadsheet.pipeline.document.fonts import Face, shorten, text_width
from broadsheet.pipeline.document.theme import Theme
from broadsheet.pipeline.payload import ChartPart, SeriesPart

_BAR_ROW = 13.6
_MOST_BARS = 36
_NAME = 8.0


@dataclass(frozen=True)
class _Rows:
    """A chart on its way to the page: ``left`` is where the bars start, ``pitch`` the height of a row."""

    figure: Sheet
    axes: Axes
    chart: ChartPart
    names: list[str]
    left: float
    pitch: float

    def place(self, value: float, row: float) -> tuple[float, float]:
        """Return the point of the drawing that belongs to a value in a row."""
        x, y = self.axes.transData.transform((value, row))
        return float(x), float(y)


def draw_rows(chart: ChartPart, width: float, height: float, theme: Theme) -> Drawing:  # noqa: ARG001 - as high as its bars need
    """Draw bars to the right of their names, as many as fit a page; the rest are counted below."""
    names = category_names(chart)[:_MOST_BARS]
    colored = colored_series(chart, theme)
    front = [pair for pair in colored if pair[0].role != "previous"] or colored
    entries = [KeyEntry(color, series.name) for series, color in colored] if len(colored) > 1 else []
    key = parts.key_rows(entries, width=width)
    pitch = _BAR_ROW * max(1.0, 0.6 * len(front))
    cut = len(chart.x) - len(names)
    left = min(parts.width_of(names, size=_NAME), 0.42 * width) + 8
    # The unit stands over the names; where it is wider than they are, the reference's label goes below it.
    unit = shorten(chart.x_label, Face.SANS, parts.TICK, width=width)
    crowded = bool(chart.reference) and parts.width_of([unit]) > left - 6
    lines = (2 if crowded else 1) if unit or chart.reference else 0
    head, foot = (len(key) + lines) * parts.ROW + 4, 3 + (parts.ROW if cut else 0)
    total = head + len(names) * pitch + foot
    figure = Sheet(width, total, theme)
    axes = parts.place_axes(figure, Margins(left, 2, head, foot))
    parts.draw_key(figure, key)
    if unit:
        parts.label(figure, 0, total - len(key) * parts.ROW - (9.5 if key else 7.5), unit)
    if cut:
        parts.label(figure, left, 2.5, f"{len(names)} of {len(chart.x)} shown")
    rows = _Rows(figure, axes, chart, names, left, pitch)
    _scale(rows)
    taken: list[_Taken] = []
    for series, color in colored:
        back = series.role == "previous" and len(colored) > 1
        lane = None if back else front.index((series, color))
        taken += _draw_series(rows, series, color, lane=lane, lanes=len(front))
    axes.axvline(0, color=theme.colors.ink, lw=0.7, zorder=4)
    _draw_reference(rows, taken)
    for number, name in enumerate(names):
        _, y = rows.place(0.0, number)
        short = shorten(name, Face.SANS, _NAME, width=left - 8)
        parts.label(
            figure, left - 5, y, short, align="right", middle=True, size=_NAME, color=theme.colors.ink
        )
    return record(figure, width, total)


def _scale(rows: _Rows) -> None:
    """Set the bounds so that the longest bars leave room for the values at their ends."""
    values = [0.0, *all_values(rows.chart)]
    texts = [parts.value_text(value, rows.chart.format) for value in values]
    room = parts.width_of(texts, size=parts.TICK, face=Face.SANS_BOLD) + 6
    plot = float(rows.axes.get_window_extent().width)
    span = (max(values) - min(values)) or 1.0
    sides = int(max(values) > 0) + int(min(values) < 0) or 1
    per_point = span / max(plot - room * sides, plot * 0.2)
    low = min(values) - (room * per_point if min(values) < 0 else 0)
    rows.axes.set_xlim(low, low + plot * per_point)
    rows.axes.set_ylim(len(rows.names) - 0.5, -0.5)


@dataclass(frozen=True)
class _Taken:
    """Where a value is written: in which row, and from where to where."""

    row: int
    left: float
    right: float


def _draw_series(
    rows: _Rows, series: SeriesPart, color: str, *, lane: int | None, lanes: int
) -> list[_Taken]:
    """Draw a series and return where its values are written.

    One without a lane of its own lies behind the others, without values.
    """
    taken: list[_Taken] = []
    face, points = (Face.SANS_BOLD, parts.TICK) if lanes == 1 else (Face.SANS, 7.0)
    size = 0.9 if lane is None else 0.62 / lanes
    shift = 0.0 if lane is None else (lane - (lanes - 1) / 2) * size
    for number, value in enumerate(padded(series, len(rows.chart.x))[: len(rows.names)]):
        if value is None:
            continue
        rows.axes.barh(number + shift, value, height=size, color=color, zorder=1 if lane is None else 2)
        if lane is None:
            continue
        (x, y), side = rows.place(value, number + shift), 1 if value >= 0 else -1
        text = parts.value_text(value, rows.chart.format)
        parts.label(
            rows.figure,
            x + 3 * side,
            y,
            text,
            color=rows.figure.theme.colors.ink,
            bold=face is Face.SANS_BOLD,
            align="left" if side > 0 else "right",
            middle=True,
            size=points,
        )
        ends = x + 3 * side, x + side * (3 + text_width(text, face, points))
        taken.append(_Taken(number, min(ends), max(ends)))
    return taken


def _draw_reference(rows: _Rows, taken: list[_Taken]) -> None:
    """Draw the level to compare with through all rows but those where a value is written in its way."""
    reference = rows.chart.reference
    if reference is None or reference.value is None:
        return
    x, top = rows.place(reference.value, -0.5)
    crossed = {place.row for place in taken if place.left - 2 < x < place.right + 2}
    for number in range(len(rows.names)):
        if number in crossed:
            continue
        ends = [reference.value] * 2, [number - 0.5, number + 0.5]
        # On white, so that the dots are seen on dark bars too.
        rows.axes.plot(*ends, color="white", lw=1.8, zorder=5, solid_capstyle="butt")
        rows.axes.plot(
            *ends, color=rows.figure.theme.colors.ink, lw=0.8, ls=(0, (1.2, 2.2)), zorder=6, clip_on=False
        )
    plot = float(rows.axes.get_window_extent().width)
    name = shorten(reference.label, Face.SANS, parts.TICK, width=plot / 2)
    half = text_width(name, Face.SANS, parts.TICK) / 2
    middle = min(max(x, rows.left + half), rows.left + plot - half)
    parts.label(rows.figure, middle, top + 3, name, color=rows.figure.theme.colors.ink, align="center")
