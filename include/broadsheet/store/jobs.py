"""Runs as people see them: with their subscription, files, mails and links."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import DictRow

from broadsheet.domain.delivery import DeliveryState
from broadsheet.domain.period import Period
from broadsheet.domain.run import RunState, Trigger
from broadsheet.store.database import Connection, fetch_all, fetch_one, statements


@dataclass(frozen=True)
class JobRow:
    """A run with what belongs to it."""

    run_id: UUID
    dag_id: str
    dag_run_id: str
    report_id: str
    trigger: Trigger
    slot: datetime
    period: Period
    parameters: dict[str, Any]
    state: RunState
    reason: str | None
    requested_by: str | None
    opened_at: datetime
    closed_at: datetime | None
    slug: str | None
    owner: str | None
    title: str | None
    """Title of the subscription's revision."""
    deliveries: int
    accepted: int


_AS_STORED = frozenset(JobRow.__dataclass_fields__) - {"trigger", "period", "state"}


@dataclass(frozen=True)
class StoredFile:
    """A file of a run."""

    run_id: UUID
    file_name: str
    format: str
    key: str
    sha256: str
    size_bytes: int
    pages: int | None
    created_at: datetime
    is_protected: bool
    """Whether it opens with a password only."""


@dataclass(frozen=True)
class JobFilter:
    """Which runs to list; None restricts nothing."""

    sees_all: bool
    caller: str
    """Unless they see all: only runs of subscriptions that they own, and runs that they asked for."""
    states: tuple[str, ...] | None = None
    report_id: str | None = None
    slug: str | None = None
    since: datetime | None = None
    requested_by: str | None = None
    text: str | None = None
    report_ids: tuple[str, ...] = ()
    """Reports whose title holds the text."""
    below: tuple[datetime, UUID] | None = None
    """When the last run of the page before was opened, and its id."""


@dataclass(frozen=True)
class StoredLink:
    """A link of a delivery, and how often it was opened."""

    link_id: UUID
    delivery_id: UUID
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    opened: int
    last_opened_at: datetime | None


@dataclass(frozen=True)
class StoredDelivery:
    """A delivery as its report's owner sees it."""

    delivery_id: UUID
    recipient: str
    state: DeliveryState
    smtp_reply: str | None
    settled_at: datetime | None


def page_of_jobs(connection: Connection, wanted: JobFilter, *, limit: int) -> list[JobRow]:
    """Return the newest runs that a filter lets through."""
    below_at, below_id = wanted.below or (None, None)
    values = {
        "sees_all": wanted.sees_all,
        "caller": wanted.caller,
        "states": None if wanted.states is None else list(wanted.states),
        "report_id": wanted.report_id,
        "slug": wanted.slug,
        "since": wanted.since,
        "requested_by": wanted.requested_by,
        "text": wanted.text,
        "report_ids": list(wanted.report_ids),
        "below_at": below_at,
        "below_id": below_id,
        "limit": limit,
    }
    return [_job(row) for row in fetch_all(connection, statements("jobs")["page"], values)]


def find_job(connection: Connection, run_id: UUID) -> JobRow | None:
    """Return a run by its id, or None."""
    row = fetch_one(connection, statements("jobs")["by_id"], {"run_id": run_id})
    return None if row is None else _job(row)


def files_of_jobs(connection: Connection, run_ids: Iterable[UUID]) -> dict[UUID, list[StoredFile]]:
    """Return the files of runs, the newest of each name; runs without files are absent."""
    found: dict[UUID, dict[str, StoredFile]] = defaultdict(dict)
    for row in fetch_all(connection, statements("jobs")["artifacts"], {"run_ids": list(run_ids)}):
        found[row["run_id"]].setdefault(row["file_name"], StoredFile(**row))
    return {run_id: list(files.values()) for run_id, files in found.items()}


def move_job(
    connection: Connection,
    run_id: UUID,
    state: RunState,
    *,
    allowed: Iterable[RunState],
    reason: str | None = None,
    closed_at: datetime | None = None,
) -> bool:
    """Set a run's state if it is in one of those ``allowed``, and return whether it was."""
    values = {
        "run_id": run_id,
        "state": state.value,
        "reason": reason,
        "closed_at": closed_at,
        "allowed": [one.value for one in allowed],
    }
    return fetch_one(connection, statements("jobs")["move"], values) is not None


def deliveries_of_job(connection: Connection, run_id: UUID) -> list[StoredDelivery]:
    """Return a run's deliveries, ordered by variant and recipient."""
    return [
        StoredDelivery(**{**row, "state": DeliveryState(row["state"])})
        for row in fetch_all(connection, statements("jobs")["deliveries"], {"run_id": run_id})
    ]


def links_of_job(connection: Connection, run_id: UUID) -> dict[UUID, Sequence[StoredLink]]:
    """Return a run's links by delivery, newest first."""
    found: dict[UUID, list[StoredLink]] = defaultdict(list)
    for row in fetch_all(connection, statements("jobs")["links"], {"run_id": run_id}):
        found[row["delivery_id"]].append(StoredLink(**row))
    return dict(found)


def has_delivery(connection: Connection, run_id: UUID, delivery_id: UUID) -> bool:
    """Return whether a delivery is one of a run's."""
    values = {"run_id": run_id, "delivery_id": delivery_id}
    return fetch_one(connection, statements("jobs")["has_delivery"], values) is not None


def revoke_link_of_job(connection: Connection, run_id: UUID, link_id: UUID, *, by: str, at: datetime) -> bool:
    """Revoke a link; return False when the run has none of that id."""
    values = {"run_id": run_id, "link_id": link_id, "by": by, "at": at}
    return fetch_one(connection, statements("jobs")["revoke_link"], values) is not None


def _job(row: DictRow) -> JobRow:
    period = Period(
        kind=row["period_kind"], first_day=row["first_day"], end_day=row["end_day"], zone=row["zone"]
    )
    return JobRow(
        period=period,
        trigger=Trigger(row["trigger"]),
        state=RunState(row["state"]),
        **{name: row[name] for name in _AS_STORED},
    )
