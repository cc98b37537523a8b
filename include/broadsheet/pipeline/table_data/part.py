"""What the document shows of a table: as many rows as its limit, every cell in words, with sums and marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from broadsheet.catalog.texts import render_text
from broadsheet.domain.parts import Format
from broadsheet.domain.period import Period
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.table import Table
from broadsheet.pipeline.formats import count_words, format_count
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.payload import ColumnPart, GroupPart, TablePart
from broadsheet.pipeline.table_data.columns import (
    FORMATS,
    TypedColumn,
    cells_in_words,
    in_words,
    typed_columns,
)
from broadsheet.pipeline.table_data.marks import SIGNS, bar_lengths, flag_notes, shade_depths, tones_of
from broadsheet.pipeline.table_data.ranking import Ranked, Section
from broadsheet.pipeline.table_data.sums import ROUNDED, rounding_shows, subtotal_parts, summary_parts


def table_part(
    report: ReportDefinition, name: str, ranked: Ranked, *, period: Period, context: Mapping[str, object]
) -> TablePart:
    """Return what one table shows of its ranked rows."""
    table = report.tables[name]
    columns = typed_columns(report, name, ranked, most=table.most)
    locale = report.language
    zone, days = period.zone, (period.first_day, period.last_day)
    # What a row is about, for who is read to: its groups, or the column that stands first.
    heads = table.group or (table.columns[0].name,)
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
                heads=column.name in heads,
                lines=column.declared.lines if column.declared else 1,
                bars=bar_lengths(columns, number),
                shades=shade_depths(columns, number),
                tones=tones,
            )
        )
    shown = len(ranked) if table.most is None else min(table.most, len(ranked))
    groups = _groups(report, table, columns, ranked, shown=shown, zone=zone)
    summaries = summary_parts(table, columns, ranked, zone=zone, locale=locale)
    sums = [(one.start, one.stop, one.subtotal) for one in groups if one.subtotal]
    if shown == len(ranked):
        sums += [(0, shown, one) for one in summaries]
    notes = _notes(report, name, columns, ranked)
    if rounding_shows(columns, sums, zone=zone, locale=locale):
        notes.append(say(locale, ROUNDED))
    return TablePart(
        title=render_text(table.title, context, report_id=report.id),
        columns=parts,
        rows=list(zip(*cells, strict=True)),
        shown=shown,
        total_rows=len(ranked),
        groups=groups,
        summaries=summaries,
        notes=notes,
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
    locale, types = report.language, report.columns_of(table.dataset)
    names = table.sections.columns
    begun = [section for section in ranked.sections if section.start < shown]
    titles = [
        _section_title(section, FORMATS[types[names[section.level]]], zone, locale) for section in begun
    ]
    summed = [
        number
        for number, section in enumerate(begun)
        if names[section.level] in table.sections.summed and section.stop <= shown
    ]
    subtotals = subtotal_parts(
        columns,
        ranked,
        {number: begun[number] for number in summed},
        # Where sections end within each other, the word alone would not say which of them.
        labels={number: titles[number] for number in summed} if len(names) > 1 else {},
        zone=zone,
        locale=locale,
    )
    return [
        GroupPart(
            start=section.start,
            stop=min(section.stop, shown),
            title=title,
            level=section.level,
            total_rows=section.stop - section.start,
            note=_section_note(section, min(section.stop, shown), locale),
            subtotal=subtotals.get(number),
        )
        for number, (section, title) in enumerate(zip(begun, titles, strict=True))
    ]


def _section_note(section: Section, stop: int, locale: str) -> str:
    """Return how many rows a section has, of which those to ``stop`` are shown."""
    size = section.stop - section.start
    if stop == section.stop:
        return count_words(locale, "{count} row", "{count} rows", size)
    shown = format_count(stop - section.start, locale=locale)
    return count_words(locale, "{shown} of {count} row", "{shown} of {count} rows", size, shown=shown)


def _section_title(section: Section, style: Format, zone: str, locale: str) -> str:
    return in_words(section.value, style, zone, short_days=style is not Format.DATE, locale=locale)


def _ungrouped_notes(report: ReportDefinition, table: Table, ranked: Ranked) -> list[str]:
    """Return how many rows stand in no group, or in no column of a pivot, since they have no value there."""
    by = [*table.group, *([table.pivot.by] if table.pivot else [])]
    labels = {column.name: column.label for column in table.columns}
    counts = {name: int(ranked.source[name].isna().sum()) for name in by}
    return [
        say(
            report.language,
            "{count} without {label} not listed",
            count=format_count(count, locale=report.language),
            label=labels.get(name, name),
        )
        for name, count in counts.items()
        if count
    ]


def _notes(report: ReportDefinition, name: str, columns: Sequence[TypedColumn], ranked: Ranked) -> list[str]:
    """Return what a reader must know beside the number of rows."""
    table = report.tables[name]
    locale, notes = report.language, [*flag_notes(columns), *_ungrouped_notes(report, table, ranked)]
    if ranked.without_rank and table.order_by:
        label = next((one.label for one in table.columns if one.name == table.order_by), table.order_by)
        count = format_count(ranked.without_rank, locale=locale)
        notes.append(say(locale, "{count} without {label} not listed", count=count, label=label))
    if ranked.too_small:
        notes.append(
            count_words(
                locale,
                "{groups} with fewer than {count} row not listed",
                "{groups} with fewer than {count} rows not listed",
                table.min_rows,
                groups=format_count(ranked.too_small, locale=locale),
            )
        )
    return notes
