"""A preview is the whole report, from real sources, whatever the data holds."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from tests.unit.pipeline.conftest import HOME

from broadsheet.domain.objects import MemoryObjectStore
from broadsheet.domain.period import parse_period
from broadsheet.domain.report import ReportDefinition
from broadsheet.pipeline.preview import Preview, preview_report

pytestmark = pytest.mark.integration

# What the query gives as `destination`.
DESTINATION = re.compile(r"coalesce\(\s*replace\(airports.*?AS destination,\n", re.DOTALL)
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


def test_hostile_texts_in_data_are_shown_and_never_run(
    report: ReportDefinition, tmp_path: Path, source_dsn: str
) -> None:
    for part in ("include/templates/reports", "sql/reports"):
        shutil.copytree(HOME / part, tmp_path / part)
    query = tmp_path / "sql/reports/airline_punctuality/flights.sql"
    quoted = ", ".join("'" + one.replace("'", "''").replace("%", "%%") + "'" for one in HOSTILE)
    hostile = f"(ARRAY[{quoted}]::text[])[1 + flights.flight %% {len(HOSTILE)}] AS destination,\n"
    text, count = DESTINATION.subn(lambda _: hostile, query.read_text(encoding="utf-8"))
    assert count == 1
    query.write_text(text, encoding="utf-8")
    found = preview(report, source_dsn, "2013-W12", home=tmp_path)
    text = "".join(text_of(found).split())
    for shown in (
        "{{7*7}}{%raw%}",
        "/etc/passwd",
        "Zürich",
        "=HYPERLINK(",
        "**bold**#heading|cell|",
        "xxxxxxxxxx",
    ):
        assert shown in text
    assert "root:" not in text
    assert found.pages >= 4
