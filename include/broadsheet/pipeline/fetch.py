"""``fetch``: each dataset to Parquet, each set of documents checked and copied. A retry repeats the keys."""

from __future__ import annotations

import hashlib
import json
import logging
import tempfile
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from broadsheet.domain.objects import ObjectStore, StoredObject
from broadsheet.domain.report import Documents, ReportDefinition
from broadsheet.domain.run import RunSpec
from broadsheet.errors import DocumentError, NotFoundError
from broadsheet.pipeline.pictures import LARGEST_FILE, prepare_picture
from broadsheet.pipeline.source import copy_query

log = logging.getLogger(__name__)

_LARGEST_SET = 100_000_000
"""Bytes of source pictures that one set may have."""


class DatasetSummary(BaseModel):
    """What a fetched dataset is: its key in staging and its number of rows."""

    model_config = ConfigDict(frozen=True)

    dataset: str
    key: str
    rows: int


class DocumentsSummary(BaseModel):
    """What a fetched set of documents is: the key of its manifest in staging and its number of pictures."""

    model_config = ConfigDict(frozen=True)

    documents: str
    key: str
    count: int


def fetch_dataset(
    spec: RunSpec,
    report: ReportDefinition,
    dataset: str,
    *,
    dsn: str,
    staging: ObjectStore,
    sql_dir: Path,
    statement_timeout: int,
) -> DatasetSummary:
    """Run a dataset's query and store its rows as Parquet, streamed; the same rows give the same bytes.

    ``statement_timeout`` is in seconds. QueryError when the source refuses the query;
    DatabaseUnavailableError when it cannot be reached, drops the connection or takes longer than the timeout.
    """
    query = (sql_dir / "reports" / report.id / report.datasets[dataset].sql).read_text(encoding="utf-8")
    with tempfile.TemporaryFile() as file:
        rows = copy_query(
            spec, report, dataset, query=query, dsn=dsn, file=file, statement_timeout=statement_timeout
        )
        file.seek(0)
        data = file.read()
    key = spec.dataset_key(dataset)
    staging.put(key, data, content_type="application/vnd.apache.parquet")
    log.info("run %s: dataset %s has %d rows, %d bytes", spec.run_id, dataset, rows, len(data))
    return DatasetSummary(dataset=dataset, key=key, rows=rows)


def fetch_documents(
    spec: RunSpec, report: ReportDefinition, documents: str, *, source: ObjectStore, staging: ObjectStore
) -> DocumentsSummary:
    """Check the pictures below a prefix and store them as JPEG at print resolution, with a manifest.

    Where the set is not required, what is missing or bad becomes a notice in the manifest. Otherwise
    DocumentError names the key and what to do.
    """
    definition = report.documents[documents]
    prefix = spec.document_prefix(documents)
    notices: list[str] = []
    entries: list[dict[str, object]] = []
    chosen, found = _choose(definition, source)
    if not chosen:
        notices.append(
            _missing(definition, f"there is no picture under {definition.prefix!r} in the documents bucket")
        )
    elif found > len(chosen):
        notices.append(f"Pictures: showing {len(chosen)} of {found:,}.")
    for item in chosen:
        name = item.key.removeprefix(definition.prefix)
        try:
            picture = prepare_picture(_read(item, source), key=item.key)
        except DocumentError as error:
            notices.append(_missing(definition, str(error), cause=error))
            continue
        key = f"{prefix}{len(entries) + 1:03d}.jpg"
        staging.put(key, picture.jpeg, content_type="image/jpeg")
        entries.append(
            {
                "key": key,
                "source": item.key,
                "width": picture.width,
                "height": picture.height,
                "caption": definition.captions.get(name, _words(name)),
                "sha256": hashlib.sha256(picture.jpeg).hexdigest(),
            }
        )
    manifest = json.dumps(
        {"images": entries, "notices": notices}, ensure_ascii=False, sort_keys=True, indent=1
    )
    key = f"{prefix}manifest.json"
    staging.put(key, manifest.encode(), content_type="application/json")
    return DocumentsSummary(documents=documents, key=key, count=len(entries))


def _choose(definition: Documents, source: ObjectStore) -> tuple[list[StoredObject], int]:
    """Return the first objects in the order of their keys, within the caps, and how many there are."""
    chosen: list[StoredObject] = []
    found = total = 0
    for item in source.list(definition.prefix):
        if item.key.endswith("/"):
            continue
        found += 1
        total += item.size_bytes
        if len(chosen) < definition.max_count and total <= _LARGEST_SET:
            chosen.append(item)
    return chosen, found


def _read(item: StoredObject, source: ObjectStore) -> bytes:
    if item.size_bytes > LARGEST_FILE:
        raise DocumentError(
            f"picture {item.key!r} has {item.size_bytes:,} bytes; "
            f"at most {LARGEST_FILE:,} are taken: store a smaller one"
        )
    try:
        return source.get(item.key)
    except NotFoundError as error:
        raise DocumentError(
            f"picture {item.key!r} was listed and is gone; store it again or remove it from the report"
        ) from error


def _missing(definition: Documents, message: str, *, cause: DocumentError | None = None) -> str:
    """Return a notice for the report where the set may lack pictures; DocumentError where it must not."""
    if definition.required:
        raise DocumentError(f"{message} (the report's definition says `required: true`)") from cause
    return f"Left out: {message}."


def _words(name: str) -> str:
    """Make a caption of a file's name: ``02-taxiing_at_JFK.png`` says ``Taxiing at JFK``."""
    words = (
        Path(name).stem.lstrip("0123456789-_ ").replace("_", " ").replace("-", " ").strip() or Path(name).stem
    )
    return words[:1].upper() + words[1:200]
