"""A preview is the whole report, from real sources, whatever the data holds."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from tests.unit.pipeline.conftest import HOME

from broadsheet.catalog import load_catalog
from broadsheet.domain.objects import MemoryObjectStore
from broadsheet.domain.period import parse_period
from broadsheet.domain.report import ReportDefinition
from broadsheet.pipeline.preview import Preview, preview_report

pytestmark = pytest.mark.integration

HOSTILE = [
    "{{ 7 * 7 }} {% raw %}",
    '<img src="/etc/passwd"/> <b>&amp; <font color="[[[getattr(pow,\'x\')]]]">',
    "Zürich ✈ \U0001f6eb שלום عربى",
    "a\tb\r\nc " + "x" * 5_000,
    "=HYPERLINK('http://x')",
    "**bold** # heading | cell |",
]


def pictures() -> MemoryObjectStore:
    store = MemoryObjectStore()
    jpeg = (HOME / "deploy/demo/documents/airline_punctuality/images/3_north_east.jpg").read_bytes()
    store.put("airline_punctuality/images/3_north_east.jpg", jpeg, content_type="image/jpeg")
    return store


def preview(
    report: ReportDefinition, dsn: str, period: str, *, home: Path = HOME, **parameters: Any
) -> Preview:
    return preview_report(
        report,
        parameters=report.validate_parameters(parameters),
        period=parse_period(period, zone=report.zone),
        dsn=dsn,
        documents=pictures,
        sql_dir=home / "sql",
        templates_dir=home / "include" / "templates",
        static_dir=HOME / "include" / "static",
        themes_dir=HOME / "include" / "themes",
        statement_timeout=30,
    )


def text_of(found: Preview) -> str:
    assert found.pdf is not None
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(found.pdf)).pages)


def test_a_preview_is_the_report_and_the_same_each_time(report: ReportDefinition, source_dsn: str) -> None:
    first = preview(report, source_dsn, "2013-W12")
    assert first == Preview(**{**vars(preview(report, source_dsn, "2013-W12")), "seconds": first.seconds})
    assert list(first.seconds) == ["fetch", "aggregate", "render_charts", "build_pdf"]
    assert "1,128" in text_of(first)


def test_a_period_without_data_says_so_or_is_skipped(report: ReportDefinition, source_dsn: str) -> None:
    told = preview(report, source_dsn, "2014-W20")
    assert told.empty
    assert "no data" in text_of(told).lower()
    skipped = preview(report.model_copy(update={"on_empty": "skip"}), source_dsn, "2014-W20")
    assert (skipped.pdf, skipped.empty) == (None, True)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_in_data_is_shown_and_never_run(tmp_path: Path, source_dsn: str, hostile: str) -> None:
    for part in ("include/reports", "include/templates/reports", "sql/reports"):
        shutil.copytree(HOME / part, tmp_path / part)
    query = tmp_path / "sql/reports/airline_punctuality/flights.sql"
    quoted = hostile.replace("'", "''").replace("%", "%%")
    text = query.read_text(encoding="utf-8")
    text = text.replace(
        "coalesce(airports.name, flights.dest) AS destination", f"'{quoted}'::text AS destination"
    )
    query.write_text(text, encoding="utf-8")
    catalog = load_catalog(
        tmp_path / "include/reports", sql_dir=tmp_path / "sql", templates_dir=tmp_path / "include/templates"
    )
    found = preview(catalog.get("airline_punctuality"), source_dsn, "2013-W12", home=tmp_path)
    text = text_of(found)
    assert "root:" not in text
    assert "7 * 7" in text or "7 * 7" not in hostile
    assert "/etc/passwd" in text or "/etc/passwd" not in hostile
    assert found.pages >= 4
