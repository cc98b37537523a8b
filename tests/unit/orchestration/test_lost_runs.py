"""Runs that are open in the ledger, and that Airflow does not work on any more."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from tests.office import ADA, Office, ask

from broadsheet.domain.run import RunState
from broadsheet.orchestration import lost_runs
from broadsheet.orchestration.lost_runs import close_lost_runs, close_lost_runs_if_due
from broadsheet.orchestration.timer import Timer
from broadsheet.services.requests import request_report

NOW = datetime(2013, 3, 25, 12, 0, tzinfo=UTC)


class Airflow:
    """Airflow's database, as far as it is read here, and a run of the ledger."""

    def __init__(self, path: Path, dsn: str) -> None:
        self.path = path
        self.office = Office(dsn)
        self.job = request_report(self.office.inst, ADA, ask())
        self.run("CREATE TABLE dag_run (dag_id text, run_id text, state text, end_date timestamp)")

    def run(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute(statement, values)

    def has(self, state: str, *, ended: datetime | None = None, run_id: str | None = None) -> None:
        """Let Airflow have the run in a state."""
        end = ended.strftime("%Y-%m-%d %H:%M:%S.%f") if ended else None
        run_id = run_id or self.job.dag_run_id
        self.run("INSERT INTO dag_run VALUES (?, ?, ?, ?)", self.job.dag_id, run_id, state, end)

    def begin(self) -> None:
        self.office.set_state(self.job.id, RunState.ACTIVE)

    def state(self, job_id: UUID | None = None) -> tuple[RunState, str | None]:
        row = self.office.row(job_id or self.job.id)
        return row.state, row.reason


@pytest.fixture
def airflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_dsn: str) -> Iterator[Airflow]:
    engine = create_engine(f"sqlite:///{tmp_path / 'airflow.db'}")

    @contextmanager
    def create_session(*, scoped: bool) -> Iterator[Session]:
        assert not scoped
        with Session(engine) as session:
            yield session

    monkeypatch.setenv("AIRFLOW_CONN_BROADSHEET_DB", database_dsn)
    monkeypatch.setattr(lost_runs, "create_session", create_session)
    monkeypatch.setattr(lost_runs, "_timer", Timer(3600))
    yield Airflow(tmp_path / "airflow.db", database_dsn)
    engine.dispose()


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_run_that_airflow_works_on_is_left_alone(airflow: Airflow, state: str) -> None:
    airflow.has(state)
    airflow.begin()
    assert close_lost_runs(at=NOW) == 0
    assert airflow.state() == (RunState.ACTIVE, None)


def test_a_run_that_airflow_never_got_is_closed_so_that_its_reader_can_ask_again(airflow: Airflow) -> None:
    airflow.has("success", ended=NOW - timedelta(hours=1), run_id="another")
    assert close_lost_runs(at=NOW) == 1
    assert airflow.state() == (RunState.FAILED, "Airflow never got it; ask again")
    assert airflow.office.row(airflow.job.id).closed_at == NOW
    assert close_lost_runs(at=NOW) == 0


def test_a_run_that_was_deleted_in_airflow_is_closed(airflow: Airflow) -> None:
    airflow.begin()
    assert close_lost_runs(at=NOW) == 1
    assert airflow.state() == (RunState.FAILED, "it was deleted in Airflow")


@pytest.mark.parametrize("state", ["failed", "success"])
def test_a_run_that_was_marked_as_over_in_airflow_is_closed(airflow: Airflow, state: str) -> None:
    airflow.begin()
    airflow.has(state, ended=NOW - timedelta(minutes=10))
    assert close_lost_runs(at=NOW) == 1
    assert airflow.state() == (RunState.FAILED, "it was ended in Airflow before its last stage")


def test_a_run_that_has_only_just_been_opened_or_ended_is_given_time(airflow: Airflow) -> None:
    assert close_lost_runs(at=airflow.job.created_at + timedelta(minutes=2)) == 0
    airflow.begin()
    airflow.has("failed", ended=NOW - timedelta(minutes=1))
    assert close_lost_runs(at=NOW) == 0
    assert airflow.state() == (RunState.ACTIVE, None)


@pytest.mark.parametrize("state", [RunState.COMPLETED, RunState.CANCELLED])
def test_a_closed_run_stays_as_it_is(airflow: Airflow, state: RunState) -> None:
    airflow.office.set_state(airflow.job.id, state)
    assert close_lost_runs(at=NOW) == 0
    assert airflow.state() == (state, None)


def test_it_is_done_once_a_minute_and_a_failure_is_only_logged(
    airflow: Airflow, caplog: pytest.LogCaptureFixture
) -> None:
    airflow.run("DROP TABLE dag_run")
    for _ in range(2):
        close_lost_runs_if_due()
    (record,) = [record for record in caplog.records if record.name == lost_runs.__name__]
    assert record.levelname == "WARNING"
    assert "SELECT" not in record.getMessage()
    assert airflow.state()[0] is RunState.WAITING
