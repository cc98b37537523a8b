"""The rows of a report's tables as files: CSV and XLSX, with values as cells rather than words.

The same rows give the same bytes. Text that a spreadsheet would take for a formula is made harmless: in CSV
by an apostrophe before it, in XLSX by writing it as a text cell.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pandas as pd
from pydantic import BaseModel, ConfigDict

from broadsheet.domain.objects import ObjectStore
from broadsheet.domain.parts import Format
from broadsheet.domain.report import ExportFormat, ReportDefinition
from broadsheet.domain.run import RunSpec
from broadsheet.pipeline.export_texts import (
    LONGEST_TEXT,
    RESERVED_SHEETS,
    harmless,
    sheet_name,
    text_cell,
    too_long,
)
from broadsheet.pipeline.formats import GATHERED, count_words, format_count
from broadsheet.pipeline.languages import is_rtl, say
from broadsheet.pipeline.local_time import local_instant
from broadsheet.pipeline.payload import Payload
from broadsheet.pipeline.table_data import TypedColumn

if TYPE_CHECKING:
    from xlsxwriter.format import Format as CellFormat
    from xlsxwriter.worksheet import Worksheet

Cell = str | int | float | Decimal | bool | date | datetime | None

_NUMBER_FORMATS = {
    Format.INTEGER: "#,##0",
    Format.DECIMAL1: "#,##0.0",
    Format.DECIMAL2: "#,##0.00",
    Format.PERCENT: "0.0%",
    Format.DATE: "yyyy-mm-dd",
    Format.DATETIME: "yyyy-mm-dd hh:mm",
}
_DIGITS = 15
# What one sheet holds, less its head.
_MOST_ROWS = 1_048_575
# Days before this are no dates to a spreadsheet.
_FIRST_DAY = date(1900, 3, 1)
_WIDEST, _NARROWEST, _SAMPLE = 60, 6, 500
# A workbook carries the instant at which it was made: a fixed one, so that equal rows are equal bytes.
_MADE_AT = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)


class ExportFile(BaseModel):
    """A file of rows in staging."""

    model_config = ConfigDict(frozen=True)

    format: ExportFormat
    key: str
    name: str
    """What the file is called after the report's own name: empty, or the table's name."""
    sha256: str
    size_bytes: int


def wanted_exports(spec: RunSpec, report: ReportDefinition) -> tuple[ExportFormat, ...]:
    """Return the formats beside the PDF that a run makes: its report's, or as many as it names."""
    return tuple(one for one in report.exports if spec.makes(one.value))


def write_exports(
    spec: RunSpec,
    report: ReportDefinition,
    payload: Payload,
    *,
    tables: Mapping[str, Sequence[TypedColumn]],
    variant: str,
    staging: ObjectStore,
) -> tuple[ExportFile, ...]:
    """Write the files that a definition asks for into the variant's staging prefix and return them."""
    files: list[tuple[ExportFormat, str, bytes]] = []
    zone = ZoneInfo(spec.period.zone)
    wanted = wanted_exports(spec, report)
    if ExportFormat.CSV in wanted:
        files += [(ExportFormat.CSV, name, csv_of(columns, zone)) for name, columns in tables.items()]
    if ExportFormat.XLSX in wanted and tables:
        files.append((ExportFormat.XLSX, "", xlsx_of(payload, tables, zone)))
    written = []
    for export, name, data in files:
        key = f"{spec.variant_prefix(variant)}exports/{name or 'tables'}.{export.value}"
        staging.put(key, data, content_type="application/octet-stream")
        written.append(
            ExportFile(
                format=export,
                key=key,
                name=name,
                sha256=hashlib.sha256(data).hexdigest(),
                size_bytes=len(data),
            )
        )
    return tuple(written)


def csv_of(columns: Sequence[TypedColumn], zone: ZoneInfo) -> bytes:
    """Return a table as CSV by RFC 4180: a head, CRLF, ISO dates, instants in ``zone`` with their offset."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([harmless(_head(column)) for column in columns])
    cells = [
        [_csv_cell(_value(value), zone, style=column.style) for value in column.values] for column in columns
    ]
    writer.writerows(zip(*cells, strict=True))
    return text.getvalue().encode("utf-8", "replace")


def xlsx_of(payload: Payload, tables: Mapping[str, Sequence[TypedColumn]], zone: ZoneInfo) -> bytes:
    """Return all tables as a workbook: one sheet each, and one that says what they are about."""
    import xlsxwriter  # a preview, which writes none, need not wait for it

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, {**options, "strings_to_numbers": False}) as book:
        book.set_properties({"title": payload.title, "author": "Broadsheet", "created": _MADE_AT})
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        formats = {
            style: book.add_format({"num_format": pattern}) for style, pattern in _NUMBER_FORMATS.items()
        }
        used, cut = set(RESERVED_SHEETS), dict.fromkeys(tables, 0)
        for name, columns in tables.items():
            sheet = book.add_worksheet(sheet_name(name, used))
            if is_rtl(payload.locale):
                sheet.right_to_left()
            cut[name] = _fill(sheet, columns, bold=bold, formats=formats, zone=zone)
        about = book.add_worksheet(sheet_name(say(payload.locale, "About"), used))
        _about(about, payload, tables, cut=cut, bold=bold)
    return buffer.getvalue()


def _fill(
    sheet: Worksheet,
    columns: Sequence[TypedColumn],
    *,
    bold: CellFormat,
    formats: Mapping[Format, CellFormat],
    zone: ZoneInfo,
) -> int:
    """Write a table into a sheet; return how many of its texts no cell holds in full."""
    sheet.freeze_panes(1, 0)
    cut = 0
    for place, column in enumerate(columns):
        head = _head(column)
        sheet.write_string(0, place, text_cell(head), bold)
        width = len(head)
        style = formats.get(column.style)
        for row, value in enumerate(column.values[:_MOST_ROWS], start=1):
            cell = _value(value)
            if row <= _SAMPLE:
                width = max(width, len(str(cell)))
            cut += isinstance(cell, str) and too_long(cell)
            _write(sheet, (row, place), cell, style=style, zone=zone)
        sheet.set_column(place, place, min(_WIDEST, max(_NARROWEST, width + 2)))
    if columns and columns[0].values:
        sheet.autofilter(0, 0, min(_MOST_ROWS, len(columns[0].values)), len(columns) - 1)
    return cut


def _write(
    sheet: Worksheet, place: tuple[int, int], cell: Cell, *, style: CellFormat | None, zone: ZoneInfo
) -> None:
    row, column = place
    if cell is None:
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, int | float | Decimal) and _fits_double(cell):
        sheet.write_number(row, column, cell, style)
    elif isinstance(cell, datetime) and cell.date() >= _FIRST_DAY:
        # A spreadsheet knows no time zones: the wall time of the report's zone stands there.
        local = _local(cell, zone).replace(tzinfo=None)
        sheet.write_datetime(row, column, local, style)
    elif isinstance(cell, date) and not isinstance(cell, datetime) and cell >= _FIRST_DAY:
        sheet.write_datetime(row, column, datetime(cell.year, cell.month, cell.day), style)  # noqa: DTZ001
    else:
        sheet.write_string(row, column, text_cell(str(cell)))


def _fits_double(cell: int | float | Decimal) -> bool:
    """Whether a spreadsheet, whose numbers are doubles of fifteen digits, keeps a number as it is."""
    if isinstance(cell, float):
        return True
    digits = Decimal(cell).normalize(Context(prec=80)).as_tuple().digits
    return len(digits) <= _DIGITS


def _about(
    sheet: Worksheet,
    payload: Payload,
    tables: Mapping[str, Sequence[TypedColumn]],
    *,
    cut: Mapping[str, int],
    bold: CellFormat,
) -> None:
    if is_rtl(payload.locale):
        sheet.right_to_left()
    for row, (name, value) in enumerate(_facts(payload, tables, cut)):
        sheet.write_string(row, 0, name, bold)
        sheet.write_string(row, 1, value)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 60)


def _facts(
    payload: Payload, tables: Mapping[str, Sequence[TypedColumn]], cut: Mapping[str, int]
) -> Iterator[tuple[str, str]]:
    locale = payload.locale
    yield say(locale, "Report"), payload.title
    yield say(locale, "Period"), f"{payload.period.label} ({payload.period.zone})"
    if payload.data_as_of_display:
        yield say(locale, "Data as of"), payload.data_as_of_display
    for parameter in payload.parameters:
        yield parameter.label, parameter.display
    for name, columns in tables.items():
        rows = len(columns[0].values) if columns else 0
        words = count_words(locale, "{count} row", "{count} rows", rows)
        if rows > _MOST_ROWS:
            words = count_words(
                locale,
                "the first {shown} of {count} row",
                "the first {shown} of {count} rows",
                rows,
                shown=format_count(_MOST_ROWS, locale=locale),
            )
        yield payload.tables[name].title, words
        if cut[name]:
            most, count = (format_count(number, locale=locale) for number in (LONGEST_TEXT, cut[name]))
            said = say(locale, "Texts cut at {most} characters: {count}", most=most, count=count)
            yield payload.tables[name].title, said


def _head(column: TypedColumn) -> str:
    # A share is written as a percentage by its cells' format, and as a fraction in CSV.
    unit = "" if column.style is Format.PERCENT else column.unit
    return f"{column.label} ({unit})" if unit else column.label


def _value(value: object) -> Cell:
    """Return a value as a cell: None for NULL, NaN and infinities, plain Python for what pandas holds."""
    if pd.isna(value):  # type: ignore[call-overload] # a scalar of any type
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, bool | int | date | datetime):
        return value
    return str(value).removeprefix(GATHERED)


def _csv_cell(cell: Cell, zone: ZoneInfo, *, style: Format) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case int():
            return str(cell)
        case float():
            # As many digits as a double surely keeps: no cent is lost, and 0.1 + 0.2 is 0.3.
            return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.15g}"
        case Decimal():
            return f"{cell:f}"
        case datetime():
            local = _local(cell, zone)
            # The days of a dataset come as midnights.
            return (local.date() if style is Format.DATE else local).isoformat()
        case date():
            return cell.isoformat()
    return harmless(cell)


def _local(instant: datetime, zone: ZoneInfo) -> datetime:
    """Return an instant as wall time; the days of a dataset, which have no zone, as they are."""
    return instant if instant.tzinfo is None else local_instant(instant, zone.key)
