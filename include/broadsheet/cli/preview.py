"""``broadsheet preview``: a report as PDF, without Airflow, in seconds."""

from __future__ import annotations

import gc
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import JsonValue

from broadsheet.catalog import installed_catalog
from broadsheet.cli.watch import watch_files
from broadsheet.cli.wording import counted
from broadsheet.domain.objects import ObjectStore
from broadsheet.domain.parameters import read_parameters
from broadsheet.domain.period import Period, latest_complete_period, parse_period
from broadsheet.domain.pinning import check_period_kind
from broadsheet.domain.presentation import Presentation, check_presentation
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.schedule import check_zone
from broadsheet.errors import InputError
from broadsheet.settings import (
    STORAGE,
    Settings,
    connection_uri,
    get_settings,
    parse_endpoint,
    source_connection,
)

if TYPE_CHECKING:
    from broadsheet.pipeline.preview import Preview


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
    language: Annotated[
        str | None, typer.Option(help="Language of the document: de-DE; default: the report's.")
    ] = None,
    theme: Annotated[str | None, typer.Option(help="Theme of the document; default: the report's.")] = None,
    pages: Annotated[Path | None, typer.Option(help="Folder to write a PNG of each page to.")] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Build again at every save; Ctrl-C ends.")] = False,
) -> None:
    """Build a report's PDF from the real sources, without Airflow; nothing is stored and nobody is mailed."""
    look = Presentation(locale=language, theme=theme)
    wish = _Wish(report, tuple(param or ()), period, zone, output, pages, look)
    if not watch:
        # A process of three seconds frees nothing worth a collection; imports alone trigger dozens.
        gc.disable()
        _build(wish)
        return
    settings = get_settings()
    _must_exist(report, settings)
    watch_files(lambda: report_files(report, settings), lambda: _build(wish))


def report_files(report: str, settings: Settings) -> list[Path]:
    """Return the files that a report is made of: definition, queries and page in each language, themes."""
    pages = settings.templates_dir / "reports"
    return [
        settings.catalog_dir / f"{report}.yaml",
        *sorted(settings.catalog_dir.glob(f"{report}.*.yaml")),
        *sorted((settings.sql_dir / "reports" / report).glob("*.sql")),
        pages / f"{report}.md.j2",
        *sorted(pages.glob(f"{report}.*.md.j2")),
        *sorted(settings.themes_dir.glob("*.yaml")),
    ]


@dataclass(frozen=True)
class _Wish:
    """What was asked for on the command line."""

    report: str
    parameters: tuple[str, ...]
    period: str | None
    zone: str | None
    output: Path | None
    pages: Path | None
    look: Presentation


def _must_exist(report: str, settings: Settings) -> None:
    """Raise NotFoundError for a report that there is not; a broken one may be mended while it is watched."""
    catalog = installed_catalog(settings)
    if report not in catalog.broken:
        catalog.get(report)


def _build(wish: _Wish) -> None:
    """Build a report as it is in the catalog now, write its files and say how long it took."""
    started = time.perf_counter()
    catalog = installed_catalog(get_settings())
    definition = catalog.get(wish.report)
    period = _period(definition, wish.period, zone=check_zone(wish.zone or definition.zone))
    look = check_presentation(wish.look, definition, themes=catalog.theme_names)
    values = read_parameters(definition.parameters, wish.parameters)
    preview = _preview(definition, period, values, look)
    if preview.pdf is None:
        print(f"no data for {period.label}: {definition.id} skips such a period, so there is no document")
        return
    target = wish.output or Path(f"{definition.id}-{period.name}.pdf")
    _write(target, preview.pdf, field="output")
    empty = " (no data for this period)" if preview.empty else ""
    if preview.empty and wish.period is None:
        empty = f" (no data for this period; another one: --period {period.year_before().name})"
    print(f"{target}: {period.label}, {counted(preview.pages, 'page')}, {len(preview.pdf):,} bytes{empty}")
    seconds = dict(preview.seconds)
    if wish.pages is not None:
        drawing = time.perf_counter()
        _write_pages(preview.pdf, wish.pages, report=definition.id)
        seconds["pages"] = time.perf_counter() - drawing
    stages = ", ".join(f"{stage} {duration:.2f} s" for stage, duration in seconds.items())
    sys.stderr.write(f"{time.perf_counter() - started:.2f} s in all: {stages}\n")


def _preview(
    definition: ReportDefinition, period: Period, parameters: dict[str, JsonValue], look: Presentation
) -> Preview:
    settings = get_settings()
    dsn = connection_uri(source_connection(definition.source))

    def documents() -> ObjectStore:
        # Local: boto3 costs a third of a second, and not every report has pictures.
        from broadsheet.store.objects import S3ObjectStore

        return S3ObjectStore(parse_endpoint(connection_uri(STORAGE)), settings.documents_bucket)

    # Local: pandas, matplotlib and reportlab cost a second, which a wrong parameter need not wait for.
    from broadsheet.pipeline.preview import preview_report

    return preview_report(
        definition,
        parameters=parameters,
        period=period,
        dsn=dsn,
        documents=documents,
        sql_dir=settings.sql_dir,
        templates_dir=settings.templates_dir,
        static_dir=settings.static_dir,
        themes_dir=settings.themes_dir,
        statement_timeout=settings.statement_timeout,
        presentation=look,
    )


def _write_pages(pdf: bytes, folder: Path, *, report: str) -> None:
    """Write a picture of each page, and take away those of a longer document before."""
    # Local: PDFium, which most previews do without.
    from broadsheet.pipeline.page_picture import draw_pages

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the folder {folder}: {error.strerror}", field="pages") from error
    written = set()
    for number, picture in enumerate(draw_pages(pdf), start=1):
        path = folder / f"{report}-{number:03d}.png"
        _write(path, picture, field="pages")
        written.add(path)
    for path in folder.glob(f"{report}-[0-9][0-9][0-9].png"):
        if path not in written:
            path.unlink()
    print(f"{folder}: {counted(len(written), 'picture')}, {report}-001.png and on")


def _write(path: Path, data: bytes, *, field: str) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}", field=field) from error


def _period(definition: ReportDefinition, text: str | None, *, zone: str) -> Period:
    if text is None:
        return latest_complete_period(datetime.now(UTC), definition.default_period_kind, zone=zone)
    period = parse_period(text, zone=zone)
    check_period_kind(definition, period.kind)
    return period
