"""Measures over rows: pure calculation with pandas, for a whole period or for groups of its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import numpy as np
import pandas as pd

from broadsheet.domain.measure import Function, Measure
from broadsheet.domain.parts import Scalar
from broadsheet.pipeline.exact import is_exact, measure_exact, measure_exact_groups
from broadsheet.pipeline.formats import finite

Found = int | float | Decimal | None
"""What a measure finds: decimals are exact, None is no value."""


def select(frame: pd.DataFrame, where: Mapping[str, Scalar]) -> pd.DataFrame:
    """Return the rows whose columns have the given values; a row without a value never does."""
    for column, value in where.items():
        wanted = Decimal(repr(value)) if is_exact(frame[column]) and isinstance(value, int | float) else value
        frame = frame[(frame[column] == wanted).fillna(False).astype(bool)]
    return frame


def measure_rows(frame: pd.DataFrame, measure: Measure) -> Found:
    """Return a measure over all rows; None when no row has a value. A count of nothing is 0."""
    rows = select(frame, measure.where)
    if measure.take is Function.COUNT:
        return len(rows) if measure.column is None else int(rows[measure.column].notna().sum())
    if measure.column is None:
        return None
    if measure.take is Function.DISTINCT:
        return int(rows[measure.column].nunique())
    if is_exact(rows[measure.column]):
        return measure_exact(rows[measure.column], measure)
    # A sum beyond all doubles is no number, which is written as such: it needs no warning.
    with np.errstate(over="ignore", invalid="ignore"):
        return _taken(_numbers(rows[measure.column]), measure)


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


def measure_groups(frame: pd.DataFrame, measure: Measure, group: Sequence[str]) -> pd.DataFrame:
    """Return a measure for each group of rows, in the order of the groups: columns ``value`` and ``rows``.

    ``rows`` is the number of rows that have a value. Rows without a group are left out.
    """
    rows = select(frame, measure.where)
    keys = [rows[column] for column in group]
    if measure.column is None:
        sizes = rows.groupby(keys, observed=True).size().astype("float64")
        return pd.DataFrame({"value": sizes, "rows": sizes})
    column = rows[measure.column]
    counted = measure.take in (Function.COUNT, Function.DISTINCT)
    if is_exact(column) and not counted:
        return _exact_groups(rows, column, measure, keys)
    grouped = (column if counted else _numbers(column)).groupby(keys, observed=True)
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
    return pd.DataFrame({"value": value, "rows": grouped.count()})


def _exact_groups(
    rows: pd.DataFrame, column: pd.Series, measure: Measure, keys: list[pd.Series]
) -> pd.DataFrame:
    grouper = rows.groupby(keys, observed=True)
    counts = column.notna().groupby(keys, observed=True).sum()
    codes = grouper.ngroup().fillna(-1).astype("int64")
    values = measure_exact_groups(column, measure, codes, len(counts))
    return pd.DataFrame({"value": pd.Series(values, index=counts.index, dtype="object"), "rows": counts})


def number(value: object, measure: Measure) -> int | float | None:
    """Return a group's value for JSON: a whole number where the measure counts, None where there is none."""
    found = finite(value)
    if found is not None and measure.take in (Function.COUNT, Function.DISTINCT):
        return int(found)
    return found


def _numbers(column: pd.Series) -> pd.Series:
    # One type for all that is measured; what is missing becomes NaN, which pandas leaves out, and so does
    # what is endless: a sum with it would tell nothing of the others.
    numbers = column.astype("float64")
    endless = np.isinf(numbers.to_numpy())
    return numbers.mask(endless) if endless.any() else numbers
