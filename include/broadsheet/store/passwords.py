"""Passwords of documents: kept encrypted, each for the runs that were opened while it was in force."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from broadsheet.store.database import Connection, fetch_one, statements


@dataclass(frozen=True)
class PasswordInForce:
    """Who protected a subscription's documents, and when."""

    set_by: str
    set_at: datetime


@dataclass(frozen=True)
class RunPassword:
    """A password that a run's documents are protected by, sealed."""

    password_id: int
    secret: bytes = field(repr=False)


def replace_password(
    connection: Connection, subscription_id: UUID, secret: bytes | None, *, by: str, at: datetime
) -> None:
    """Put a sealed password in force from an instant on; None: none."""
    values = {"subscription_id": subscription_id, "secret": secret, "by": by, "at": at}
    connection.execute(statements("passwords")["end"], values)
    if secret is not None:
        connection.execute(statements("passwords")["add"], values)


def password_in_force(connection: Connection, subscription_id: UUID) -> PasswordInForce | None:
    """Return what is known of a subscription's password, or None where its documents are open."""
    row = fetch_one(connection, statements("passwords")["in_force"], {"subscription_id": subscription_id})
    return None if row is None else PasswordInForce(set_by=row["set_by"], set_at=row["set_at"])


def password_of_run(connection: Connection, run_id: UUID) -> RunPassword | None:
    """Return the password that was in force when a run was opened, or None."""
    row = fetch_one(connection, statements("passwords")["of_run"], {"run_id": run_id})
    return None if row is None else RunPassword(row["password_id"], bytes(row["secret"]))


def protected_sha256(
    connection: Connection, run_id: UUID, variant: str, *, plain_sha256: str, password_id: int
) -> str | None:
    """Return the digest of what a document became when it was protected before, or None."""
    values = {"run_id": run_id, "variant": variant, "plain_sha256": plain_sha256, "password_id": password_id}
    row = fetch_one(connection, statements("passwords")["protected"], values)
    return None if row is None else str(row["sha256"])


def is_protected_document(connection: Connection, run_id: UUID, variant: str, *, sha256: str) -> bool:
    """Whether a digest is that of a document of a run that was protected."""
    values = {"run_id": run_id, "variant": variant, "sha256": sha256}
    return fetch_one(connection, statements("passwords")["is_protected_document"], values) is not None


def note_protected(
    connection: Connection, run_id: UUID, variant: str, *, plain_sha256: str, password_id: int, sha256: str
) -> None:
    """Write down what a document became when it was protected."""
    values = {"run_id": run_id, "variant": variant, "plain_sha256": plain_sha256}
    connection.execute(
        statements("passwords")["note_protected"], values | {"password_id": password_id, "sha256": sha256}
    )
