"""Documents that open with a password only: AES-256 as PDF 2.0 has it.

Encryption takes random numbers, so that equal documents become other bytes each time. What a document became
first is therefore written down and used again, whoever tries once more.
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Callable
from uuid import UUID

import pikepdf
from pydantic import BaseModel, ConfigDict

from broadsheet.domain.objects import ObjectStore
from broadsheet.domain.run import RunSpec
from broadsheet.errors import IntegrityError, NotFoundError
from broadsheet.settings import Settings
from broadsheet.store.database import transaction
from broadsheet.store.passwords import RunPassword, note_protected, password_of_run, protected_sha256
from broadsheet.store.sealing import unseal

log = logging.getLogger(__name__)


class StagedFile(BaseModel):
    """A file in staging, as it is to be published."""

    model_config = ConfigDict(frozen=True)

    key: str
    sha256: str


class StagedDocument(StagedFile):
    """A document in staging, with the picture of its first page where one is to be published."""

    picture: StagedFile | None = None


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


def protect_document(
    spec: RunSpec,
    variant: str,
    document: StagedDocument,
    *,
    staging: ObjectStore,
    stored: Callable[[str], bytes],
    dsn: str,
    settings: Settings,
) -> StagedDocument:
    """Return a variant's document as it is to be published: protected, where its subscription has a password.

    ``stored`` gives a published file's bytes by its key. A retry returns the same bytes. There is no picture
    beside a protected document.
    IntegrityError when the staged bytes are not the built ones, or the password cannot be decrypted.
    """
    with transaction(dsn) as connection:
        password = password_of_run(connection, spec.run_id)
        if password is None:
            return document
        known = protected_sha256(
            connection,
            spec.run_id,
            variant,
            plain_sha256=document.sha256,
            password_id=password.password_id,
        )
    key = f"{spec.variant_prefix(variant)}protected/{document.sha256}-{password.password_id}.pdf"
    data = _published(spec, variant, known, stored)
    if data is None:
        data = _encrypted(document, password, key, staging=staging, settings=settings)
    staging.put(key, data, content_type="application/pdf")
    sha256 = hashlib.sha256(data).hexdigest()
    with transaction(dsn) as connection:
        note_protected(
            connection,
            spec.run_id,
            variant,
            plain_sha256=document.sha256,
            password_id=password.password_id,
            sha256=sha256,
        )
    log.info("run %s variant %s: document protected by a password", spec.run_id, variant)
    return StagedDocument(key=key, sha256=sha256)


def _published(
    spec: RunSpec, variant: str, sha256: str | None, stored: Callable[[str], bytes]
) -> bytes | None:
    """Return what an earlier try has published, if it has."""
    if sha256 is None:
        return None
    try:
        data = stored(spec.artifact_key(variant, sha256))
    except NotFoundError:
        return None
    return data if hashlib.sha256(data).hexdigest() == sha256 else None


def _encrypted(
    document: StagedDocument, password: RunPassword, key: str, *, staging: ObjectStore, settings: Settings
) -> bytes:
    plain = staging.get(document.key)
    if hashlib.sha256(plain).hexdigest() != document.sha256:
        raise IntegrityError(
            f"staged file {document.key!r} is not the one that was built; clear `build_pdf` to build it again"
        )
    data = encrypt_pdf(plain, password=unseal(password.secret, settings))
    # Of two tries at a time, the one that is first wins.
    staging.put_if_absent(key, data, content_type="application/pdf")
    return staging.get(key)
