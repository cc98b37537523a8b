"""The payload: one variant's numbers, words and rows, as ``aggregate`` writes and the later steps read them.

Stored as JSON. Numbers stand raw beside what readers see, so that no later step formats or computes. What has
no value (NULL, NaN, nothing to divide by) is None raw and an en dash in words.

Every text in it may come from data. It is cleaned here, when a part is made, and never read as markup
afterwards.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, JsonValue, ValidationError

from broadsheet.catalog.texts import CONTEXT
from broadsheet.domain.objects import ObjectStore
from broadsheet.domain.run import DEFAULT_LOCALE, RunSpec
from broadsheet.errors import IntegrityError
from broadsheet.pipeline.cleaning import clean


def _short(text: str) -> str:
    return clean(text, limit=300).strip()


def _long(text: str) -> str:
    return clean(text, limit=2_000).strip()


def _cell(text: str) -> str:
    # Most cells are short; how long those of a column may be, its own lines say.
    return clean(text, limit=5_000).strip()


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


Label = Annotated[str, AfterValidator(_short)]
Text = Annotated[str, AfterValidator(_long)]
CellText = Annotated[str, AfterValidator(_cell)]
Number = int | float | None
Value = int | float | str | None
Plotted = Annotated[float | None, AfterValidator(_finite)]
Direction = Literal["up", "down", "flat", "none"]
Tone = Literal["", "good", "warn", "bad"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class ParameterPart(_Part):
    """A parameter and its value in words."""

    name: str
    label: Label
    value: JsonValue = None
    display: Label


class PeriodPart(_Part):
    """A period: ``end`` is the first instant after it, ``last_day`` the last day in it."""

    name: Label
    label: Label
    short: Label = ""
    kind: str = ""
    zone: Label
    start: AwareDatetime
    end: AwareDatetime
    first_day: str = ""
    last_day: str = ""


class KpiPart(_Part):
    """A figure with its change against the period before; ``good`` is None where no way is good news."""

    label: Label
    value: Number = None
    display: Label
    unit: Label = ""
    change: Number = None
    change_display: Label = ""
    against: Label = ""
    """What the change is against, where that is not the period before."""
    direction: Direction = "none"
    good: bool | None = None
    target_display: Label = ""
    reached: bool | None = None
    """Whether the value is where it should be; None without a target or a value."""
    points: tuple[Plotted, ...] = ()
    """The value's way through the period, for a small line."""
    note: Label = ""


class SeriesPart(_Part):
    """One line, set of bars, layer or row of cells, with a value for each ``x`` of its chart.

    Points of a scatter have places of their own along the bottom, ``x_values``, and names. ``shape`` is what
    a chart of several shapes draws the series as; ``second`` says that its axis is the one at the right.
    """

    name: Label
    values: tuple[Plotted, ...]
    role: Literal["current", "previous", "other"] = "current"
    shape: Literal["bar", "line"] = "bar"
    second: bool = False
    x_values: tuple[Plotted, ...] = ()
    names: tuple[Label, ...] = ()


class ReferencePart(_Part):
    """A level across a chart, to compare with."""

    value: Plotted
    label: Label = ""


class AnnotationPart(_Part):
    """Words at a place along the bottom, or over a range: positions in ``x``, or numbers of a scatter."""

    text: Label
    start: Plotted
    end: Plotted = None


class SpreadPart(_Part):
    """How values lie: 5th and 95th percentile, quartiles, median, and how many values there are."""

    low: Plotted
    lower: Plotted
    median: Plotted
    upper: Plotted
    high: Plotted
    mark: Plotted = None
    """The chart's own measure, where it is another number than the median."""
    count: int = 0


class PanelPart(_Part):
    """One small chart of many with the same axes."""

    title: Label
    series: tuple[SeriesPart, ...] = ()


ChartWord = Literal[
    "line",
    "area",
    "bar",
    "hbar",
    "stacked",
    "combo",
    "histogram",
    "scatter",
    "box",
    "heatmap",
    "calendar",
    "slope",
    "waterfall",
    "multiples",
    "sparkline",
]


class ChartPart(_Part):
    """What a chart shows; fractions where ``format`` is percent."""

    kind: ChartWord
    layers: Literal["grouped", "stacked", "percent"] = "grouped"
    """How series that share a category stand: side by side, upon each other, or as shares of their sum."""
    title: Label
    subtitle: Label = ""
    unit: Label = ""
    x_label: Label = ""
    y_label: Label = ""
    second_label: Label = ""
    """Name of the axis at the right, for series that have ``second``."""
    x: tuple[float | Label, ...] = ()
    series: tuple[SeriesPart, ...] = ()
    spreads: tuple[SpreadPart, ...] = ()
    """One for each ``x`` of a box chart."""
    panels: tuple[PanelPart, ...] = ()
    shape: Literal["line", "bar", "area"] = "line"
    """What the panels of small multiples draw."""
    totals: tuple[int, ...] = ()
    """Positions of a waterfall's bars that stand on the ground; the others are changes."""
    references: tuple[ReferencePart, ...] = ()
    annotations: tuple[AnnotationPart, ...] = ()
    format: str = "decimal1"
    x_format: str = "decimal1"
    second_format: str = "decimal1"
    second_unit: Label = ""
    """Unit of the series that have ``second``."""
    note: Label = ""
    """What a reader must know below the chart: what was left out, how it is read."""
    empty: Label = ""
    """Why nothing can be drawn; where this is empty and there is no value either, the usual words stand."""
    alt: Text = ""


class ColumnPart(_Part):
    """A column of a table; ``bars``, ``shades`` and ``tones`` have an entry for each row, or none at all."""

    name: str
    label: Label
    align: Literal["left", "right"] = "left"
    unit: Label = ""
    lines: int = 3
    """Lines that a text may take."""
    bars: tuple[Plotted, ...] = ()
    """Length of the bar beside a number, from -1 to 1: a share of the longest."""
    shades: tuple[Plotted, ...] = ()
    """Depth of the tint behind a number, from -1 to 1; below zero it has another hue."""
    tones: tuple[Tone, ...] = ()
    """What the colour of a cell says; its text says the same with a sign."""


class SummaryPart(_Part):
    """A row that sums others up: those of a group, those that are not shown, or all of them."""

    kind: Literal["subtotal", "other", "total"]
    label: Label
    cells: tuple[CellText, ...]
    """One for each column, empty where there is nothing to say; the label stands before the first."""


class GroupPart(_Part):
    """Rows ``start`` to ``stop`` of a table, under a heading of their own."""

    start: int
    stop: int
    title: Label
    note: Label = ""
    """What stands beside the title: ``12 rows``."""
    subtotal: SummaryPart | None = None


class TablePart(_Part):
    """Rows in words, in order of rank; ``total_rows`` is how many there are before the limit."""

    title: Label
    columns: tuple[ColumnPart, ...]
    rows: tuple[tuple[CellText, ...], ...]
    shown: int
    total_rows: int
    groups: tuple[GroupPart, ...] = ()
    """Every row is in one of them, in this order; or there are none."""
    summaries: tuple[SummaryPart, ...] = ()
    notes: tuple[Label, ...] = ()
    """What a reader must know of the table: signs, rows left out, rounding."""


class ImagePart(_Part):
    """A checked JPEG in staging; one that could not be used has a fault instead, to stand in its place."""

    key: str = ""
    width: int = 0
    height: int = 0
    caption: Label = ""
    note: Label = ""
    """What a reader must know of it, beside the caption."""
    fault: Text = ""


class AppendixPart(_Part):
    """A PDF file without anything that acts, in staging; one that could not be used has a fault instead."""

    key: str = ""
    file: Label = ""
    title: Label = ""
    pages: int = 0
    """How many of its pages are appended."""
    total_pages: int = 0
    sizes: tuple[tuple[float, float], ...] = ()
    """Width and height of each page, in points."""
    page_faults: dict[int, Text] = {}
    """Why a page cannot be shown, by its number."""
    notes: tuple[Text, ...] = ()
    """What is not as it was: what was left out of it, or repaired."""
    fault: Text = ""


class DatasetPart(_Part):
    """Where numbers come from: rows read, the query's file, digests of the data and of the query."""

    name: str
    rows: int
    sql: str
    sha256: str
    query_sha256: str = ""


class ProvenancePart(_Part):
    """What a reader needs to find the numbers again."""

    datasets: tuple[DatasetPart, ...] = ()
    report_version: str = ""
    faults: tuple[Text, ...] = ()
    """What could not be drawn as it is, or was left out; it is said where it should stand, too."""


class Findings(_Part):
    """What a report is about and what was found: all that the texts of its definition may name."""

    report_id: str
    title: Label
    parameters: tuple[ParameterPart, ...] = ()
    period: PeriodPart
    previous_period: PeriodPart | None = None
    values: dict[str, Value] = {}
    displays: dict[str, Text] = {}


class Payload(Findings):
    """Everything that one document says."""

    locale: str = DEFAULT_LOCALE
    """Language of the document, as BCP 47 writes it."""
    subtitle: Label = ""
    data_as_of: str | None = None
    data_as_of_display: Label = ""
    notices: tuple[Text, ...] = ()
    empty: bool = False
    kpis: dict[str, tuple[KpiPart, ...]] = {}
    charts: dict[str, ChartPart] = {}
    tables: dict[str, TablePart] = {}
    images: dict[str, tuple[ImagePart, ...]] = {}
    appendices: dict[str, tuple[AppendixPart, ...]] = {}
    document_notices: dict[str, tuple[Text, ...]] = {}
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


def text_context(findings: Findings) -> Mapping[str, object]:
    """Return the names that the texts of a definition may use, for ``catalog.texts.render_text``."""
    names = findings.model_dump(mode="json", include=set(CONTEXT))
    return {**names, "parameters": {part["name"]: part for part in names["parameters"]}}
