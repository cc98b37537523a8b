"""Recipients who left a subscription: they get none of its mails until they come back themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from broadsheet.domain.delivery import token_digest
from broadsheet.store.database import Connection, fetch_all, fetch_one, statements


class Means(StrEnum):
    """How somebody left a subscription or came back."""

    ONE_CLICK = "one-click"
    """The mail program's own button (RFC 8058)."""
    PAGE = "page"
    """The page behind the link in the mail."""
    PORTAL = "portal"


@dataclass(frozen=True)
class Unsubscribed:
    """A recipient who gets no mails of a subscription; ``recipient`` is in lower case."""

    recipient: str
    unsubscribed_at: datetime
    how: Means


@dataclass(frozen=True)
class Membership:
    """What the holder of a mail may leave, and whether they have."""

    link_id: UUID
    subscription_id: UUID
    recipient: str
    title: str
    """Present title of the subscription."""
    is_unsubscribed: bool


def unsubscribed(connection: Connection, subscription_id: UUID) -> tuple[Unsubscribed, ...]:
    """Return who has left a subscription, ordered by address."""
    rows = fetch_all(connection, statements("unsubscribes")["standing"], {"subscription_id": subscription_id})
    return tuple(Unsubscribed(row["recipient"], row["unsubscribed_at"], Means(row["how"])) for row in rows)


def unsubscribe(
    connection: Connection,
    subscription_id: UUID,
    recipient: str,
    *,
    how: Means,
    at: datetime,
    link_id: UUID | None = None,
) -> bool:
    """Note that a recipient wants no more mails of a subscription; False when they had said so already.

    ``link_id`` is the link of the mail that was used.
    """
    values = {
        "subscription_id": subscription_id,
        "recipient": recipient.lower(),
        "how": how.value,
        "at": at,
        "link_id": link_id,
    }
    return fetch_one(connection, statements("unsubscribes")["unsubscribe"], values) is not None


def undo_unsubscribe(
    connection: Connection, subscription_id: UUID, recipient: str, *, how: Means, at: datetime
) -> bool:
    """Let a recipient have a subscription's mails again; False when they had not left it.

    Only the recipient may ask for that: never undo what somebody else wants to have undone.
    """
    values = {
        "subscription_id": subscription_id,
        "recipient": recipient.lower(),
        "how": how.value,
        "at": at,
    }
    return fetch_one(connection, statements("unsubscribes")["undo"], values) is not None


def find_membership(connection: Connection, token: str) -> Membership | None:
    """Return what the second token of a mail is about, or None. Works for expired and revoked links, too."""
    values = {"token_sha256": token_digest(token)}
    row = fetch_one(connection, statements("unsubscribes")["by_token"], values)
    return None if row is None else Membership(**row)


def suppress_unsubscribed(connection: Connection, run_id: UUID) -> int:
    """Take out of a run's open deliveries those to recipients who have left; return how many there were."""
    return len(fetch_all(connection, statements("unsubscribes")["suppress"], {"run_id": run_id}))
