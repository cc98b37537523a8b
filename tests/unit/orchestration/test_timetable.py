"""The timetable: slots as Airflow asks for them."""

from datetime import UTC, datetime, timedelta

from airflow.timetables.base import DataInterval, TimeRestriction
from pendulum import instance

from broadsheet.orchestration.timetable import SlotTimetable

ANY_TIME = TimeRestriction(earliest=instance(datetime(1970, 1, 1, tzinfo=UTC)), latest=None, catchup=False)


def hourly(start):
    """Return a timetable that is due at every full hour from ``start`` on."""
    return SlotTimetable("0 * * * *", "UTC", start)


def test_a_new_subscription_waits_for_its_first_slot_and_runs_none_from_before_it_was_made():
    start = datetime.now(UTC) + timedelta(minutes=90)
    info = hourly(start).next_dagrun_info(last_automated_data_interval=None, restriction=ANY_TIME)
    assert start <= info.logical_date < start + timedelta(hours=1)


def test_after_an_outage_only_the_latest_missed_slot_is_run():
    now = datetime.now(UTC)
    long_ago = instance(now - timedelta(days=3))
    info = hourly(now - timedelta(days=30)).next_dagrun_info(
        last_automated_data_interval=DataInterval.exact(long_ago), restriction=ANY_TIME
    )
    assert now - timedelta(hours=1, minutes=1) <= info.logical_date <= datetime.now(UTC)


def test_the_slot_after_the_last_run_follows_it():
    last = instance(datetime.now(UTC).replace(minute=0, second=0, microsecond=0))
    info = hourly(last - timedelta(days=1)).next_dagrun_info(
        last_automated_data_interval=DataInterval.exact(last), restriction=ANY_TIME
    )
    assert info.logical_date == last + timedelta(hours=1)
    assert info.data_interval.start == info.data_interval.end == info.run_after


def test_a_backfill_may_go_back_before_the_subscription_was_made():
    restriction = TimeRestriction(
        earliest=instance(datetime(2013, 3, 4, 0, 30, tzinfo=UTC)),
        latest=instance(datetime(2013, 3, 4, 2, 0, tzinfo=UTC)),
        catchup=True,
    )
    timetable = hourly(datetime(2026, 1, 1, tzinfo=UTC))
    found, info = [], None
    while info := timetable.next_dagrun_info(
        last_automated_data_interval=info.data_interval if info else None, restriction=restriction
    ):
        found.append(info.logical_date.isoformat())
    assert found == ["2013-03-04T01:00:00+00:00", "2013-03-04T02:00:00+00:00"]


def test_it_survives_serialisation():
    timetable = SlotTimetable("0 7 * * MON", "America/New_York", datetime(2013, 1, 1, tzinfo=UTC))
    again = SlotTimetable.deserialize(timetable.serialize())
    assert again.serialize() == timetable.serialize()
    assert again.summary == "0 7 * * MON America/New_York"
