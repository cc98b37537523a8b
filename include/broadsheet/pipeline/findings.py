"""What was found: each measure with its change, single cells, highest and lowest groups, raw and in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import numpy as np
import pandas as pd

from broadsheet.domain.measure import Measure
from broadsheet.domain.parameters import display_parameter
from broadsheet.domain.parts import Format
from broadsheet.domain.period import Period
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.run import RunSpec, VariantSpec
from broadsheet.pipeline.formats import (
    NOTHING,
    finite,
    format_day,
    format_instant,
    format_number,
    format_text,
    period_label,
    period_short,
    readable,
)
from broadsheet.pipeline.kpis import NO_COMPARISON, Figure, difference
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.local_time import local_day
from broadsheet.pipeline.measures import Found, measure_groups, number
from broadsheet.pipeline.payload import (
    Findings,
    ParameterPart,
    PeriodPart,
    Value,
)
from broadsheet.pipeline.rows import Rows
from broadsheet.pipeline.units import change_unit, unit_of, with_unit

# A value under its name in texts: raw, and in words.
Named = tuple[Value, str]


def make_findings(
    spec: RunSpec,
    report: ReportDefinition,
    variant: VariantSpec,
    *,
    figures: Mapping[str, Figure],
    rows: Mapping[str, Rows],
) -> Findings:
    """Return what the texts of the definition are rendered with."""
    locale = report.language
    named = (
        _named_figures(report, figures)
        | _named_facts(spec, report, rows)
        | _named_highlights(spec, report, rows)
    )
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
        period=_period_part(spec.period, locale),
        previous_period=_period_part(spec.period.previous(), locale),
        values={name: value for name, (value, _) in named.items()},
        displays={name: words for name, (_, words) in named.items()},
    )


def _period_part(period: Period, locale: str) -> PeriodPart:
    return PeriodPart(
        name=period.name,
        label=period_label(period, locale=locale),
        short=period_short(period, locale=locale),
        kind=period.kind.value,
        zone=period.zone,
        start=period.start.isoformat(),
        end=period.end.isoformat(),
        first_day=period.first_day.isoformat(),
        last_day=period.last_day.isoformat(),
    )


def _named_figures(report: ReportDefinition, figures: Mapping[str, Figure]) -> dict[str, Named]:
    """Return every measure, its value a period earlier and its change."""
    named: dict[str, Named] = {}
    locale = report.language
    for name, figure in figures.items():
        measure = figure.measure
        change = difference(figure.value, figure.previous)
        named[name] = _valued(figure.value, measure, locale)
        named[f"{name}_previous"] = _valued(figure.previous, measure, locale)
        named[f"{name}_change"] = _changed(change, measure, locale)
        # For prose that says "up by" or "down by" itself.
        size = change if change is None or change >= 0 else -change
        words = format_number(size, measure.format, locale=locale)
        named[f"{name}_change_size"] = (
            finite(size),
            with_unit(words, change_unit(measure.format, measure.unit, locale=locale), locale=locale),
        )
        if report.has_year_before(measure.dataset):
            named[f"{name}_year_before"] = _valued(figure.year_before, measure, locale)
            year_change = difference(figure.value, figure.year_before)
            named[f"{name}_year_change"] = _changed(year_change, measure, locale)
    return named


def _valued(value: Found, measure: Measure, locale: str) -> Named:
    number = format_number(value, measure.format, locale=locale)
    words = with_unit(number, unit_of(measure.format, measure.unit), locale=locale)
    return finite(value), words


def _changed(change: Found, measure: Measure, locale: str) -> Named:
    if change is None:
        return None, say(locale, NO_COMPARISON)
    words = format_number(change, measure.format, signed=True, locale=locale)
    return finite(change), with_unit(
        words, change_unit(measure.format, measure.unit, locale=locale), locale=locale
    )


def _named_facts(spec: RunSpec, report: ReportDefinition, rows: Mapping[str, Rows]) -> dict[str, Named]:
    """Return the single cells that the definition gives a name."""
    named: dict[str, Named] = {}
    for name, fact in report.facts.items():
        cells = rows[fact.dataset].everything[fact.column].tolist()
        cell = cells[0] if cells and not pd.isna(cells[0]) else None
        named[name] = _in_words(cell, fact.format, spec.period.zone, report.language)
    return named


def _named_highlights(spec: RunSpec, report: ReportDefinition, rows: Mapping[str, Rows]) -> dict[str, Named]:
    """Return the groups in which a measure is highest or lowest, and its value there."""
    named: dict[str, Named] = {}
    for name, highlight in report.highlights.items():
        measure = report.measures[highlight.measure]
        groups = measure_groups(rows[measure.dataset].measured, measure, [highlight.group])
        ranked = groups.at_least(highlight.min_rows).values.dropna()
        # Stable, so that the first of equal groups wins.
        ranked = ranked.sort_values(ascending=highlight.order == "lowest", kind="stable")
        key = ranked.index[0] if len(ranked) else None
        value = number(ranked.iloc[0], measure) if len(ranked) else None
        exact = readable(ranked.iloc[0]) if len(ranked) else None
        named[name] = _in_words(key, Format.TEXT, spec.period.zone, report.language)
        named[f"{name}_value"] = (
            value,
            _valued(exact, measure, report.language)[1],
        )
    return named


def _in_words(cell: object, style: Format, zone: str, locale: str) -> Named:
    """Return a cell raw and in words."""
    if cell is None:
        return None, NOTHING
    if isinstance(cell, datetime):
        if style is Format.DATETIME:
            return cell.isoformat(), format_instant(cell, zone, locale=locale)
        day = local_day(cell, zone)
        return day.isoformat(), format_day(day, locale=locale)
    if isinstance(cell, bool | np.bool_):
        # A number, so that a condition of the page takes it as it is meant.
        return int(cell), say(locale, "yes") if cell else say(locale, "no")
    found = readable(cell)
    if found is not None:
        return finite(found), format_number(found, style, locale=locale) if style is not Format.TEXT else str(
            found
        )
    return format_text(cell), format_text(cell)
