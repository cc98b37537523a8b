"""What an author adds to a chart's values: levels to compare with, and words at places along its bottom."""

from __future__ import annotations

import contextlib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date

from broadsheet.catalog.texts import render_text
from broadsheet.domain.chart import Annotation, Chart, ChartKind, Step
from broadsheet.domain.report import ReportDefinition
from broadsheet.pipeline.chart_data.axis import start_of
from broadsheet.pipeline.chart_data.content import plotted
from broadsheet.pipeline.chart_data.source import Source
from broadsheet.pipeline.measures import measure_rows
from broadsheet.pipeline.payload import AnnotationPart, ReferencePart
from broadsheet.pipeline.rows import Rows


def reference_parts(
    report: ReportDefinition, chart: Chart, rows: Mapping[str, Rows], context: Mapping[str, object]
) -> list[ReferencePart]:
    """Return the levels that a chart has, with their values; a measure without a value has none."""
    parts = []
    for reference in (*((chart.reference,) if chart.reference else ()), *chart.targets):
        value: object = reference.value
        if reference.measure:
            measure = report.measures[reference.measure]
            value = measure_rows(rows[measure.dataset].measured, measure)
        found = plotted(value)
        if found is not None:
            label = render_text(reference.label, context, report_id=report.id)
            parts.append(ReferencePart(value=found, label=label))
    return parts


def annotation_parts(
    source: Source,
    keys: Sequence[object],
    labels: Sequence[str],
    context: Mapping[str, object],
    *,
    report_id: str,
) -> list[AnnotationPart]:
    """Return the words whose places a chart shows, with their positions; ranges are cut to what is shown."""
    parts = []
    for annotation in source.chart.annotations:
        text = render_text(annotation.text, context, report_id=report_id)
        ends = [_rendered(one, context, report_id) for one in (annotation.at, annotation.to)]
        place = _place(source, annotation, ends, keys, labels)
        if text and place is not None:
            parts.append(AnnotationPart(text=text, start=place[0], end=place[1]))
    return parts


def _rendered(value: str | float | None, context: Mapping[str, object], report_id: str) -> str | float | None:
    return render_text(value, context, report_id=report_id) if isinstance(value, str) else value


def _place(
    source: Source,
    annotation: Annotation,
    ends: Sequence[str | float | None],
    keys: Sequence[object],
    labels: Sequence[str],
) -> tuple[float, float | None] | None:
    if source.chart.kind is ChartKind.HISTOGRAM:
        numbers = [_number(end) for end in ends]
        places = [None if one is None else float(bisect_right(source.edges, one)) for one in numbers]
        start, end = places
    else:
        start, end = (_position(source, one, keys, labels) for one in ends)
        if annotation.to is not None and source.step is not None:
            start, end = _cut(source, ends, keys, start, end)
    if annotation.to is None:
        return None if start is None else (start, None)
    if start is None or end is None:
        return None
    return min(start, end) - 0.5, max(start, end) + 0.5


def _position(
    source: Source, value: str | float | None, keys: Sequence[object], labels: Sequence[str]
) -> float | None:
    """Return the position of a group that an author names, among those that are shown."""
    if value is None:
        return None
    key: object = value
    day = _day(value)
    if source.step is not None and day is not None:
        key = start_of(day, source.step)
    elif (number := _number(value)) is not None and number in keys:
        key = number
    if key in keys:
        return float(keys.index(key))
    return float(labels.index(value)) if isinstance(value, str) and value in labels else None


def _cut(
    source: Source,
    ends: Sequence[str | float | None],
    keys: Sequence[object],
    start: float | None,
    end: float | None,
) -> tuple[float | None, float | None]:
    """Cut a range of days to those shown: its ends may lie before and after them."""
    first, last = (_day(one) for one in ends)
    if first is None or last is None or not keys or source.step in (None, Step.HOUR, Step.WEEKDAY):
        return start, end
    step = source.step or Step.DAY
    low, high = start_of(first, step), start_of(last, step)
    inside = [number for number, key in enumerate(keys) if low <= key <= high]  # type: ignore[operator]
    return (float(inside[0]), float(inside[-1])) if inside else (None, None)


def _day(value: str | float | None) -> date | None:
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            return date.fromisoformat(value)
    return None


def _number(value: str | float | None) -> float | None:
    if value is None:
        return None
    with contextlib.suppress(ValueError):
        return float(value)
    return None
