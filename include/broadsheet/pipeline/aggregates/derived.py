"""Columns made of other columns of an aggregate: running totals, shares, ranks and changes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

import pandas as pd

from broadsheet.domain.aggregate import Aggregate, Derived
from broadsheet.pipeline.exact import add, exact_series
from broadsheet.pipeline.formats import readable
from broadsheet.pipeline.kpis import difference
from broadsheet.pipeline.measures import Found


def add_derived(aggregate: Aggregate, frame: pd.DataFrame) -> pd.DataFrame:
    """Return an aggregate's rows with its further columns, in their declared order."""
    for name, derived in aggregate.columns.items():
        if derived.base is None:
            continue
        values = [readable(value) for value in frame[derived.base].tolist()]
        parts: dict[object, list[int]] = {}
        for number, part in enumerate(frame[derived.within] if derived.within else [None] * len(values)):
            parts.setdefault(part, []).append(number)
        made: list[Found] = [None] * len(values)
        for places in parts.values():
            for place, value in zip(places, _made(derived, [values[at] for at in places]), strict=True):
                made[place] = value
        frame[name] = made_series(made, kind=_type(derived, values))
    return frame


def made_series(values: list[Found], *, kind: str) -> pd.Series:
    """Return a column of values; decimals stay exact."""
    return exact_series(values) if kind == "object" else pd.Series(values, dtype=kind)


def _type(derived: Derived, values: Sequence[Found]) -> str:
    if derived.rank:
        return "Int64"
    exact = any(isinstance(value, Decimal) for value in values)
    return "object" if exact and not derived.share else "float64"


def _made(derived: Derived, values: Sequence[Found]) -> list[Found]:
    if derived.running:
        return _running(values)
    if derived.share:
        return _shares(values)
    if derived.rank:
        return _ranks(values, highest=derived.order == "highest")
    return [None, *(difference(value, before) for before, value in pairwise(values))]


def _running(values: Sequence[Found]) -> list[Found]:
    """Add values up; where one is missing, so is the total there, and goes on after it."""
    total: Decimal | int | float | None = None
    made: list[Found] = []
    for value in values:
        if value is not None:
            if isinstance(total, Decimal) and isinstance(value, Decimal):
                total = add(total, value)
            else:
                total = value if total is None else float(total) + float(value)
        made.append(None if value is None else total)
    return made


def _shares(values: Sequence[Found]) -> list[Found]:
    known = [Decimal(str(value)) for value in values if value is not None]
    whole = sum(known, Decimal(0))
    if not whole:
        return [None] * len(values)
    return [None if value is None else float(Decimal(str(value)) / whole) for value in values]


def _ranks(values: Sequence[Found], *, highest: bool) -> list[Found]:
    known = sorted((value for value in values if value is not None), reverse=highest)
    place = {value: number for number, value in reversed(list(enumerate(known, start=1)))}
    return [None if value is None else place[value] for value in values]
