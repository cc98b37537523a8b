"""Bars that stand: one beside the other, upon each other, with lines, and histograms."""

from __future__ import annotations

from collections.abc import Sequence

from broadsheet.pipeline.charts import labels as words
from broadsheet.pipeline.charts.frame import Frame, close_frame, open_frame
from broadsheet.pipeline.charts.labels import KeyEntry
from broadsheet.pipeline.charts.layers import layer_bounds, layer_ends, layers_of
from broadsheet.pipeline.charts.lines import draw_line
from broadsheet.pipeline.charts.palette import Look, looks_of
from broadsheet.pipeline.charts.scales import bounds_of, value_text
from broadsheet.pipeline.charts.sheet import Box, Sheet
from broadsheet.pipeline.charts.values import padded, reference_ends, reference_values
from broadsheet.pipeline.document.drawing import Drawing
from broadsheet.pipeline.document.theme import Theme
from broadsheet.pipeline.payload import ChartPart, SeriesPart, known

_VALUE = 7.2


def draw_bars(chart: ChartPart, width: float, height: float, theme: Theme) -> Drawing:
    """Draw bars from zero, the period before as wider pale bars behind them; a histogram has no gaps."""
    if chart.layers != "grouped" and len(chart.series) > 1:
        return draw_stack(chart, width, height, theme)
    sheet, looks = Sheet(width, height, theme), looks_of(chart.series, theme.colors)
    bounds = bounds_of([*known(chart.series), *reference_values(chart)], chart.format, from_zero=True)
    pairs = list(zip(chart.series, looks, strict=True))
    entries = [KeyEntry(look, series.name) for series, look in pairs] if len(pairs) > 1 else []
    ends = reference_ends(chart, sheet.colors)
    # A histogram's bins and numbers have an order that lets labels be left out.
    may_skip = chart.kind == "histogram" and len(chart.x) > 12
    frame = open_frame(sheet, chart, bounds, ends=ends, entries=entries, may_skip=may_skip)
    draw_groups(frame, pairs)
    if len(pairs) == 1:
        _draw_values(frame, chart.series[0])
    close_frame(frame, baseline=0.0, ends=[(end, frame.values.at(end.value)) for end in ends])
    return sheet.record()


def draw_groups(frame: Frame, pairs: Sequence[tuple[SeriesPart, Look]]) -> None:
    """Draw the bars of each category side by side, ghosts behind all of them."""
    count = len(frame.chart.x)
    full = 0.94 if frame.chart.kind == "histogram" else bar_share(frame)
    front = [series for series, _ in pairs if series.role != "previous"]
    for series, look in sorted(pairs, key=lambda pair: pair[0].role != "previous"):
        if series.role == "previous" and front:
            size, shift = min(full + 0.24, 0.96), 0.0
        else:
            lanes = front or [series]
            size = full / len(lanes)
            shift = (lanes.index(series) - (len(lanes) - 1) / 2) * size
        half = size * frame.slot / 2 * (0.94 if len(front) > 1 else 1.0)
        scale = frame.values
        bars = [
            Box(x - half, scale.at(0.0), x + half, scale.at(value))
            for number, value in enumerate(padded(series, count))
            if value is not None
            for x in (frame.middle(number + shift),)
        ]
        frame.sheet.fill(bars, look.color)


def bar_share(frame: Frame) -> float:
    """Return the share of its slot that a bar takes; one of few bars is no wider than a column of text."""
    return min(0.64 if frame.slot > 8 else 0.8, 64.0 / frame.slot)


def _draw_values(frame: Frame, series: SeriesPart) -> None:
    """Write each bar's value above it where all of them fit."""
    chart = frame.chart
    values = padded(series, len(chart.x))
    texts = ["" if value is None else value_text(value, chart.format) for value in values]
    crowded = words.width_of(texts, size=_VALUE) + 2 > frame.slot
    # Values too small for the format's decimals would all read as zero; the axis shows them better.
    blurred = any(value and not text.strip("0.% ") for value, text in zip(values, texts, strict=True))
    if crowded or blurred:
        return
    for number, (value, text) in enumerate(zip(values, texts, strict=True)):
        if value is not None:
            y = frame.values.at(value) + (2.2 if value >= 0 else -7.2)
            frame.sheet.label(
                frame.middle(number), y, text, align="center", color=frame.sheet.colors.ink, size=_VALUE
            )


def draw_stack(chart: ChartPart, width: float, height: float, theme: Theme) -> Drawing:
    """Draw layers of bars upon each other, negative ones downwards."""
    sheet, layers = Sheet(width, height, theme), layers_of(chart, theme.colors)
    bounds = layer_bounds(chart, layers)
    ends = layer_ends(chart, layers, bounds, height=height)
    entries = [] if ends else [KeyEntry(layer.look, layer.series.name) for layer in layers]
    references = reference_ends(chart, sheet.colors)
    frame = open_frame(sheet, chart, bounds, ends=[*ends, *references], entries=entries)
    half = bar_share(frame) * frame.slot / 2
    for layer in layers:
        bars = [
            Box(frame.middle(number) - half, frame.values.at(base), frame.middle(number) + half,
                frame.values.at(base + size))
            for number, (base, size) in enumerate(zip(layer.base, layer.drawn, strict=True))
            if size
        ]  # fmt: skip
        # A white edge keeps layers apart on a grey print.
        sheet.fill(bars, layer.look.color, edge="#ffffff", edge_width=0.6 if len(chart.x) <= 12 else 0.2)
    close_frame(frame, baseline=0.0, ends=[(end, frame.values.at(end.value)) for end in (*ends, *references)])
    return sheet.record()


def draw_combo(chart: ChartPart, width: float, height: float, theme: Theme) -> Drawing:
    """Draw bars with lines upon them; lines have an axis at the right only where the author asks for one."""
    sheet, looks = Sheet(width, height, theme), looks_of(chart.series, theme.colors)
    pairs = list(zip(chart.series, looks, strict=True))
    bars = [(series, look) for series, look in pairs if series.shape == "bar"]
    lines = [(series, look) for series, look in pairs if series.shape == "line"]
    right = [series for series, _ in lines if series.second]
    left = known(series for series in chart.series if not series.second)
    bounds = bounds_of([*(left or [0.0]), *reference_values(chart)], chart.format, from_zero=True)
    second = bounds_of(known(right), chart.second_format, from_zero=True) if known(right) else None
    entries = [KeyEntry(look, series.name, line=series.shape == "line") for series, look in pairs]
    ends = reference_ends(chart, sheet.colors) if second is None else []
    look = next((look for series, look in lines if series.second), None)
    frame = open_frame(sheet, chart, bounds, ends=ends, entries=entries, second=second, second_look=look)
    draw_groups(frame, bars)
    for series, one in lines:
        draw_line(frame, series, one, second=series.second)
    close_frame(frame, baseline=0.0, ends=[(end, frame.values.at(end.value)) for end in ends])
    return sheet.record()
