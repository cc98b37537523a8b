"""What the document shows of a table: as many rows as its limit, every cell in words, with sums and marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from broadsheet.catalog.texts import render_text
from broadsheet.domain.parts import Format
from broadsheet.domain.period import Period
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.table import Table
from broadsheet.pipeline.payload import ColumnPart, GroupPart, TablePart
from broadsheet.pipeline.table_data.columns import (
    FORMATS,
    TypedColumn,
    cells_in_words,
    in_words,
    typed_columns,
)
from broadsheet.pipeline.table_data.marks import SIGNS, bar_lengths, flag_notes, shade_depths, tones_of
from broadsheet.pipeline.table_data.ranking import Ranked
from broadsheet.pipeline.table_data.sums import ROUNDED, rounding_shows, subtotal_part, summary_parts


def table_part(
    report: ReportDefinition, name: str, ranked: Ranked, *, period: Period, context: Mapping[str, object]
) -> TablePart:
    """Return what one table shows of its ranked rows."""
    table = report.tables[name]
    columns = typed_columns(report, name, ranked, most=table.most)
    zone, days = period.zone, (period.first_day, period.last_day)
    parts, cells = [], []
    for number, column in enumerate(columns):
        tones = tones_of(column)
        words = cells_in_words(column, zone, days=days)
        cells.append(
            [f"{SIGNS[tone]} {word}" if tone else word for word, tone in zip(words, tones, strict=True)]
            if tones
            else words
        )
        parts.append(
            ColumnPart(
                name=column.name,
                label=column.label,
                align=column.align,
                unit=column.unit,
                lines=column.declared.lines if column.declared else 1,
                bars=bar_lengths(columns, number),
                shades=shade_depths(columns, number),
                tones=tones,
            )
        )
    shown = len(ranked) if table.most is None else min(table.most, len(ranked))
    return TablePart(
        title=render_text(table.title, context, report_id=report.id),
        columns=parts,
        rows=list(zip(*cells, strict=True)),
        shown=shown,
        total_rows=len(ranked),
        groups=_groups(report, table, columns, ranked, shown=shown, zone=zone),
        summaries=summary_parts(table, columns, ranked, zone=zone),
        notes=_notes(report, name, columns, ranked),
    )


def _groups(
    report: ReportDefinition,
    table: Table,
    columns: Sequence[TypedColumn],
    ranked: Ranked,
    *,
    shown: int,
    zone: str,
) -> list[GroupPart]:
    """Return the sections that begin within the rows shown."""
    if table.sections is None:
        return []
    style = FORMATS[report.columns_of(table.dataset)[table.sections.by]]
    groups = []
    for section in ranked.sections:
        if section.start >= shown:
            break
        size, stop = section.stop - section.start, min(section.stop, shown)
        whole = stop == section.stop
        count = f"{size:,} row{'s' * (size != 1)}" if whole else f"{stop - section.start:,} of {size:,} rows"
        subtotal = (
            subtotal_part(columns, ranked, section.start, section.stop, zone=zone)
            if table.sections.subtotals and whole
            else None
        )
        groups.append(
            GroupPart(
                start=section.start,
                stop=stop,
                title=in_words(section.value, style, zone, short_days=style is not Format.DATE),
                note=count,
                subtotal=subtotal,
            )
        )
    return groups


def _notes(report: ReportDefinition, name: str, columns: Sequence[TypedColumn], ranked: Ranked) -> list[str]:
    """Return what a reader must know beside the number of rows."""
    table = report.tables[name]
    notes = flag_notes(columns)
    if ranked.without_rank and table.order_by:
        label = next((one.label for one in table.columns if one.name == table.order_by), table.order_by)
        notes.append(f"{ranked.without_rank:,} without {label} not listed")
    if ranked.too_small:
        notes.append(f"{ranked.too_small:,} with fewer than {table.min_rows:,} rows not listed")
    if rounding_shows(report, name, columns, ranked):
        notes.append(ROUNDED)
    return notes
