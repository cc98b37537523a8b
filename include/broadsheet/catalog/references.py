"""Check that the parts of a definition name parts that exist, and columns of a type that fits."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from zoneinfo import available_timezones

from broadsheet.catalog.aggregate_references import check_aggregates
from broadsheet.catalog.chart_references import check_chart
from broadsheet.catalog.dataset_references import check_filters
from broadsheet.catalog.fitting import format_fault, value_fault
from broadsheet.catalog.kpi_references import check_kpis
from broadsheet.catalog.table_references import check_table
from broadsheet.catalog.texts import CONTEXT, measure_names, text_faults, value_names
from broadsheet.catalog.yaml_lines import Location
from broadsheet.domain.chart import Chart
from broadsheet.domain.measure import Function, Measure
from broadsheet.domain.parts import ColumnType, Format, Scalar
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.schedule import check_zone
from broadsheet.domain.suggestion import nearest, suggest
from broadsheet.errors import InputError

Fault = tuple[Location, str]

_NUMBERS = (ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.DECIMAL)
_NUMERIC_FUNCTIONS = (
    Function.SUM,
    Function.MEAN,
    Function.MEDIAN,
    Function.QUANTILE,
    Function.MIN,
    Function.MAX,
)
_NUMERIC_FORMATS = (Format.INTEGER, Format.DECIMAL1, Format.DECIMAL2, Format.PERCENT)


def check_references(report: ReportDefinition) -> Iterator[Fault]:
    """Yield every reference that leads nowhere, with its place in the definition."""
    try:
        check_zone(report.zone)
    except InputError as error:
        near = nearest(report.zone, sorted(available_timezones()))
        yield ("zone",), f"{error}; did you mean {near[0]!r}?" if near else str(error)
    for name, dataset in report.datasets.items():
        if dataset.day and (fault := _column_fault(report, name, dataset.day, (ColumnType.DATE,))):
            yield ("datasets", name, "day"), fault
    if report.freshness:
        place = report.freshness
        if fault := _column_fault(report, place.dataset, place.column, (ColumnType.TIMESTAMP,)):
            yield ("freshness",), fault
    for name, fact in report.facts.items():
        if fault := _column_fault(report, fact.dataset, fact.column):
            yield ("facts", name), fault
        elif fault := format_fault(fact.column, report.columns_of(fact.dataset)[fact.column], fact.format):
            yield ("facts", name, "format"), fault
    for name, measure in report.measures.items():
        for location, message in _check_measure(report, measure):
            yield ("measures", name, *location), message
    yield from _check_highlights(report)
    yield from check_aggregates(report)
    yield from check_filters(report)
    yield from check_kpis(report)
    for name, chart in report.charts.items():
        for location, message in check_chart(report, chart):
            yield ("charts", name, *location), message
    for name, table in report.tables.items():
        for location, message in check_table(report, table):
            yield ("tables", name, *location), message
    yield from _check_names(report)
    yield from _check_texts(report)


def _missing(name: str, known: Collection[str], what: str) -> str | None:
    if name in known:
        return None
    return f"{name!r} is no {what}: {suggest(name, known)}"


def _column_fault(
    report: ReportDefinition, dataset: str, column: str, types: Collection[ColumnType] = ()
) -> str | None:
    if fault := _missing(dataset, report.sources_of_rows, "dataset"):
        return fault
    columns = report.columns_of(dataset)
    if fault := _missing(column, columns, f"column of dataset {dataset!r}"):
        return fault
    if types and columns[column] not in types:
        wanted = " or ".join(one.value for one in types)
        return f"column {column!r} is {columns[column].value}, and must be {wanted}"
    return None


def _check_where(report: ReportDefinition, dataset: str, where: Mapping[str, Scalar]) -> Iterator[Fault]:
    for column, value in where.items():
        fault = _column_fault(report, dataset, column)
        if fault := fault or value_fault(column, report.columns_of(dataset)[column], value):
            yield ("where", column), fault


def _check_measure(report: ReportDefinition, measure: Measure) -> Iterator[Fault]:
    if fault := _missing(measure.dataset, report.sources_of_rows, "dataset"):
        yield ("dataset",), fault
        return
    if measure.take is not Function.COUNT and measure.column is None:
        yield ("take",), f"`take: {measure.take.value}` needs a `column`"
    if (measure.take is Function.QUANTILE) != (measure.q is not None):
        yield ("q",), "`q` (0 to 1) goes with `take: quantile`, and only with it"
    if measure.format not in _NUMERIC_FORMATS:
        yield ("format",), f"a measure is a number; use {', '.join(one.value for one in _NUMERIC_FORMATS)}"
    if measure.column is not None:
        types: tuple[ColumnType, ...] = ()
        if measure.take is Function.SHARE:
            types = (ColumnType.BOOLEAN,)
        elif measure.take in _NUMERIC_FUNCTIONS:
            types = _NUMBERS
        if fault := _column_fault(report, measure.dataset, measure.column, types):
            yield ("column",), fault
    yield from _check_where(report, measure.dataset, measure.where)


def _check_highlights(report: ReportDefinition) -> Iterator[Fault]:
    for name, highlight in report.highlights.items():
        if fault := _missing(highlight.measure, report.measures, "measure"):
            yield ("highlights", name, "measure"), fault
        elif fault := _column_fault(report, report.measures[highlight.measure].dataset, highlight.group):
            yield ("highlights", name, "group"), fault


def _check_names(report: ReportDefinition) -> Iterator[Fault]:
    """Facts, measures and highlights share one space of names in the texts."""
    taken: dict[str, str] = {}
    for kind, names in (
        ("measures", report.measures),
        ("facts", report.facts),
        ("highlights", report.highlights),
    ):
        for name in names:
            if name in taken:
                yield (
                    (kind, name),
                    f"{name!r} is already a name of {taken[name]}; texts could not tell them apart",
                )
            taken[name] = kind
            if kind == "measures":
                taken |= {one: kind for one in measure_names(report, name)}
            if kind == "highlights":
                taken[f"{name}_value"] = kind


def _check_texts(report: ReportDefinition) -> Iterator[Fault]:
    texts: list[tuple[Location, str, tuple[str, ...]]] = [
        (("subtitle",), report.subtitle, CONTEXT),
        (("email", "subject"), report.email.subject, CONTEXT),
    ]
    texts += [(("notices", position), text, CONTEXT) for position, text in enumerate(report.notices)]
    for name, chart in report.charts.items():
        texts.append((("charts", name, "title"), chart.title, CONTEXT))
        texts.append((("charts", name, "subtitle"), chart.subtitle, (*CONTEXT, "shown", "total")))
        texts += [(("charts", name, *place), text, CONTEXT) for place, text in _chart_words(chart)]
    for name, table in report.tables.items():
        texts.append((("tables", name, "title"), table.title, CONTEXT))
    names = value_names(report)
    for location, text, context in texts:
        for _, fault in text_faults(text, context=context, names=names):
            yield location, fault


def _chart_words(chart: Chart) -> Iterator[tuple[Location, str]]:
    """Yield the templates of a chart's lines and annotations."""
    if chart.reference:
        yield ("reference", "label"), chart.reference.label
    for position, target in enumerate(chart.targets):
        yield ("targets", position, "label"), target.label
    for position, annotation in enumerate(chart.annotations):
        for key in ("at", "to", "text"):
            value = getattr(annotation, key)
            if isinstance(value, str):
                yield ("annotations", position, key), value
