"""What stands below rows: subtotals, what became of rows that are not shown, and the total of all.

A measure is taken again over all the rows in question: the mean of a total is not the mean of means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import accumulate
from typing import Literal

import pandas as pd

from broadsheet.domain.measure import Function, Measure
from broadsheet.domain.parts import Format
from broadsheet.domain.table import Table, Total
from broadsheet.pipeline.exact import add, subtract
from broadsheet.pipeline.formats import NOTHING, count_words, format_number, readable, rounded
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.measures import measure_groups, measure_rows
from broadsheet.pipeline.payload import SummaryPart
from broadsheet.pipeline.population import Population
from broadsheet.pipeline.table_data.columns import NUMERIC, TypedColumn, in_words
from broadsheet.pipeline.table_data.ranking import RANGE, Ranked, Section

_ZERO = Decimal(0)
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
        label = count_words(locale, "Other ({count} row)", "Other ({count} rows)", left)
        parts.append(_part("other", label, columns, ranked.members(shown), zone=zone, locale=locale))
    if table.totals and count:
        complete = shown == count or table.other
        label = say(locale, "Total")
        if not complete:
            label = count_words(locale, "Total of {count} row", "Total of all {count} rows", count)
        parts.append(_part("total", label, columns, ranked.members(), zone=zone, locale=locale))
    return parts


def subtotal_parts(
    columns: Sequence[TypedColumn],
    ranked: Ranked,
    sections: Mapping[int, Section],
    *,
    labels: Mapping[int, str],
    zone: str,
    locale: str,
) -> dict[int, SummaryPart]:
    """Return the row of totals of each section, by its number; ``labels`` name those that want a name.

    All sections of a level are measured at once, so that thousands of them take no longer than a few.
    """
    cells: dict[int, list[str]] = {number: [""] * len(columns) for number in sections}
    for level in sorted({section.level for section in sections.values()}):
        numbers = [number for number, section in sections.items() if section.level == level]
        bounds = [(sections[number].start, sections[number].stop) for number in numbers]
        rows = Population(ranked.members_of(bounds))
        for at, column in enumerate(columns):
            measure = total_measure(column)
            if measure is None:
                continue
            found = _measured(column, measure, rows, len(numbers))
            for number, value in zip(numbers, found, strict=True):
                cells[number][at] = _in_words(column, value, zone, locale)
    word = say(locale, "Subtotal")
    return {
        number: SummaryPart(
            kind="subtotal",
            label=f"{word} · {labels[number]}" if number in labels else word,
            cells=tuple(cells[number]),
        )
        for number in sections
    }


def _measured(column: TypedColumn, measure: Measure, rows: Population, count: int) -> list[object]:
    """Return a column's total for each of ``count`` ranges of rows."""
    if column.pivot is not None:
        rows = Population(column.pivot.rows(rows.frame))
    found = measure_groups(rows, measure, [RANGE]).values.to_dict()
    nothing = 0 if measure.take in (Function.COUNT, Function.DISTINCT) else None
    return [found.get(number, nothing) for number in range(count)]


def _part(
    kind: Literal["other", "total"],
    label: str,
    columns: Sequence[TypedColumn],
    rows: pd.DataFrame,
    *,
    zone: str,
    locale: str,
) -> SummaryPart:
    measured = Population(rows)
    cells = tuple(_cell(column, measured, zone, locale) for column in columns)
    return SummaryPart(kind=kind, label=label, cells=cells)


def _cell(column: TypedColumn, rows: Population, zone: str, locale: str) -> str:
    measure = total_measure(column)
    if measure is None:
        return ""
    if column.pivot is not None:
        rows = Population(column.pivot.rows(rows.frame))
    return _in_words(column, measure_rows(rows, measure), zone, locale)


def _in_words(column: TypedColumn, value: object, zone: str, locale: str) -> str:
    if column.measure is None and column.declared and column.declared.total in _WHOLE:
        return format_number(readable(value), Format.INTEGER, locale=locale)
    return in_words(value, column.style, zone, locale=locale)


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
    columns: Sequence[TypedColumn], sums: Sequence[tuple[int, int, SummaryPart]], *, zone: str, locale: str
) -> bool:
    """Whether a reader who adds up a column as it is shown gets another sum than one of those below it.

    ``sums`` are the rows of totals, each with the first of the rows that it adds up and the one behind them.
    """
    for at, column in enumerate(columns):
        measure = total_measure(column)
        if measure is None or measure.take is not Function.SUM or column.style not in NUMERIC or not sums:
            continue
        cells = (_as_shown(value, column.style) for value in column.values)
        shown = list(accumulate(cells, add, initial=_ZERO))
        for start, stop, part in sums:
            own = _in_words(column, subtract(shown[stop], shown[start]), zone, locale)
            if part.cells[at] not in (own, NOTHING):
                return True
    return False


def _as_shown(value: object, style: Format) -> Decimal:
    """Return a cell's number as its reader sees it, as a share again where that is in per cent."""
    found = readable(value)
    if found is None:
        return _ZERO
    seen = rounded(found, style)
    return seen.scaleb(-2) if style is Format.PERCENT else seen
