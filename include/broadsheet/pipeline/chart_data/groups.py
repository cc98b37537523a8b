"""Values over groups: one series, one per measure, one per layer, and the period before."""

from __future__ import annotations

from broadsheet.domain.chart import ChartKind, Layers
from broadsheet.domain.measure import Function, Measure
from broadsheet.pipeline.chart_data.axis import Axis, label, make_axis, make_layers
from broadsheet.pipeline.chart_data.content import Content, plotted
from broadsheet.pipeline.chart_data.source import GROUP, SPLIT, Source, counts
from broadsheet.pipeline.formats import period_short
from broadsheet.pipeline.payload import SeriesPart, SeriesTone


def group_content(source: Source) -> Content:
    """Return the values of lines, areas, bars and histograms."""
    source, axis = make_axis(source)
    note = ""
    if source.chart.split is not None:
        series, note = layer_series(source, axis)
    elif len(source.measures) > 1:
        series = [_measure_series(source, measure, axis) for measure in source.measures]
    else:
        series = compared_series(source, axis)
    return Content(
        axis.keys,
        axis.labels,
        series,
        shown=len(axis.keys),
        total=axis.total,
        note=note,
        previous_keys=axis.previous_keys,
        previous_x=axis.previous_labels,
    )


def layer_series(source: Source, axis: Axis) -> tuple[list[SeriesPart], str]:
    """Return a series for each value of ``split``, and what a reader must know of those gathered as one."""
    source, layers, note = make_layers(source)
    chart = source.chart
    values = source.values(source.measure, GROUP, SPLIT)
    # In a stack nothing is a layer of no height; a line has a gap there.
    additive = source.measure.take in (Function.COUNT, Function.SUM)
    stacked = chart.kind in (ChartKind.STACKED, ChartKind.AREA) or chart.layers in (
        Layers.STACKED,
        Layers.PERCENT,
    )
    absent = 0.0 if counts(source.measure) or (stacked and additive) else None
    series = [
        SeriesPart(
            name=label(layer, other=chart.other, step=chart.split_by, locale=source.locale),
            values=tuple(plotted(values.get((key, layer), absent)) for key in axis.keys),
            role="other",
            tone=_tone(source, str(layer)),
        )
        for layer in layers
    ]
    return series, note


def compared_series(source: Source, axis: Axis) -> list[SeriesPart]:
    """Return the first measure's series, and the period before where the chart compares."""
    compared = source.chart.compare and source.previous is not None and not source.previous.empty
    name = period_short(source.period, locale=source.locale) if source.chart.compare else source.measure.label
    values = values_at(source, source.measure, axis.keys)
    series = [SeriesPart(name=name, values=values, role="current")]
    if compared:
        before = values_at(source, source.measure, axis.previous_keys, previous=True)
        series.append(
            SeriesPart(
                name=period_short(source.period.previous(), locale=source.locale),
                values=before,
                role="previous",
            )
        )
    return series


def values_at(
    source: Source, measure: Measure, keys: list[object], *, previous: bool = False
) -> tuple[float | None, ...]:
    """Return a measure's values for groups; a group that is None has none."""
    found = source.values(measure, GROUP, previous=previous)
    absent = 0.0 if counts(measure) else None
    return tuple(plotted(found.get(key, absent)) if key is not None else None for key in keys)


def _measure_series(source: Source, measure: Measure, axis: Axis) -> SeriesPart:
    name = source.chart.measures[source.measures.index(measure)]
    line = name in source.chart.lines
    return SeriesPart(
        name=measure.label,
        values=values_at(source, measure, axis.keys),
        role="other",
        tone=_tone(source, name),
        shape="line" if line else "bar",
        second=line and bool(source.chart.second_axis),
    )


def _tone(source: Source, name: str) -> SeriesTone:
    """Return what the colour of a value of ``split`` or of a measure says."""
    tone = source.chart.tones.get(name)
    return tone.value if tone is not None else ""
