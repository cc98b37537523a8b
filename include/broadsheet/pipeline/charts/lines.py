"""Lines and areas over categories in order, with gaps where nothing is known."""

from __future__ import annotations

from collections.abc import Sequence

from broadsheet.pipeline.charts.frame import Frame, close_frame, open_frame
from broadsheet.pipeline.charts.labels import EndLabel, KeyEntry
from broadsheet.pipeline.charts.layers import Layer, layer_bounds, layer_ends, layers_of
from broadsheet.pipeline.charts.palette import Look, looks_of
from broadsheet.pipeline.charts.scales import bounds_of
from broadsheet.pipeline.charts.sheet import Sheet
from broadsheet.pipeline.charts.values import padded, reference_ends, reference_values, runs_of
from broadsheet.pipeline.document.drawing import Drawing
from broadsheet.pipeline.document.theme import Theme
from broadsheet.pipeline.payload import ChartPart, SeriesPart, known

_MOST_NAMED = 6


def draw_lines(chart: ChartPart, width: float, height: float, theme: Theme) -> Drawing:
    """Draw values in order as lines, the period before as a thin dashed one."""
    sheet = Sheet(width, height, theme)
    looks = looks_of(chart.series, theme.colors)
    bounds = bounds_of([*known(chart.series), *reference_values(chart)], chart.format, from_zero=False)
    direct = len(chart.series) <= _MOST_NAMED
    ends = (
        [*line_ends(chart, looks), *reference_ends(chart, sheet.colors)]
        if direct
        else reference_ends(chart, sheet.colors)
    )
    entries = [
        KeyEntry(look, series.name, line=True)
        for series, look in zip(() if direct else chart.series, looks, strict=False)
    ]
    frame = open_frame(sheet, chart, bounds, ends=ends, entries=entries, may_skip=True)
    for series, look in reversed(list(zip(chart.series, looks, strict=True))):
        draw_line(frame, series, look)
    # Where the axis runs below zero, zero is what values are compared with.
    baseline = 0.0 if bounds.low < 0 < bounds.high else bounds.low
    close_frame(frame, baseline=baseline, ends=[(end, frame.values.at(end.value)) for end in ends])
    return sheet.record()


def line_ends(chart: ChartPart, looks: Sequence[Look]) -> list[EndLabel]:
    """Return the names of lines at the height of their last values; a line without others needs none."""
    ends = []
    for series, look in zip(chart.series, looks, strict=True):
        values = [value for value in series.values[: len(chart.x)] if value is not None]
        if values and series.name and len(chart.series) > 1:
            ends.append(EndLabel(values[-1], series.name, look.ink, bold=series.role != "previous"))
    return ends


def draw_line(frame: Frame, series: SeriesPart, look: Look, *, second: bool = False) -> None:
    """Draw one line with its gaps; points are marked where there are few, and where they stand alone."""
    count, ghost = len(frame.chart.x), series.role == "previous"
    scale = frame.scale_of(second=second)
    runs = [
        [(frame.middle(number), scale.at(value)) for number, value in run]
        for run in runs_of(padded(series, count))
    ]
    color = look.ink if ghost else look.color
    frame.sheet.line(runs, color, width=0.9 if ghost else 1.7, dash=look.dash, round_cap=not look.dash)
    few = count <= 31 and not ghost
    points = [point for run in runs if few or len(run) == 1 for point in run]
    frame.sheet.dots(points, color, size=2.2 if ghost else 3.4, marker=look.marker)


def draw_areas(chart: ChartPart, width: float, height: float, theme: Theme) -> Drawing:
    """Draw layers upon each other as areas from zero; a single one may have the period before behind it."""
    sheet = Sheet(width, height, theme)
    layers = layers_of(chart, theme.colors)
    bounds = layer_bounds(chart, layers)
    ends = layer_ends(chart, layers, bounds, height=height) if len(layers) > 1 else []
    ghosts = [series for series in chart.series if series.role == "previous"]
    if ghosts:
        ends = line_ends(chart, looks_of(chart.series, sheet.colors))
    named = {end.name for end in ends}
    entries = [KeyEntry(layer.look, layer.series.name) for layer in layers if layer.series.name not in named]
    entries = entries if len(layers) > 1 else []
    references = reference_ends(chart, sheet.colors)
    frame = open_frame(sheet, chart, bounds, ends=[*ends, *references], entries=entries, may_skip=True)
    for layer in layers:
        _draw_area(frame, layer)
    for series in ghosts:
        draw_line(frame, series, looks_of([series], sheet.colors)[0])
    close_frame(frame, baseline=0.0, ends=[(end, frame.values.at(end.value)) for end in (*ends, *references)])
    return sheet.record()


def _draw_area(frame: Frame, layer: Layer) -> None:
    outlines, tops, alone = [], [], []
    for run in runs_of(layer.sizes):
        at = [number for number, _ in run]
        upper = [
            (frame.middle(number), frame.values.at(layer.base[number] + layer.drawn[number])) for number in at
        ]
        lower = [(frame.middle(number), frame.values.at(layer.base[number])) for number in at]
        if len(run) == 1:
            # One value between two gaps has no width: it becomes a thin bar.
            alone += [[(x - 1.5, y), (x + 1.5, y), (x + 1.5, base), (x - 1.5, base)] for (x, y), (_, base) in
                      zip(upper, lower, strict=True)]  # fmt: skip
        else:
            outlines.append([*upper, *reversed(lower)])
            tops.append(upper)
    single = len(frame.chart.series) == 1 or frame.chart.series[-1].role == "previous"
    frame.sheet.fill_outlines([*outlines, *alone], layer.look.color, alpha=0.22 if single else None)
    # The edge: dark over a single pale area, white between layers, so that they stay apart on a grey print.
    frame.sheet.line(tops, layer.look.color if single else "#ffffff", width=1.7 if single else 0.7)
