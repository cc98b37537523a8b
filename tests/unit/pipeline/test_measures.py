"""Measures give what plain arithmetic over the rows gives, missing values left out."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadsheet.domain.measure import Function, Measure
from broadsheet.pipeline.measures import measure_groups, measure_rows
from broadsheet.pipeline.population import Population, select

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", None]),
        st.one_of(st.none(), st.integers(-10_000, 10_000)),
        st.one_of(st.none(), st.booleans()),
    ),
    max_size=30,
)
Row = tuple[str | None, int | None, bool | None]
QUICK = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def frame_of(rows: list[Row]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": pd.Series([row[0] for row in rows], dtype="str"),
            "delay": pd.Series([row[1] for row in rows], dtype="Int64"),
            "late": pd.Series([row[2] for row in rows], dtype="boolean"),
        }
    )


def measure(take: str, column: str | None = None, **more: object) -> Measure:
    return Measure.model_validate({"dataset": "d", "take": take, "column": column, "label": "x", **more})


def expected(take: Function, rows: list[Row]) -> float | None:
    delays = [row[1] for row in rows if row[1] is not None]
    late = [row[2] for row in rows if row[2] is not None]
    if take is Function.COUNT:
        return len(delays)
    if take is Function.DISTINCT:
        return len(set(delays))
    if take is Function.SHARE:
        return sum(late) / len(late) if late else None
    if not delays:
        return None
    plain = {
        Function.SUM: sum,
        Function.MEAN: statistics.fmean,
        Function.MEDIAN: statistics.median,
        Function.MIN: min,
        Function.MAX: max,
    }
    return float(plain[take](delays))


TAKEN = [function for function in Function if function is not Function.QUANTILE]


@pytest.mark.parametrize("take", TAKEN)
@QUICK
@given(rows=ROWS)
def test_a_measure_over_all_rows_is_plain_arithmetic(take: Function, rows: list[Row]) -> None:
    column = "late" if take is Function.SHARE else "delay"
    found = measure_rows(Population(frame_of(rows)), measure(take.value, column))
    wanted = expected(take, rows)
    assert (found is None) == (wanted is None)
    assert wanted is None or math.isclose(found or 0, wanted, rel_tol=1e-9, abs_tol=1e-9)


@pytest.mark.parametrize("take", TAKEN)
@QUICK
@given(rows=ROWS)
def test_a_measure_by_group_is_the_measure_over_each_groups_rows(take: Function, rows: list[Row]) -> None:
    column = "late" if take is Function.SHARE else "delay"
    found = measure_groups(Population(frame_of(rows)), measure(take.value, column), ["name"])
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row[0] is not None:
            groups[row[0]].append(row)
    assert list(found.values.index) == sorted(groups)
    for name, members in groups.items():
        wanted, value = expected(take, members), float(found.values[name])
        assert (
            math.isnan(value) if wanted is None else math.isclose(value, wanted, rel_tol=1e-9, abs_tol=1e-9)
        )
        assert found.rows[name] == sum(row[2 if take is Function.SHARE else 1] is not None for row in members)


def test_a_count_without_a_column_counts_rows_and_nothing_is_zero() -> None:
    rows: list[Row] = [("a", None, True), ("a", 5, None), (None, 1, False)]
    assert measure_rows(Population(frame_of(rows)), measure("count")) == 3
    assert measure_rows(Population(frame_of([])), measure("count")) == 0
    assert measure_groups(Population(frame_of(rows)), measure("count"), ["name"]).values.to_dict() == {
        "a": 2.0
    }


def test_a_quantile_lies_between_its_neighbours() -> None:
    rows: list[Row] = [("a", delay, None) for delay in range(11)]
    assert measure_rows(Population(frame_of(rows)), measure("quantile", "delay", q=0.9)) == 9.0
    assert (
        measure_groups(Population(frame_of(rows)), measure("quantile", "delay", q=0.5), ["name"]).values["a"]
        == 5.0
    )


def test_a_row_without_a_value_never_meets_a_condition() -> None:
    rows: list[Row] = [("a", 1, True), ("b", 2, None), (None, 3, False)]
    frame = frame_of(rows)
    assert list(select(frame, {"late": True})["delay"]) == [1]
    assert list(select(frame, {"late": False})["delay"]) == [3]
    assert list(select(frame, {"name": "b", "delay": 2})["delay"]) == [2]
    assert measure_rows(Population(frame), measure("count", where={"name": "zebra"})) == 0


def test_whole_numbers_of_many_digits_are_added_up_to_the_last_one() -> None:
    frame = pd.DataFrame(
        {
            "size": pd.Series([1_234_567_890_123, 1, 2**63 - 1, 2**63 - 1], dtype="Int64"),
            "place": ["a", "a", "b", "b"],
        }
    )

    def taken(take: str) -> Measure:
        return Measure.model_validate({"dataset": "d", "take": take, "column": "size", "label": "Size"})

    rows = Population(frame)
    assert measure_rows(rows, taken("sum")) == 1_234_567_890_124 + 2 * (2**63 - 1)
    assert measure_rows(rows, taken("max")) == 2**63 - 1
    assert list(measure_groups(rows, taken("sum"), ["place"]).values) == [
        1_234_567_890_124, 2 * (2**63 - 1)
    ]  # fmt: skip
