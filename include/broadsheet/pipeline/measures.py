"""Measures over rows: pure calculation with pandas, for a whole period or for groups of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd

from broadsheet.domain.measure import Function, Measure
from broadsheet.pipeline.exact import is_exact, measure_exact, measure_exact_groups
from broadsheet.pipeline.formats import finite
from broadsheet.pipeline.population import Population

Found = int | float | Decimal | None
"""What a measure finds: decimals are exact, None is no value."""


def measure_rows(population: Population, measure: Measure) -> Found:
    """Return a measure over all rows; None when no row has a value. A count of nothing is 0."""
    rows = population.where(measure.where)
    if measure.column is None:
        return len(rows.frame) if measure.take is Function.COUNT else None
    column = rows.frame[measure.column]
    if measure.take is Function.COUNT:
        return int(column.notna().sum())
    if measure.take is Function.DISTINCT:
        return int(column.nunique())
    exact = _exactly(rows, measure)
    if exact is not None:
        return measure_exact(exact, measure)
    # A sum beyond all doubles is no number, which is written as such: it needs no warning.
    with np.errstate(over="ignore", invalid="ignore"):
        return _taken(rows.numbers(measure.column), measure)


def _taken(numbers: pd.Series, measure: Measure) -> float | int | None:
    match measure.take:
        case Function.SUM:
            return finite(float(numbers.sum(min_count=1)))
        case Function.MEAN | Function.SHARE:
            return finite(float(numbers.mean()))
        case Function.MEDIAN:
            return finite(float(numbers.median()))
        case Function.QUANTILE:
            return finite(float(numbers.quantile(measure.q or 0.0)))
        case Function.MIN:
            return finite(float(numbers.min()))
        case Function.MAX:
            return finite(float(numbers.max()))
        case _:
            return None


@dataclass(frozen=True)
class GroupValues:
    """What a measure is in each group, in the order of the groups."""

    values: pd.Series
    rows: pd.Series
    """How many rows of each group have a value."""

    def at_least(self, rows: int) -> GroupValues:
        """Return the groups in which so many rows have a value."""
        large = self.rows >= rows
        return self if large.all() else GroupValues(self.values[large], self.rows[large])


def measure_groups(population: Population, measure: Measure, group: Sequence[str]) -> GroupValues:
    """Return a measure for each group of rows. Rows without a group are left out."""
    rows = population.where(measure.where)
    if measure.column is None:
        sizes = rows.grouped(group).size().astype("float64")
        return GroupValues(sizes, sizes)
    column = rows.frame[measure.column]
    counted = measure.take in (Function.COUNT, Function.DISTINCT)
    exact = None if counted else _exactly(rows, measure)
    if exact is not None:
        return _exact_groups(rows, exact, measure, group)
    grouped = rows.grouped_column(column if counted else rows.numbers(measure.column), group)
    match measure.take:
        case Function.COUNT:
            value = grouped.count().astype("float64")
        case Function.DISTINCT:
            value = grouped.nunique().astype("float64")
        case Function.SUM:
            value = grouped.sum(min_count=1)
        case Function.MEDIAN:
            value = grouped.median()
        case Function.QUANTILE:
            value = grouped.quantile(measure.q or 0.0)
        case Function.MIN:
            value = grouped.min()
        case Function.MAX:
            value = grouped.max()
        case _:
            value = grouped.mean()
    return GroupValues(value, grouped.count())


def _exactly(rows: Population, measure: Measure) -> pd.Series | None:
    """Return a measure's column as decimals where floats would not keep it; None where they do."""
    if measure.column is None or is_exact(rows.frame[measure.column]):
        return None if measure.column is None else rows.frame[measure.column]
    whole = measure.take in (Function.SUM, Function.MIN, Function.MAX)
    return rows.large_numbers(measure.column) if whole else None


def _exact_groups(rows: Population, column: pd.Series, measure: Measure, group: Sequence[str]) -> GroupValues:
    counts = rows.grouped_column(column.notna(), group).sum()
    codes = rows.grouped(group).ngroup().fillna(-1).astype("int64")
    values = measure_exact_groups(column, measure, codes, len(counts))
    return GroupValues(pd.Series(values, index=counts.index, dtype="object"), counts)


def number(value: object, measure: Measure) -> int | float | None:
    """Return a group's value for JSON: a whole number where the measure counts, None where there is none."""
    found = finite(value)
    if found is not None and measure.take in (Function.COUNT, Function.DISTINCT):
        return int(found)
    return found
