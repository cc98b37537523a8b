"""Numbers and days as readers see them."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.domain.parts import Format
from broadsheet.domain.period import PeriodKind, parse_period
from broadsheet.pipeline.formats import (
    finite,
    format_day,
    format_instant,
    format_number,
    format_text,
    period_short,
)
from broadsheet.pipeline.local_time import local_day
from broadsheet.pipeline.units import with_unit

NUMBERS = st.floats(min_value=-1e12, max_value=1e12, allow_nan=False)
STYLES = st.sampled_from([Format.INTEGER, Format.DECIMAL1, Format.DECIMAL2, Format.PERCENT])


@pytest.mark.parametrize(
    ("value", "style", "words"),
    [
        (1234567, Format.INTEGER, "1,234,567"),
        (0.125, Format.DECIMAL2, "0.13"),
        (2.5, Format.INTEGER, "3"),
        (-2.5, Format.INTEGER, "\N{MINUS SIGN}3"),
        (1.005, Format.DECIMAL2, "1.01"),
        (0.7815, Format.PERCENT, "78.2"),
        (-0.04, Format.DECIMAL1, "0.0"),
        (None, Format.DECIMAL1, "\N{EN DASH}"),
    ],
)
def test_numbers_are_rounded_half_up_with_separators_and_a_real_minus(
    value: float | None, style: Format, words: str
) -> None:
    assert format_number(value, style) == words


@given(NUMBERS, STYLES)
def test_no_number_is_shown_further_from_the_truth_than_half_a_step(value: float, style: Format) -> None:
    words = format_number(value, style)
    shown = Decimal(words.replace(",", "").replace("\N{MINUS SIGN}", "-"))
    exact = Decimal(repr(value)) * (100 if style is Format.PERCENT else 1)
    step = Decimal(1).scaleb(shown.as_tuple().exponent)  # type: ignore[arg-type]
    assert shown == exact.quantize(step, rounding=ROUND_HALF_UP)
    assert not (shown == 0 and words.startswith("\N{MINUS SIGN}"))


@given(NUMBERS, STYLES)
def test_a_signed_number_says_its_sign_unless_it_is_shown_as_zero(value: float, style: Format) -> None:
    words = format_number(value, style, signed=True)
    assert words[0] in "+\N{MINUS SIGN}" or set(words) <= set("0.")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (math.nan, None),
        (-math.inf, None),
        (np.float64("nan"), None),
        (None, None),
        (True, None),
        ("1", None),
        (np.int64(5), 5),
        (0.1 + 0.2, 0.3),
        (10**18, 10**18),
    ],
)
def test_only_finite_numbers_reach_a_payload(value: object, expected: float | None) -> None:
    assert finite(value) == expected


@given(st.text())
def test_any_text_becomes_one_short_line_without_control_characters(text: str) -> None:
    shown = format_text(text)
    assert len(shown) <= 200
    assert shown.splitlines() in ([], [shown])
    assert all(character.isprintable() or ord(character) > 160 for character in shown)


def test_a_unit_stands_only_behind_a_number() -> None:
    assert with_unit("5", "min") == "5\N{NO-BREAK SPACE}min"
    assert with_unit("5", "") == "5"
    assert with_unit("\N{EN DASH}", "min") == "\N{EN DASH}"


def test_days_and_instants_are_written_for_their_place() -> None:
    day = date(2013, 3, 18)
    assert format_day(day, kind=PeriodKind.WEEK) == "Mon 18"
    assert format_day(day, kind=PeriodKind.MONTH) == "18"
    assert format_day(day) == "Monday, 18\N{NO-BREAK SPACE}March"
    instant = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert format_instant(instant, "America/New_York") == "20 November 2026, 07:00 EST"


@pytest.mark.parametrize(
    ("name", "short"),
    [("2013-W12", "Week 12"), ("2013-03", "March 2013"), ("2013-03-18", "18 March 2013")],
)
def test_a_period_has_a_short_name_for_legends(name: str, short: str) -> None:
    assert period_short(parse_period(name, zone="UTC")) == short


@pytest.mark.parametrize(
    ("instant", "zone", "day"),
    [
        (datetime(2013, 3, 19, 2, tzinfo=UTC), "America/New_York", date(2013, 3, 18)),
        (datetime(2013, 3, 18, 23, tzinfo=UTC), "Europe/Vienna", date(2013, 3, 19)),
        (datetime(2013, 3, 18, 23), "Europe/Vienna", date(2013, 3, 18)),
        (datetime(9999, 12, 31, 23, tzinfo=UTC), "Asia/Tokyo", date(9999, 12, 31)),
        (datetime(1, 1, 1, tzinfo=UTC), "America/New_York", date(1, 1, 1)),
    ],
)
def test_an_instant_lies_in_a_day_of_its_zone(instant: datetime, zone: str, day: date) -> None:
    assert local_day(instant, zone) == day


def test_a_float_of_hundreds_of_digits_is_written_with_a_power_of_ten() -> None:
    assert format_number(-1e308, Format.DECIMAL1) == "−1.00\u00a0×\u00a010³⁰⁸"
    assert format_number(1.25e36, Format.DECIMAL2, signed=True, locale="de-DE") == "+1,25\u00a0×\u00a010³⁶"
    # Decimals and whole numbers are exact to their last digit.
    assert format_number(Decimal("9" * 30 + ".01"), Format.DECIMAL2).endswith("999,999.01")
    assert format_number(2**63, Format.INTEGER) == "9,223,372,036,854,775,808"
