"""Closes runs in the ledger that nobody will: Airflow never got them, forgot them, or was told to end them.

A run is closed by its own last stage. That is never reached when somebody marks the run as failed in Airflow
or deletes it there, and a run that a dying process has only just opened never begins.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from airflow.utils.session import create_session
from airflow.utils.sqlalchemy import UtcDateTime
from sqlalchemy import bindparam, column, text
from sqlalchemy.exc import SQLAlchemyError

from broadsheet.errors import BroadsheetError
from broadsheet.orchestration.connections import task_connection_uri
from broadsheet.orchestration.timer import Timer
from broadsheet.settings import DATABASE, get_settings
from broadsheet.store.database import transaction
from broadsheet.store.lost_runs import OpenRun, close_lost_run, open_runs

log = logging.getLogger(__name__)

# Longer than it takes to hand a run to Airflow, and to close one after its last stage.
_PATIENCE = timedelta(minutes=3)
_OVER = frozenset({"success", "failed"})
_timer = Timer(60.0)


@dataclass(frozen=True)
class DagRunFacts:
    """A DAG run as Airflow has it."""

    state: str
    ended_at: datetime | None


def close_lost_runs_if_due() -> None:
    """Close lost runs, once a minute at most; a failure is logged, and a later call tries again."""
    if not _timer.is_due():
        return
    try:
        close_lost_runs(at=datetime.now(UTC))
    except RuntimeError:
        log.debug("lost runs are looked for where Airflow's database can be read, not in a worker")
    except (BroadsheetError, SQLAlchemyError) as error:
        words = str(error) if isinstance(error, BroadsheetError) else type(error).__name__
        log.warning("lost runs cannot be looked for: %s", words)


def close_lost_runs(*, at: datetime) -> int:
    """Close as failed the runs that are open in the ledger and not in Airflow; return how many."""
    dsn = task_connection_uri(DATABASE)
    with transaction(dsn) as connection:
        suspects = open_runs(connection, opened_before=at - _PATIENCE)
    if not suspects:
        return 0
    facts = _facts_of({run.dag_run_id for run in suspects})
    closed = 0
    for run in suspects:
        reason = _reason(run, facts.get((run.dag_id, run.dag_run_id)), at=at)
        if reason is None:
            continue
        with transaction(dsn) as connection:
            if close_lost_run(connection, run.run_id, reason=reason, at=at):
                closed += 1
                log.warning("run %s of %s is closed as failed: %s", run.run_id, run.dag_id, reason)
    return closed


def _reason(run: OpenRun, facts: DagRunFacts | None, *, at: datetime) -> str | None:
    """Return why a run will never be closed by its last stage, or None when it may be."""
    if facts is None:
        return "Airflow never got it; ask again" if run.is_waiting else "it was deleted in Airflow"
    if facts.state not in _OVER or facts.ended_at is None or facts.ended_at > at - _PATIENCE:
        return None
    return "it was ended in Airflow before its last stage"


def _facts_of(run_ids: Collection[str]) -> dict[tuple[str, str], DagRunFacts]:
    written = (get_settings().sql_dir / "airflow" / "dag_runs.sql").read_text(encoding="utf-8")
    statement = (
        text(written)
        .bindparams(bindparam("run_ids", expanding=True))
        .columns(column("dag_id"), column("run_id"), column("state"), column("end_date", UtcDateTime))
    )
    # A session of its own: that of the thread belongs to whoever refreshes the bundle, in mid-transaction.
    with create_session(scoped=False) as session:
        return {
            (row.dag_id, row.run_id): DagRunFacts(row.state, row.end_date)
            for row in session.execute(statement, {"run_ids": sorted(run_ids)})
        }
