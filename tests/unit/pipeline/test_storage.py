"""Publishing: content-addressed, verified, and recorded once."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from tests.seed import PDF, plan, run_spec

from broadsheet.domain.objects import MemoryObjectStore
from broadsheet.domain.run import RunSpec, Trigger
from broadsheet.errors import IntegrityError, NotFoundError
from broadsheet.pipeline.storage import PublishedArtifact, publish_artifact
from broadsheet.store.database import transaction
from broadsheet.store.ledger import artifact_of_variant, artifacts_of_run, open_run
from broadsheet.store.objects import S3ObjectStore

SHA256 = hashlib.sha256(PDF).hexdigest()


@pytest.fixture
def spec(database_dsn: str) -> RunSpec:
    spec = run_spec()
    with transaction(database_dsn) as connection:
        open_run(connection, spec, dag_id="d", dag_run_id="r", trigger=Trigger.MANUAL)
    return spec


def publish(spec: RunSpec, store: Any, dsn: str, **changed: Any) -> PublishedArtifact:
    arguments = {"file_name": "report.pdf", "staged_key": "staged.pdf", "sha256": SHA256, "pages": 3}
    return publish_artifact(spec, "main", staging=store, artifacts=store, dsn=dsn, **(arguments | changed))


def test_a_document_is_stored_under_its_content_and_recorded(
    spec: RunSpec, database_dsn: str, object_store: S3ObjectStore
) -> None:
    object_store.put("staged.pdf", PDF, content_type="application/pdf")
    published = publish(spec, object_store, database_dsn, file_name="../Week 12\r\n.pdf")
    assert published.key == f"artifacts/{spec.run_id}/main/{SHA256}.pdf"
    assert object_store.get(published.key) == PDF
    with transaction(database_dsn) as connection:
        row = artifact_of_variant(connection, spec.run_id, "main")
    assert (row.artifact_id, row.size_bytes, row.pages) == (published.artifact_id, len(PDF), 3)
    assert row.file_name == "Week 12.pdf"


def test_publishing_twice_stores_and_records_once(
    spec: RunSpec, database_dsn: str, object_store: S3ObjectStore
) -> None:
    object_store.put("staged.pdf", PDF, content_type="application/pdf")
    first = publish(spec, object_store, database_dsn)
    second = publish(spec, object_store, database_dsn)
    assert (first.created, second.created) == (True, False)
    assert first.artifact_id == second.artifact_id
    with transaction(database_dsn) as connection:
        assert len(artifacts_of_run(connection, spec.run_id)) == 1


def test_other_content_becomes_another_artifact_and_the_newest_is_mailed(
    spec: RunSpec, database_dsn: str
) -> None:
    store, newer = MemoryObjectStore(), PDF + b"newer"
    store.put("staged.pdf", PDF, content_type="application/pdf")
    publish(spec, store, database_dsn)
    store.put("staged.pdf", newer, content_type="application/pdf")
    second = publish(spec, store, database_dsn, sha256=hashlib.sha256(newer).hexdigest())
    plan(database_dsn, spec, "ada@broadsheet.example")
    with transaction(database_dsn) as connection:
        assert len(artifacts_of_run(connection, spec.run_id)) == 2
        assert artifact_of_variant(connection, spec.run_id, "main").artifact_id == second.artifact_id


def test_a_staged_file_that_changed_is_not_published(spec: RunSpec, database_dsn: str) -> None:
    store = MemoryObjectStore()
    store.put("staged.pdf", PDF + b"changed", content_type="application/pdf")
    with pytest.raises(IntegrityError, match=r"staged\.pdf"):
        publish(spec, store, database_dsn)
    assert list(store.objects) == ["staged.pdf"]


def test_other_bytes_under_the_final_key_are_found_out(spec: RunSpec, database_dsn: str) -> None:
    store = MemoryObjectStore()
    store.put("staged.pdf", PDF, content_type="application/pdf")
    store.put(spec.artifact_key("main", SHA256), b"planted", content_type="application/pdf")
    with pytest.raises(IntegrityError, match="artifacts/"):
        publish(spec, store, database_dsn)
    with transaction(database_dsn) as connection:
        assert artifacts_of_run(connection, spec.run_id) == []


def test_a_missing_staged_file_is_not_found(spec: RunSpec, database_dsn: str) -> None:
    with pytest.raises(NotFoundError):
        publish(spec, MemoryObjectStore(), database_dsn)


def test_a_file_of_rows_is_published_under_its_own_kind(
    spec: RunSpec, database_dsn: str, object_store: S3ObjectStore
) -> None:
    data = b"Value\r\n1\r\n"
    digest = hashlib.sha256(data).hexdigest()
    object_store.put("rows.csv", data, content_type="text/csv")
    staged = {"staged_key": "rows.csv", "sha256": digest, "pages": None}
    published = publish(
        spec, object_store, database_dsn, **staged, file_name="rows.csv", artifact_format="csv"
    )
    assert published.key.endswith(f"/{digest}.csv")
    assert object_store.get(published.key) == data
    with transaction(database_dsn) as connection:
        (row,) = artifacts_of_run(connection, spec.run_id)
    assert (row.format, row.file_name, row.pages) == ("csv", "rows.csv", None)


def test_two_files_with_the_same_rows_are_both_recorded(
    spec: RunSpec, database_dsn: str, object_store: S3ObjectStore
) -> None:
    data = b"Value\r\n"
    object_store.put("rows.csv", data, content_type="text/csv")
    staged = {"staged_key": "rows.csv", "sha256": hashlib.sha256(data).hexdigest(), "pages": None}
    for part in ("arrivals", "routes", "routes"):
        named = {"part": part, "file_name": f"{part}.csv", "artifact_format": "csv"}
        publish(spec, object_store, database_dsn, **staged, **named)
    with transaction(database_dsn) as connection:
        rows = artifacts_of_run(connection, spec.run_id)
    assert sorted(row.file_name for row in rows) == ["arrivals.csv", "routes.csv"]
    assert all(object_store.get(row.key) == data for row in rows)
