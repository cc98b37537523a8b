"""What was found: each measure with its change, single cells, highest and lowest groups, raw and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from broadsheet.domain.measure import Measure
from broadsheet.domain.parameters import display_parameter
from broadsheet.domain.parts import Format
from broadsheet.domain.period import Period
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.run import RunSpec, VariantSpec
from broadsheet.pipeline.formats import (
    NOTHING,
    change_unit,
    finite,
    format_day,
    format_instant,
    format_number,
    format_text,
    period_short,
    rounded,
    unit_of,
    with_unit,
)
from broadsheet.pipeline.measures import measure_groups, measure_rows, number
from broadsheet.pipeline.payload import (
    Direction,
    Findings,
    KpiPart,
    Number,
    ParameterPart,
    PeriodPart,
    Value,
)
from broadsheet.pipeline.rows import Rows

# A value under its name in texts: raw, and in words.
Named = tuple[Value, str]

_NO_COMPARISON = "no comparison"


@dataclass(frozen=True)
class Figure:
    """A measure's value in the period and, where there is one, in the period before."""

    measure: Measure
    previous: Number
    kpi: KpiPart


def compute_figures(report: ReportDefinition, rows: Mapping[str, Rows]) -> dict[str, Figure]:
    """Compute every measure of a definition."""
    figures: dict[str, Figure] = {}
    for name, measure in report.measures.items():
        source = rows[measure.dataset]
        # Without a row there is nothing to count either: no data is not the same as zero flights.
        value = None if source.current.empty else measure_rows(source.current, measure)
        before = source.previous
        previous = None if before is None or before.empty else measure_rows(before, measure)
        figures[name] = Figure(measure, previous, _kpi(measure, value, previous))
    return figures


def _kpi(measure: Measure, value: Number, previous: Number) -> KpiPart:
    style = measure.format
    change = None if value is None or previous is None else finite(value - previous)
    direction: Direction = "none"
    words = _NO_COMPARISON
    if change is not None:
        visible = rounded(change, style)
        direction = "flat" if visible == 0 else "up" if visible > 0 else "down"
        words = with_unit(format_number(change, style, signed=True), change_unit(style, measure.unit))
    good = None
    if direction in ("up", "down") and measure.better != "neither":
        good = direction == measure.better
    return KpiPart(
        label=measure.label,
        value=value,
        display=format_number(value, style),
        unit=unit_of(style, measure.unit),
        change=change,
        change_display=words,
        direction=direction,
        good=good,
        note=measure.note,
    )


def make_findings(
    spec: RunSpec,
    report: ReportDefinition,
    variant: VariantSpec,
    *,
    figures: Mapping[str, Figure],
    rows: Mapping[str, Rows],
) -> Findings:
    """Return what the texts of the definition are rendered with."""
    named = _named_figures(figures) | _named_facts(spec, report, rows) | _named_highlights(spec, report, rows)
    return Findings(
        report_id=report.id,
        title=report.title,
        parameters=[
            ParameterPart(
                name=name,
                label=str(schema.get("title", name)),
                value=variant.parameters.get(name),
                display=format_text(display_parameter(schema, variant.parameters.get(name))),
            )
            for name, schema in report.parameter_schemas.items()
        ],
        period=_period_part(spec.period),
        previous_period=_period_part(spec.period.previous()),
        values={name: value for name, (value, _) in named.items()},
        displays={name: words for name, (_, words) in named.items()},
    )


def _period_part(period: Period) -> PeriodPart:
    return PeriodPart(
        name=period.name,
        label=period.label,
        short=period_short(period),
        kind=period.kind.value,
        zone=period.zone,
        start=period.start.isoformat(),
        end=period.end.isoformat(),
        first_day=period.first_day.isoformat(),
        last_day=period.last_day.isoformat(),
    )


def _named_figures(figures: Mapping[str, Figure]) -> dict[str, Named]:
    """Return every measure, its value a period earlier and its change."""
    named: dict[str, Named] = {}
    for name, figure in figures.items():
        style, kpi = figure.measure.format, figure.kpi
        size = None if kpi.change is None else abs(kpi.change)
        size_unit = change_unit(style, figure.measure.unit)
        named[name] = kpi.value, with_unit(kpi.display, kpi.unit)
        named[f"{name}_previous"] = (
            figure.previous,
            with_unit(format_number(figure.previous, style), kpi.unit),
        )
        named[f"{name}_change"] = kpi.change, kpi.change_display
        # For prose that says "up by" or "down by" itself.
        named[f"{name}_change_size"] = size, with_unit(format_number(size, style), size_unit)
    return named


def _named_facts(spec: RunSpec, report: ReportDefinition, rows: Mapping[str, Rows]) -> dict[str, Named]:
    """Return the single cells that the definition gives a name."""
    named: dict[str, Named] = {}
    for name, fact in report.facts.items():
        cells = rows[fact.dataset].everything[fact.column].tolist()
        cell = cells[0] if cells and not pd.isna(cells[0]) else None
        named[name] = _in_words(cell, fact.format, spec.period.zone)
    return named


def _named_highlights(spec: RunSpec, report: ReportDefinition, rows: Mapping[str, Rows]) -> dict[str, Named]:
    """Return the groups in which a measure is highest or lowest, and its value there."""
    named: dict[str, Named] = {}
    for name, highlight in report.highlights.items():
        measure = report.measures[highlight.measure]
        groups = measure_groups(rows[measure.dataset].current, measure, [highlight.group])
        ranked = groups[groups["rows"] >= highlight.min_rows]["value"].dropna()
        # Stable, so that the first of equal groups wins.
        ranked = ranked.sort_values(ascending=highlight.order == "lowest", kind="stable")
        key = ranked.index[0] if len(ranked) else None
        value = number(ranked.iloc[0], measure) if len(ranked) else None
        named[name] = _in_words(key, Format.TEXT, spec.period.zone)
        named[f"{name}_value"] = (
            value,
            with_unit(format_number(value, measure.format), unit_of(measure.format, measure.unit)),
        )
    return named


def _in_words(cell: object, style: Format, zone: str) -> Named:
    """Return a cell raw and in words."""
    if cell is None:
        return None, NOTHING
    if isinstance(cell, datetime):
        if style is Format.DATETIME:
            return cell.isoformat(), format_instant(cell, zone)
        return cell.date().isoformat(), format_day(cell.date())
    found = finite(cell)
    if found is not None:
        return found, format_number(found, style) if style is not Format.TEXT else str(found)
    return format_text(cell), format_text(cell)
