"""Slots: cron lines in a time zone, and the rule for daylight saving."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.domain.schedule import Schedule, check_cron, check_often, check_zone, resolve_wall_time
from broadsheet.errors import InputError

ZONES = [
    "America/New_York",
    "Europe/Vienna",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/Sao_Paulo",
    "UTC",
]


def test_a_wall_time_in_the_gap_is_due_at_the_first_instant_after_it():
    daily = Schedule(cron="30 2 * * *", zone="America/New_York")
    slots = daily.slots_between(datetime(2013, 3, 9, tzinfo=UTC), datetime(2013, 3, 12, tzinfo=UTC))
    assert [slot.isoformat() for slot in slots] == [
        "2013-03-09T07:30:00+00:00",
        "2013-03-10T07:00:00+00:00",  # 02:30 does not exist; the clock goes from 02:00 EST to 03:00 EDT
        "2013-03-11T06:30:00+00:00",
    ]


def test_a_wall_time_that_occurs_twice_is_due_once_at_its_first_occurrence():
    daily = Schedule(cron="30 1 * * *", zone="America/New_York")
    slots = daily.slots_between(datetime(2013, 11, 3, tzinfo=UTC), datetime(2013, 11, 4, tzinfo=UTC))
    assert [slot.isoformat() for slot in slots] == ["2013-11-03T05:30:00+00:00"]


def test_two_wall_times_on_one_instant_make_one_slot():
    half_hourly = Schedule(cron="0,30 2,3 * * *", zone="America/New_York")
    slots = half_hourly.slots_between(datetime(2013, 3, 10, tzinfo=UTC), datetime(2013, 3, 11, tzinfo=UTC))
    assert [slot.isoformat() for slot in slots] == ["2013-03-10T07:00:00+00:00", "2013-03-10T07:30:00+00:00"]


def test_a_gap_of_half_an_hour_ends_at_the_change_itself():
    # Lord Howe Island moves its clock by 30 minutes: 02:00 becomes 02:30.
    due = resolve_wall_time(datetime(2013, 10, 6, 2, 10), "Australia/Lord_Howe")
    assert due.astimezone(ZoneInfo("Australia/Lord_Howe")).strftime("%H:%M") == "02:30"


@given(
    zone=st.sampled_from(ZONES),
    day=st.dates(min_value=datetime(1990, 1, 1).date(), max_value=datetime(2035, 12, 1).date()),
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
)
def test_a_daily_schedule_has_exactly_one_slot_for_each_local_day(zone, day, hour, minute):
    daily = Schedule(cron=f"{minute} {hour} * * *", zone=zone)
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=2)
    slots = daily.slots_between(start, start + timedelta(days=6))
    days = [slot.astimezone(ZoneInfo(zone)).date() for slot in slots]
    assert days == sorted(set(days))
    assert all((later - earlier).days == 1 for earlier, later in pairwise(days))


@given(
    zone=st.sampled_from(ZONES),
    instant=st.datetimes(datetime(1990, 1, 1), datetime(2035, 12, 1), timezones=st.just(UTC)),
    cron=st.sampled_from(["0 7 * * MON", "30 2 * * *", "*/20 1-3 * * *", "15 0 1 * *", "0 0 * * *"]),
)
def test_the_slot_before_and_the_slot_after_agree(zone, instant, cron):
    schedule = Schedule(cron=cron, zone=zone)
    before = schedule.slot_at_or_before(instant)
    after = schedule.next_slot(instant)
    assert before <= instant < after
    assert schedule.next_slot(before) == after
    assert schedule.slot_at_or_before(after - timedelta(seconds=1)) == before


@pytest.mark.parametrize(
    "cron", ["", "x", "61 * * * *", "* * * *", "* * * * * *", "0 0 30 2 *", "@daily", "0 7 * * MO"]
)
def test_a_cron_line_that_does_not_exist_is_refused_by_name(cron):
    with pytest.raises(InputError, match="cron line") as caught:
        check_cron(cron)
    assert caught.value.field == "cron"


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "Europe/vienna\n", "\x00"])
def test_a_zone_that_does_not_exist_is_refused_by_name(zone):
    with pytest.raises(InputError, match="time zone") as caught:
        check_zone(zone)
    assert caught.value.field == "zone"


@pytest.mark.parametrize("cron", ["*/5 * * * *", "0 7 * * *", "0 0 29 2 *", "0,55 * * * *", "*/7 0 * * *"])
def test_a_line_that_is_due_every_five_minutes_at_most_is_taken(cron):
    assert check_often(cron) == cron


@pytest.mark.parametrize(
    "cron", ["* * * * *", "*/4 * * * *", "0,58 * * * *", "7,8 7 1 1 *", "0,58 0,23 * * *"]
)
def test_a_line_that_is_due_more_often_is_refused(cron):
    with pytest.raises(InputError, match="every 5 minutes at most") as caught:
        check_often(cron)
    assert caught.value.field == "cron"
