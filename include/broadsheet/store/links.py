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
    artifact: LinkedArtifact | None = None


def issue_link(
    connection: Connection, *, delivery_id: UUID, artifact_id: UUID, at: datetime, lifetime: timedelta
) -> str:
    """Store a new link of a delivery and return its token, which exists nowhere else."""
    token = new_link_token()
    values = {
        "link_id": uuid4(),
        "token_sha256": token_digest(token),
        "delivery_id": delivery_id,
        "artifact_id": artifact_id,
        "at": at,
        "expires_at": at + lifetime,
    }
    connection.execute(statements("links")["add_link"], values)
    return token


def open_link(
    connection: Connection,
    token: str,
    *,
    at: datetime,
    method: str,
    remote_address: str | None,
    user_agent: str | None,
) -> LinkAnswer:
    """Look a token up at an instant and record the access, whatever its outcome."""
    row = fetch_one(connection, statements("links")["by_token"], {"token_sha256": token_digest(token)})
    if row is None:
        answer = LinkAnswer(LinkOutcome.UNKNOWN)
    elif row["revoked_at"] is not None:
        answer = LinkAnswer(LinkOutcome.REVOKED)
    elif row["expires_at"] <= at:
        answer = LinkAnswer(LinkOutcome.EXPIRED)
    else:
        fields = ("artifact_id", "key", "file_name", "sha256", "size_bytes")
        answer = LinkAnswer(LinkOutcome.SERVED, LinkedArtifact(**{field: row[field] for field in fields}))
    values = {
        "link_id": row["link_id"] if row else None,
        "method": method,
        "outcome": answer.outcome.value,
        "remote_address": remote_address,
        "user_agent": user_agent[:300] if user_agent else None,
    }
    connection.execute(statements("links")["record_access"], values)
    return answer


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
