"""Steps of the calendar: to which one a day or an instant belongs, and all of them, gaps too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

import numpy as np
import pandas as pd

from broadsheet.domain.aggregate import Every
from broadsheet.domain.period import Period
from broadsheet.pipeline.wall_times import local_times

# 1 January 1970, from which days are counted, was a Thursday.
_THURSDAY = 3
_SECONDS = "datetime64[s]"
_STEPS: Mapping[Every, tuple[Literal["D", "M", "Y"], int]] = {
    Every.WEEK: ("D", 7),
    Every.MONTH: ("M", 1),
    Every.QUARTER: ("M", 3),
    Every.YEAR: ("Y", 1),
}
"""How long a step is; a day, of those not named."""


def steps_of(column: pd.Series, every: Every, *, zone: str) -> pd.Series:
    """Return the first day of the step that each day or instant belongs to; the first instant, of an hour.

    Instants belong to the day on which they are in ``zone``.
    """
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        if every is Every.HOUR:
            local = column.dt.tz_convert(zone)
            into = pd.to_timedelta(local.dt.minute * 60 + local.dt.second, unit="s")
            hours: pd.Series = (column - into).dt.floor("s")
            return hours
        column = local_times(column, zone)
    days = column.to_numpy().astype("datetime64[D]")
    return pd.Series(_first_days(days, every).astype(_SECONDS), index=column.index)


def _first_days(days: np.ndarray, every: Every) -> np.ndarray:
    match every:
        case Every.WEEK:
            number = days.astype("int64")
            first = (number + _THURSDAY) // 7 * 7 - _THURSDAY
            return np.where(np.isnat(days), np.datetime64("NaT", "D"), first.astype("datetime64[D]"))
        case Every.MONTH:
            return days.astype("datetime64[M]").astype("datetime64[D]")
        case Every.QUARTER:
            months = days.astype("datetime64[M]")
            first = (months.astype("int64") // 3 * 3).astype("datetime64[M]").astype("datetime64[D]")
            return np.where(np.isnat(days), np.datetime64("NaT", "D"), first)
        case Every.YEAR:
            return days.astype("datetime64[Y]").astype("datetime64[D]")
        case _:
            return days


def all_steps(found: pd.Series, every: Every, *, whole: Period | None) -> list[pd.Timestamp]:
    """Return every step from the first to the last found one; all of a period where ``whole`` is one."""
    known = found.dropna()
    if every is Every.HOUR:
        if whole is not None:
            # In UTC: between wall times of one zone Python counts no change of clocks.
            start = pd.Timestamp(whole.start).tz_convert("UTC")
            hours = int((pd.Timestamp(whole.end).tz_convert("UTC") - start).total_seconds() // 3600)
            return [start + timedelta(hours=number) for number in range(hours)]
        if known.empty:
            return []
        return list(pd.date_range(known.min(), known.max(), freq="h", unit="s"))
    if whole is not None:
        bounds = np.array([whole.first_day, whole.last_day], dtype="datetime64[D]")
    elif known.empty:
        return []
    else:
        bounds = np.array([known.min(), known.max()], dtype="datetime64[D]")
    first, last = _first_days(bounds, every)
    return [pd.Timestamp(step).as_unit("s") for step in _range(first, last, every)]


def step_count(first: pd.Timestamp, last: pd.Timestamp, every: Every) -> int:
    """Return about how many steps lie between two, without making them."""
    seconds = {"hour": 3600, "day": 86_400, "week": 604_800, "month": 2_592_000, "quarter": 7_776_000}
    span = last.to_pydatetime() - first.to_pydatetime()
    return int(span.total_seconds() // seconds.get(every.value, 31_536_000)) + 1


def _range(first: np.datetime64, last: np.datetime64, every: Every) -> np.ndarray:
    unit, size = _STEPS.get(every, ("D", 1))
    begin, end = first.astype(f"datetime64[{unit}]"), last.astype(f"datetime64[{unit}]")
    # With their units: NumPy no longer wants to guess what a bare number counts.
    steps = np.arange(begin, end + np.timedelta64(1, unit), np.timedelta64(size, unit))
    return steps.astype("datetime64[D]")
