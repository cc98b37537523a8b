"""Many small charts: panels with the same axes, and rows of sparklines."""

from __future__ import annotations

from broadsheet.domain.measure import Measure
from broadsheet.pipeline.chart_data.axis import Axis, label, make_axis, make_layers
from broadsheet.pipeline.chart_data.content import Content, plotted
from broadsheet.pipeline.chart_data.groups import layer_series, values_at
from broadsheet.pipeline.chart_data.source import GROUP, SPLIT, Source, counts
from broadsheet.pipeline.formats import period_short
from broadsheet.pipeline.payload import PanelPart, SeriesPart


def multiples_content(source: Source) -> Content:
    """Return a panel for each value of ``split``, with the period before where the chart compares."""
    source, axis = make_axis(source)
    source, layers, note = make_layers(source)
    chart = source.chart
    now = source.values(source.measure, GROUP, SPLIT)
    compared = chart.compare and source.previous is not None and not source.previous.empty
    then = source.values(source.measure, GROUP, SPLIT, previous=True) if compared else {}
    panels = []
    for layer in layers:
        name = label(layer, other=chart.other, step=chart.split_by, locale=source.locale)
        own = _values(source.measure, now, axis.keys, layer)
        series = [
            SeriesPart(
                name=period_short(source.period, locale=source.locale) if compared else name, values=own
            )
        ]
        if compared:
            before = _values(source.measure, then, axis.previous_keys, layer)
            series.append(
                SeriesPart(
                    name=period_short(source.period.previous(), locale=source.locale),
                    values=before,
                    role="previous",
                )
            )
        panels.append(PanelPart(title=name, series=tuple(series)))
    total = int(source.current[SPLIT].nunique()) if note else len(panels)
    return Content(axis.keys, axis.labels, panels=panels, shown=len(panels), total=total, note=note)


def sparkline_content(source: Source) -> Content:
    """Return a line per value of ``split``, or per measure."""
    source, axis = make_axis(source)
    if source.chart.split is None:
        series = [
            SeriesPart(name=one.label, values=values_at(source, one, axis.keys), role="other")
            for one in source.measures
        ]
        return Content(axis.keys, axis.labels, series, shown=len(series), total=len(series))
    return _split_lines(source, axis)


def _split_lines(source: Source, axis: Axis) -> Content:
    series, note = layer_series(source, axis)
    return Content(axis.keys, axis.labels, series, shown=len(series), total=len(series), note=note)


def _values(
    measure: Measure, found: dict[object, float], keys: list[object], layer: object
) -> tuple[float | None, ...]:
    absent = 0.0 if counts(measure) else None
    return tuple(plotted(found.get((key, layer), absent)) if key is not None else None for key in keys)
