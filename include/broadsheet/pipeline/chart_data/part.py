"""One chart of a payload, put together from its values and its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from broadsheet.catalog.texts import render_text
from broadsheet.domain.chart import Chart, ChartKind, Layers, Span, Step
from broadsheet.domain.measure import Measure
from broadsheet.domain.period import Period
from broadsheet.domain.report import ReportDefinition
from broadsheet.pipeline.chart_data.alt import alt_text
from broadsheet.pipeline.chart_data.changes import slope_content, waterfall_content
from broadsheet.pipeline.chart_data.content import Content
from broadsheet.pipeline.chart_data.groups import group_content
from broadsheet.pipeline.chart_data.marks import annotation_parts, reference_parts
from broadsheet.pipeline.chart_data.matrix import calendar_content, heatmap_content
from broadsheet.pipeline.chart_data.panels import multiples_content, sparkline_content
from broadsheet.pipeline.chart_data.points import scatter_content
from broadsheet.pipeline.chart_data.source import GROUP, SPLIT, Source, make_source
from broadsheet.pipeline.chart_data.spreads import box_content
from broadsheet.pipeline.formats import format_count, format_day
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.payload import ChartPart
from broadsheet.pipeline.population import select
from broadsheet.pipeline.rows import Rows
from broadsheet.pipeline.units import unit_of

_CONTENTS: dict[ChartKind, Callable[[Source], Content]] = {
    ChartKind.SCATTER: scatter_content,
    ChartKind.BOX: box_content,
    ChartKind.HEATMAP: heatmap_content,
    ChartKind.CALENDAR: calendar_content,
    ChartKind.SLOPE: slope_content,
    ChartKind.WATERFALL: waterfall_content,
    ChartKind.MULTIPLES: multiples_content,
    ChartKind.SPARKLINE: sparkline_content,
}
# Their groups are values; a row without one has nothing to be drawn.
_OF_VALUES = (ChartKind.HISTOGRAM, ChartKind.SCATTER)


def chart_part(
    report: ReportDefinition,
    name: str,
    *,
    period: Period,
    rows: Mapping[str, Rows],
    context: Mapping[str, object],
) -> ChartPart:
    """Return what one chart shows in a period."""
    chart = report.charts[name]
    source = make_source(report, chart, period=period, rows=rows)
    content = _CONTENTS.get(chart.kind, group_content)(source)
    values, second = _value_measure(chart, source), _second_measure(chart, source)
    texts = {**context, "shown": content.shown, "total": content.total}
    part = ChartPart(
        kind=chart.kind.value,
        layers=_layers(chart).value,
        title=render_text(chart.title, context, report_id=report.id),
        subtitle=render_text(chart.subtitle, texts, report_id=report.id),
        unit=unit_of(values.format, values.unit),
        x_label=chart.x_label,
        y_label=chart.y_label,
        second_label=chart.second_axis,
        x=tuple(content.x),
        series=tuple(content.series),
        spreads=tuple(content.spreads),
        panels=tuple(content.panels),
        shape=chart.shape.value,
        totals=content.totals,
        better=source.measure.better,
        highlight=render_text(chart.highlight, context, report_id=report.id),
        references=tuple(reference_parts(report, chart, rows, context)),
        annotations=tuple(
            annotation_parts(source, content.keys, content.x, context, report_id=report.id)
        ),
        format=values.format.value,
        x_format=source.measure.format.value,
        second_format=second.format.value,
        second_unit=unit_of(second.format, second.unit),
        note=_note(content, source),
        empty=content.empty,
    )  # fmt: skip
    places = _places(source, content.keys, content.x)
    earlier = _places(source, content.previous_keys, content.previous_x)
    return part.model_copy(update={"alt": alt_text(part, places, earlier=earlier, locale=source.locale)})


def _note(content: Content, source: Source) -> str:
    """Return what the chart leaves out: beyond what it says itself, rows that have no group or no layer."""
    chart, notes = source.chart, [content.note]
    named = ((GROUP, chart.group), (SPLIT, chart.split)) if chart.kind not in _OF_VALUES else ()
    rows = select(source.current, source.measure.where)
    if source.measure.column is not None:
        rows = rows[rows[source.measure.column].notna()]
    for column, name in named:
        count = int(rows[column].isna().sum()) if name is not None and column in rows else 0
        if count:
            shown = format_count(count, locale=source.locale)
            text = say(source.locale, "{count} without {label} not listed", count=shown, label=str(name))
            notes.append(text)
    return " · ".join(one for one in notes if one)


def _value_measure(chart: Chart, source: Source) -> Measure:
    """Return the measure whose format the axis of values has: upwards, of a scatter the second."""
    return (
        source.measures[1] if chart.kind is ChartKind.SCATTER and len(source.measures) > 1 else source.measure
    )


def _second_measure(chart: Chart, source: Source) -> Measure:
    lines = [
        measure for name, measure in zip(chart.measures, source.measures, strict=True) if name in chart.lines
    ]
    return lines[0] if lines else source.measure


def _places(source: Source, keys: Sequence[object], labels: Sequence[str]) -> list[str]:
    """Return what groups are called outside of their axis, where a day's number alone would say nothing."""
    years = source.chart.span is Span.ALL
    return [
        format_day(key.date(), locale=source.locale) + (f" {key.year}" if years else "")
        if source.step is Step.DAY and isinstance(key, pd.Timestamp)
        else text
        for key, text in zip(keys, labels, strict=False)
    ]


def _layers(chart: Chart) -> Layers:
    if chart.layers is not None:
        return chart.layers
    return Layers.STACKED if chart.kind in (ChartKind.STACKED, ChartKind.AREA) else Layers.GROUPED
