"""Money: sums are exact, whatever the number of rows, and rounding happens once, for readers."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from broadsheet.domain.measure import Measure
from broadsheet.domain.parts import Format, Rounding
from broadsheet.pipeline.charts.scales import value_text
from broadsheet.pipeline.exports import csv_of
from broadsheet.pipeline.formats import format_number, rounding
from broadsheet.pipeline.measures import measure_groups, measure_rows
from broadsheet.pipeline.population import Population, select
from broadsheet.pipeline.table_data import TypedColumn

CENTS = st.decimals(min_value=-(10**12), max_value=10**12, places=2, allow_nan=False, allow_infinity=False)


def money(values: list[Decimal | None], *, precision: int = 38, scale: int = 2) -> pd.Series:
    kind = pa.decimal128(precision, scale)
    return pd.Series(pd.array(values, dtype=pd.ArrowDtype(kind)))


def measure(take: str, **changes: Any) -> Measure:
    return Measure.model_validate(
        {"dataset": "rows", "take": take, "column": "amount", "label": "Amount", "format": "decimal2"}
        | changes
    )


def test_a_hundred_thousand_dimes_are_ten_thousand_and_not_nearly() -> None:
    frame = pd.DataFrame({"amount": money([Decimal("0.10")] * 100_000, precision=12)})
    assert measure_rows(Population(frame), measure("sum")) == Decimal("10000.00")


def test_a_sum_has_room_for_more_digits_than_its_column() -> None:
    largest = Decimal("9" * 36 + ".99")
    frame = pd.DataFrame({"amount": money([largest, largest])})
    assert measure_rows(Population(frame), measure("sum")) == Decimal("1" + "9" * 36 + ".98")


@drawn(values=st.lists(st.one_of(st.none(), CENTS), min_size=1, max_size=30), groups=st.integers(1, 4))
def test_the_sums_of_groups_add_up_to_the_sum_of_all(values: list[Decimal | None], groups: int) -> None:
    frame = pd.DataFrame({"amount": money(values), "key": [number % groups for number in range(len(values))]})
    total = measure_rows(Population(frame), measure("sum"))
    parts = measure_groups(Population(frame), measure("sum"), ["key"]).values.dropna()
    known = [value for value in values if value is not None]
    assert total == (sum(known, Decimal(0)) if known else None)
    assert sum(parts, Decimal(0)) == (total or Decimal(0))
    # Made in another order it is the same sum, to the last digit.
    assert measure_rows(Population(frame.iloc[::-1]), measure("sum")) == total


@pytest.mark.parametrize(
    ("take", "expected"),
    [
        ({"take": "mean"}, "2.602"),
        ({"take": "median"}, "1.50"),
        ({"take": "quantile", "q": 0.9}, "4.80"),
        ({"take": "min"}, "1.01"),
        ({"take": "max"}, "6.00"),
        ({"take": "count"}, "5"),
        ({"take": "distinct"}, "4"),
    ],
)
def test_every_measure_takes_decimals(take: dict[str, Any], expected: str) -> None:
    values = [Decimal(one) for one in ("1.01", "1.50", "1.50", "3.00", "6.00")]
    frame = pd.DataFrame({"amount": money([*values[:2], None, *values[2:]]), "key": list("aaabbb")})
    one = measure(**take)
    found = measure_rows(Population(frame), one)
    assert found == Decimal(expected)
    whole = measure_groups(Population(frame.assign(key="x")), one, ["key"])
    assert whole.values.tolist() == [found]
    assert whole.rows.tolist() == [5]


def test_a_group_without_amounts_has_no_sum_and_rows_without_a_group_none() -> None:
    frame = pd.DataFrame(
        {"amount": money([Decimal(1), None, Decimal(5)]), "key": pd.Series(["a", "b", None], dtype="str")}
    )
    found = measure_groups(Population(frame), measure("sum"), ["key"])
    assert found.values.index.tolist() == ["a", "b"]
    assert found.values.tolist() == [Decimal("1.00"), None]
    assert found.rows.tolist() == [1, 0]


def test_rows_are_chosen_by_an_amount() -> None:
    frame = pd.DataFrame({"amount": money([Decimal("0.10"), Decimal("0.30"), None])})
    assert len(select(frame, {"amount": 0.3})) == 1


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("0.125", "0.13"),
        ("0.135", "0.14"),
        ("-0.125", "−0.13"),
        ("2.675", "2.68"),
        ("-0.001", "0.00"),
        ("12345678901234567890123456.789", "12,345,678,901,234,567,890,123,456.79"),
    ],
)
def test_a_half_is_rounded_away_from_zero_on_the_decimal_digits(value: str, words: str) -> None:
    assert format_number(Decimal(value), Format.DECIMAL2) == words


@pytest.mark.parametrize(
    ("value", "up", "even"),
    [
        ("2.665", "2.67", "2.66"),
        ("2.675", "2.68", "2.68"),
        ("-0.125", "−0.13", "−0.12"),
        ("2.6651", "2.67", "2.67"),
    ],
)
def test_a_report_can_round_halves_to_the_even_digit(value: str, up: str, even: str) -> None:
    with rounding(Rounding.HALF_EVEN):
        assert format_number(Decimal(value), Format.DECIMAL2) == even
        with rounding(Rounding.HALF_UP):
            assert format_number(Decimal(value), Format.DECIMAL2) == up
        assert format_number(float(value), Format.DECIMAL2) == even
    assert format_number(Decimal(value), Format.DECIMAL2) == up


@pytest.mark.parametrize("way", list(Rounding))
@pytest.mark.parametrize("value", [0.125, 2.675, 1234.565, -0.004, 0.5, 12.25])
def test_a_charts_label_has_the_digits_of_a_table(value: float, way: Rounding) -> None:
    with rounding(way):
        for style in (Format.INTEGER, Format.DECIMAL1, Format.DECIMAL2):
            assert value_text(value, style.value) == format_number(value, style)
        assert value_text(value, "percent") == f"{format_number(value, Format.PERCENT)} %"


def test_amounts_keep_all_their_digits_in_csv() -> None:
    amounts: list[object] = [Decimal("12345678901234567890.12"), Decimal("-0.10"), None, Decimal("1E+3")]
    column = TypedColumn("amount", "Amount", "€", Format.DECIMAL2, amounts)
    lines = csv_of([column], ZoneInfo("UTC")).decode().split("\r\n")
    assert lines == ["Amount (€)", "12345678901234567890.12", "-0.10", '""', "1000", ""]


def test_amounts_are_numbers_in_a_workbook_unless_it_would_lose_their_digits() -> None:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    from broadsheet.pipeline.exports import _write

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet()
    amounts = [Decimal("1234567.89"), Decimal("12345678901234567.89")]
    for row, amount in enumerate(amounts):
        _write(sheet, (row, 0), amount, style=None, zone=ZoneInfo("UTC"))
    kinds = [type(sheet.table[row][0]).__name__ for row in range(2)]
    assert kinds == ["Number", "String"]
    book.close()
