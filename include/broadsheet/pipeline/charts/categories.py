"""Charts with categories along the bottom: lines, bars, histograms, stacked bars."""

from __future__ import annotations

from matplotlib.axes import Axes

from broadsheet.pipeline.charts import axes as parts
from broadsheet.pipeline.charts.axes import EndLabel, KeyEntry, Margins
from broadsheet.pipeline.charts.renderer import Sheet, record
from broadsheet.pipeline.charts.series import (
    all_values,
    category_names,
    colored_series,
    padded,
    reference_ends,
)
from broadsheet.pipeline.document.drawing import Drawing
from broadsheet.pipeline.document.fonts import Face, shorten, text_width
from broadsheet.pipeline.document.theme import Theme
from broadsheet.pipeline.payload import ChartPart, SeriesPart


def draw_line_chart(chart: ChartPart, width: float, height: float, theme: Theme) -> Drawing:
    """Draw values in order as lines with gaps, the period before as a thin dashed one."""
    figure, names = Sheet(width, height, theme), category_names(chart)
    colored = colored_series(chart, theme)
    direct = len(colored) <= 4
    ends = _line_ends(chart, theme) if direct else []
    ends += reference_ends(chart, theme)
    low, high, ticks = parts.value_scale(all_values(chart), chart.format, from_zero=False)
    entries = [] if direct else [KeyEntry(color, series.name) for series, color in colored]
    axes, frame = _category_axes(figure, chart, names, ticks, ends=ends, entries=entries, may_skip=True)
    axes.set_ylim(low, high)
    # Half a slot on either side, so that a single point stands in the middle.
    axes.set_xlim(-0.5, len(names) - 0.5)
    for series, color in reversed(colored):
        values = padded(series, len(names))
        ghost = series.role == "previous"
        alone = [
            number
            for number, value in enumerate(values)
            if value is not None and ((len(names) <= 31 and not ghost) or _is_alone(values, number))
        ]
        axes.plot(
            range(len(names)),
            [float("nan") if value is None else value for value in values],
            color=theme.colors.quiet if ghost else color,
            lw=0.9 if ghost else 1.7,
            ls="--" if ghost else "-",
            marker="o",
            ms=2.2 if ghost else 3.2,
            mew=0,
            markevery=alone or [],
            zorder=2 if ghost else 3,
            clip_on=False,
        )
    _finish(figure, axes, chart, ticks, frame, baseline=low, ends=ends)
    return record(figure, width, height)


def _is_alone(values: list[float | None], number: int) -> bool:
    before = values[number - 1] if number else None
    after = values[number + 1] if number + 1 < len(values) else None
    return before is None and after is None


def _line_ends(chart: ChartPart, theme: Theme) -> list[EndLabel]:
    ends = []
    for series, color in colored_series(chart, theme):
        last = next((value for value in reversed(series.values[: len(chart.x)]) if value is not None), None)
        if last is not None and series.name:
            ghost = series.role == "previous"
            ends.append(
                EndLabel(
                    last, series.name, theme.colors.quiet if ghost else parts.readable(color), bold=not ghost
                )
            )
    return ends


def _category_axes(
    figure: Sheet,
    chart: ChartPart,
    names: list[str],
    ticks: list[float],
    *,
    ends: list[EndLabel],
    entries: list[KeyEntry],
    may_skip: bool,
) -> tuple[Axes, Margins]:
    """Place axes with categories below; key, unit of the values and labels get the room they need."""
    width, height = (float(side) for side in figure.get_size_inches() * 72)
    rows = parts.key_rows(entries, width=width)
    left = parts.width_of(parts.tick_texts(ticks, chart.format)) + 7
    end_width = max(
        (text_width(end.name, Face.SANS_BOLD if end.bold else Face.SANS, parts.TICK) for end in ends),
        default=0.0,
    )
    right = min(end_width, 0.3 * width) + 8 if end_width else 2.0
    slot = (width - left - right) / max(len(names), 1)
    labels, lines = parts.category_labels(names, slot=slot, may_skip=may_skip)
    top = len(rows) * parts.ROW + (parts.ROW + 5 if chart.y_label else 6)
    bottom = 4 + lines * 9.0 + (parts.ROW if chart.x_label else 0) + 2
    margins = Margins(left, right, top, bottom)
    axes = parts.place_axes(figure, margins)
    if rows:
        parts.draw_key(figure, rows)
    if chart.y_label:
        text = shorten(chart.y_label, Face.SANS, parts.TICK, width=width)
        parts.label(figure, 0, height - len(rows) * parts.ROW - (9.5 if rows else 7.5), text)
    _draw_categories(figure, labels, left=left, slot=slot, y=bottom - 11)
    if chart.x_label:
        text = shorten(chart.x_label, Face.SANS, parts.TICK, width=width - left)
        parts.label(figure, left + (width - left - right) / 2, 2.5, text, align="center")
    return axes, margins


def _draw_categories(figure: Sheet, labels: list[str], *, left: float, slot: float, y: float) -> None:
    """Write the categories below their slots, within the drawing's edges and without overlap."""
    width = float(figure.get_size_inches()[0] * 72)
    taken = [-3.0] * 3
    for number, text in enumerate(labels):
        for line, words in enumerate(text.split("\n")):
            half = text_width(words, Face.SANS, parts.TICK) / 2
            at = min(max(left + slot * (number + 0.5), half), width - half)
            if words and at - half >= taken[line] + 2:
                parts.label(figure, at, y - 9.0 * line, words, align="center")
                taken[line] = at + half


def _finish(
    figure: Sheet,
    axes: Axes,
    chart: ChartPart,
    ticks: list[float],
    margins: Margins,
    *,
    baseline: float,
    ends: list[EndLabel],
) -> None:
    width = float(figure.get_size_inches()[0] * 72)
    texts = parts.tick_texts(ticks, chart.format)
    parts.draw_grid(figure, axes, ticks, texts, left=margins.left, baseline=baseline)
    if chart.reference is not None and chart.reference.value is not None:
        axes.axhline(
            chart.reference.value, color=figure.theme.colors.ink, lw=0.8, ls=(0, (1.2, 2.2)), zorder=5
        )
    if ends:
        parts.draw_end_labels(figure, axes, ends, x=width - margins.right + 6, room=margins.right - 6)


def draw_bars(chart: ChartPart, width: float, height: float, theme: Theme) -> Drawing:
    """Draw bars from zero, the period before as wider pale bars behind them; a histogram has no gaps."""
    figure, names = Sheet(width, height, theme), category_names(chart)
    colored = colored_series(chart, theme)
    ends = reference_ends(chart, theme)
    low, high, ticks = parts.value_scale(all_values(chart), chart.format, from_zero=True)
    entries = [KeyEntry(color, series.name) for series, color in colored] if len(colored) > 1 else []
    histogram = chart.kind == "histogram"
    axes, frame = _category_axes(figure, chart, names, ticks, ends=ends, entries=entries, may_skip=False)
    axes.set_ylim(low, high)
    axes.set_xlim(-0.5, len(names) - 0.5)
    front = [pair for pair in colored if pair[0].role != "previous"]
    full = 0.94 if histogram else _bar_width(axes, len(names))
    for series, color in colored:
        values = padded(series, len(names))
        if series.role == "previous":
            size, shift = min(full + 0.24, 0.96), 0.0
        else:
            size = full / len(front)
            shift = (front.index((series, color)) - (len(front) - 1) / 2) * size
        at = [number + shift for number, value in enumerate(values) if value is not None]
        sizes = [value for value in values if value is not None]
        back = series.role == "previous"
        axes.bar(at, sizes, width=size, color=color, zorder=1 if back else 2)
    if len(colored) == 1:
        _value_labels(axes, figure, chart, colored[0][0], names)
    _finish(figure, axes, chart, ticks, frame, baseline=0.0, ends=ends)
    return record(figure, width, height)


def _bar_width(axes: Axes, count: int) -> float:
    """Return the share of its slot that a bar takes; one of few bars is no wider than a column of text."""
    return float(min(0.64, 64.0 * count / axes.get_window_extent().width))


def _value_labels(axes: Axes, figure: Sheet, chart: ChartPart, series: SeriesPart, names: list[str]) -> None:
    """Write each bar's value above it where all of them fit."""
    values = padded(series, len(names))
    texts = ["" if value is None else parts.value_text(value, chart.format) for value in values]
    box = axes.get_window_extent()
    crowded = parts.width_of(texts, size=7.2) + 2 > box.width / len(names)
    # Values too small for the format's decimals would all read as zero; the axis shows them better.
    blurred = any(value and not text.strip("0.% ") for value, text in zip(values, texts, strict=True))
    if crowded or blurred:
        return
    for number, (value, text) in enumerate(zip(values, texts, strict=True)):
        if value is None:
            continue
        x, y = axes.transData.transform((number, value))
        parts.label(
            figure,
            float(x),
            float(y) + (2.2 if value >= 0 else -7.2),
            text,
            align="center",
            color=figure.theme.colors.ink,
            size=7.2,
        )


def draw_stacked(chart: ChartPart, width: float, height: float, theme: Theme) -> Drawing:
    """Draw layers of bars upon each other, negative ones downwards."""
    figure, names = Sheet(width, height, theme), category_names(chart)
    colored = colored_series(chart, theme)
    count = len(names)
    up, down = [0.0] * count, [0.0] * count
    layers: list[tuple[list[float], list[float], str]] = []
    for series, color in colored:
        sizes = [value or 0.0 for value in padded(series, count)]
        bases = [(up if size >= 0 else down)[number] for number, size in enumerate(sizes)]
        for number, size in enumerate(sizes):
            (up if size >= 0 else down)[number] += size
        layers.append((sizes, bases, color))
    ends = reference_ends(chart, theme)
    values = [*up, *down, *(end.value for end in ends)]
    low, high, ticks = parts.value_scale(values, chart.format, from_zero=True)
    entries = [KeyEntry(color, series.name) for series, color in colored]
    axes, frame = _category_axes(figure, chart, names, ticks, ends=ends, entries=entries, may_skip=False)
    axes.set_ylim(low, high)
    axes.set_xlim(-0.5, count - 0.5)
    size = _bar_width(axes, count)
    edge = 0.6 if count <= 12 else 0.2
    for sizes, bases, color in layers:
        # A white edge keeps layers apart on a grey print.
        axes.bar(
            range(count), sizes, bottom=bases, width=size, color=color, edgecolor="white", lw=edge, zorder=2
        )
    _finish(figure, axes, chart, ticks, frame, baseline=0.0, ends=ends)
    return record(figure, width, height)
