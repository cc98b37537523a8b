"""What was asked for: keys of repeated requests, and how much somebody asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from broadsheet.store.database import Connection, fetch_all, fetch_one, statements


@dataclass(frozen=True)
class RequestKey:
    """A caller's own name of a request, and what it led to."""

    body_sha256: str
    run_id: UUID
    busy_until: datetime | None
    """Until when a call is starting the run; None once Airflow has it."""


def one_at_a_time(connection: Connection, owner: str) -> None:
    """Let the transactions for one person, or one subscription, pass one after the other, from here on."""
    connection.execute(statements("requests")["one_at_a_time"], {"owner": owner})


def find_key(connection: Connection, owner: str, key: str) -> RequestKey | None:
    """Return what a key of a person stands for, or None."""
    row = fetch_one(connection, statements("requests")["find_key"], {"owner": owner, "key": key})
    return None if row is None else RequestKey(**row)


def add_key(
    connection: Connection,
    owner: str,
    key: str,
    *,
    body_sha256: str,
    run_id: UUID,
    at: datetime,
    busy_until: datetime,
) -> None:
    """Store a person's key of the run that a call is about to start."""
    values = {
        "owner": owner,
        "key": key,
        "body_sha256": body_sha256,
        "run_id": run_id,
        "at": at,
        "busy_until": busy_until,
    }
    connection.execute(statements("requests")["add_key"], values)


def hold_key(connection: Connection, owner: str, key: str, *, busy_until: datetime | None) -> None:
    """Say until when a call is starting the run of a key; None: Airflow has it."""
    values = {"owner": owner, "key": key, "busy_until": busy_until}
    connection.execute(statements("requests")["hold_key"], values)


def forget_old_keys(connection: Connection, *, before: datetime) -> None:
    """Forget the keys of everybody that are older than an instant."""
    connection.execute(statements("requests")["forget_old_keys"], {"before": before})


def asked_since(connection: Connection, owner: str, *, since: datetime, limit: int) -> list[datetime]:
    """Return when a person asked for runs since an instant, newest first, ``limit`` at most."""
    values = {"owner": owner, "since": since, "limit": limit}
    return [row["opened_at"] for row in fetch_all(connection, statements("requests")["asked_since"], values)]


def runs_under_way(connection: Connection, owner: str, *, since: datetime) -> int:
    """Return how many runs that a person has asked for since an instant are not over."""
    row = fetch_one(connection, statements("requests")["under_way"], {"owner": owner, "since": since})
    return 0 if row is None else int(row["runs"])


def waiting_run(connection: Connection, subscription_id: UUID, *, since: datetime) -> UUID | None:
    """Return a run of a subscription that was asked for since an instant and waits to start, or None."""
    values = {"subscription_id": subscription_id, "since": since}
    row = fetch_one(connection, statements("requests")["waiting_run"], values)
    return None if row is None else row["run_id"]
