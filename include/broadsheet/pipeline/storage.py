"""``upload``: publish built files under their final keys and record them in the ledger."""

from __future__ import annotations

import hashlib
import logging
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from broadsheet.domain.file_name import safe_file_name
from broadsheet.domain.objects import ObjectStore
from broadsheet.domain.run import RunSpec
from broadsheet.errors import IntegrityError
from broadsheet.store.database import transaction
from broadsheet.store.ledger import add_artifact

log = logging.getLogger(__name__)

_MEDIA_TYPES = {
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
    "png": "image/png",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# Which task builds a file again.
_BUILDERS = {"pdf": "build_pdf", "png": "build_pdf", "csv": "aggregate", "xlsx": "aggregate"}


class PublishedArtifact(BaseModel):
    """A file that is stored for good."""

    model_config = ConfigDict(frozen=True)

    artifact_id: UUID
    key: str
    sha256: str
    size_bytes: int
    pages: int | None
    created: bool
    """False when an earlier try or run had stored the same bytes already."""


def publish_artifact(
    spec: RunSpec,
    variant: str,
    *,
    staging: ObjectStore,
    artifacts: ObjectStore,
    dsn: str,
    file_name: str,
    staged_key: str,
    sha256: str,
    pages: int | None = None,
    artifact_format: str = "pdf",
    part: str = "",
) -> PublishedArtifact:
    """Copy a staged file to ``artifacts/<run>/<variant>/<sha256>.<format>``, read it back, and record it.

    ``part`` is the table whose rows the file holds, where there is a file for each; it is in the key then.

    The key is made of the content, so a repeated call stores and records nothing twice. Raises IntegrityError
    when the staged bytes, or those under the final key, are not the ones that were built.
    """
    data = staging.get(staged_key)
    _verify(
        data,
        sha256,
        what=f"staged file {staged_key!r}",
        cure=f"clear `{_BUILDERS[artifact_format]}` to build it again",
    )
    key = spec.artifact_key(variant, sha256, artifact_format=artifact_format, part=part)
    created = artifacts.put_if_absent(key, data, content_type=_MEDIA_TYPES[artifact_format])
    _verify(artifacts.get(key), sha256, what=f"artifact {key!r}", cure="delete it and clear `upload`")
    with transaction(dsn) as connection:
        artifact_id = add_artifact(
            connection,
            spec.run_id,
            variant=variant,
            artifact_format=artifact_format,
            key=key,
            file_name=safe_file_name(file_name, extension=artifact_format),
            sha256=sha256,
            size_bytes=len(data),
            pages=pages,
            part=part,
        )
    log.info("artifact %s of run %s: %d bytes, new: %s", artifact_id, spec.run_id, len(data), created)
    return PublishedArtifact(
        artifact_id=artifact_id, key=key, sha256=sha256, size_bytes=len(data), pages=pages, created=created
    )


def _verify(data: bytes, sha256: str, *, what: str, cure: str) -> None:
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise IntegrityError(f"{what} has SHA-256 {found} instead of {sha256}; {cure}")
