"""The whole payload, and how it is kept in staging between the steps."""

from __future__ import annotations

import json

from pydantic import Field, ValidationError

from broadsheet.domain.objects import ObjectStore
from broadsheet.domain.run import DEFAULT_LOCALE, RunSpec
from broadsheet.errors import IntegrityError
from broadsheet.pipeline.payload.charts import ChartPart
from broadsheet.pipeline.payload.documents import AppendixPart, ImagePart
from broadsheet.pipeline.payload.fields import Label, Part, Text
from broadsheet.pipeline.payload.findings import Findings
from broadsheet.pipeline.payload.tables import TablePart
from broadsheet.pipeline.payload.tiles import KpiPart


class DatasetPart(Part):
    """Where numbers come from: rows read, the query's file, digests of the data and of the query."""

    name: str
    rows: int
    sql: str
    sha256: str
    query_sha256: str = ""


class ProvenancePart(Part):
    """What a reader needs to find the numbers again."""

    datasets: tuple[DatasetPart, ...] = ()
    report_version: str = ""
    credit: Text = ""
    """Who collected the data."""
    faults: tuple[Text, ...] = ()
    """What could not be drawn as it is, or was left out; it is said where it should stand, too."""


class Payload(Findings):
    """Everything that one document says."""

    locale: str = DEFAULT_LOCALE
    """Language of the document, as BCP 47 writes it."""
    subtitle: Label = ""
    data_as_of: str | None = None
    data_as_of_display: Label = ""
    notices: tuple[Text, ...] = ()
    empty: bool = False
    compared: bool = True
    """Whether anything is read of the period before."""
    kpis: dict[str, tuple[KpiPart, ...]] = Field(default_factory=dict)
    charts: dict[str, ChartPart] = Field(default_factory=dict)
    tables: dict[str, TablePart] = Field(default_factory=dict)
    images: dict[str, tuple[ImagePart, ...]] = Field(default_factory=dict)
    appendices: dict[str, tuple[AppendixPart, ...]] = Field(default_factory=dict)
    document_notices: dict[str, tuple[Text, ...]] = Field(default_factory=dict)
    """What must be said where a set of documents stands: that it is empty, or that not all of it is shown."""
    provenance: ProvenancePart = ProvenancePart()


def payload_key(spec: RunSpec, variant: str) -> str:
    """Return the key of a variant's payload in staging."""
    return f"{spec.variant_prefix(variant)}payload.json"


def write_payload(spec: RunSpec, variant: str, payload: Payload, *, staging: ObjectStore) -> str:
    """Store a payload and return its key. ValueError when a number in it is not finite."""
    key = payload_key(spec, variant)
    # Without indentation, which only Python's slow writer knows.
    text = json.dumps(payload.model_dump(mode="json"), ensure_ascii=False, allow_nan=False)
    staging.put(key, text.encode(), content_type="application/json")
    return key


def read_payload(spec: RunSpec, variant: str, *, staging: ObjectStore) -> Payload:
    """Read a variant's payload.

    NotFoundError when ``aggregate`` has not written it, IntegrityError when it has not the agreed shape.
    """
    key = payload_key(spec, variant)
    try:
        return Payload.model_validate_json(staging.get(key))
    except ValidationError as error:
        fields = ", ".join(
            sorted({".".join(str(part) for part in fault["loc"][:3]) for fault in error.errors()})
        )
        raise IntegrityError(f"{key} of run {spec.run_id} has not the agreed shape: {fields}") from error
