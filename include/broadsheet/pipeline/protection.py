"""Documents that open with a password only: AES-256 as PDF 2.0 has it.

Encryption takes random numbers, so that equal documents become other bytes each time. What a document became
first is therefore written down and used again, whoever tries once more. The step that builds a document
has it encrypted before it leaves the process: no bucket ever holds it in clear.
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pikepdf
from pydantic import BaseModel, ConfigDict

from broadsheet.domain.objects import ObjectStore
from broadsheet.domain.run import RunSpec
from broadsheet.errors import IntegrityError, NotFoundError
from broadsheet.settings import Settings
from broadsheet.store.database import transaction
from broadsheet.store.passwords import (
    RunPassword,
    is_protected_document,
    note_protected,
    password_of_run,
    protected_sha256,
)
from broadsheet.store.sealing import unseal

log = logging.getLogger(__name__)


class ProtectedDocument(BaseModel):
    """A document in staging that opens with its password only."""

    model_config = ConfigDict(frozen=True)

    key: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True)
class Protector:
    """Puts the documents of one run under its password; they lie nowhere without it, staging included."""

    spec: RunSpec
    password: RunPassword
    staging: ObjectStore
    stored: Callable[[str], bytes]
    """Gives a published file's bytes by its key."""
    dsn: str
    settings: Settings

    def protect(self, variant: str, plain: bytes) -> ProtectedDocument:
        """Keep a variant's document in staging, encrypted; a retry keeps the same bytes.

        IntegrityError when the password cannot be decrypted, ConfigurationError without a key for that.
        """
        spec, password_id = self.spec, self.password.password_id
        plain_sha256 = hashlib.sha256(plain).hexdigest()
        with transaction(self.dsn) as connection:
            known = protected_sha256(
                connection, spec.run_id, variant, plain_sha256=plain_sha256, password_id=password_id
            )
        key = f"{spec.variant_prefix(variant)}protected/{plain_sha256}-{password_id}.pdf"
        data = self._published(variant, known)
        if data is not None:
            self.staging.put(key, data, content_type="application/pdf")
        else:
            data = encrypt_pdf(plain, password=unseal(self.password.secret, self.settings))
            # Of two tries at a time, the one that is first wins.
            if not self.staging.put_if_absent(key, data, content_type="application/pdf"):
                data = self.staging.get(key)
        sha256 = hashlib.sha256(data).hexdigest()
        with transaction(self.dsn) as connection:
            note_protected(
                connection,
                spec.run_id,
                variant,
                plain_sha256=plain_sha256,
                password_id=password_id,
                sha256=sha256,
            )
        log.info("run %s variant %s: document protected by a password", spec.run_id, variant)
        return ProtectedDocument(key=key, sha256=sha256, size_bytes=len(data))

    def _published(self, variant: str, sha256: str | None) -> bytes | None:
        """Return what an earlier try has published, if it has."""
        if sha256 is None:
            return None
        try:
            data = self.stored(self.spec.artifact_key(variant, sha256))
        except NotFoundError:
            return None
        return data if hashlib.sha256(data).hexdigest() == sha256 else None


def encrypt_pdf(data: bytes, *, password: str) -> bytes:
    """Return a PDF that opens with a password only; whoever has it may do everything with it."""
    with pikepdf.open(io.BytesIO(data)) as document:
        target = io.BytesIO()
        document.save(
            target,
            encryption=pikepdf.Encryption(owner=password, user=password, R=6),
            object_stream_mode=pikepdf.ObjectStreamMode.preserve,
        )
    return target.getvalue()


def is_protected(run_id: UUID, *, dsn: str) -> bool:
    """Whether the documents of a run are protected by a password."""
    with transaction(dsn) as connection:
        return password_of_run(connection, run_id) is not None


def refuse_open(spec: RunSpec, variant: str, *, sha256: str, dsn: str) -> None:
    """Raise IntegrityError when a protected run is about to publish a document that nobody has protected."""
    with transaction(dsn) as connection:
        if password_of_run(connection, spec.run_id) is None:
            return
        if not is_protected_document(connection, spec.run_id, variant, sha256=sha256):
            raise IntegrityError(
                f"run {spec.run_id}: the document of {variant!r} is not the protected one; "
                "clear the run from `build_pdf` on"
            )


def find_protector(
    spec: RunSpec, *, staging: ObjectStore, stored: Callable[[str], bytes], dsn: str, settings: Settings
) -> Protector | None:
    """Return what puts a run's documents under the password that was in force when it was opened, or None."""
    if spec.subscription_id is None:
        # Only a subscription's documents can be protected.
        return None
    with transaction(dsn) as connection:
        password = password_of_run(connection, spec.run_id)
    if password is None:
        return None
    return Protector(spec, password, staging=staging, stored=stored, dsn=dsn, settings=settings)
