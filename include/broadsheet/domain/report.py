"""A report's definition: what an author declares in ``include/reports/<id>.yaml``, typed and frozen.

These models hold the shape only. References between parts, SQL files and templates are checked by the
catalog, which knows the lines of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, field_validator

from broadsheet.domain.parameters import validate_parameters
from broadsheet.domain.period import PeriodKind

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
"""A name that other parts refer to, in lower case: ``on_time_share``."""
Text = Annotated[str, StringConstraints(min_length=1, max_length=500)]
"""One line for readers; a sandboxed Jinja template where its field says so."""
Scalar = str | int | float | bool


class Part(BaseModel):
    """Base of every part of a definition: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ColumnType(StrEnum):
    """Types that a dataset's column can have."""

    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"


class Format(StrEnum):
    """How a value is written for readers. ``percent`` takes a fraction: 0.781 is written 78.1 %."""

    INTEGER = "integer"
    DECIMAL1 = "decimal1"
    DECIMAL2 = "decimal2"
    PERCENT = "percent"
    TEXT = "text"
    DATE = "date"
    DATETIME = "datetime"


class Function(StrEnum):
    """What a measure takes of a column. Rows without a value count for nothing, in ``share`` too."""

    COUNT = "count"
    DISTINCT = "distinct"
    SUM = "sum"
    MEAN = "mean"
    MEDIAN = "median"
    QUANTILE = "quantile"
    MIN = "min"
    MAX = "max"
    SHARE = "share"


class ChartKind(StrEnum):
    """Kinds of chart."""

    LINE = "line"
    BAR = "bar"
    HBAR = "hbar"
    STACKED = "stacked"
    HISTOGRAM = "histogram"


class Dataset(Part):
    """Rows from one query of the report's source."""

    sql: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+\.sql$")]
    """File in ``sql/reports/<report id>/``."""
    columns: dict[Name, ColumnType] = Field(min_length=1)
    """What the query gives, in its order."""
    primary: bool = False
    """Whether a period without rows of this dataset has no data. Exactly one dataset is primary."""
    day: Name | None = None
    """Date column that says to which period a row belongs; without it, to the current one."""
    max_rows: int = Field(1_000_000, ge=1, le=20_000_000)
    """Most rows that the query may give; more is an error, never a silent cut."""


class Documents(Part):
    """Pictures under one prefix of the documents bucket."""

    prefix: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9_./-]*/$", max_length=200)]
    required: bool = True
    """Whether a missing or bad picture fails the run; otherwise a notice says what is missing."""
    max_count: int = Field(12, ge=1, le=100)
    captions: dict[str, Text] = {}
    """Caption by file name; a file without one is captioned by its name in words."""


class Freshness(Part):
    """Column whose latest value is the report's "data as of"."""

    dataset: Name
    column: Name


class Fact(Part):
    """One cell of a dataset's first row, for the text."""

    dataset: Name
    column: Name
    format: Format = Format.TEXT


class Measure(Part):
    """One number from one dataset, for the period, the period before and any group of rows."""

    dataset: Name
    take: Function
    column: Name | None = None
    q: float | None = Field(None, ge=0, le=1)
    """Which quantile, for ``take: quantile``: 0.9."""
    where: dict[Name, Scalar] = {}
    """Only rows whose columns have these values."""
    label: Text
    format: Format = Format.DECIMAL1
    unit: Annotated[str, StringConstraints(max_length=20)] = ""
    better: Literal["up", "down", "neither"] = "neither"
    """Which way is good news."""
    note: Annotated[str, StringConstraints(max_length=200)] = ""


class Highlight(Part):
    """The group with the highest or lowest measure, for the text."""

    measure: Name
    group: Name
    order: Literal["highest", "lowest"] = "highest"
    min_rows: int = Field(1, ge=1)
    """Groups with fewer rows of the measure are left out."""


class Reference(Part):
    """A line across a chart: a fixed value, or a measure over the whole period."""

    value: float | None = None
    measure: Name | None = None
    label: Text


class Chart(Part):
    """A chart: groups of rows along one axis, measures along the other."""

    kind: ChartKind
    title: Text
    subtitle: str = ""
    """Template; ``shown`` and ``total`` are the numbers of groups drawn and found."""
    x_label: str = ""
    y_label: str = ""
    measures: tuple[Name, ...] = Field(min_length=1)
    group: Name | None = None
    """Column whose values make the groups."""
    group_for: dict[PeriodKind, Name] = {}
    """Another column for some kinds of period: by hour when the period is one day."""
    edges: tuple[float, ...] = ()
    """Inner bounds of a histogram's bins over ``group``, ascending; the outer bins are open."""
    split: Name | None = None
    """Column whose values make the layers of a stacked chart."""
    order: tuple[str, ...] = ()
    """Groups (or layers, of a stacked chart) in this order; others follow in the order of their names."""
    top: int | None = Field(None, ge=1, le=50)
    """Only so many groups with the highest first measure, highest first."""
    min_rows: int = Field(1, ge=1)
    """Groups with fewer rows of the first measure are left out."""
    fill: bool = False
    """Whether to draw whole numbers between the lowest and highest group that have no rows."""
    compare: bool = False
    """Whether to draw the period before as a second series."""
    reference: Reference | None = None


class TableColumn(Part):
    """One column of a table: a column of the dataset or, in a grouped table, of the group, or a measure."""

    name: Name
    label: str
    format: Format | None = None
    """Default: what fits the column's type, or the measure's own format."""
    unit: str = ""


class Table(Part):
    """A table of rows, or of groups of rows, ranked by one column."""

    title: Text
    dataset: Name
    columns: tuple[TableColumn, ...] = Field(min_length=1)
    group: tuple[Name, ...] = ()
    """Columns that make the groups; without it every row of the period stands by itself."""
    where: dict[Name, Scalar] = {}
    order_by: Name
    """Column or measure to rank by; rows without a value of it are left out of the table."""
    order: Literal["highest", "lowest"] = "highest"
    min_rows: int = Field(1, ge=1)
    """Groups with fewer rows are left out."""
    limit: int = Field(100, ge=1, le=100_000)
    rank: bool = True
    """Whether to number the rows in a first column."""


class ExportFormat(StrEnum):
    """Files that carry the rows of a report's tables, beside the PDF."""

    CSV = "csv"
    """A file per table: UTF-8, RFC 4180."""
    XLSX = "xlsx"
    """One workbook with a sheet per table."""


class Email(Part):
    """How the report's mail reads."""

    subject: Text
    """Template over the same names as the report's texts."""


class ReportDefinition(Part):
    """A report of the catalog."""

    id: Name
    version: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    title: Text
    subtitle: str = ""
    """Template."""
    summary: Text
    audience: tuple[str, ...] = Field(min_length=1)
    """Roles that may subscribe to the report."""
    source: Name
    """Source database: the connection ``broadsheet_source_<source>``."""
    zone: str = "UTC"
    """IANA time zone in which periods are counted when nobody says otherwise."""
    period_kinds: tuple[PeriodKind, ...] = Field(min_length=1)
    """Kinds of period that the report can describe; the first is the default."""
    on_empty: Literal["report", "skip"] = "report"
    """What a period without data gets: a report that says so, or none."""
    parameters: dict[str, JsonValue] = {"type": "object", "properties": {}}
    """JSON Schema of the parameters; ``values_display`` gives the words for the values of an ``enum``."""
    datasets: dict[Name, Dataset] = Field(min_length=1)
    documents: dict[Name, Documents] = {}
    freshness: Freshness | None = None
    facts: dict[Name, Fact] = {}
    measures: dict[Name, Measure] = {}
    highlights: dict[Name, Highlight] = {}
    notices: tuple[Text, ...] = ()
    """Templates; one that renders to nothing is not shown."""
    kpis: dict[Name, tuple[Name, ...]] = {}
    charts: dict[Name, Chart] = {}
    tables: dict[Name, Table] = {}
    exports: tuple[ExportFormat, ...] = ()
    """Files with every row of the tables, those beyond a table's limit too."""
    email: Email

    @field_validator("datasets")
    @classmethod
    def _one_primary(cls, datasets: dict[str, Dataset]) -> dict[str, Dataset]:
        count = sum(dataset.primary for dataset in datasets.values())
        if count != 1:
            raise ValueError(f"exactly one dataset must say `primary: true`, found {count}")
        return datasets

    @property
    def primary(self) -> str:
        """Name of the dataset whose rows decide whether a period has data."""
        return next(name for name, dataset in self.datasets.items() if dataset.primary)

    @property
    def default_period_kind(self) -> PeriodKind:
        """Kind of period when nobody says otherwise."""
        return self.period_kinds[0]

    @property
    def formats(self) -> tuple[str, ...]:
        """Formats of the files that a run of the report stores."""
        return ("pdf", *(export.value for export in self.exports))

    @property
    def parameter_schemas(self) -> dict[str, dict[str, JsonValue]]:
        """JSON Schema of each parameter, in the author's order."""
        properties = self.parameters.get("properties")
        found: dict[str, JsonValue] = properties if isinstance(properties, dict) else {}
        return {name: schema for name, schema in found.items() if isinstance(schema, dict)}

    def validate_parameters(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return all parameters, defaults filled in; InputErrors names bad ones as ``parameters.<name>``."""
        return validate_parameters(self.parameters, values)
