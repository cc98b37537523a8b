"""The demo's flights: how far the year moves, and what is in the database afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql
from psycopg.conninfo import make_conninfo
from tests.servers import Servers

from broadsheet.embedded.flights import FIRST_DAY, LAST_DAY, PACKAGE, demo_shift_weeks, load_flights

LOADED_AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
PASSWORD = "it's a \\ reader"
DATABASE = "flights_loader_test"

days = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 12, 31))


def moved_year(today: date) -> tuple[date, date]:
    shift = timedelta(weeks=demo_shift_weeks(today))
    return FIRST_DAY + shift, LAST_DAY + shift


@given(days)
def test_the_last_complete_week_and_the_four_before_it_have_flights_on_any_day(today: date) -> None:
    first_day, last_day = moved_year(today)
    this_monday = today - timedelta(days=today.weekday())
    assert first_day <= this_monday - timedelta(weeks=5)
    assert this_monday <= last_day


@given(days)
def test_a_demo_kept_running_for_two_weeks_still_has_flights(today: date) -> None:
    assert moved_year(today)[1] >= today + timedelta(weeks=2)


@given(days)
def test_the_season_is_the_same_within_seven_weeks_on_any_day(today: date) -> None:
    origin = today - timedelta(weeks=demo_shift_weeks(today))
    days_apart = abs(origin.timetuple().tm_yday - today.timetuple().tm_yday)
    assert min(days_apart, 365 - days_apart) <= 49


@given(days.filter(lambda today: (2, 15) <= (today.month, today.day) <= (12, 10)))
def test_the_season_is_the_same_within_a_week_for_most_of_the_year(today: date) -> None:
    origin = today - timedelta(weeks=demo_shift_weeks(today))
    assert abs(origin.timetuple().tm_yday - today.timetuple().tm_yday) <= 7


@given(days)
def test_weekdays_stay_what_they_were(today: date) -> None:
    assert moved_year(today)[0].weekday() == FIRST_DAY.weekday()


@pytest.mark.parametrize(
    ("today", "weeks"),
    [(date(2013, 6, 3), 0), (date(2014, 6, 3), 52), (date(2026, 11, 22), 678), (date(2028, 2, 29), 783)],
)
def test_the_shift_of_a_given_day_is_known(today: date, weeks: int) -> None:
    assert demo_shift_weeks(today) == weeks


@pytest.fixture
def flights_owner_dsn(servers: Servers) -> str:
    """A superuser's DSN: the tests make databases and roles of their own."""
    return servers.admin_dsn


@pytest.fixture
def empty_database(flights_owner_dsn: str) -> Iterator[str]:
    """A database of the test's own; the reader's password, which the whole server shares, is put back."""
    name = sql.Identifier(DATABASE)
    with psycopg.connect(flights_owner_dsn, autocommit=True) as owner:
        before = owner.execute(
            "SELECT rolpassword FROM pg_authid WHERE rolname = 'broadsheet_reader'"
        ).fetchone()
        owner.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        owner.execute(sql.SQL("CREATE DATABASE {}").format(name))
        try:
            yield make_conninfo(flights_owner_dsn, dbname=DATABASE)
        finally:
            owner.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
            if before is not None:
                owner.execute(
                    sql.SQL("ALTER ROLE broadsheet_reader PASSWORD {}").format(sql.Literal(before[0]))
                )


def test_a_load_with_the_true_dates_holds_every_flight_and_a_second_one_changes_nothing(
    empty_database: str,
) -> None:
    first = load_flights(empty_database, shift_weeks=0, reader_password=PASSWORD, loaded_at=LOADED_AT)
    again = load_flights(empty_database, shift_weeks=0, reader_password=PASSWORD, loaded_at=LOADED_AT)

    assert (first.loaded, again.loaded) == (True, False)
    assert (first.flights, first.first_day, first.last_day) == (336_776, FIRST_DAY, LAST_DAY)
    assert first.source.startswith(PACKAGE)
    with psycopg.connect(empty_database) as connection:
        assert connection.execute("SELECT loaded_at, shift_weeks FROM load_info").fetchall() == [
            (LOADED_AT, 0)
        ]
        cancelled = connection.execute("SELECT count(*) FROM flights WHERE dep_time IS NULL").fetchone()
        assert cancelled == (8_255,)
        counts = connection.execute(
            "SELECT (SELECT count(*) FROM airlines), (SELECT count(*) FROM airports),"
            " (SELECT count(*) FROM planes), (SELECT count(*) FROM weather)"
        ).fetchone()
        assert counts == (16, 1_458, 3_322, 26_115)


def test_another_shift_replaces_the_rows_and_moves_every_date_alike(empty_database: str) -> None:
    load_flights(empty_database, shift_weeks=0, reader_password=PASSWORD, loaded_at=LOADED_AT)
    moved = load_flights(empty_database, shift_weeks=678, reader_password=PASSWORD, loaded_at=LOADED_AT)

    shift = timedelta(weeks=678)
    assert (moved.flights, moved.first_day, moved.last_day) == (336_776, FIRST_DAY + shift, LAST_DAY + shift)
    with psycopg.connect(empty_database) as connection:
        inconsistent = connection.execute(
            "SELECT count(*) FROM flights"
            " WHERE flight_date <> make_date(year, month, day)"
            " OR (time_hour AT TIME ZONE 'America/New_York')::date <> flight_date"
            " OR extract(hour FROM time_hour AT TIME ZONE 'America/New_York') <> hour"
        ).fetchone()
        assert inconsistent == (0,)
        observed = connection.execute(
            "SELECT count(*) FROM flights JOIN weather"
            " ON weather.origin = flights.origin AND observed_at = time_hour"
        ).fetchone()
        assert observed == (335_220,)


def test_the_reader_may_select_and_nothing_else(empty_database: str) -> None:
    load_flights(empty_database, shift_weeks=0, reader_password=PASSWORD, loaded_at=LOADED_AT)
    reader = make_conninfo(empty_database, user="broadsheet_reader", password=PASSWORD)

    with psycopg.connect(reader) as connection:
        assert connection.execute("SELECT count(*) FROM airlines").fetchone() == (16,)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("DELETE FROM flights")
    with psycopg.connect(reader) as connection:
        connection.read_only = False
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM flights")


@pytest.fixture
def plain_owner(flights_owner_dsn: str, empty_database: str) -> Iterator[str]:
    """The empty database, given to a user that may not make roles."""
    owner, name = sql.Identifier("flights_loader_test_owner"), sql.Identifier(DATABASE)
    with psycopg.connect(flights_owner_dsn, autocommit=True) as admin:
        admin.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(owner))
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'plain'").format(owner))
        admin.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(name, owner))
        try:
            yield make_conninfo(empty_database, user="flights_loader_test_owner", password="plain")
        finally:
            admin.execute(sql.SQL("ALTER DATABASE {} OWNER TO CURRENT_USER").format(name))
            with psycopg.connect(empty_database) as database:
                database.execute(sql.SQL("DROP OWNED BY {}").format(owner))
            admin.execute(sql.SQL("DROP ROLE {}").format(owner))


def test_an_owner_that_may_not_make_roles_loads_for_a_reader_that_exists(
    empty_database: str, plain_owner: str
) -> None:
    # The first load, by the superuser, makes the role; the second replaces its tables.
    load_flights(empty_database, shift_weeks=0, reader_password=PASSWORD, loaded_at=LOADED_AT)
    with psycopg.connect(empty_database) as connection:
        connection.execute("DROP TABLE flights, airlines, airports, planes, weather, load_info")
    load_flights(plain_owner, shift_weeks=0, reader_password="not set by this one", loaded_at=LOADED_AT)

    reader = make_conninfo(empty_database, user="broadsheet_reader", password=PASSWORD)
    with psycopg.connect(reader) as connection:
        assert connection.execute("SELECT count(*) FROM flights").fetchone() == (336_776,)


def test_a_load_that_fails_leaves_what_was_there(
    empty_database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    load_flights(empty_database, shift_weeks=0, reader_password=PASSWORD, loaded_at=LOADED_AT)
    monkeypatch.setattr("broadsheet.embedded.flights._data_dir", lambda: tmp_path)

    with pytest.raises(FileNotFoundError):
        load_flights(empty_database, shift_weeks=52, reader_password=PASSWORD, loaded_at=LOADED_AT)

    with psycopg.connect(empty_database) as connection:
        assert connection.execute("SELECT count(*) FROM flights").fetchone() == (336_776,)
        assert connection.execute("SELECT shift_weeks FROM load_info").fetchone() == (0,)
