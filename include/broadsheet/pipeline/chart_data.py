"""What each chart shows: groups along its axis, a measure's values, and the words that describe it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from operator import itemgetter

import pandas as pd

from broadsheet.catalog.texts import render_text
from broadsheet.domain.chart import Chart, ChartKind
from broadsheet.domain.measure import Measure
from broadsheet.domain.parts import Format
from broadsheet.domain.period import Period
from broadsheet.domain.report import ReportDefinition
from broadsheet.pipeline.formats import (
    MINUS,
    finite,
    format_day,
    format_number,
    format_text,
    period_short,
    unit_of,
    with_unit,
)
from broadsheet.pipeline.measures import measure_groups, measure_rows, number
from broadsheet.pipeline.payload import ChartPart, Number, ReferencePart, SeriesPart
from broadsheet.pipeline.rows import Rows

_WORDS = {
    ChartKind.LINE: "Line chart",
    ChartKind.BAR: "Bar chart",
    ChartKind.HBAR: "Bar chart",
    ChartKind.STACKED: "Stacked bar chart",
    ChartKind.HISTOGRAM: "Histogram",
}
_BIN = "bin"


@dataclass(frozen=True)
class _Axis:
    """Groups in the order of drawing; ``previous_keys`` are their counterparts a period earlier."""

    keys: list[object]
    previous_keys: list[object]
    labels: list[str]
    total: int


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
    measures = [report.measures[one] for one in chart.measures]
    source = rows[measures[0].dataset]
    day = report.datasets[measures[0].dataset].day
    column = chart.group_for.get(period.kind, chart.group) or ""
    current, previous = source.current, source.previous
    whole = pd.api.types.is_integer_dtype(current[column].dtype)
    if chart.edges:
        current = _binned(current, column, chart)
        previous = None if previous is None else _binned(previous, column, chart)
        column = _BIN
    by_group = measure_groups(current, measures[0], [column])
    axis = _axis(chart, by_group, by_day=column == day, whole=whole, period=period)
    series = _series(chart, measures, column, axis, current=current, previous=previous, period=period)
    style, unit = measures[0].format, unit_of(measures[0].format, measures[0].unit)
    texts = {**context, "shown": len(axis.keys), "total": axis.total}
    title = render_text(chart.title, context, report_id=report.id)
    return ChartPart(
        kind=chart.kind.value,
        title=title,
        subtitle=render_text(chart.subtitle, texts, report_id=report.id),
        unit=unit,
        x_label=chart.x_label,
        y_label=chart.y_label,
        x=axis.labels,
        series=series,
        references=_references(report, chart, rows, context),
        format=style.value,
        alt=_alt(chart.kind, title, axis.labels, series, style, unit),
    )


def _axis(chart: Chart, by_group: pd.DataFrame, *, by_day: bool, whole: bool, period: Period) -> _Axis:
    if by_day:
        days = [period.first_day + timedelta(days=offset) for offset in range(period.days)]
        earlier = period.previous()
        before: list[object] = [
            pd.Timestamp(earlier.first_day + timedelta(days=offset)) if offset < earlier.days else None
            for offset in range(period.days)
        ]
        labels = [format_day(day, kind=period.kind) for day in days]
        return _Axis([pd.Timestamp(day) for day in days], before, labels, len(days))
    if chart.edges:
        keys: list[object] = list(range(len(chart.edges) + 1))
        return _Axis(keys, keys, _bin_labels(chart.edges, whole=whole), len(keys))
    large = by_group[by_group["rows"] >= chart.min_rows]
    if chart.top:
        # Stable, so that equal values stay in the order of their names.
        keys = list(large["value"].dropna().sort_values(ascending=False, kind="stable").index[: chart.top])
    else:
        keys = list(large.index)
        if chart.fill and keys:
            numbers = large.index
            keys = list(range(int(numbers.min()), int(numbers.max()) + 1))
        if chart.order and chart.kind is not ChartKind.STACKED:
            keys = _in_order(keys, chart.order)
    return _Axis(keys, keys, [_label(key) for key in keys], len(large["value"].dropna()))


def _series(
    chart: Chart,
    measures: list[Measure],
    column: str,
    axis: _Axis,
    *,
    current: pd.DataFrame,
    previous: pd.DataFrame | None,
    period: Period,
) -> list[SeriesPart]:
    measure = measures[0]
    if chart.split:
        found = list(measure_groups(current, measure, [chart.split]).index)
        layers = _in_order(found, chart.order, missing=True)
        table = measure_groups(current, measure, [column, chart.split])["value"]
        return [
            SeriesPart(
                name=_label(layer),
                values=[number(table.get((key, layer), 0.0), measure) for key in axis.keys],
                role="other",
            )
            for layer in layers
        ]
    if len(measures) > 1:
        return [
            SeriesPart(name=one.label, values=_values(current, one, column, axis.keys), role="other")
            for one in measures
        ]
    compared = chart.compare and previous is not None
    name = period_short(period) if compared else measure.label
    series = [SeriesPart(name=name, values=_values(current, measure, column, axis.keys), role="current")]
    if compared and previous is not None:
        values = _values(previous, measure, column, axis.previous_keys)
        if not previous.empty:
            series.append(SeriesPart(name=period_short(period.previous()), values=values, role="previous"))
    return series


def _values(frame: pd.DataFrame, measure: Measure, column: str, keys: list[object]) -> list[Number]:
    by_group = measure_groups(frame, measure, [column])["value"]
    # A group without rows has nothing to average, and a count of 0.
    absent = 0.0 if measure_rows(frame.iloc[:0], measure) == 0 else None
    return [number(by_group.get(key, absent), measure) if key is not None else None for key in keys]


def _binned(frame: pd.DataFrame, column: str, chart: Chart) -> pd.DataFrame:
    bounds = [-math.inf, *chart.edges, math.inf]
    known = frame[frame[column].notna()]
    bins = pd.cut(known[column].astype("float64"), bounds, right=False, labels=False)
    return known.assign(**{_BIN: bins.astype("Int64")})


def _bin_labels(edges: tuple[float, ...], *, whole: bool) -> list[str]:
    shown = [f"{edge:,g}".replace("-", MINUS) for edge in edges]
    upper = [f"{edge - 1:,g}".replace("-", MINUS) for edge in edges] if whole else shown
    between = [
        low if low == high else f"{low} to {high}" for low, high in zip(shown, upper[1:], strict=False)
    ]
    return [f"< {shown[0]}", *between, f"≥ {shown[-1]}"]


def _in_order(found: list[object], order: tuple[str, ...], *, missing: bool = False) -> list[object]:
    """Put groups into a declared order, others behind; ``missing`` keeps declared ones that no row has."""
    first: list[object] = [name for name in order if missing or name in found]
    return [*first, *(one for one in found if one not in order)]


def _label(key: object) -> str:
    if isinstance(key, pd.Timestamp):
        return format_day(key.date())
    return format_text(key)


def _references(
    report: ReportDefinition, chart: Chart, rows: Mapping[str, Rows], context: Mapping[str, object]
) -> list[ReferencePart]:
    if chart.reference is None:
        return []
    value: Number = chart.reference.value
    if chart.reference.measure:
        measure = report.measures[chart.reference.measure]
        value = finite(measure_rows(rows[measure.dataset].current, measure))
    found = finite(value)
    if found is None:
        return []
    return [
        ReferencePart(value=found, label=render_text(chart.reference.label, context, report_id=report.id))
    ]


def _alt(
    kind: ChartKind, title: str, labels: list[str], series: list[SeriesPart], style: Format, unit: str
) -> str:
    """Describe a chart from its data: per series the highest and the lowest value and where they are."""
    parts = [f"{_WORDS[kind]}: {title}."]
    for one in series[:5]:
        known = [(value, label) for value, label in zip(one.values, labels, strict=True) if value is not None]
        if not known:
            parts.append(f"{one.name}: no data.")
            continue
        (low, low_at), (high, high_at) = min(known, key=itemgetter(0)), max(known, key=itemgetter(0))
        shown = [with_unit(format_number(value, style), unit) for value in (high, low)]
        if len(known) == 1 or low == high:
            parts.append(f"{one.name}: {shown[0]} at {high_at}.")
        else:
            parts.append(f"{one.name}: highest {shown[0]} at {high_at}, lowest {shown[1]} at {low_at}.")
    return " ".join(parts)
