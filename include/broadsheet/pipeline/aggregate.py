"""``aggregate``: the fetched rows to one payload per variant. A retry writes the same bytes again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict

from broadsheet.catalog.texts import render_text
from broadsheet.domain.objects import ObjectStore
from broadsheet.domain.report import DocumentKind, ReportDefinition
from broadsheet.domain.run import RunSpec, VariantSpec
from broadsheet.errors import IntegrityError
from broadsheet.pipeline.aggregates import with_aggregates
from broadsheet.pipeline.chart_data import chart_part
from broadsheet.pipeline.documents import Manifest
from broadsheet.pipeline.exports import ExportFile, wanted_exports, write_exports
from broadsheet.pipeline.findings import make_findings
from broadsheet.pipeline.formats import NOTHING, format_instant, rounding
from broadsheet.pipeline.kpis import compute_figures, kpi_parts
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.payload import (
    DatasetPart,
    Payload,
    ProvenancePart,
    text_context,
    write_payload,
)
from broadsheet.pipeline.rows import Rows, load_rows, rows_of_variant
from broadsheet.pipeline.table_data import export_columns, ranked_rows, table_part

_PROTECTED = (
    "Left out: the files beside this document (rows and pictures), since it is protected by a password "
    "and they cannot be."
)


class AggregateSummary(BaseModel):
    """Where a variant's payload is, and whether its period has no data."""

    model_config = ConfigDict(frozen=True)

    variant: str
    key: str
    empty: bool
    exports: tuple[ExportFile, ...] = ()
    """Files beside the document, in staging; none for a period without data."""


# What is beyond all doubles is no value, and is shown as none: it needs no warning.
@np.errstate(over="ignore", invalid="ignore")
def aggregate_variant(
    spec: RunSpec,
    report: ReportDefinition,
    variant: str,
    *,
    staging: ObjectStore,
    exports: bool = True,
    protected: bool = False,
    fetched: Mapping[str, Rows] | None = None,
) -> AggregateSummary:
    """Compute everything that a variant's document says and store it as its payload.

    With ``exports`` the files that the run asks for beside the document are written too, unless the document
    is ``protected`` by a password: they would tell everybody what it tells few.

    ``fetched`` are the run's rows, where several variants are made of them: reading them is most of the work.

    ``empty`` means that the primary dataset has no row in the period itself, whatever the period before had.
    """
    report = report.in_language(spec.locale)
    with rounding(report.rounding):
        return _aggregate(
            spec, report, variant, staging=staging, exports=exports, protected=protected, fetched=fetched
        )


def _aggregate(
    spec: RunSpec,
    report: ReportDefinition,
    variant: str,
    *,
    staging: ObjectStore,
    exports: bool,
    protected: bool,
    fetched: Mapping[str, Rows] | None,
) -> AggregateSummary:
    chosen = spec.variant(variant)
    _check_fetched(spec, report, chosen)
    if fetched is None:
        fetched = load_rows(spec, report, staging=staging)
    rows = with_aggregates(
        report,
        rows_of_variant(report, fetched, chosen.parameters),
        period=spec.period,
        parameters=chosen.parameters,
    )
    figures = compute_figures(report, rows)
    findings = make_findings(spec, report, chosen, figures=figures, rows=rows)
    context = text_context(findings)
    notices = [render_text(notice, context, report_id=report.id) for notice in report.notices]
    documents = _manifests(spec, report, staging)
    instant = _data_as_of(report, rows)
    ranked = {name: ranked_rows(report, name, rows=rows) for name in report.tables}
    payload = Payload(
        **dict(findings),
        locale=spec.locale,
        subtitle=render_text(report.subtitle, context, report_id=report.id),
        data_as_of=instant.isoformat() if instant else None,
        data_as_of_display=_instant_words(spec, report, instant),
        notices=[notice for notice in notices if notice],
        empty=rows[report.primary].current.empty,
        compared=any(dataset.day for dataset in report.datasets.values()),
        kpis={
            name: kpi_parts(report, name, figures=figures, rows=rows, period=spec.period)
            for name in report.kpis
        },
        charts={
            name: chart_part(report, name, period=spec.period, rows=rows, context=context)
            for name in report.charts
        },
        tables={
            name: table_part(report, name, found, period=spec.period, context=context)
            for name, found in ranked.items()
        },
        images={
            name: manifest.images
            for name, manifest in documents.items()
            if report.documents[name].kind is DocumentKind.PICTURES
        },
        appendices={
            name: manifest.appendices
            for name, manifest in documents.items()
            if report.documents[name].kind is DocumentKind.PDF
        },
        document_notices={name: manifest.notices for name, manifest in documents.items()},
        provenance=_provenance(
            report,
            rows,
            faults=[
                *(fault for manifest in documents.values() for fault in manifest.faults),
                *([say(spec.locale, _PROTECTED)] if protected and wanted_exports(spec, report) else ()),
            ],
        ),
    )
    key = write_payload(spec, variant, payload, staging=staging)
    files: tuple[ExportFile, ...] = ()
    if exports and not protected and wanted_exports(spec, report) and not payload.empty:
        tables = {name: export_columns(report, name, found) for name, found in ranked.items()}
        files = write_exports(spec, report, payload, tables=tables, variant=variant, staging=staging)
    return AggregateSummary(variant=variant, key=key, empty=payload.empty, exports=files)


def aggregate_variants(
    spec: RunSpec,
    report: ReportDefinition,
    variants: Iterable[str],
    *,
    staging: ObjectStore,
    protected: bool = False,
) -> dict[str, AggregateSummary]:
    """Compute and store the payloads of several variants of one run, whose rows are read once."""
    fetched = load_rows(spec, report, staging=staging)
    return {
        name: aggregate_variant(spec, report, name, staging=staging, protected=protected, fetched=fetched)
        for name in variants
    }


def _check_fetched(spec: RunSpec, report: ReportDefinition, variant: VariantSpec) -> None:
    filtered = {parameter for dataset in report.datasets.values() for parameter in dataset.filter.values()}
    for name, value in variant.parameters.items():
        if name in filtered:
            continue
        if spec.parameters.get(name) != value:
            raise IntegrityError(
                f"run {spec.run_id}: variant {variant.name!r} has parameter {name!r} of its own, "
                "but the data was fetched for the run's"
            )


def _data_as_of(report: ReportDefinition, rows: Mapping[str, Rows]) -> datetime | None:
    if report.freshness is None:
        return None
    latest = rows[report.freshness.dataset].everything[report.freshness.column].max()
    return None if pd.isna(latest) else latest.to_pydatetime().astimezone(UTC)


def _instant_words(spec: RunSpec, report: ReportDefinition, instant: datetime | None) -> str:
    """Write the instant of the data; nothing where the report does not say which column has it."""
    if report.freshness is None:
        return ""
    return format_instant(instant, spec.period.zone, locale=spec.locale) if instant else NOTHING


def _provenance(
    report: ReportDefinition, rows: Mapping[str, Rows], *, faults: Sequence[str]
) -> ProvenancePart:
    datasets = [
        DatasetPart(
            name=name,
            rows=len(rows[name].everything),
            sql=f"{report.id}/{definition.sql}",
            sha256=rows[name].sha256,
            query_sha256=rows[name].query_sha256,
        )
        for name, definition in report.datasets.items()
    ]
    return ProvenancePart(
        datasets=datasets, report_version=report.version, credit=report.credit, faults=faults
    )


def _manifests(spec: RunSpec, report: ReportDefinition, staging: ObjectStore) -> dict[str, Manifest]:
    """Return what is known of each set of documents."""
    return {
        name: Manifest.model_validate_json(staging.get(f"{spec.document_prefix(name)}manifest.json"))
        for name in report.documents
    }
