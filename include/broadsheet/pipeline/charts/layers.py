"""Series upon each other: where each one starts, as numbers or as shares of their sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from broadsheet.domain.theme import Colors
from broadsheet.pipeline.charts.labels import EndLabel
from broadsheet.pipeline.charts.palette import Look, looks_of
from broadsheet.pipeline.charts.scales import Bounds, bounds_of
from broadsheet.pipeline.charts.values import padded, reference_values
from broadsheet.pipeline.payload import ChartPart, SeriesPart

_NAME_HEIGHT = 8.6
_MOST = 1.7e308


@dataclass(frozen=True)
class Layer:
    """One series of a stack: per category its size (None where nothing is known), base and drawn height."""

    series: SeriesPart
    look: Look
    sizes: list[float | None]
    base: list[float]
    drawn: list[float]


def layers_of(chart: ChartPart, colors: Colors) -> list[Layer]:
    """Put series upon each other, negative ones downwards; with ``percent`` each category makes 1."""
    series = [one for one in chart.series if one.role != "previous"]
    looks = looks_of(series, colors)
    count = len(chart.x)
    columns = [padded(one, count) for one in series]
    sums = [sum(abs(column[number] or 0.0) for column in columns) for number in range(count)]
    up, down = [0.0] * count, [0.0] * count
    layers = []
    for one, look, column in zip(series, looks, columns, strict=True):
        base, drawn = [0.0] * count, [0.0] * count
        for number, value in enumerate(column):
            size = value or 0.0
            if chart.layers == "percent":
                size = size / sums[number] if sums[number] else 0.0
            side = up if size >= 0 else down
            base[number] = side[number]
            # Two huge numbers can make more than a float holds.
            side[number] = max(-_MOST, min(side[number] + size, _MOST))
            drawn[number] = side[number] - base[number]
        layers.append(Layer(one, look, column, base, drawn))
    return layers


def layer_bounds(chart: ChartPart, layers: Sequence[Layer]) -> Bounds:
    """Return the axis of a stack, from zero; shares fill it."""
    ends = [base + size for layer in layers for base, size in zip(layer.base, layer.drawn, strict=True)]
    if chart.layers == "percent":
        return bounds_of([0.0, 1.0, *ends, *reference_values(chart)], "percent", from_zero=True, tight=True)
    ghosts = [
        value for one in chart.series if one.role == "previous" for value in one.values if value is not None
    ]
    values = [0.0, *ends, *ghosts, *reference_values(chart)]
    return bounds_of(values, chart.format, from_zero=True)


def layer_ends(chart: ChartPart, layers: Sequence[Layer], bounds: Bounds, *, height: float) -> list[EndLabel]:
    """Name the layers at the right of the last category, if all are high enough there for their names."""
    last = len(chart.x) - 1
    per_point = (bounds.high - bounds.low) / (height * 0.7)
    if any(abs(layer.drawn[last]) < _NAME_HEIGHT * per_point for layer in layers):
        return []
    return [
        EndLabel(layer.base[last] + layer.drawn[last] / 2, layer.series.name, layer.look.ink, bold=True)
        for layer in layers
    ]
