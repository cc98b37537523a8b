"""Instants, sizes and lengths of time, as readers like them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from broadsheet.portal.pages.readable import (
    ago_words,
    duration_words,
    long_words,
    number_words,
    size_words,
    when_words,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
VIENNA = ZoneInfo("Europe/Vienna")


def test_an_instant_is_written_in_the_readers_zone_with_its_year_where_that_differs() -> None:
    assert when_words(datetime(2026, 11, 23, 6, 5, tzinfo=UTC), VIENNA, now=NOW) == "Mon 23 Nov, 07:05"
    assert when_words(datetime(2026, 12, 31, 23, 30, tzinfo=UTC), VIENNA, now=NOW) == "Fri 1 Jan 2027, 00:30"
    assert long_words(NOW, VIENNA) == "Sunday 22 November 2026, 13:00:00 (Europe/Vienna)"


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [
        (timedelta(0), "just now"),
        (timedelta(seconds=-44), "just now"),
        (timedelta(seconds=30), "in a moment"),
        (timedelta(seconds=-46), "1 minute ago"),
        (timedelta(minutes=5), "in 5 minutes"),
        (timedelta(minutes=-59), "59 minutes ago"),
        (timedelta(minutes=-60), "1 hour ago"),
        (timedelta(hours=23), "in 23 hours"),
        (timedelta(hours=-24), "1 day ago"),
        (timedelta(days=6), "in 6 days"),
        (timedelta(days=-8), "Sat 14 Nov, 13:00"),
    ],
)
def test_an_instant_near_now_is_told_by_its_distance(ahead: timedelta, expected: str) -> None:
    assert ago_words(NOW + ahead, VIENNA, now=NOW) == expected


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (184_320, "184 kB"),
        (3_500_000, "3.5 MB"),
        (10**15, "1000 TB"),
    ],
)
def test_a_size_has_two_or_three_digits_and_a_unit(size: int, expected: str) -> None:
    assert size_words(size) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0.84, "0.8 s"), (42.3, "42 s"), (185, "3 min 5 s"), (7_800, "2 h 10 min")]
)
def test_a_length_of_time_is_told_as_roughly_as_it_is_long(seconds: float, expected: str) -> None:
    assert duration_words(seconds) == expected


def test_a_number_has_separators_and_no_needless_digits() -> None:
    assert (number_words(4112), number_words(10.5), number_words(3.0)) == ("4,112", "10.5", "3")
