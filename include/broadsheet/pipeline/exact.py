"""Measures over decimals: exact, as amounts of money must be.

Decimals never pass through floats here. Sums are made with room for any number of rows; a mean has thirty
more digits than anyone shows, so that rounding it for readers is the only rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Context, Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from broadsheet.domain.measure import Function, Measure

_ROOM = Context(prec=110)
_DIGITS = 38


def is_exact(column: pd.Series) -> bool:
    """Whether a column holds decimals."""
    return isinstance(column.dtype, pd.ArrowDtype) and pa.types.is_decimal(column.dtype.pyarrow_dtype)


def add(one: Decimal, other: Decimal) -> Decimal:
    """Return a sum to the last digit: Python's own ``+`` rounds to 28."""
    return _ROOM.add(one, other)


def subtract(one: Decimal, other: Decimal) -> Decimal:
    """Return a difference to the last digit."""
    return _ROOM.subtract(one, other)


def exact_series(values: Sequence[object]) -> pd.Series:
    """Return decimals as a column that measures take exactly; None where there is no value.

    A mean may have more digits than such a column has room for: then they stay objects.
    """
    known = [value if isinstance(value, Decimal) else None for value in values]
    scale = max((-int(one.as_tuple().exponent) for one in known if one is not None), default=0)
    try:
        column = pa.array(known, pa.decimal128(_DIGITS, max(0, scale)))
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pd.Series(known, dtype="object")
    return pd.Series(known, dtype=pd.ArrowDtype(column.type))


def measure_exact(column: pd.Series, measure: Measure) -> Decimal | None:
    """Return a measure over all decimals of a column; None when there are none."""
    values = _wide(column)
    if measure.take is Function.SUM:
        total: Decimal | None = pc.sum(values).as_py()
        return total
    known: list[Decimal] = values.drop_null().to_pylist()
    return _taken(measure)(known) if known else None


def measure_exact_groups(
    column: pd.Series, measure: Measure, codes: pd.Series, count: int
) -> list[Decimal | None]:
    """Return a measure for each of ``count`` groups; ``codes`` has the group of each value, -1 for none."""
    numbers, values = pa.array(codes.to_numpy()), _wide(column)
    there = pc.and_(pc.greater_equal(numbers, 0), pc.is_valid(values))
    table = pa.table({"code": numbers, "value": values}).filter(there)
    found: list[Decimal | None] = [None] * count
    if measure.take in (Function.SUM, Function.MIN, Function.MAX):
        grouped = table.group_by("code").aggregate([("value", measure.take.value)])
        taken = grouped.column(f"value_{measure.take.value}").to_pylist()
        for code, value in zip(grouped.column("code").to_pylist(), taken, strict=True):
            found[code] = value
        return found
    take = _taken(measure)
    grouped = table.group_by("code").aggregate([("value", "list")])
    for code, values in zip(
        grouped.column("code").to_pylist(), grouped.column("value_list").to_pylist(), strict=True
    ):
        found[code] = take(values)
    return found


def _wide(column: pd.Series) -> pa.ChunkedArray:
    """Return a column with room for its sum, however many rows it has."""
    values = pa.chunked_array(pa.array(column.array))
    scale = values.type.scale
    return values.cast(pa.decimal256(76, scale))


def _taken(measure: Measure) -> Callable[[Sequence[Decimal]], Decimal]:
    match measure.take:
        case Function.SUM:
            return _sum
        case Function.MIN:
            return min
        case Function.MAX:
            return max
        case Function.MEDIAN:
            return lambda values: _quantile(values, Decimal("0.5"))
        case Function.QUANTILE:
            share = Decimal(repr(measure.q or 0.0))
            return lambda values: _quantile(values, share)
        case _:
            return lambda values: _ROOM.divide(_sum(values), Decimal(len(values)))


def _sum(values: Sequence[Decimal]) -> Decimal:
    total = Decimal(0)
    for value in values:
        total = _ROOM.add(total, value)
    return total


def _quantile(values: Sequence[Decimal], share: Decimal) -> Decimal:
    """Return a quantile, between two values in proportion, as pandas has it for floats."""
    ordered = sorted(values)
    place = _ROOM.multiply(share, Decimal(len(ordered) - 1))
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    step = _ROOM.multiply(_ROOM.subtract(ordered[high], ordered[low]), place - low)
    return _ROOM.add(ordered[low], step)
