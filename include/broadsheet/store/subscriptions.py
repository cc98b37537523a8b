"""Subscriptions and their revisions in the application database."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.errors import UniqueViolation
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from broadsheet.domain.subscription import Subscription, SubscriptionState, SubscriptionTerms
from broadsheet.errors import InputError, NotFoundError
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
        raise InputError(
            f"a subscription named {slug!r} exists already; choose another name or edit that one",
            field="name",
        ) from error
    _add_revision(connection, terms, subscription_id=subscription_id, revision=1, by=owner, at=at)


def revise_subscription(
    connection: Connection, subscription: Subscription, terms: SubscriptionTerms, *, by: str, at: datetime
) -> int:
    """Store new terms as the next revision and return its number.

    Raises InputError when somebody else revised or deleted the subscription since it was read.
    """
    revision = subscription.revision + 1
    values = {
        "subscription_id": subscription.subscription_id,
        "revision": revision,
        "reschedules": terms.schedule != subscription.terms.schedule,
        "at": at,
    }
    if fetch_one(connection, statements("subscriptions")["move_to_revision"], values) is None:
        raise InputError(
            f"subscription {subscription.slug!r} was changed by somebody else meanwhile; read it again",
            field="revision",
        )
    _add_revision(
        connection, terms, subscription_id=subscription.subscription_id, revision=revision, by=by, at=at
    )
    return revision


def set_subscription_state(
    connection: Connection, slug: str, state: SubscriptionState, *, at: datetime
) -> None:
    """Pause, resume or delete a subscription; NotFoundError when there is none of that slug."""
    values = {"slug": slug, "state": state.value, "at": at}
    if fetch_one(connection, statements("subscriptions")["set_state"], values) is None:
        raise _no_subscription(slug)


def subscription_by_slug(connection: Connection, slug: str) -> Subscription:
    """Return a subscription, deleted ones too; NotFoundError when there is none of that slug."""
    row = fetch_one(connection, statements("subscriptions")["by_slug"], {"slug": slug})
    if row is None:
        raise _no_subscription(slug)
    return _subscription(row)


def subscription_at_revision(connection: Connection, subscription_id: UUID, revision: int) -> Subscription:
    """Return a subscription with the terms of one of its revisions; its state is the present one."""
    values = {"subscription_id": subscription_id, "revision": revision}
    row = fetch_one(connection, statements("subscriptions")["of_revision"], values)
    if row is None:
        raise NotFoundError(f"subscription {subscription_id} has no revision {revision}")
    return _subscription(row)


def list_subscriptions(connection: Connection) -> list[Subscription]:
    """Return the active and paused subscriptions in the order in which they were made."""
    return [
        _subscription(row)
        for row in fetch_all(connection, statements("subscriptions")["all_not_deleted"], {})
    ]


def rows_for_dags(connection: Connection) -> list[dict[str, Any]]:
    """Return what DAGs are built from, unchecked: the columns of the statement ``for_dags``."""
    return fetch_all(connection, statements("subscriptions")["for_dags"], {})


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


def _no_subscription(slug: str) -> NotFoundError:
    return NotFoundError(f"there is no subscription {slug!r}; `broadsheet subscriptions list` shows them")
