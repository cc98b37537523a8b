"""What stands below rows: subtotals, what became of rows that are not shown, and the total of all.

A measure is taken again over all the rows in question: the mean of a total is not the mean of means.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pandas as pd

from broadsheet.domain.measure import Function, Measure
from broadsheet.domain.parts import Format
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.table import Table, Total
from broadsheet.pipeline.exact import add
from broadsheet.pipeline.formats import format_count, format_number, readable, rounded
from broadsheet.pipeline.languages import say, say_many
from broadsheet.pipeline.measures import measure_rows
from broadsheet.pipeline.payload import SummaryPart
from broadsheet.pipeline.population import Population
from broadsheet.pipeline.table_data.columns import NUMERIC, TypedColumn, in_words
from broadsheet.pipeline.table_data.ranking import Ranked

_WHOLE = (Total.COUNT, Total.DISTINCT)
ROUNDED = "Figures are rounded one by one; totals are those of the exact figures"


def summary_parts(
    table: Table, columns: Sequence[TypedColumn], ranked: Ranked, *, zone: str, locale: str
) -> list[SummaryPart]:
    """Return the rows below all others that a table declares."""
    count = len(ranked)
    shown = count if table.most is None else min(table.most, count)
    parts: list[SummaryPart] = []
    if table.other and shown < count:
        left = count - shown
        label = say_many(
            locale, "Other ({rows} row)", "Other ({rows} rows)", left, rows=format_count(left, locale=locale)
        )
        parts.append(_part("other", label, columns, ranked.members(shown), zone=zone, locale=locale))
    if table.totals and count:
        complete = shown == count or table.other
        label = say(locale, "Total")
        if not complete:
            label = say(locale, "Total of all {rows} rows", rows=format_count(count, locale=locale))
        parts.append(_part("total", label, columns, ranked.members(), zone=zone, locale=locale))
    return parts


def subtotal_part(
    columns: Sequence[TypedColumn], ranked: Ranked, start: int, stop: int, *, zone: str, locale: str
) -> SummaryPart:
    """Return the row of totals of rows ``start`` to ``stop`` of a table."""
    return _part(
        "subtotal", say(locale, "Subtotal"), columns, ranked.members(start, stop), zone=zone, locale=locale
    )


def _part(
    kind: str, label: str, columns: Sequence[TypedColumn], rows: pd.DataFrame, *, zone: str, locale: str
) -> SummaryPart:
    measured = Population(rows)
    cells = [_cell(column, measured, zone, locale) for column in columns]
    return SummaryPart.model_validate({"kind": kind, "label": label, "cells": cells})


def _cell(column: TypedColumn, rows: Population, zone: str, locale: str) -> str:
    measure = total_measure(column)
    if measure is None:
        return ""
    if column.pivot is not None:
        rows = Population(column.pivot.rows(rows.frame))
    value = measure_rows(rows, measure)
    style = column.style
    if column.measure is None and column.declared and column.declared.total in _WHOLE:
        return format_number(readable(value), Format.INTEGER, locale=locale)
    return in_words(value, style, zone, locale=locale)


def total_measure(column: TypedColumn) -> Measure | None:
    """Return what is measured below a column; None where nothing is."""
    if column.declared is None or column.declared.total is False:
        return None
    if column.measure is not None:
        return column.measure
    if not isinstance(column.declared.total, Total):
        return None
    return Measure(
        dataset="rows",
        take=Function(column.declared.total.value),
        column=column.declared.name,
        label=column.label or column.name,
        format=column.style,
    )


def rounding_shows(
    report: ReportDefinition, name: str, columns: Sequence[TypedColumn], ranked: Ranked
) -> bool:
    """Whether a reader who adds up a column as it is shown gets another sum than the total below it."""
    table = report.tables[name]
    if not table.totals or (table.most is not None and len(ranked) > table.most):
        return False
    for column in columns:
        measure = total_measure(column)
        if measure is None or measure.take is not Function.SUM or column.style not in NUMERIC:
            continue
        rows = ranked.members() if column.pivot is None else column.pivot.rows(ranked.members())
        total = readable(measure_rows(Population(rows), measure))
        shown = Decimal(0)
        for cell in map(readable, column.values):
            shown = shown if cell is None else add(shown, rounded(cell, column.style))
        if total is not None and rounded(total, column.style) != shown:
            return True
    return False
