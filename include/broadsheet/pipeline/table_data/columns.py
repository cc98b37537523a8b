"""The columns of a table with types and values: what the document shows in words, an export as cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import numpy as np
import pandas as pd

from broadsheet.domain.measure import Measure
from broadsheet.domain.parts import ColumnType, Format
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.run import DEFAULT_LOCALE
from broadsheet.domain.table import Bar, Shade, TableColumn
from broadsheet.pipeline.formats import (
    NOTHING,
    format_instant,
    format_number,
    format_short_day,
    format_text,
    readable,
)
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.local_time import local_day
from broadsheet.pipeline.table_data.pivot import PivotColumn
from broadsheet.pipeline.table_data.ranking import Ranked
from broadsheet.pipeline.units import unit_of

RANK = "rank"
FORMATS = {
    ColumnType.INTEGER: Format.INTEGER,
    ColumnType.NUMBER: Format.DECIMAL1,
    ColumnType.DECIMAL: Format.DECIMAL2,
    ColumnType.TEXT: Format.TEXT,
    ColumnType.BOOLEAN: Format.TEXT,
    ColumnType.DATE: Format.DATE,
    ColumnType.TIMESTAMP: Format.DATETIME,
}
NUMERIC = (Format.INTEGER, Format.DECIMAL1, Format.DECIMAL2, Format.PERCENT)
_LONG_TEXT = 5_000


@dataclass(frozen=True)
class TypedColumn:
    """A column with its values as they are: what a table shows in words, and an export as cells."""

    name: str
    label: str
    unit: str
    style: Format
    values: list[object]
    declared: TableColumn | None = None
    measure: Measure | None = None
    """What its cells measure; None for a column of the dataset."""
    pivot: PivotColumn | None = None

    @property
    def align(self) -> Literal["left", "right"]:
        """Where its cells stand."""
        if self.declared is not None and self.declared.align:
            return self.declared.align
        return "right" if self.style in NUMERIC else "left"


def typed_columns(
    report: ReportDefinition, name: str, ranked: Ranked, *, most: int | None = None
) -> list[TypedColumn]:
    """Return a table's columns with the values of its first ``most`` rows, the column of ranks first."""
    table = report.tables[name]
    types = report.columns_of(table.dataset)
    frame = ranked.head(most)
    columns: list[TypedColumn] = []
    if table.rank:
        ranks = _ranks(ranked, frame, table.order_by)
        columns.append(TypedColumn(RANK, "#", "", Format.INTEGER, ranks))
    for declared in table.columns:
        values = frame[declared.name].tolist()
        if declared.name in (table.group or types):
            style, unit = declared.format or FORMATS[types[declared.name]], declared.unit
            columns.append(TypedColumn(declared.name, declared.label, unit, style, values, declared))
        else:
            measure = report.measures[declared.name]
            style = declared.format or measure.format
            unit = declared.unit or unit_of(style, measure.unit)
            columns.append(TypedColumn(declared.name, declared.label, unit, style, values, declared, measure))
    columns += [_pivoted(report, name, column, frame) for column in ranked.pivot]
    return columns


def export_columns(report: ReportDefinition, name: str, ranked: Ranked) -> list[TypedColumn]:
    """Return a table's columns with the values of all its rows, before them those that only head sections."""
    table = report.tables[name]
    columns = typed_columns(report, name, ranked)
    named = {column.name for column in table.columns}
    heads = [one for one in table.sections.columns if one not in named] if table.sections else []
    if not heads:
        return columns
    types, frame = report.columns_of(table.dataset), ranked.head()
    # Sections declare no label: their column's name has to do.
    return [
        *(
            TypedColumn(one, one.replace("_", " ").capitalize(), "", FORMATS[types[one]], frame[one].tolist())
            for one in heads
        ),
        *columns,
    ]


def _pivoted(report: ReportDefinition, name: str, column: PivotColumn, frame: pd.DataFrame) -> TypedColumn:
    pivot, measure = report.tables[name].pivot, column.measure
    all_rows = column.values is None
    bar: bool | Bar = bool(pivot and pivot.bar and not all_rows)
    shade: bool | Shade = pivot.shade if pivot and not all_rows else False
    label = in_words(column.label, Format.TEXT, "UTC", short_days=False, locale=report.language)
    return TypedColumn(
        name=column.name,
        label=label,
        unit=unit_of(measure.format, measure.unit),
        style=measure.format,
        values=frame[column.name].tolist(),
        declared=TableColumn(name=column.name, label=label, bar=bar, shade=shade),
        measure=measure,
        pivot=column,
    )


def _ranks(ranked: Ranked, frame: pd.DataFrame, order_by: str | None) -> list[object]:
    """Return each row's number, from 1 in each innermost section; one without a value to rank by has none."""
    deepest = max((section.level for section in ranked.sections), default=0)
    inner = [section for section in ranked.sections if section.level == deepest]
    bounds = [(section.start, section.stop) for section in inner] or [(0, len(ranked))]
    ranks: list[object] = [number for start, stop in bounds for number in range(1, stop - start + 1)]
    if order_by:
        known = frame[order_by].notna().tolist()
        return [rank if there else None for rank, there in zip(ranks, known, strict=False)]
    return ranks[: len(frame)]


def in_words(
    value: object,
    style: Format,
    zone: str,
    *,
    short_days: bool = True,
    longest: int | None = None,
    locale: str = DEFAULT_LOCALE,
) -> str:
    """Write one cell for readers; an en dash where there is no value.

    ``short_days`` leaves the year of a day away, which the report's period tells.
    """
    if pd.isna(value):  # type: ignore[call-overload] # a scalar of any type
        return NOTHING
    if style in NUMERIC:
        return format_number(readable(value), style, locale=locale)
    if isinstance(value, datetime) and style is Format.DATETIME:
        return format_instant(value, zone, locale=locale)
    if isinstance(value, date):
        return format_short_day(_day(value, zone), year=not short_days, locale=locale)
    if isinstance(value, bool | np.bool_):
        return say(locale, "yes") if value else say(locale, "no")
    return format_text(value) if longest is None else format_text(value, longest=longest)


def cells_in_words(
    column: TypedColumn, zone: str, *, days: tuple[date, date], locale: str = DEFAULT_LOCALE
) -> list[str]:
    """Write a column's cells; days within ``days`` need no year when all of the column lie there."""
    short = all(days[0] <= _day(value, zone) <= days[1] for value in column.values if _is_day(value))
    lines = column.declared.lines if column.declared else 3
    longest = _LONG_TEXT if lines > TableColumn.model_fields["lines"].default else None
    return [
        in_words(value, column.style, zone, short_days=short, longest=longest, locale=locale)
        for value in column.values
    ]


def _is_day(value: object) -> bool:
    return isinstance(value, date) and not pd.isna(value)


def _day(value: object, zone: str) -> date:
    if isinstance(value, datetime):
        return local_day(value, zone)
    return value if isinstance(value, date) else date.min


def numbers_of(values: Sequence[object]) -> list[float | None]:
    """Return cells as numbers to measure lengths and depths by; None for what is none."""
    found = [readable(value) for value in values]
    return [None if value is None else float(value) for value in found]
