"""``fetch``: each dataset to Parquet, each set of documents checked and copied. A retry repeats the keys."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from broadsheet.domain.objects import ObjectStore
from broadsheet.domain.report import DocumentKind, ReportDefinition
from broadsheet.domain.run import RunSpec
from broadsheet.pipeline.documents import gather_appendices, gather_pictures
from broadsheet.pipeline.source import copy_query

log = logging.getLogger(__name__)


class DatasetSummary(BaseModel):
    """What a fetched dataset is: its key in staging and its number of rows."""

    model_config = ConfigDict(frozen=True)

    dataset: str
    key: str
    rows: int


class DocumentsSummary(BaseModel):
    """What a fetched set of documents is: its manifest's key in staging and how many can be used."""

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
    query = (sql_dir / "reports" / report.id / report.datasets[dataset].sql).read_text(encoding="utf-8-sig")
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
    """Check the documents below a prefix and store safe copies of them, with a manifest.

    Where the set is not required, what is missing or bad keeps its place in the manifest, with the reason.
    Otherwise DocumentError names the key and what to do.
    """
    prefix = spec.document_prefix(documents)
    definition = report.documents[documents]
    gather = gather_appendices if definition.kind is DocumentKind.PDF else gather_pictures
    manifest = gather(definition, prefix=prefix, source=source, staging=staging, locale=spec.locale)
    for fault in manifest.faults:
        log.warning("run %s: documents %s: %s", spec.run_id, documents, fault)
    key = f"{prefix}manifest.json"
    staging.put(key, manifest.model_dump_json(indent=1).encode(), content_type="application/json")
    count = sum(not image.fault for image in manifest.images)
    count += sum(not appendix.fault for appendix in manifest.appendices)
    return DocumentsSummary(documents=documents, key=key, count=count)
