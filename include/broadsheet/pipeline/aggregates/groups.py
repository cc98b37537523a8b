"""The rows of an aggregate: one for each group and step of the calendar, with a column for each measure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import product

import pandas as pd

from broadsheet.domain.aggregate import Aggregate
from broadsheet.domain.measure import Function
from broadsheet.domain.parts import ColumnType
from broadsheet.domain.period import Period
from broadsheet.domain.report import ReportDefinition
from broadsheet.errors import QueryError
from broadsheet.pipeline.aggregates.calendar import all_steps, step_count, steps_of
from broadsheet.pipeline.aggregates.derived import add_derived
from broadsheet.pipeline.exact import exact_series
from broadsheet.pipeline.formats import GATHERED
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.measures import measure_groups, measure_rows
from broadsheet.pipeline.population import Population, select

_OTHER = "Other"
MOST_ROWS = 200_000
_ALL = "\0all"


def aggregate_rows(
    report: ReportDefinition, name: str, frame: pd.DataFrame, *, period: Period
) -> pd.DataFrame:
    """Return the rows of an aggregate over a dataset's rows of a period.

    QueryError when steps and groups would make more rows than a report can be about.
    """
    aggregate = report.aggregates[name]
    rows = select(frame, aggregate.where)
    keys = list(aggregate.group)
    if aggregate.top and keys:
        rows = _with_other(report, aggregate, rows)
    if aggregate.resample:
        resample = aggregate.resample
        rows = rows.assign(
            **{resample.column: steps_of(rows[resample.column], resample.every, zone=period.zone)}
        )
        keys = [resample.column, *keys]
    found = _measured(report, aggregate, rows, keys)
    if aggregate.resample:
        found = _without_gaps(report, name, rows, found, keys, period=period)
    for column, derived in aggregate.columns.items():
        measure = report.measures[derived.measure] if derived.measure else None
        if measure is not None and measure.take in (Function.COUNT, Function.DISTINCT):
            found[column] = found[column].fillna(0).astype("Int64")
    found = found.reset_index(drop=not keys)
    for column in aggregate.columns:
        if column in found and any(isinstance(value, Decimal) for value in found[column]):
            found[column] = exact_series(found[column].tolist())
    return add_derived(aggregate, found)


def _measured(
    report: ReportDefinition, aggregate: Aggregate, rows: pd.DataFrame, keys: list[str]
) -> pd.DataFrame:
    measures = {
        column: report.measures[derived.measure]
        for column, derived in aggregate.columns.items()
        if derived.measure
    }
    measured = Population(rows)
    if not keys:
        values = {column: [measure_rows(measured, measure)] for column, measure in measures.items()}
        return pd.DataFrame(values, index=[_ALL])
    index = measured.grouped(keys).size().index
    found = {
        column: measure_groups(measured, measure, keys).values.reindex(index)
        for column, measure in measures.items()
    }
    return pd.DataFrame(found, index=index)


def _without_gaps(
    report: ReportDefinition,
    name: str,
    rows: pd.DataFrame,
    found: pd.DataFrame,
    keys: list[str],
    *,
    period: Period,
) -> pd.DataFrame:
    """Return a row for each step of the calendar and each group that was found, in their order."""
    aggregate = report.aggregates[name]
    if aggregate.resample is None:
        return found
    resample = aggregate.resample
    values = rows[resample.column].dropna()
    whole = period if resample.column == report.day_of(aggregate.dataset) else None
    groups: Sequence[object] = [None]
    if isinstance(found.index, pd.MultiIndex):
        groups = list(found.index.droplevel(keys[0]).unique())
    if whole is None and len(values):
        count = step_count(values.min(), values.max(), resample.every) * len(groups)
        if count > MOST_ROWS:
            raise QueryError(
                f"aggregate {name}: {count:,} rows from {values.min():%Y-%m-%d} to {values.max():%Y-%m-%d} "
                f"by {resample.every.value} are too many; take longer steps, or fewer days in the query"
            )
    steps = all_steps(rows[resample.column], resample.every, whole=whole)
    if len(keys) == 1:
        return found.reindex(pd.Index(steps, name=keys[0], dtype=rows[keys[0]].dtype))
    tuples = [
        (step, *(group if isinstance(group, tuple) else (group,))) for step, group in product(steps, groups)
    ]
    return found.reindex(pd.MultiIndex.from_tuples(tuples, names=keys))


def _with_other(report: ReportDefinition, aggregate: Aggregate, rows: pd.DataFrame) -> pd.DataFrame:
    """Put all but the foremost values of the first group column under one name, which none of them has."""
    column, top = aggregate.group[0], aggregate.top
    if top is None or report.columns_of(aggregate.dataset)[column] is not ColumnType.TEXT:
        return rows
    values = measure_groups(Population(rows), report.measures[top.measure], [column]).values.dropna()
    ordered = values.sort_values(ascending=top.order == "lowest", kind="stable").index
    kept = set(ordered[: top.most])
    words = rows[column].astype("object")
    named = words.where(words.isna() | words.isin(kept), f"{GATHERED}{say(report.language, _OTHER)}")
    return rows.assign(**{column: named.astype("str")})
