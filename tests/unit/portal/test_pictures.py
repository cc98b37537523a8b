"""The picture of a job's first page is drawn once, and then kept beside the document."""

from __future__ import annotations

import hashlib
import io

import pikepdf
import pytest
from tests.office import ADA, Office, ask

from broadsheet.errors import NotFoundError
from broadsheet.portal.pictures import picture_of
from broadsheet.services.jobs import Job, get_job
from broadsheet.services.requests import request_report
from broadsheet.store.database import transaction
from broadsheet.store.ledger import add_artifact
from broadsheet.store.objects import S3ObjectStore


@pytest.fixture
def office(database_dsn: str, object_store: S3ObjectStore) -> Office:
    return Office(database_dsn, artifacts=object_store)


def a_page() -> bytes:
    document, target = pikepdf.new(), io.BytesIO()
    document.add_blank_page(page_size=(595, 842))
    document.save(target)
    return target.getvalue()


def job_with(office: Office, content: bytes | None, *, file_format: str = "pdf") -> Job:
    job = request_report(office.inst, ADA, ask(parameters={"carrier": "UA"}))
    if content is not None:
        key = f"artifacts/{job.id}/main.{file_format}"
        office.inst.artifacts().put(key, content, content_type="application/octet-stream")
        with transaction(office.dsn) as connection:
            add_artifact(
                connection,
                job.id,
                variant="main",
                artifact_format=file_format,
                key=key,
                file_name=f"report.{file_format}",
                sha256=hashlib.sha256(content).hexdigest(),
                size_bytes=len(content),
                pages=1,
            )
    return get_job(office.inst, ADA, job.id)


def test_a_picture_is_drawn_once(office: Office, object_store: S3ObjectStore) -> None:
    content = a_page()
    job = job_with(office, content)
    first = picture_of(office.inst, job)
    assert (first.media_type, bytes(first.body)[:4]) == ("image/png", b"\x89PNG")
    sha256 = hashlib.sha256(content).hexdigest()
    assert first.headers["etag"] == f'"{sha256}"'
    assert object_store.get(f"pictures/{sha256}.png") == first.body
    # Only the kept one is left to show.
    object_store.delete_prefix("artifacts/")
    assert picture_of(office.inst, job).body == first.body


def test_of_a_protected_document_there_is_no_picture(
    office: Office, object_store: S3ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_with(office, a_page())
    protected = job.artifacts[0].model_copy(update={"is_protected": True})
    monkeypatch.setattr("broadsheet.portal.pictures.draw_first_page", lambda _: b"page one")
    with pytest.raises(NotFoundError, match="opens with a password only"):
        picture_of(office.inst, job.model_copy(update={"artifacts": (protected,)}))
    assert list(object_store.list("pictures/")) == []


@pytest.mark.parametrize(
    ("content", "file_format"), [(None, "pdf"), (b"a,b\n1,2\n", "csv"), (b"broken", "pdf")]
)
def test_without_a_document_that_can_be_drawn_there_is_no_picture(
    office: Office, object_store: S3ObjectStore, content: bytes | None, file_format: str
) -> None:
    job = job_with(office, content, file_format=file_format)
    with pytest.raises(NotFoundError):
        picture_of(office.inst, job)
    assert list(object_store.list("pictures/")) == []
