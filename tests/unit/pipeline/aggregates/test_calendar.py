"""Steps of the calendar: each one from the first to the last, whether anything was found for it or not."""

from __future__ import annotations

import pandas as pd
import pytest

from broadsheet.domain.aggregate import Every
from broadsheet.pipeline.aggregates.calendar import all_steps


@pytest.mark.parametrize(
    ("every", "count", "second", "last"),
    [
        (Every.DAY, 782, "2012-11-13", "2015-01-02"),
        (Every.WEEK, 112, "2012-11-19", "2014-12-29"),
        (Every.MONTH, 27, "2012-12-01", "2015-01-01"),
        (Every.QUARTER, 10, "2013-01-01", "2015-01-01"),
        (Every.YEAR, 4, "2013-01-01", "2015-01-01"),
    ],
)
def test_no_step_is_missing_between_the_first_and_the_last(
    every: Every, count: int, second: str, last: str
) -> None:
    found = pd.Series(pd.to_datetime(["2015-01-02", None, "2012-11-12"]))
    steps = all_steps(found, every, whole=None)
    assert len(steps) == count
    assert (steps[1], steps[-1]) == (pd.Timestamp(second), pd.Timestamp(last))
    assert steps == sorted(set(steps))
