"""Safe links: only the SHA-256 of a token is stored, and every fetch is audited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from broadsheet.domain.delivery import new_link_token, token_digest
from broadsheet.store.database import Connection, fetch_all, fetch_one, statements


class LinkOutcome(StrEnum):
    """How a fetch of a link was answered."""

    SERVED = "served"
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    UNAVAILABLE = "unavailable"
    """The link is good, but its document could not be read: the store was away, or what it has is not it."""


@dataclass(frozen=True)
class LinkedArtifact:
    """What a valid link leads to."""

    artifact_id: UUID
    key: str
    file_name: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True)
class LinkAnswer:
    """The outcome of looking a token up; ``artifact`` is set only when the link is valid."""

    outcome: LinkOutcome
    link_id: UUID | None = None
    artifact: LinkedArtifact | None = None


@dataclass(frozen=True)
class Visitor:
    """Who fetched a link, as far as the request says."""

    method: str
    remote_address: str | None = None
    user_agent: str | None = None


def issue_link(
    connection: Connection,
    *,
    delivery_id: UUID,
    artifact_id: UUID,
    at: datetime,
    lifetime: timedelta,
    unsubscribe_token: str | None = None,
) -> str:
    """Store a new link of a delivery and return its token, which exists nowhere else.

    ``unsubscribe_token`` is the second random value in the mail of a subscription: it opens no document, but
    lets its holder leave (`store.unsubscribes`).
    """
    token = new_link_token()
    values = {
        "link_id": uuid4(),
        "token_sha256": token_digest(token),
        "delivery_id": delivery_id,
        "artifact_id": artifact_id,
        "at": at,
        "expires_at": at + lifetime,
        "unsubscribe_sha256": token_digest(unsubscribe_token) if unsubscribe_token else None,
    }
    connection.execute(statements("links")["add_link"], values)
    return token


def find_link(connection: Connection, token: str, *, at: datetime) -> LinkAnswer:
    """Look a token up at an instant. Changes nothing: the caller records the access."""
    row = fetch_one(connection, statements("links")["by_token"], {"token_sha256": token_digest(token)})
    if row is None:
        return LinkAnswer(LinkOutcome.UNKNOWN)
    if row["revoked_at"] is not None:
        return LinkAnswer(LinkOutcome.REVOKED, row["link_id"])
    if row["expires_at"] <= at:
        return LinkAnswer(LinkOutcome.EXPIRED, row["link_id"])
    fields = ("artifact_id", "key", "file_name", "sha256", "size_bytes")
    artifact = LinkedArtifact(**{field: row[field] for field in fields})
    return LinkAnswer(LinkOutcome.SERVED, row["link_id"], artifact)


def record_access(connection: Connection, answer: LinkAnswer, visitor: Visitor) -> None:
    """Add a fetch to the audit, which nothing can change afterwards."""
    values = {
        "link_id": answer.link_id,
        "method": _storable(visitor.method),
        "outcome": answer.outcome.value,
        "remote_address": _storable(visitor.remote_address),
        "user_agent": _storable(visitor.user_agent),
    }
    connection.execute(statements("links")["record_access"], values)


def revoke_link(connection: Connection, token: str, *, at: datetime, by: str) -> bool:
    """Revoke the link of a token; return False when there is none or it is revoked already."""
    values = {"token_sha256": token_digest(token), "at": at, "by": by}
    return fetch_one(connection, statements("links")["revoke_by_token"], values) is not None


def revoke_links_of_run(connection: Connection, run_id: UUID, *, at: datetime, by: str) -> int:
    """Revoke every link of a run and return how many were still valid."""
    values = {"run_id": run_id, "at": at, "by": by}
    return len(fetch_all(connection, statements("links")["revoke_of_run"], values))


def accesses_of_run(connection: Connection, run_id: UUID) -> list[dict[str, Any]]:
    """Return the audit of a run's links: accessed_at, method, outcome, recipient, link_id."""
    return fetch_all(connection, statements("links")["accesses_of_run"], {"run_id": run_id})


def _storable(text: str | None) -> str | None:
    """Cut what a stranger sent to a length, without what Postgres refuses in text."""
    return text[:300].replace("\x00", "").encode("utf-8", "replace").decode() if text else None
