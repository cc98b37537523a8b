"""A chart's rows: those of its span, with its groups counted in units of the calendar or in bins."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from broadsheet.domain.chart import Chart, ChartKind, Span, Step
from broadsheet.domain.measure import Function, Measure
from broadsheet.domain.period import Period
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.run import DEFAULT_LOCALE
from broadsheet.pipeline.chart_data.content import plotted
from broadsheet.pipeline.formats import GATHERED
from broadsheet.pipeline.measures import measure_groups, measure_rows
from broadsheet.pipeline.population import Population, select
from broadsheet.pipeline.rows import Rows
from broadsheet.pipeline.wall_times import local_times

GROUP = "chart group"
SPLIT = "chart split"
OTHER = f"{GATHERED}other"
"""Key of everything beyond ``top`` taken together; no name from the data is equal to it."""
_BINS = 15


@dataclass(frozen=True)
class Source:
    """What a chart is computed from. The frames have the columns GROUP and SPLIT where the chart has them."""

    chart: Chart
    measures: tuple[Measure, ...]
    period: Period
    current: pd.DataFrame
    previous: pd.DataFrame | None
    grouped: bool
    step: Step | None
    """Unit that the groups are counted in; a day where the dataset's own day makes them."""
    whole: bool
    """Whether the column of the groups has whole numbers."""
    edges: tuple[float, ...] = ()
    locale: str = DEFAULT_LOCALE
    """Language of the document."""

    @cached_property
    def measured(self) -> Population:
        """The rows of the chart's span, for measures."""
        return Population(self.current)

    @cached_property
    def measured_previous(self) -> Population | None:
        """The rows of the period before, for measures."""
        return None if self.previous is None else Population(self.previous)

    @property
    def measure(self) -> Measure:
        """The first measure."""
        return self.measures[0]

    @property
    def absent(self) -> float | None:
        """What a group without rows has: nothing to average, but a count of 0."""
        return 0.0 if counts(self.measure) else None

    def values(self, measure: Measure, *columns: str, previous: bool = False) -> dict[object, float]:
        """Return a measure by group; groups without a value are missing."""
        rows = self.measured_previous if previous else self.measured
        if rows is None:
            return {}
        found = measure_groups(rows, measure, columns).values
        finite = found[np.isfinite(found.to_numpy(dtype="float64"))]
        return {key: float(value) for key, value in zip(finite.index, finite, strict=True)}

    def relabelled(self, column: str, kept: list[object]) -> Source:
        """Return a source in which all groups but some are one, OTHER."""

        def relabel(frame: pd.DataFrame) -> pd.DataFrame:
            known = frame[frame[column].notna()]
            keys = known[column].astype("object").where(known[column].isin(kept), OTHER)
            return known.assign(**{column: keys})

        previous = None if self.previous is None else relabel(self.previous)
        return replace(self, current=relabel(self.current), previous=previous)


def counts(measure: Measure) -> bool:
    """Say whether a measure of no rows is 0."""
    return measure.take in (Function.COUNT, Function.DISTINCT)


def make_source(
    report: ReportDefinition, chart: Chart, *, period: Period, rows: Mapping[str, Rows]
) -> Source:
    """Cut and count a chart's rows."""
    measures = tuple(report.measures[one] for one in chart.measures)
    day = report.day_of(measures[0].dataset)
    found = rows[measures[0].dataset]
    column = chart.group_for.get(period.kind, chart.group)
    step = chart.by if column == chart.group else None
    if chart.kind is ChartKind.CALENDAR:
        column, step = column or day, Step.DAY
    if column is not None and column == day and step is None:
        step = Step.DAY
    current = found.everything if chart.span is Span.ALL else found.current
    previous = None if chart.span is Span.ALL else found.previous
    whole = column is not None and pd.api.types.is_integer_dtype(current[column].dtype)
    edges = chart.edges
    if chart.kind is ChartKind.HISTOGRAM and column is not None and not edges:
        edges = _automatic_edges(select(current, measures[0].where)[column], whole=whole)

    def prepare(frame: pd.DataFrame) -> pd.DataFrame:
        if column is not None:
            groups = _counted(frame[column], step, zone=period.zone)
            if chart.kind is ChartKind.HISTOGRAM:
                groups = _binned(groups, edges)
            frame = frame.assign(**{GROUP: groups})
        if chart.split is not None:
            frame = frame.assign(**{SPLIT: _counted(frame[chart.split], chart.split_by, zone=period.zone)})
        return frame

    return Source(
        locale=report.language,
        chart=chart,
        measures=measures,
        period=period,
        current=prepare(current),
        previous=None if previous is None else prepare(previous),
        grouped=column is not None,
        step=step,
        whole=whole,
        edges=edges,
    )


def total_of(source: Source, *, previous: bool = False) -> float | None:
    """Return the first measure over all rows of a source."""
    rows = source.measured_previous if previous else source.measured
    return None if rows is None else plotted(measure_rows(rows, source.measure))


def _counted(column: pd.Series, step: Step | None, *, zone: str) -> pd.Series:
    """Turn days and instants into the first day of their unit, or into its number."""
    if not pd.api.types.is_datetime64_any_dtype(column.dtype):
        if pd.api.types.is_float_dtype(column.dtype):
            return column.where(np.isfinite(column.to_numpy(dtype="float64")))
        return column
    local = local_times(column, zone) if column.dt.tz is not None else column
    if step is None:
        return local
    if step is Step.HOUR:
        return pd.Series(local.dt.hour)
    day = local.dt.normalize()
    if step is Step.WEEKDAY:
        return pd.Series(day.dt.day_of_week)
    return pd.Series(_first_days(day, step))


def _first_days(day: pd.Series, step: Step) -> pd.Series:
    """Return the first day of the unit that holds each day."""
    if step is Step.DAY:
        return day
    if step is Step.WEEK:
        return pd.Series(day - pd.to_timedelta(day.dt.day_of_week, unit="D"))
    if step is Step.YEAR:
        return pd.Series(day - pd.to_timedelta(day.dt.day_of_year - 1, unit="D"))
    month = pd.Series(day - pd.to_timedelta(day.dt.day - 1, unit="D"))
    return month if step is Step.MONTH else _months_before(month, (month.dt.month - 1) % 3)


def _months_before(months: pd.Series, count: pd.Series) -> pd.Series:
    """Go back from first days of months by a number of months each, 0 to 2."""
    result = months
    for number in (1, 2):
        before = result - pd.to_timedelta(1, unit="D")
        first = before - pd.to_timedelta(before.dt.day - 1, unit="D")
        result = result.where(~(count >= number), first)
    return result


def _binned(column: pd.Series, edges: tuple[float, ...]) -> pd.Series:
    bounds = [-math.inf, *edges, math.inf]
    return pd.cut(column.astype("float64"), bounds, right=False, labels=False).astype("Int64")


def _automatic_edges(column: pd.Series, *, whole: bool) -> tuple[float, ...]:
    """Return inner bounds of bins of one width over the middle 98 % of values; the outer bins are open."""
    numbers = column.astype("float64").dropna()
    numbers = numbers[np.isfinite(numbers)]
    if numbers.empty:
        return (0.0,)
    low, high = (float(bound) for bound in numbers.quantile([0.01, 0.99]))
    if not math.isfinite(low) or not math.isfinite(high):
        # Between values at both ends of all doubles nothing can be interpolated.
        low, high = float(numbers.min()), float(numbers.max())
    room = (high / _BINS - low / _BINS) or max(abs(high) * 0.1, 1.0)
    power = 10.0 ** math.floor(math.log10(room))
    width = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= room * 0.999)
    width = max(width, 1.0) if whole else width
    first = math.ceil(low / width) if math.isfinite(low / width) else 0
    last = math.floor(high / width) if math.isfinite(high / width) else 0
    if last - first > 4 * _BINS or last < first:
        first = last = round(low / width) if math.isfinite(low / width) else 0
    return tuple(float(f"{number * width:.12g}") for number in range(first, last + 1))
