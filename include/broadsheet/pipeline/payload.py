"""The payload: one variant's numbers, words and rows, as ``aggregate`` writes and the later steps read them.

Stored as JSON. Numbers stand raw beside what readers see, so that no later step formats or computes. What has
no value (NULL, NaN, nothing to divide by) is None raw and an en dash in words.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal, TypedDict

from broadsheet.domain.objects import ObjectStore
from broadsheet.domain.run import RunSpec

Number = int | float | None
Value = int | float | str | None
Direction = Literal["up", "down", "flat", "none"]
Role = Literal["current", "previous", "other"]


class ParameterPart(TypedDict):
    """A parameter and its value in words."""

    name: str
    label: str
    value: Value
    display: str


class PeriodPart(TypedDict):
    """A period: ``end`` is the first instant after it, ``last_day`` the last day in it."""

    name: str
    label: str
    short: str
    kind: str
    zone: str
    start: str
    end: str
    first_day: str
    last_day: str


class Kpi(TypedDict):
    """A figure with its change against the period before; ``good`` is None where no way is good news."""

    label: str
    value: Number
    display: str
    unit: str
    change: Number
    change_display: str
    direction: Direction
    good: bool | None
    note: str


class Series(TypedDict):
    """One line, set of bars or layer, with a value for each ``x`` of its chart."""

    name: str
    values: list[Number]
    role: Role


class ReferenceLine(TypedDict):
    """A line across a chart."""

    value: float
    label: str


class ChartPart(TypedDict):
    """What a chart shows; fractions where ``format`` is percent."""

    kind: str
    title: str
    subtitle: str
    unit: str
    x_label: str
    y_label: str
    x: list[str]
    series: list[Series]
    reference: ReferenceLine | None
    format: str
    alt: str


class ColumnPart(TypedDict):
    """A column of a table."""

    name: str
    label: str
    align: Literal["left", "right"]
    unit: str


class TablePart(TypedDict):
    """Rows in words, in order of rank; ``total_rows`` is how many there are before the limit."""

    title: str
    columns: list[ColumnPart]
    rows: list[list[str]]
    shown: int
    total_rows: int


class ImagePart(TypedDict):
    """A checked picture in staging."""

    key: str
    width: int
    height: int
    caption: str


class DatasetPart(TypedDict):
    """Where numbers come from: rows read, the query's file and the digest of the fetched data."""

    name: str
    rows: int
    sql: str
    sha256: str


class Provenance(TypedDict):
    """What a reader needs to find the numbers again."""

    datasets: list[DatasetPart]
    report_version: str


class Payload(TypedDict):
    """Everything that one document says."""

    report_id: str
    title: str
    subtitle: str
    parameters: list[ParameterPart]
    period: PeriodPart
    previous_period: PeriodPart
    data_as_of: str | None
    data_as_of_display: str
    notices: list[str]
    empty: bool
    values: dict[str, Value]
    displays: dict[str, str]
    kpis: dict[str, list[Kpi]]
    charts: dict[str, ChartPart]
    tables: dict[str, TablePart]
    images: dict[str, list[ImagePart]]
    provenance: Provenance


def payload_key(spec: RunSpec, variant: str) -> str:
    """Return the key of a variant's payload in staging."""
    return f"{spec.variant_prefix(variant)}payload.json"


def write_payload(spec: RunSpec, variant: str, payload: Payload, *, staging: ObjectStore) -> str:
    """Store a payload and return its key. ValueError when a number in it is not finite."""
    key = payload_key(spec, variant)
    text = json.dumps(payload, ensure_ascii=False, allow_nan=False, indent=1)
    staging.put(key, text.encode(), content_type="application/json")
    return key


def read_payload(spec: RunSpec, variant: str, *, staging: ObjectStore) -> Payload:
    """Read a variant's payload; NotFoundError when ``aggregate`` has not written it."""
    payload: Payload = json.loads(staging.get(payload_key(spec, variant)))
    return payload


def text_context(payload: Payload) -> Mapping[str, object]:
    """Return the names that the texts of a definition may use, for ``catalog.texts.render_text``."""
    return {
        "title": payload["title"],
        "values": payload["values"],
        "displays": payload["displays"],
        "parameters": {parameter["name"]: parameter for parameter in payload["parameters"]},
        "period": payload["period"],
        "previous_period": payload["previous_period"],
    }
