"""``broadsheet preview``: a report as PDF, without Airflow, in seconds."""

from __future__ import annotations

import gc
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from broadsheet.catalog import installed_catalog
from broadsheet.cli.wording import counted
from broadsheet.domain.objects import ObjectStore
from broadsheet.domain.parameters import read_parameters
from broadsheet.domain.period import Period, latest_complete_period, parse_period
from broadsheet.domain.pinning import check_period_kind
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.schedule import check_zone
from broadsheet.errors import InputError
from broadsheet.settings import (
    STORAGE,
    connection_uri,
    get_settings,
    parse_endpoint,
    source_connection,
)


def preview_command(
    report: Annotated[str, typer.Argument(help="Id of the report, as `broadsheet check` lists it.")],
    param: Annotated[list[str] | None, typer.Option("--param", "-p", help="Parameter as name=value.")] = None,
    period: Annotated[
        str | None, typer.Option(help="2013-W12, 2013-03 or 2013-03-18; default: the latest complete one.")
    ] = None,
    zone: Annotated[
        str | None, typer.Option(help="IANA time zone of the period; default: the report's.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; default: REPORT-PERIOD.pdf.")
    ] = None,
) -> None:
    """Build a report's PDF from the real sources, without Airflow; nothing is stored and nobody is mailed."""
    started = time.perf_counter()
    # A process of three seconds frees nothing worth a collection; imports alone trigger dozens.
    gc.disable()
    settings = get_settings()
    catalog = installed_catalog(settings)
    definition = catalog.get(report)
    parameters = read_parameters(definition.parameters, param or [])
    chosen = _period(definition, period, zone=check_zone(zone or definition.zone))
    dsn = connection_uri(source_connection(definition.source))

    def documents() -> ObjectStore:
        # Local: boto3 costs a third of a second, and not every report has pictures.
        from broadsheet.store.objects import S3ObjectStore

        return S3ObjectStore(parse_endpoint(connection_uri(STORAGE)), settings.documents_bucket)

    # Local: pandas, matplotlib and reportlab cost a second, which a wrong parameter need not wait for.
    from broadsheet.pipeline.preview import preview_report

    preview = preview_report(
        definition,
        parameters=parameters,
        period=chosen,
        dsn=dsn,
        documents=documents,
        sql_dir=settings.sql_dir,
        templates_dir=settings.templates_dir,
        static_dir=settings.static_dir,
        statement_timeout=settings.statement_timeout,
    )
    if preview.pdf is None:
        print(f"no data for {chosen.label}: {definition.id} skips such a period, so there is no document")
        return
    target = output or Path(f"{definition.id}-{chosen.name}.pdf")
    try:
        target.write_bytes(preview.pdf)
    except OSError as error:
        raise InputError(f"cannot write {target}: {error.strerror}", field="output") from error
    stages = ", ".join(f"{stage} {seconds:.2f} s" for stage, seconds in preview.seconds.items())
    empty = " (no data for this period)" if preview.empty else ""
    print(f"{target}: {chosen.label}, {counted(preview.pages, 'page')}, {len(preview.pdf):,} bytes{empty}")
    sys.stderr.write(f"{time.perf_counter() - started:.2f} s in all: {stages}\n")


def _period(definition: ReportDefinition, text: str | None, *, zone: str) -> Period:
    if text is None:
        return latest_complete_period(datetime.now(UTC), definition.default_period_kind, zone=zone)
    period = parse_period(text, zone=zone)
    check_period_kind(definition, period.kind)
    return period
