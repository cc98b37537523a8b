"""Columns of instants as wall times of a zone; beyond the calendar there are none, as after the year 9999."""

from __future__ import annotations

import pandas as pd

_FIRST = pd.Timestamp("0001-01-01").as_unit("s")
_LAST = pd.Timestamp("9999-12-31 23:59:59").as_unit("s")


def local_times(column: pd.Series, zone: str) -> pd.Series:
    """Return instants as wall times without a zone; those beyond the calendar stand at its first or last."""
    times: pd.Series = column.dt.tz_convert(zone).dt.tz_localize(None).clip(_FIRST, _LAST)
    return times
