"""Check that a chart's measures, columns and options exist, and make sense for its kind."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from broadsheet.catalog.yaml_lines import Location
from broadsheet.domain.chart import Chart, ChartKind, Layers, Reference, Shape, Span, Step
from broadsheet.domain.measure import Function, Measure
from broadsheet.domain.parts import ColumnType
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.suggestion import suggest

Fault = tuple[Location, str]

_NUMBERS = (ColumnType.INTEGER, ColumnType.NUMBER)
_TIMES = (ColumnType.DATE, ColumnType.TIMESTAMP)
_K = ChartKind
# How many measures a kind draws; one more than the last is one too many.
_MEASURES: Mapping[ChartKind, tuple[int, int]] = {
    _K.COMBO: (2, 6),
    _K.SCATTER: (2, 2),
    _K.SLOPE: (1, 2),
    _K.HISTOGRAM: (1, 1),
    _K.BOX: (1, 1),
    _K.HEATMAP: (1, 1),
    _K.CALENDAR: (1, 1),
    _K.WATERFALL: (1, 1),
    _K.MULTIPLES: (1, 1),
}
_MOST_MEASURES = 8
_WITHOUT_GROUP = (_K.SCATTER, _K.BOX, _K.CALENDAR)
_SPLIT_NEEDED = (_K.STACKED, _K.HEATMAP, _K.MULTIPLES)
_SPLIT_ALLOWED = (_K.LINE, _K.AREA, _K.BAR, _K.HBAR, _K.SCATTER, _K.SPARKLINE)
_COMPARED = (_K.LINE, _K.AREA, _K.BAR, _K.HBAR, _K.HISTOGRAM, _K.WATERFALL, _K.MULTIPLES)
_ANNOTATED = (_K.LINE, _K.AREA, _K.BAR, _K.STACKED, _K.COMBO, _K.HISTOGRAM, _K.WATERFALL)
_TONED = (_K.LINE, _K.AREA, _K.BAR, _K.HBAR, _K.STACKED, _K.COMBO)
_HIGHLIGHTED = (_K.SLOPE, _K.HBAR)
_LEVELLED = (*_ANNOTATED, _K.HBAR, _K.SCATTER, _K.BOX, _K.MULTIPLES)
_ADDED = (Function.COUNT, Function.SUM)


def check_chart(report: ReportDefinition, chart: Chart) -> Iterator[Fault]:
    """Yield what is wrong with a chart, with its place below the chart's own."""
    measures: list[Measure] = []
    for position, name in enumerate(chart.measures):
        if fault := _missing(name, report.measures, "measure"):
            yield ("measures", position), fault
        else:
            measures.append(report.measures[name])
    yield from _check_measures(chart, measures)
    if measures:
        yield from _check_columns(report, chart, measures[0].dataset)
        yield from _check_previous(report, chart, measures)
    yield from _check_levels(report, chart)
    yield from _check_options(chart)
    yield from _check_colors(chart)
    yield from _check_edges(chart)


def _missing(name: str, known: Collection[str], what: str) -> str | None:
    return None if name in known else f"{name!r} is no {what}: {suggest(name, known)}"


def _column_fault(
    report: ReportDefinition, dataset: str, column: str, types: Collection[ColumnType] = ()
) -> str | None:
    if dataset not in report.sources_of_rows:
        # The measure's own fault, which is named there.
        return None
    columns = report.columns_of(dataset)
    if fault := _missing(column, columns, f"column of dataset {dataset!r}"):
        return fault
    if types and columns[column] not in types:
        wanted = " or ".join(one.value for one in types)
        return f"column {column!r} is {columns[column].value}, and must be {wanted}"
    return None


def _check_measures(chart: Chart, measures: list[Measure]) -> Iterator[Fault]:
    kind = chart.kind.value
    datasets = sorted({measure.dataset for measure in measures})
    if len(datasets) > 1:
        yield ("measures",), f"the measures of a chart need one dataset, these have {', '.join(datasets)}"
    least, most = _MEASURES.get(chart.kind, (1, _MOST_MEASURES))
    if not least <= len(chart.measures) <= most:
        wanted = {(1, 1): "one measure", (2, 2): "two measures, the first across and the second upwards"}
        text = wanted.get((least, most), f"{least} to {most} measures")
        yield ("measures",), f"`kind: {kind}` needs {text}, got {len(chart.measures)}"
    elif len(chart.measures) > 1 and chart.kind is not ChartKind.SCATTER and (chart.compare or chart.split):
        yield ("measures",), "one measure only beside `compare` or `split`"
    units = {(measure.format, measure.unit) for measure in measures}
    if len(units) > 1 and chart.kind not in (ChartKind.SCATTER, ChartKind.COMBO):
        yield (
            ("measures",),
            "measures that share an axis need one format and one unit; use `kind: combo` for bars and "
            "lines with an axis each, or make a chart of each",
        )
    if chart.kind is ChartKind.BOX and measures and measures[0].column is None:
        yield ("measures", 0), "`kind: box` shows the values of the measure's column, and this one has none"
    if chart.kind is ChartKind.SCATTER and chart.group is None:
        for position, measure in enumerate(measures):
            if measure.column is None:
                message = "without `group` every row is a point of the measures' columns; this one has none"
                yield ("measures", position), message
    if chart.kind is ChartKind.WATERFALL and measures and measures[0].take not in _ADDED:
        yield (
            ("measures", 0),
            f"a waterfall adds its steps up, and `take: {measures[0].take.value}` does not; use count or sum",
        )
    yield from _check_layers(chart, measures)
    yield from _check_lines(chart, measures)


def _check_layers(chart: Chart, measures: list[Measure]) -> Iterator[Fault]:
    several = chart.split is not None or len(chart.measures) > 1
    if chart.layers is not None:
        if chart.kind not in (_K.BAR, _K.HBAR, _K.STACKED, _K.AREA):
            yield ("layers",), f"`layers` goes with bars and areas, not with `kind: {chart.kind.value}`"
        elif not several:
            yield ("layers",), "`layers` needs several series: give `split`, or several measures"
        elif chart.layers is Layers.GROUPED and chart.kind in (_K.STACKED, _K.AREA):
            yield (
                ("layers",),
                f"`kind: {chart.kind.value}` stands upon each other; use `kind: bar` for grouped",
            )
    stacked = chart.kind in (_K.STACKED, _K.AREA) or chart.layers in (Layers.STACKED, Layers.PERCENT)
    if stacked and several and measures and any(measure.take not in _ADDED for measure in measures):
        taken = next(measure.take.value for measure in measures if measure.take not in _ADDED)
        yield (
            ("measures",),
            f"layers upon each other are read as a sum, and `take: {taken}` does not add up; "
            "use count or sum, or `layers: grouped`, or lines",
        )


def _check_lines(chart: Chart, measures: list[Measure]) -> Iterator[Fault]:
    if chart.kind is not ChartKind.COMBO:
        if chart.lines:
            yield ("lines",), "`lines` goes with `kind: combo`, and only with it"
        if chart.second_axis:
            yield ("second_axis",), "`second_axis` goes with `kind: combo`, and only with it"
        return
    for position, name in enumerate(chart.lines):
        if fault := _missing(name, chart.measures, "measure of this chart"):
            yield ("lines", position), fault
    if not set(chart.lines) <= set(chart.measures):
        return
    if not chart.lines or set(chart.lines) >= set(chart.measures):
        yield ("lines",), "`kind: combo` needs `lines`: which of its measures are lines; the others are bars"
        return
    if len(measures) != len(chart.measures):
        return
    pairs = list(zip(chart.measures, measures, strict=True))
    bars = {(measure.format, measure.unit) for name, measure in pairs if name not in chart.lines}
    lines = {(measure.format, measure.unit) for name, measure in pairs if name in chart.lines}
    if len(bars) > 1 or len(lines) > 1:
        yield ("measures",), "the bars of a combo need one format and unit, and so do its lines"
    elif bars != lines and not chart.second_axis:
        yield (
            ("lines",),
            "these lines have another format or unit than the bars: name their axis with `second_axis`",
        )


def _check_columns(report: ReportDefinition, chart: Chart, dataset: str) -> Iterator[Fault]:
    if chart.group is None:
        if chart.kind not in _WITHOUT_GROUP:
            yield ("group",), "give the column whose values make the groups"
        elif chart.kind is ChartKind.CALENDAR and not _day(report, dataset):
            yield ("group",), "give the date column whose days make the calendar"
    else:
        types: tuple[ColumnType, ...] = ()
        if chart.kind is ChartKind.HISTOGRAM or chart.fill:
            types = _NUMBERS
        elif chart.kind is ChartKind.CALENDAR:
            types = (ColumnType.DATE,)
        elif chart.by is not None:
            types = (ColumnType.TIMESTAMP,) if chart.by is Step.HOUR else _TIMES
        if fault := _column_fault(report, dataset, chart.group, types):
            yield ("group",), fault
    for kind, column in chart.group_for.items():
        if fault := _column_fault(report, dataset, column):
            yield ("group_for", kind.value), fault
    if chart.by is not None and (chart.group is None or chart.kind in (_K.HISTOGRAM, _K.CALENDAR)):
        yield (
            ("by",),
            f"`by` counts the dates of `group`; it does not go with `kind: {chart.kind.value}` here",
        )
    yield from _check_split(report, chart, dataset)


def _day(report: ReportDefinition, dataset: str) -> str | None:
    return report.day_of(dataset) if dataset in report.sources_of_rows else None


def _check_split(report: ReportDefinition, chart: Chart, dataset: str) -> Iterator[Fault]:
    kind = chart.kind.value
    if chart.split is None:
        if chart.kind in _SPLIT_NEEDED and not (chart.kind is _K.STACKED and len(chart.measures) > 1):
            what = {_K.STACKED: "the layers", _K.HEATMAP: "the rows", _K.MULTIPLES: "the small charts"}[
                chart.kind
            ]
            yield ("split",), f"`kind: {kind}` needs `split`: the column whose values make {what}"
        if chart.split_by is not None:
            yield ("split_by",), "`split_by` counts the dates of `split`, and there is none"
        return
    if chart.kind not in (*_SPLIT_NEEDED, *_SPLIT_ALLOWED):
        yield ("split",), f"`split` does not go with `kind: {kind}`{_instead(chart.kind)}"
    types: tuple[ColumnType, ...] = ()
    if chart.split_by is not None:
        types = (ColumnType.TIMESTAMP,) if chart.split_by is Step.HOUR else _TIMES
    if fault := _column_fault(report, dataset, chart.split, types):
        yield ("split",), fault
    if chart.split == chart.group and chart.by == chart.split_by:
        yield ("split",), "`split` and `group` are the same column; every group would have one series"


def _instead(kind: ChartKind) -> str:
    return {
        _K.BOX: "; a box for each value needs `group`",
        _K.HISTOGRAM: "; use `kind: box` or `multiples` to compare how values lie",
        _K.COMBO: "; give several measures",
        _K.SLOPE: "; a line for each value needs `group`",
        _K.WATERFALL: "; a step for each value needs `group`",
    }.get(kind, "")


def _check_previous(report: ReportDefinition, chart: Chart, measures: list[Measure]) -> Iterator[Fault]:
    slope = chart.kind is ChartKind.SLOPE and len(chart.measures) == 1
    if chart.compare and chart.kind not in _COMPARED:
        hint = "; a slope of one measure compares anyway" if chart.kind is ChartKind.SLOPE else ""
        yield ("compare",), f"`compare` does not go with `kind: {chart.kind.value}`{hint}"
    if not (chart.compare or slope):
        return
    place: Location = ("compare",) if chart.compare else ("kind",)
    dataset = measures[0].dataset
    if dataset in report.datasets and not _day(report, dataset):
        yield place, f"dataset {dataset!r} has no `day`, so it has no period before to compare with"
    if chart.span is Span.ALL:
        yield ("span",), "`span: all` shows every row, and leaves no period before to compare with"


def _check_levels(report: ReportDefinition, chart: Chart) -> Iterator[Fault]:
    levels: list[tuple[Location, Reference]] = [
        (("targets", at), one) for at, one in enumerate(chart.targets)
    ]
    if chart.reference:
        levels.append((("reference",), chart.reference))
    for place, one in levels:
        if chart.kind not in _LEVELLED:
            yield place, f"`kind: {chart.kind.value}` has no axis for a line to compare with"
        if (one.value is None) == (one.measure is None):
            yield place, "give either `value` or `measure`"
        elif one.measure and (fault := _missing(one.measure, report.measures, "measure")):
            yield (*place, "measure"), fault
    if chart.annotations and chart.kind not in _ANNOTATED:
        kinds = ", ".join(kind.value for kind in _ANNOTATED)
        yield ("annotations",), f"annotations go with {kinds}, not with `kind: {chart.kind.value}`"


def _check_options(chart: Chart) -> Iterator[Fault]:
    if chart.other and not chart.top and chart.split is None and chart.kind is not ChartKind.WATERFALL:
        yield ("other",), "`other` names what is beyond `top`, and there is no `top`"
    if chart.top and chart.kind in (_K.HISTOGRAM, _K.CALENDAR):
        yield ("top",), f"`top` does not go with `kind: {chart.kind.value}`"
    if chart.top and chart.by is not None and chart.kind not in (_K.MULTIPLES, _K.SPARKLINE):
        yield ("top",), "`top` ranks groups, and `by` shows every unit of the calendar; give one of them"
    if chart.shape is not Shape.LINE and chart.kind is not ChartKind.MULTIPLES:
        yield ("shape",), "`shape` goes with `kind: multiples`, and only with it"


def _check_colors(chart: Chart) -> Iterator[Fault]:
    kind = chart.kind.value
    several = chart.split is not None or len(chart.measures) > 1
    if chart.tones and not (several and chart.kind in _TONED):
        yield ("tones",), "`tones` colours several series of lines, areas or bars, and this chart has none"
    elif chart.tones and (chart.order or chart.split is None):
        known, what = (
            (chart.order, "value in `order`") if chart.split else (chart.measures, "measure of this chart")
        )
        for name in chart.tones:
            if fault := _missing(name, known, what):
                yield ("tones", name), fault
    if chart.highlight and chart.kind not in _HIGHLIGHTED:
        yield ("highlight",), f"`highlight` goes with `slope` and `hbar`, not with `kind: {kind}`"
    elif chart.highlight and chart.kind is _K.HBAR and several:
        yield ("highlight",), "`highlight` sets a bar off from its like, and here are several of each"


def _check_edges(chart: Chart) -> Iterator[Fault]:
    if chart.edges and chart.kind is not ChartKind.HISTOGRAM:
        yield ("edges",), "`edges` goes with `kind: histogram`, and only with it"
    if any(low >= high for low, high in zip(chart.edges, chart.edges[1:], strict=False)):
        yield ("edges",), "the edges must ascend"
