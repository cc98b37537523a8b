"""Counts over the ledger, for operators and their monitoring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from broadsheet.domain.delivery import DeliveryState
from broadsheet.domain.run import RunState
from broadsheet.store.database import Connection, fetch_all, statements


@dataclass(frozen=True)
class RunCount:
    """How many runs of a report that were opened on a day (of UTC) are in a state."""

    day: date
    report_id: str
    state: RunState
    runs: int
    last_at: datetime


@dataclass(frozen=True)
class FailureReason:
    """A reason, how many runs have it, and the latest of them."""

    reason: str
    runs: int
    last_at: datetime
    last_job: UUID


@dataclass(frozen=True)
class ActiveSchedule:
    """When an active subscription is due."""

    subscription_id: UUID
    cron: str
    zone: str
    due_from: datetime


@dataclass(frozen=True)
class MissingSlot:
    """A slot of a subscription for which there is no run."""

    slug: str
    title: str
    slot: datetime


@dataclass(frozen=True)
class OpenRun:
    """A run that is not over."""

    run_id: UUID
    dag_id: str
    dag_run_id: str
    report_id: str
    slug: str | None
    title: str | None
    state: RunState
    slot: datetime
    opened_at: datetime


def run_counts(connection: Connection, *, since: datetime) -> list[RunCount]:
    """Count the runs that were opened since an instant or are open."""
    rows = fetch_all(connection, statements("statistics")["run_counts"], {"since": since})
    return [RunCount(**{**row, "state": RunState(row["state"])}) for row in rows]


def delivery_counts_since(connection: Connection, *, since: datetime) -> dict[DeliveryState, int]:
    """Count the deliveries that were planned since an instant, by state."""
    rows = fetch_all(connection, statements("statistics")["delivery_counts"], {"since": since})
    return {DeliveryState(row["state"]): row["deliveries"] for row in rows}


def failure_reasons(connection: Connection, *, since: datetime) -> list[FailureReason]:
    """Return why runs that were opened since an instant did not complete, the most frequent reason first."""
    rows = fetch_all(connection, statements("statistics")["failure_reasons"], {"since": since})
    return [FailureReason(**row) for row in rows]


def active_schedules(connection: Connection) -> list[ActiveSchedule]:
    """Return when each active subscription is due."""
    rows = fetch_all(connection, statements("statistics")["active_schedules"], {})
    return [ActiveSchedule(**row) for row in rows]


def slots_without_run(connection: Connection, slots: Sequence[tuple[UUID, datetime]]) -> list[MissingSlot]:
    """Return those of some slots for which there is no run."""
    values = {"ids": [one for one, _ in slots], "slots": [slot for _, slot in slots]}
    rows = fetch_all(connection, statements("statistics")["slots_without_run"], values)
    return [MissingSlot(**row) for row in rows]


def open_since(connection: Connection, *, before: datetime) -> list[OpenRun]:
    """Return the runs that were opened before an instant and are not over, the oldest first."""
    rows = fetch_all(connection, statements("statistics")["open_since"], {"before": before})
    return [OpenRun(**{**row, "state": RunState(row["state"])}) for row in rows]


def newest_migration(connection: Connection) -> str:
    """Return the revision that the database was brought to."""
    (row,) = fetch_all(connection, statements("statistics")["newest_migration"], {})
    return str(row["version_num"])
