"""Runs that are open in the ledger, to be compared with what Airflow knows of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from broadsheet.store.database import Connection, fetch_all, fetch_one, statements


@dataclass(frozen=True)
class OpenRun:
    """A run that is not closed."""

    run_id: UUID
    dag_id: str
    dag_run_id: str
    is_waiting: bool
    """Whether Airflow has not begun it."""


def open_runs(connection: Connection, *, opened_before: datetime) -> list[OpenRun]:
    """Return the runs that were opened before an instant and are not closed."""
    rows = fetch_all(connection, statements("lost_runs")["open"], {"before": opened_before})
    return [OpenRun(**row) for row in rows]


def close_lost_run(connection: Connection, run_id: UUID, *, reason: str, at: datetime) -> bool:
    """Close a run as failed unless somebody else has closed it; return whether this call did."""
    values = {"run_id": run_id, "reason": reason, "at": at}
    return fetch_one(connection, statements("lost_runs")["close"], values) is not None
