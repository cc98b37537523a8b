"""What happened to subscriptions and what came of them: revisions, changes of state, last runs, leavers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from broadsheet.domain.run import RunState
from broadsheet.domain.subscription import SubscriptionState, SubscriptionTerms
from broadsheet.store.database import Connection, fetch_all, statements


@dataclass(frozen=True)
class Revision:
    """One revision of a subscription."""

    revision: int
    terms: SubscriptionTerms
    by: str
    at: datetime


@dataclass(frozen=True)
class StateChange:
    """A subscription that was paused, resumed, deleted or restored."""

    former: SubscriptionState
    new: SubscriptionState
    by: str
    at: datetime


@dataclass(frozen=True)
class LatestRun:
    """The run of a subscription's latest slot that has one."""

    run_id: UUID
    state: RunState
    slot: datetime
    at: datetime
    """When it ended or, while it is under way, when it was opened."""


def revisions_of(connection: Connection, subscription_id: UUID) -> list[Revision]:
    """Return a subscription's revisions, oldest first."""
    rows = fetch_all(
        connection, statements("subscriptions")["revisions"], {"subscription_id": subscription_id}
    )
    return [
        Revision(
            revision=row["revision"],
            terms=SubscriptionTerms.model_validate(
                {name: row[name] for name in SubscriptionTerms.model_fields}
            ),
            by=row["created_by"],
            at=row["created_at"],
        )
        for row in rows
    ]


def state_changes_of(connection: Connection, subscription_id: UUID) -> list[StateChange]:
    """Return when a subscription was paused, resumed, deleted and restored, oldest first."""
    rows = fetch_all(connection, statements("subscriptions")["events"], {"subscription_id": subscription_id})
    return [
        StateChange(
            former=SubscriptionState(row["former_state"]),
            new=SubscriptionState(row["new_state"]),
            by=row["happened_by"],
            at=row["happened_at"],
        )
        for row in rows
    ]


def latest_runs(connection: Connection, subscription_ids: Collection[UUID]) -> dict[UUID, LatestRun]:
    """Return the latest run of each subscription; those that never ran are absent."""
    values = {"subscription_ids": list(subscription_ids)}
    return {
        row["subscription_id"]: LatestRun(
            run_id=row["run_id"], state=RunState(row["state"]), slot=row["slot"], at=row["at"]
        )
        for row in fetch_all(connection, statements("subscriptions")["last_runs"], values)
    }


def leavers(connection: Connection, subscription_ids: Collection[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Return the addresses, in lower case, that have left each subscription; those without any are absent."""
    found: dict[UUID, tuple[str, ...]] = {}
    values = {"subscription_ids": list(subscription_ids)}
    for row in fetch_all(connection, statements("subscriptions")["left_by"], values):
        found[row["subscription_id"]] = (*found.get(row["subscription_id"], ()), row["recipient"])
    return found
