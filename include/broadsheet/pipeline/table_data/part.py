"""What the document shows of a table: as many rows as its limit, every cell in words, with sums and marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from broadsheet.catalog.texts import render_text
from broadsheet.domain.parts import Format
from broadsheet.domain.period import Period
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.table import Table
from broadsheet.pipeline.formats import format_count
from broadsheet.pipeline.languages import say, say_many
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
    locale = report.language
    zone, days = period.zone, (period.first_day, period.last_day)
    parts, cells = [], []
    for number, column in enumerate(columns):
        tones = tones_of(column)
        words = cells_in_words(column, zone, days=days, locale=locale)
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
        summaries=summary_parts(table, columns, ranked, zone=zone, locale=locale),
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
    locale = report.language
    style = FORMATS[report.columns_of(table.dataset)[table.sections.by]]
    groups = []
    for section in ranked.sections:
        if section.start >= shown:
            break
        size, stop = section.stop - section.start, min(section.stop, shown)
        whole = stop == section.stop
        rows, part = format_count(size, locale=locale), format_count(stop - section.start, locale=locale)
        count = (
            say_many(locale, "{rows} row", "{rows} rows", size, rows=rows)
            if whole
            else say(locale, "{shown} of {rows} rows", shown=part, rows=rows)
        )
        subtotal = (
            subtotal_part(columns, ranked, section.start, section.stop, zone=zone, locale=locale)
            if table.sections.subtotals and whole
            else None
        )
        groups.append(
            GroupPart(
                start=section.start,
                stop=stop,
                title=in_words(
                    section.value, style, zone, short_days=style is not Format.DATE, locale=locale
                ),
                note=count,
                subtotal=subtotal,
            )
        )
    return groups


def _notes(report: ReportDefinition, name: str, columns: Sequence[TypedColumn], ranked: Ranked) -> list[str]:
    """Return what a reader must know beside the number of rows."""
    table = report.tables[name]
    locale, notes = report.language, flag_notes(columns)
    if ranked.without_rank and table.order_by:
        label = next((one.label for one in table.columns if one.name == table.order_by), table.order_by)
        count = format_count(ranked.without_rank, locale=locale)
        notes.append(say(locale, "{count} without {label} not listed", count=count, label=label))
    if ranked.too_small:
        count, least = (format_count(one, locale=locale) for one in (ranked.too_small, table.min_rows))
        notes.append(say(locale, "{count} with fewer than {least} rows not listed", count=count, least=least))
    if rounding_shows(report, name, columns, ranked):
        notes.append(say(locale, ROUNDED))
    return notes
