"""Exports carry every row as cells, give the same bytes for the same rows, and run no formula."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.pipeline.conftest import MakeSpec

from broadsheet.domain.objects import MemoryObjectStore
from broadsheet.domain.parts import Format
from broadsheet.domain.report import ExportFormat, ReportDefinition
from broadsheet.pipeline.exports import csv_of, write_exports, xlsx_of
from broadsheet.pipeline.payload import Payload, PeriodPart, TablePart
from broadsheet.pipeline.table_data import TypedColumn

NEW_YORK = ZoneInfo("America/New_York")
NOON = datetime(2013, 3, 18, 16, 0, tzinfo=UTC)
# With the full-width forms of the first four.
STARTS_OF_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def column(*values: object, style: Format = Format.TEXT, label: str = "Value", unit: str = "") -> TypedColumn:
    return TypedColumn("value", label, unit, style, list(values))


def read_csv(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))


def payload() -> Payload:
    period = PeriodPart(
        name="2013-W12", label="18-24 March 2013", zone="America/New_York", start=NOON, end=NOON
    )
    table = TablePart(title="Worst routes", columns=(), rows=(), shown=0, total_rows=0)
    return Payload(report_id="r", title="Punctuality", period=period, tables={"routes": table})


@pytest.fixture
def exporting(report: ReportDefinition) -> ReportDefinition:
    """A report that asks for both kinds of file."""
    return report.model_copy(update={"exports": (ExportFormat.CSV, ExportFormat.XLSX)})


def workbook(spec_of: MakeSpec, report: ReportDefinition, *columns: TypedColumn) -> bytes:
    staging = MemoryObjectStore()
    files = write_exports(
        spec_of(), report, payload(), tables={"routes": columns}, variant="main", staging=staging
    )
    (book,) = [file for file in files if file.format is ExportFormat.XLSX]
    return staging.get(book.key)


def cells(book: bytes) -> dict[str, tuple[str, str]]:
    """Return type and text of each cell of the first sheet, by its address."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        strings = [
            "".join(text.text or "" for text in item.iter(f"{MAIN}t"))
            for item in ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
        ]
        sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    found = {}
    for cell in sheet.iter(f"{MAIN}c"):
        value = cell.findtext(f"{MAIN}v") or ""
        kind = cell.get("t", "n")
        assert cell.find(f"{MAIN}f") is None
        found[str(cell.get("r"))] = (kind, strings[int(value)] if kind == "s" else value)
    return found


def test_csv_has_a_head_crlf_and_one_line_per_row() -> None:
    data = csv_of([column("a", 'b"c', style=Format.TEXT), column(1, 2, style=Format.INTEGER)], NEW_YORK)
    assert data == b'Value,Value\r\na,1\r\n"b""c",2\r\n'


def test_csv_keeps_values_as_they_are_and_instants_in_the_zone_of_the_report() -> None:
    values = (None, float("nan"), float("inf"), 0.5, 3.0, True, date(1677, 9, 21), pd.Timestamp(NOON))
    rows = read_csv(csv_of([column(*values)], NEW_YORK))
    expected = ["", "", "", "0.5", "3", "true", "1677-09-21", "2013-03-18T12:00:00-04:00"]
    assert [row[0] if row else "" for row in rows[1:]] == expected


def test_csv_keeps_every_cent_of_large_amounts_and_no_noise() -> None:
    rows = read_csv(csv_of([column(12345678901.25, 0.1 + 0.2, style=Format.DECIMAL2)], NEW_YORK))
    assert rows[1:] == [["12345678901.25"], ["0.3"]]


def test_csv_writes_days_without_a_time() -> None:
    days = pd.Series([date(2013, 3, 18)], dtype="datetime64[ms]").tolist()
    assert read_csv(csv_of([column(*days, style=Format.DATE)], NEW_YORK))[1:] == [["2013-03-18"]]


@given(st.text())
def test_no_cell_of_a_csv_is_a_formula(text: str) -> None:
    data = csv_of([column(text, "end", label=text or "x")], NEW_YORK)
    for row in csv.reader(io.StringIO(data.decode("utf-8"), newline="")):
        for cell in row:
            assert not cell.lstrip(" ").startswith(STARTS_OF_FORMULAS)


def test_numbers_dates_and_texts_are_typed_cells_of_a_workbook(
    make_spec: MakeSpec, exporting: ReportDefinition
) -> None:
    found = cells(
        workbook(
            make_spec,
            exporting,
            column("=1+1", "https://example.com", label="Text"),
            column(0.781, None, style=Format.PERCENT, label="On time", unit="%"),
            column(date(2013, 3, 18), date(1677, 9, 21), style=Format.DATE, label="Day"),
            column(pd.Timestamp(NOON), True, style=Format.DATETIME, label="At"),
        )
    )
    assert found["A1"] == ("s", "Text")
    assert found["B1"] == ("s", "On time")
    assert found["A2"] == ("s", "=1+1")
    assert found["A3"] == ("s", "https://example.com")
    assert found["B2"] == ("n", "0.781")
    assert "B3" not in found
    assert found["C2"] == ("n", "41351")
    assert found["C3"] == ("s", "1677-09-21")
    assert found["D2"] == ("n", "41351.5")
    assert found["D3"] == ("b", "1")


def test_no_sheet_has_the_name_that_excel_keeps_for_itself() -> None:
    about = payload()
    about = about.model_copy(update={"tables": {"history": about.tables["routes"]}})
    with zipfile.ZipFile(io.BytesIO(xlsx_of(about, {"history": [column("a")]}, NEW_YORK))) as archive:
        sheets = ElementTree.fromstring(archive.read("xl/workbook.xml")).iter(f"{MAIN}sheet")
        assert [sheet.get("name") for sheet in sheets] == ["History 2", "About"]


def test_a_workbook_speaks_the_documents_language_and_opens_at_its_side() -> None:
    about = payload().model_copy(update={"locale": "he"})
    with zipfile.ZipFile(io.BytesIO(xlsx_of(about, {"routes": [column("a")]}, NEW_YORK))) as archive:
        sheets = ElementTree.fromstring(archive.read("xl/workbook.xml")).iter(f"{MAIN}sheet")
        assert [sheet.get("name") for sheet in sheets] == ["Routes", "אודות"]
        words = archive.read("xl/sharedStrings.xml").decode()
        sides = [b'rightToLeft="1"' in archive.read(f"xl/worksheets/sheet{number}.xml") for number in (1, 2)]
    assert "שורה 1" in words
    assert "תקופה" in words
    assert sides == [True, True]


def test_the_same_rows_are_the_same_bytes(make_spec: MakeSpec, exporting: ReportDefinition) -> None:
    first, second = (workbook(make_spec, exporting, column("a", 1.5)) for _ in range(2))
    assert first == second


def test_a_table_without_rows_is_a_head_alone(make_spec: MakeSpec, exporting: ReportDefinition) -> None:
    assert csv_of([column()], NEW_YORK) == b"Value\r\n"
    assert cells(workbook(make_spec, exporting, column())) == {"A1": ("s", "Value")}


def test_files_are_written_only_for_what_the_definition_asks(
    make_spec: MakeSpec, report: ReportDefinition
) -> None:
    staging = MemoryObjectStore()
    only = report.model_copy(update={"exports": (ExportFormat.CSV,)})
    files = write_exports(
        make_spec(), only, payload(), tables={"routes": [column("a")]}, variant="main", staging=staging
    )
    assert [(file.format.value, file.name) for file in files] == [("csv", "routes")]
    none = report.model_copy(update={"exports": ()})
    assert write_exports(make_spec(), none, payload(), tables={}, variant="main", staging=staging) == ()


def test_files_that_a_run_is_not_to_make_are_not_written(
    make_spec: MakeSpec, report: ReportDefinition
) -> None:
    both = report.model_copy(update={"exports": (ExportFormat.CSV, ExportFormat.XLSX)})
    spec = make_spec().model_copy(update={"formats": ("pdf", "xlsx")})
    tables = {"routes": [column("a")]}
    files = write_exports(spec, both, payload(), tables=tables, variant="main", staging=MemoryObjectStore())
    assert [file.format.value for file in files] == ["xlsx"]


def test_texts_that_no_workbook_takes_are_mended_and_longer_ones_end_in_an_ellipsis(
    make_spec: MakeSpec, exporting: ReportDefinition
) -> None:
    texts = ("a\uffffb\ufffe\ud800", "\x00\x07_x0041_", "x" * 40_000, "\U0001f600" * 20_000)
    found = cells(workbook(make_spec, exporting, column(*texts, label="\uffff")))
    assert found["A1"] == ("s", "\ufffd")
    assert found["A2"] == ("s", "a\ufffdb\ufffd\ufffd")
    # As workbooks write what XML has not, and what reads like that.
    assert found["A3"] == ("s", "_x0000__x0007__x005F_x0041_")
    assert found["A4"] == ("s", "x" * 32_766 + "…")
    assert found["A5"] == ("s", "\U0001f600" * 16_383 + "…")


def test_what_stands_unseen_before_a_formula_makes_it_no_text() -> None:
    rows = read_csv(csv_of([column("\n=1", "\ufeff=1", "\u200b @x", label="\ufeff+1")], NEW_YORK))
    assert [row[0] for row in rows] == ["'\ufeff+1", "'\n=1", "'\ufeff=1", "'\u200b @x"]


def test_rows_that_a_sheet_has_no_room_for_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broadsheet.pipeline.exports._MOST_ROWS", 3)
    with zipfile.ZipFile(io.BytesIO(xlsx_of(payload(), {"routes": [column(*"abcde")]}, NEW_YORK))) as archive:
        said = archive.read("xl/sharedStrings.xml").decode()
    assert "<t>c</t>" in said
    assert "<t>d</t>" not in said
    assert "5 rows, the first 3 of 5 rows" in said or "the first 3" in said


def test_texts_that_a_cell_has_no_room_for_are_counted() -> None:
    long = column("x" * 32_768, "x" * 32_767, "\U0001f600" * 16_384)
    for columns, words in (([long], "<t>Texts cut at 32,767 characters: 2</t>"), ([column("x")], None)):
        book = xlsx_of(payload(), {"routes": columns}, NEW_YORK)
        with zipfile.ZipFile(io.BytesIO(book)) as archive:
            said = archive.read("xl/sharedStrings.xml").decode()
        assert words in said if words else "Texts cut" not in said
