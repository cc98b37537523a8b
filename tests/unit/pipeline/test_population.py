"""What several measures need of the same rows is found once, and is what pandas would find each time."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from broadsheet.pipeline.population import Population


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "town": pd.Series(["Tam", "Dale", None, "Tam", "Dale"], dtype="category"),
            "hour": pd.Series([5, None, 7, 5, 6], dtype="Int64"),
            "late": pd.Series([1.0, math.inf, 3.0, None, 5.0]),
            "flown": pd.Series([True, False, None, True, True], dtype="boolean"),
        }
    )


@pytest.mark.parametrize("columns", [["town"], ["hour"], ["town", "hour"]])
def test_a_column_is_grouped_as_pandas_groups_it(frame: pd.DataFrame, columns: list[str]) -> None:
    population = Population(frame)
    numbers = pd.Series([1.0, 2.0, 4.0, 8.0, 16.0])
    for _ in range(2):
        found = population.grouped_column(numbers, columns).sum()
        plain = numbers.groupby([frame[column] for column in columns], observed=True).sum()
        pd.testing.assert_series_equal(found, plain)


def test_groups_numbers_and_chosen_rows_are_found_once(frame: pd.DataFrame) -> None:
    population = Population(frame)
    assert population.grouped(["town"]) is population.grouped(("town",))
    assert population.numbers("hour") is population.numbers("hour")
    assert population.where({"flown": True}) is population.where({"flown": True})
    assert population.where({}) is population


def test_rows_are_chosen_by_the_values_of_columns(frame: pd.DataFrame) -> None:
    population = Population(frame)
    assert list(population.where({"flown": True}).frame.index) == [0, 3, 4]
    assert list(population.where({"flown": False}).frame.index) == [1]
    assert list(population.where({"hour": 5}).frame.index) == [0, 3]


def test_numbers_are_floats_without_what_is_endless(frame: pd.DataFrame) -> None:
    numbers = Population(frame).numbers("late")
    assert numbers.dtype == np.float64
    assert numbers.isna().tolist() == [False, True, False, True, False]
