"""What each table shows: rows or groups of rows, ranked, with every cell in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import pandas as pd

from broadsheet.catalog.texts import render_text
from broadsheet.domain.report import ColumnType, Format, ReportDefinition, Table
from broadsheet.pipeline.formats import (
    NOTHING,
    finite,
    format_instant,
    format_number,
    format_text,
    unit_of,
)
from broadsheet.pipeline.measures import measure_groups, select
from broadsheet.pipeline.payload import ColumnPart, TablePart
from broadsheet.pipeline.rows import Rows

_FORMATS = {
    ColumnType.INTEGER: Format.INTEGER,
    ColumnType.NUMBER: Format.DECIMAL1,
    ColumnType.TEXT: Format.TEXT,
    ColumnType.BOOLEAN: Format.TEXT,
    ColumnType.DATE: Format.DATE,
    ColumnType.TIMESTAMP: Format.DATETIME,
}
_RIGHT = (Format.INTEGER, Format.DECIMAL1, Format.DECIMAL2, Format.PERCENT)


def table_part(
    report: ReportDefinition, name: str, *, zone: str, rows: Mapping[str, Rows], context: Mapping[str, object]
) -> TablePart:
    """Return what one table shows of a period; rows without a value to rank by are left out."""
    table = report.tables[name]
    frame = select(rows[table.dataset].current, table.where)
    if table.group:
        frame = _grouped(report, table, frame)
    # Stable: equal ranks stay in the query's order.
    ranked = frame[frame[table.order_by].notna()].sort_values(
        table.order_by, ascending=table.order == "lowest", kind="stable"
    )
    shown = ranked.head(table.limit)
    columns, cells = _columns(report, table, shown, zone=zone)
    if table.rank:
        columns.insert(0, ColumnPart(name="rank", label="#", align="right", unit=""))
        cells.insert(0, [f"{place:,}" for place in range(1, len(shown) + 1)])
    return TablePart(
        title=render_text(table.title, context, report_id=report.id),
        columns=columns,
        rows=[list(row) for row in zip(*cells, strict=True)],
        shown=len(shown),
        total_rows=len(ranked),
    )


def _grouped(report: ReportDefinition, table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    sizes = frame.groupby(list(table.group), observed=True).size()
    wanted = {*(column.name for column in table.columns), table.order_by} - set(table.group)
    measures = {
        name: measure_groups(frame, report.measures[name], table.group)["value"] for name in sorted(wanted)
    }
    grouped = pd.DataFrame(measures, index=sizes.index)
    for name in measures:
        if report.measures[name].take.value in ("count", "distinct"):
            # A group in which no row counts has no entry of its own.
            grouped[name] = grouped[name].fillna(0.0)
    return grouped[sizes >= table.min_rows].reset_index()


def _columns(
    report: ReportDefinition, table: Table, shown: pd.DataFrame, *, zone: str
) -> tuple[list[ColumnPart], list[list[str]]]:
    """Return the head and the cells of each column, formatted column by column."""
    types = report.datasets[table.dataset].columns
    parts: list[ColumnPart] = []
    cells: list[list[str]] = []
    for column in table.columns:
        if column.name in types:
            style, unit = column.format or _FORMATS[types[column.name]], column.unit
        else:
            measure = report.measures[column.name]
            style = column.format or measure.format
            unit = column.unit or unit_of(style, measure.unit)
        align: Literal["left", "right"] = "right" if style in _RIGHT else "left"
        parts.append(ColumnPart(name=column.name, label=column.label, align=align, unit=unit))
        cells.append([_cell(value, style, zone) for value in shown[column.name].tolist()])
    return parts, cells


def _cell(value: object, style: Format, zone: str) -> str:
    if pd.isna(value):  # type: ignore[call-overload] # a scalar of any type
        return NOTHING
    if style in _RIGHT:
        return format_number(finite(value), style)
    if isinstance(value, datetime):
        return (
            format_instant(value, zone) if style is Format.DATETIME else f"{value:%a} {value.day} {value:%b}"
        )
    if isinstance(value, bool):
        return "yes" if value else "no"
    return format_text(value)
