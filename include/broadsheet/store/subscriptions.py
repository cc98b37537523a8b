"""Subscriptions and their revisions in the application database."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.errors import UniqueViolation
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from broadsheet.domain.subscription import Subscription, SubscriptionState, SubscriptionTerms
from broadsheet.errors import InputError, NotFoundError, StaleError
from broadsheet.store.database import Connection, fetch_all, fetch_one, statements

_TERMS = frozenset(SubscriptionTerms.model_fields)


def add_subscription(
    connection: Connection,
    terms: SubscriptionTerms,
    *,
    subscription_id: UUID,
    slug: str,
    owner: str,
    at: datetime,
) -> None:
    """Store a new subscription with its first revision.

    Raises InputError when the slug is taken.
    """
    values = {"subscription_id": subscription_id, "slug": slug, "owner": owner, "at": at}
    try:
        connection.execute(statements("subscriptions")["insert_subscription"], values)
    except UniqueViolation as error:
        raise taken(slug) from error
    _add_revision(connection, terms, subscription_id=subscription_id, revision=1, by=owner, at=at)


def is_taken(connection: Connection, slug: str) -> bool:
    """Whether there is a subscription of a slug, deleted ones included."""
    return fetch_one(connection, statements("subscriptions")["by_slug"], {"slug": slug}) is not None


def taken(slug: str) -> InputError:
    """Return the fault of a slug that is taken."""
    return InputError(f"a subscription named {slug!r} exists already; choose another name", field="name")


def no_subscription(slug: str) -> NotFoundError:
    """Return the fault of a slug that no subscription has, or none that the caller may see."""
    return NotFoundError(f"there is no subscription {slug[:100]!a}")


def revise_subscription(
    connection: Connection, subscription: Subscription, terms: SubscriptionTerms, *, by: str, at: datetime
) -> int:
    """Store new terms as the next revision and return its number.

    Raises StaleError when somebody else revised or deleted the subscription since it was read.
    """
    revision = subscription.revision + 1
    values = {
        "subscription_id": subscription.subscription_id,
        "revision": revision,
        "reschedules": terms.schedule != subscription.terms.schedule,
        "at": at,
    }
    if fetch_one(connection, statements("subscriptions")["move_to_revision"], values) is None:
        raise StaleError(
            f"subscription {subscription.slug!r} was changed by somebody else meanwhile; read it again"
        )
    _add_revision(
        connection, terms, subscription_id=subscription.subscription_id, revision=revision, by=by, at=at
    )
    return revision


def set_subscription_state(
    connection: Connection,
    slug: str,
    state: SubscriptionState,
    *,
    at: datetime,
    by: str = "broadsheet",
) -> None:
    """Pause, resume or delete a subscription; one that is in that state already stays as it is.

    ``by`` is who wants it, by default the program itself. Raises NotFoundError when there is none of that
    slug, or it is deleted.
    """
    row = _lock(connection, slug)
    if row["state"] == SubscriptionState.DELETED:
        raise no_subscription(slug)
    _move(connection, row, state, by=by, at=at)


def restore_subscription(connection: Connection, slug: str, *, by: str, at: datetime) -> None:
    """Undo a deletion: the subscription is active or paused, as it was before, and one not deleted stays.

    One that was deleted before deletions were written down is paused. Raises NotFoundError when there is none
    of that slug.
    """
    row = _lock(connection, slug)
    if row["state"] != SubscriptionState.DELETED:
        return
    found = fetch_one(connection, statements("subscriptions")["state_before_deletion"], row)
    former = SubscriptionState(found["former_state"]) if found else SubscriptionState.PAUSED
    _move(connection, row, former, by=by, at=at)


def subscription_by_slug(connection: Connection, slug: str) -> Subscription:
    """Return a subscription, deleted ones too; NotFoundError when there is none of that slug."""
    row = fetch_one(connection, statements("subscriptions")["by_slug"], {"slug": slug})
    if row is None:
        raise no_subscription(slug)
    return _subscription(row)


def subscription_at_revision(connection: Connection, subscription_id: UUID, revision: int) -> Subscription:
    """Return a subscription with the terms of one of its revisions; its state is the present one."""
    values = {"subscription_id": subscription_id, "revision": revision}
    row = fetch_one(connection, statements("subscriptions")["of_revision"], values)
    if row is None:
        raise NotFoundError(f"subscription {subscription_id} has no revision {revision}")
    return _subscription(row)


def list_subscriptions(
    connection: Connection, *, owner: str | None = None, include_deleted: bool = False
) -> list[Subscription]:
    """Return the subscriptions of an owner, or everybody's, in the order in which they were made."""
    values = {"owner": owner, "include_deleted": include_deleted}
    return [
        _subscription(row) for row in fetch_all(connection, statements("subscriptions")["listed"], values)
    ]


def count_subscriptions(connection: Connection, *, owner: str) -> int:
    """Return how many subscriptions a person has, deleted ones not counted."""
    row = fetch_one(connection, statements("subscriptions")["owned"], {"owner": owner})
    return int(row["owned"]) if row else 0


def subscriptions_received(connection: Connection, *, name: str, address: str) -> list[Subscription]:
    """Return the active and paused subscriptions that mail an address and belong to others than ``name``."""
    values = {"name": name, "address": address}
    return [
        _subscription(row) for row in fetch_all(connection, statements("subscriptions")["received"], values)
    ]


def rows_for_dags(connection: Connection) -> list[dict[str, Any]]:
    """Return what DAGs are built from, unchecked: the columns of the statement ``for_dags``."""
    return fetch_all(connection, statements("subscriptions")["for_dags"], {})


def _lock(connection: Connection, slug: str) -> DictRow:
    row = fetch_one(connection, statements("subscriptions")["lock_state"], {"slug": slug})
    if row is None:
        raise no_subscription(slug)
    return row


def _move(connection: Connection, row: DictRow, state: SubscriptionState, *, by: str, at: datetime) -> None:
    """Bring a locked subscription into a state, and write down who did it."""
    if row["state"] == state:
        return
    values = {
        "subscription_id": row["subscription_id"],
        "former_state": row["state"],
        "state": state.value,
        "by": by,
        "at": at,
    }
    connection.execute(statements("subscriptions")["set_state"], values)
    connection.execute(statements("subscriptions")["insert_event"], values)


def _add_revision(
    connection: Connection,
    terms: SubscriptionTerms,
    *,
    subscription_id: UUID,
    revision: int,
    by: str,
    at: datetime,
) -> None:
    values = terms.model_dump(exclude={"parameters", "recipients"}) | {
        "subscription_id": subscription_id,
        "revision": revision,
        "parameters": Jsonb(terms.parameters),
        "recipients": list(terms.recipients),
        "formats": None if terms.formats is None else list(terms.formats),
        "period_kind": terms.period_kind.value,
        "created_by": by,
        "at": at,
    }
    connection.execute(statements("subscriptions")["insert_revision"], values)


def _subscription(row: DictRow) -> Subscription:
    terms = SubscriptionTerms.model_validate({name: row[name] for name in _TERMS})
    return Subscription.model_validate(
        {**{name: row[name] for name in row if name not in _TERMS}, "terms": terms}
    )
