"""A report's definition: what an author declares in ``include/reports/<id>.yaml``, typed and frozen.

These models hold the shape only. References between parts, SQL files and templates are checked by the
catalog, which knows the lines of the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue, PrivateAttr, StringConstraints, field_validator

from broadsheet.domain.aggregate import Aggregate, aggregate_columns
from broadsheet.domain.chart import Chart
from broadsheet.domain.kpi import Kpi
from broadsheet.domain.measure import Fact, Highlight, Measure
from broadsheet.domain.parameters import validate_parameters
from broadsheet.domain.parts import ColumnType, Name, Part, Rounding, Text
from broadsheet.domain.period import PeriodKind
from broadsheet.domain.run import DEFAULT_LOCALE
from broadsheet.domain.table import Table
from broadsheet.domain.theme import DEFAULT_THEME

Locale = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$")]


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
    year_before: bool = False
    """Whether the query also gives the rows of the same period a year before, so that figures can be compared
    with them: `%(year_before_first_day)s` and the others are bound in any case."""
    filter: dict[Name, str] = {}
    """Columns whose value is that of a parameter, `{carrier: carrier}`: the query gives the rows of all, and
    each variant of a burst is about its own."""
    max_rows: int = Field(1_000_000, ge=1, le=20_000_000)
    """Most rows that the query may give; more is an error, never a silent cut."""


class DocumentKind(StrEnum):
    """What a set of documents is made of, and so what becomes of it."""

    PICTURES = "pictures"
    """Pictures, drawn where ``{{ images("…") }}`` stands."""
    PDF = "pdf"
    """PDF files, appended after the last page; ``{{ appendix("…") }}`` says where."""


class Documents(Part):
    """Pictures or PDF files under one prefix of the documents bucket."""

    kind: DocumentKind = DocumentKind.PICTURES
    """Pictures (PNG, JPEG, WebP, TIFF, GIF, BMP, by their content) or PDF files."""
    prefix: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9_./-]*/$", max_length=200)]
    required: bool = True
    """Whether a missing or bad document fails the run; otherwise a notice in its place says so."""
    max_count: int = Field(12, ge=1, le=100)
    """Most files that are taken, in the order of their names; the report says how many there are."""
    max_pages: int = Field(200, ge=1, le=1_000)
    """Most pages that PDF files may add together; the report says how many there are."""
    captions: dict[str, Text] = {}
    """Caption by file name; a file without one is captioned by its name in words."""


class Freshness(Part):
    """Column whose latest value is the report's "data as of"."""

    dataset: Name
    column: Name


class ExportFormat(StrEnum):
    """Files that a run stores beside the PDF."""

    CSV = "csv"
    """A file per table: UTF-8, RFC 4180."""
    XLSX = "xlsx"
    """One workbook with a sheet per table."""
    PNG = "png"
    """Page one as a picture, for previews."""


class Email(Part):
    """How the report's mail reads."""

    subject: Text
    """Template over the same names as the report's texts."""


class ReportDefinition(Part):
    """A report of the catalog."""

    id: Name
    """Name of the file, without ``.yaml``."""
    version: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    """Any text; the last page shows it. Raise it when the report says something else."""
    title: Text
    """What the document is called."""
    subtitle: str = ""
    """Template."""
    summary: Text
    """One sentence for the catalog."""
    language: Locale = DEFAULT_LOCALE
    """Language that the report is written in, such as ``en-GB`` or ``de`` (BCP 47)."""
    languages: tuple[Locale, ...] = ()
    """Other languages that it comes in; ``<id>.<language>.yaml`` holds its texts in each."""
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
    """Where the rows come from; exactly one says ``primary: true``."""
    aggregates: dict[Name, Aggregate] = {}
    """Rows made of a dataset's rows; tables and measures take them as they take a dataset."""
    documents: dict[Name, Documents] = {}
    """Pictures and PDF files from the documents bucket."""
    credit: str = ""
    """Who collected the data, and under which rights; it stands with the sources on the last page."""
    freshness: Freshness | None = None
    """Column whose latest value is "Data as of"; without it the document does not say."""
    facts: dict[Name, Fact] = {}
    """Single cells, for texts."""
    measures: dict[Name, Measure] = {}
    """Numbers, for tiles, charts, tables and texts."""
    highlights: dict[Name, Highlight] = {}
    """Groups with the highest or lowest measure, for texts."""
    notices: tuple[Text, ...] = ()
    """Templates; one that renders to nothing is not shown."""
    kpis: dict[Name, tuple[Name | Kpi, ...]] = {}
    """Sets of tiles: names of measures, or tiles that say more."""
    charts: dict[Name, Chart] = {}
    """Charts; the page shows one where it says ``{{ chart("name") }}``."""
    tables: dict[Name, Table] = {}
    """Tables; the page shows one where it says ``{{ table("name") }}``."""
    theme: Name = DEFAULT_THEME
    """Theme, by the name of its file in `include/themes/`; a subscription may choose another."""
    rounding: Rounding = Rounding.HALF_UP
    """How numbers are rounded when they are written: `half_up`, or `half_even` as banks do it."""
    numbered: bool = False
    """Whether charts and tables are numbered: `Table 2. Routes with the longest delays`."""
    exports: tuple[ExportFormat, ...] = ()
    """Files with every row of the tables, those beyond a table's limit too."""
    email: Email

    _translated: dict[str, ReportDefinition] = PrivateAttr(default_factory=dict)
    _untranslated: dict[str, tuple[str, ...]] = PrivateAttr(default_factory=dict)

    @field_validator("datasets")
    @classmethod
    def _one_primary(cls, datasets: dict[str, Dataset]) -> dict[str, Dataset]:
        count = sum(dataset.primary for dataset in datasets.values())
        if count != 1:
            raise ValueError(f"exactly one dataset must say `primary: true`, found {count}")
        return datasets

    def translate(self, language: str, report: ReportDefinition, *, missing: Sequence[str] = ()) -> None:
        """Keep this report's form in another language, and which texts it lacks there."""
        self._translated[language] = report
        self._untranslated[language] = tuple(missing)

    @property
    def untranslated(self) -> dict[str, tuple[str, ...]]:
        """Places of the texts that a language lacks, by language; the report's own stand in for them."""
        return {language: places for language, places in self._untranslated.items() if places}

    def in_language(self, locale: str) -> ReportDefinition:
        """Return the report with its texts in a language, and that language as its own.

        Without a translation the texts are those that the report is written in.
        """
        found = self._translated.get(locale, self)
        return found if found.language == locale else found.model_copy(update={"language": locale})

    @property
    def primary(self) -> str:
        """Name of the dataset whose rows decide whether a period has data."""
        return next(name for name, dataset in self.datasets.items() if dataset.primary)

    def columns_of(self, dataset: str) -> Mapping[str, ColumnType]:
        """Return the columns of a dataset or aggregate and their types; KeyError where there is none."""
        if dataset in self.aggregates:
            aggregate = self.aggregates[dataset]
            source = self.datasets.get(aggregate.dataset)
            columns = source.columns if source else {}
            return aggregate_columns(aggregate, columns=columns, measures=self.measures)
        return self.datasets[dataset].columns

    def day_of(self, dataset: str) -> str | None:
        """Return the column that says to which period a row of a dataset belongs, if there is one."""
        if dataset in self.aggregates:
            return None
        return self.datasets[dataset].day

    @property
    def sources_of_rows(self) -> tuple[str, ...]:
        """Names of everything that has rows: datasets, and aggregates made of them."""
        return (*self.datasets, *self.aggregates)

    def has_year_before(self, dataset: str) -> bool:
        """Whether a dataset, or that of an aggregate, has rows of the year before."""
        source = self.aggregates[dataset].dataset if dataset in self.aggregates else dataset
        return source in self.datasets and self.datasets[source].year_before

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
