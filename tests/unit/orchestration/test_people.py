"""Taking the users of Airflow's FAB auth manager over, from tables as it makes them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from broadsheet.orchestration import bundle, people
from broadsheet.orchestration.people import take_over_people, take_over_people_if_due
from broadsheet.orchestration.timer import Timer
from broadsheet.store.database import transaction
from broadsheet.store.people import Person, find_person

AT = datetime(2013, 3, 25, 11, 0, tzinfo=UTC)
FAB = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
TABLES = """
CREATE TABLE ab_user (id integer PRIMARY KEY, username text, email text, active boolean);
CREATE TABLE ab_role (id integer PRIMARY KEY, name text);
CREATE TABLE ab_user_role (user_id integer, role_id integer);
CREATE TABLE ab_user_group (user_id integer, group_id integer);
CREATE TABLE ab_group_role (group_id integer, role_id integer);
INSERT INTO ab_role VALUES (1, 'Subscriber'), (2, 'Op');
INSERT INTO ab_user VALUES (1, 'ada', 'ada@broadsheet.example', true),
    (2, 'bob', 'bob@broadsheet.example', false),
    (3, 'eve', 'eve@broadsheet.example', NULL), (4, 'olga', 'olga@broadsheet.example', true);
INSERT INTO ab_user_role VALUES (1, 1), (2, 1), (4, 1);
INSERT INTO ab_user_group VALUES (4, 9);
INSERT INTO ab_group_role VALUES (9, 2), (9, 1);
"""


@pytest.fixture
def airflow_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_dsn: str) -> Iterator[Path]:
    """An empty database of Airflow's, in which FAB is the auth manager."""
    path = tmp_path / "airflow.db"
    engine = create_engine(f"sqlite:///{path}")

    @contextmanager
    def create_session(*, scoped: bool) -> Iterator[Session]:
        assert not scoped
        with Session(engine) as session:
            yield session

    monkeypatch.setenv("AIRFLOW__CORE__AUTH_MANAGER", FAB)
    monkeypatch.setenv("AIRFLOW_CONN_BROADSHEET_DB", database_dsn)
    monkeypatch.setattr(people, "create_session", create_session)
    monkeypatch.setattr(people, "_timer", Timer(3600))
    yield path
    engine.dispose()


def run_script(path: Path, script: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)


def known(dsn: str, name: str) -> Person | None:
    with transaction(dsn) as connection:
        return find_person(connection, name)


def test_users_are_taken_over_with_their_roles_and_those_of_their_groups(
    airflow_database: Path, database_dsn: str
) -> None:
    run_script(airflow_database, TABLES)
    assert take_over_people(at=AT) == 4
    assert known(database_dsn, "ada") == Person("ada", "ada@broadsheet.example", ("subscriber",), True)
    assert known(database_dsn, "bob") == Person("bob", "bob@broadsheet.example", ("subscriber",), False)
    assert known(database_dsn, "eve") == Person("eve", "eve@broadsheet.example", (), False)
    assert known(database_dsn, "olga") == Person(
        "olga", "olga@broadsheet.example", ("op", "subscriber"), True
    )
    assert take_over_people(at=AT) == 0


def test_a_user_who_was_removed_or_locked_is_inactive(airflow_database: Path, database_dsn: str) -> None:
    run_script(airflow_database, TABLES)
    take_over_people(at=AT)
    run_script(
        airflow_database, "DELETE FROM ab_user WHERE id = 1; UPDATE ab_user SET active = 0 WHERE id = 4;"
    )
    assert take_over_people(at=AT) == 2
    for name in ("ada", "olga"):
        person = known(database_dsn, name)
        assert person is not None
        assert person.is_active is False


def test_without_the_tables_nothing_is_taken_over(airflow_database: Path) -> None:
    assert not airflow_database.exists() or airflow_database.stat().st_size == 0
    assert take_over_people(at=AT) == 0


def test_under_another_auth_manager_old_tables_say_nothing(
    airflow_database: Path, database_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_script(airflow_database, TABLES)
    monkeypatch.setenv(
        "AIRFLOW__CORE__AUTH_MANAGER",
        "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
    )
    assert take_over_people(at=AT) == 0
    assert known(database_dsn, "ada") is None


def test_it_is_done_at_the_first_refresh_and_not_at_the_next(
    airflow_database: Path, database_dsn: str
) -> None:
    run_script(airflow_database, TABLES)
    take_over_people_if_due()
    run_script(airflow_database, "UPDATE ab_user SET active = false")
    take_over_people_if_due()
    person = known(database_dsn, "ada")
    assert person is not None
    assert person.is_active


@pytest.mark.usefixtures("airflow_database")
def test_a_failure_is_logged_without_its_statement_and_stops_no_refresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(**_: object) -> None:
        raise OperationalError("SELECT secret", {}, OSError("secret"))

    monkeypatch.setattr(people, "create_session", refuse)
    monkeypatch.setenv("BROADSHEET_SHARDS_DIR", str(tmp_path / "shards"))
    bundle.get_settings.cache_clear()
    try:
        bundle.SubscriptionDagBundle(name="subscriptions").initialize()
    finally:
        monkeypatch.undo()
        bundle.get_settings.cache_clear()
    (record,) = [record for record in caplog.records if record.name == people.__name__]
    assert record.levelname == "WARNING"
    assert "secret" not in record.getMessage()
    assert (tmp_path / "shards" / "snapshot.json").exists()
