"""Periods: half-open intervals of whole local days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.domain.period import PeriodKind, latest_complete_period, parse_period, period_containing
from broadsheet.errors import InputError

NEW_YORK = "America/New_York"
DAYS = st.dates(date(1950, 1, 10), date(2090, 1, 1))


def test_the_latest_complete_week_is_counted_in_the_subscriptions_zone():
    # Monday 00:30 UTC is still Sunday in New York: the week that ends that night is not over there.
    slot = datetime(2013, 3, 25, 0, 30, tzinfo=UTC)
    assert latest_complete_period(slot, PeriodKind.WEEK, zone="UTC").name == "2013-W12"
    assert latest_complete_period(slot, PeriodKind.WEEK, zone=NEW_YORK).name == "2013-W11"


def test_a_week_over_the_change_of_clocks_is_an_hour_shorter():
    week = parse_period("2013-W10", zone=NEW_YORK)
    assert week.end.astimezone(UTC) - week.start.astimezone(UTC) == timedelta(days=7, hours=-1)
    assert week.days == 7


def test_a_day_begins_after_the_gap_where_midnight_does_not_exist():
    # Sao Paulo skipped 2013-10-20 00:00 to 01:00.
    assert (
        parse_period("2013-10-20", zone="America/Sao_Paulo").start.isoformat() == "2013-10-20T01:00:00-02:00"
    )


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("2013-03-18", "Monday, 18 March 2013"),
        ("2013-W12", "Week 12, 18–24 March 2013"),
        ("2013-W14", "Week 14, 1–7 April 2013"),
        ("2013-W09", "Week 9, 25 February – 3 March 2013"),
        ("2013-W01", "Week 1, 31 December 2012 – 6 January 2013"),
        ("2013-03", "March 2013"),
        ("2013-Q1", "Quarter 1 of 2013"),
        ("2013", "Year 2013"),
    ],
)
def test_a_period_is_named_and_labelled(name, label):
    period = parse_period(name, zone=NEW_YORK)
    assert period.name == name
    assert period.label == label


@pytest.mark.parametrize(
    "text", ["", "last", "2013-13", "2013-W54", "2013-02-30", "2013-Q5", "13-W12", "2013-w12"]
)
def test_a_period_that_does_not_exist_is_refused(text):
    with pytest.raises(InputError, match="period"):
        parse_period(text, zone=NEW_YORK)


@given(day=DAYS, kind=st.sampled_from(PeriodKind))
def test_periods_of_a_kind_tile_the_calendar(day, kind):
    period = period_containing(day, kind, zone="UTC")
    assert period.first_day <= day < period.end_day
    assert period.previous().end_day == period.first_day
    assert parse_period(period.name, zone="UTC") == period


@given(slot=st.datetimes(datetime(1950, 1, 10), datetime(2090, 1, 1), timezones=st.just(UTC)))
def test_the_latest_complete_period_is_over_at_the_slot_and_the_next_is_not(slot):
    for kind in PeriodKind:
        period = latest_complete_period(slot, kind, zone=NEW_YORK)
        following = period_containing(period.end_day, kind, zone=NEW_YORK)
        assert period.end <= slot < following.end


@pytest.mark.parametrize(
    ("name", "before"),
    [
        ("2024-02-29", "2023-02-28"),
        ("2013-03-18", "2012-03-18"),
        ("2013-W12", "2012-W12"),
        ("2020-W53", "2019-W52"),
        ("2021-W01", "2020-W01"),
        ("2013-02", "2012-02"),
        ("2013-Q4", "2012-Q4"),
        ("2013", "2012"),
    ],
)
def test_the_same_period_a_year_before(name: str, before: str) -> None:
    period = parse_period(name, zone=NEW_YORK).year_before()
    assert (period.name, period.zone) == (before, NEW_YORK)
