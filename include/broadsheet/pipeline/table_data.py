"""What each table shows: rows or groups of rows, ranked, with every cell in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import pandas as pd

from broadsheet.catalog.texts import render_text
from broadsheet.domain.parts import ColumnType, Format
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.table import Table
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


@dataclass(frozen=True)
class TypedColumn:
    """A column with its values as they are: what a table shows in words, and an export as cells."""

    name: str
    label: str
    unit: str
    style: Format
    values: list[object]

    @property
    def align(self) -> Literal["left", "right"]:
        """Where its cells stand."""
        return "right" if self.style in _RIGHT else "left"


def ranked_rows(report: ReportDefinition, name: str, *, rows: Mapping[str, Rows]) -> pd.DataFrame:
    """Return all rows of a table in the order of their rank; rows without a value to rank by are left out."""
    table = report.tables[name]
    frame = select(rows[table.dataset].current, table.where)
    if table.group:
        frame = _grouped(report, table, frame)
    # Stable: equal ranks stay in the query's order.
    return frame[frame[table.order_by].notna()].sort_values(
        table.order_by, ascending=table.order == "lowest", kind="stable"
    )


def typed_columns(report: ReportDefinition, name: str, ranked: pd.DataFrame) -> list[TypedColumn]:
    """Return a table's columns with the values of ranked rows, the column of ranks first."""
    table = report.tables[name]
    types = report.datasets[table.dataset].columns
    columns: list[TypedColumn] = []
    if table.rank:
        columns.append(TypedColumn("rank", "#", "", Format.INTEGER, list(range(1, len(ranked) + 1))))
    for column in table.columns:
        if column.name in types:
            style, unit = column.format or _FORMATS[types[column.name]], column.unit
        else:
            measure = report.measures[column.name]
            style = column.format or measure.format
            unit = column.unit or unit_of(style, measure.unit)
        columns.append(TypedColumn(column.name, column.label, unit, style, ranked[column.name].tolist()))
    return columns


def table_part(
    report: ReportDefinition, name: str, ranked: pd.DataFrame, *, zone: str, context: Mapping[str, object]
) -> TablePart:
    """Return what one table shows of its ranked rows: as many as its limit, every cell in words."""
    table = report.tables[name]
    columns = typed_columns(report, name, ranked.head(table.limit))
    cells = [[_cell(value, column.style, zone) for value in column.values] for column in columns]
    return TablePart(
        title=render_text(table.title, context, report_id=report.id),
        columns=[
            ColumnPart(name=column.name, label=column.label, align=column.align, unit=column.unit)
            for column in columns
        ],
        rows=[list(row) for row in zip(*cells, strict=True)],
        shown=min(table.limit, len(ranked)),
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
