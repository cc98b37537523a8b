"""A payload as charts and document read it: checked, and its texts cleaned.

Every text in it may come from data. It is cleaned here, once, and never read as markup afterwards.
"""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, JsonValue, ValidationError

from broadsheet.domain.objects import ObjectStore
from broadsheet.domain.run import RunSpec
from broadsheet.errors import IntegrityError
from broadsheet.pipeline.document.fonts import clean
from broadsheet.pipeline.payload import payload_key


def _short(text: str) -> str:
    return clean(text, limit=300).strip()


def _long(text: str) -> str:
    return clean(text, limit=2_000).strip()


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


Label = Annotated[str, AfterValidator(_short)]
Text = Annotated[str, AfterValidator(_long)]
Number = Annotated[float | None, AfterValidator(_finite)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class ParameterPart(_Part):
    """One parameter and how its value reads."""

    name: str
    label: Label
    value: JsonValue = None
    display: Label


class PeriodPart(_Part):
    """A period with its words."""

    name: Label
    label: Label
    short: Label = ""
    kind: str = ""
    zone: Label
    start: AwareDatetime
    end: AwareDatetime
    first_day: str = ""
    last_day: str = ""


class Kpi(_Part):
    """One number with its change against the period before."""

    label: Label
    display: Label
    unit: Label = ""
    change_display: Label = ""
    direction: Literal["up", "down", "flat", "none"] = "none"
    good: bool | None = None
    note: Label = ""


class Series(_Part):
    """One line, one set of bars or one layer of a chart."""

    name: Label
    values: tuple[Number, ...]
    role: Literal["current", "previous", "other"] = "current"


class Reference(_Part):
    """A level to compare with."""

    value: Number
    label: Label = ""


class Chart(_Part):
    """A chart's numbers and words."""

    kind: Literal["line", "bar", "hbar", "stacked", "histogram", "scatter"]
    title: Label
    subtitle: Label = ""
    unit: Label = ""
    x_label: Label = ""
    y_label: Label = ""
    x: tuple[float | Label, ...] = ()
    series: tuple[Series, ...] = ()
    reference: Reference | None = None
    format: str = "decimal1"
    alt: Text = ""


class Column(_Part):
    """A table's column."""

    name: str
    label: Label
    align: Literal["left", "right"] = "left"
    unit: Label = ""


class Table(_Part):
    """A table's rows, already written for readers."""

    title: Label
    columns: tuple[Column, ...]
    rows: tuple[tuple[Label, ...], ...]
    shown: int
    total_rows: int


class Picture(_Part):
    """A checked JPEG in the staging prefix."""

    key: str
    width: int
    height: int
    caption: Label = ""


class Payload(_Part):
    """Everything that one document says."""

    report_id: str
    title: Label
    subtitle: Label = ""
    parameters: tuple[ParameterPart, ...] = ()
    period: PeriodPart
    previous_period: PeriodPart | None = None
    data_as_of: str | None = None
    data_as_of_display: Label = ""
    notices: tuple[Text, ...] = ()
    empty: bool = False
    values: dict[str, JsonValue] = {}
    displays: dict[str, Text] = {}
    kpis: dict[str, tuple[Kpi, ...]] = {}
    charts: dict[str, Chart] = {}
    tables: dict[str, Table] = {}
    images: dict[str, tuple[Picture, ...]] = {}
    provenance: dict[str, JsonValue] = {}


def drawing_key(spec: RunSpec, variant: str, *, chart: str, size: str) -> str:
    """Return the key of a chart's drawing in one size, ``half`` or ``full``."""
    return f"{spec.variant_prefix(variant)}charts/{chart}.{size}.json"


def load_payload(spec: RunSpec, variant: str, *, staging: ObjectStore) -> Payload:
    """Read and check a variant's payload; IntegrityError when it does not have the agreed shape."""
    key = payload_key(spec, variant)
    try:
        return Payload.model_validate_json(staging.get(key))
    except ValidationError as error:
        fields = ", ".join(
            sorted({".".join(str(part) for part in fault["loc"][:3]) for fault in error.errors()})
        )
        raise IntegrityError(f"{key} of run {spec.run_id} has not the agreed shape: {fields}") from error
