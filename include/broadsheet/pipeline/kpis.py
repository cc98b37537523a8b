"""Tiles of key figures: a value, its change, its way through the period, and where it should be."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pandas as pd

from broadsheet.domain.kpi import Kpi
from broadsheet.domain.measure import Function, Measure
from broadsheet.domain.parts import Format
from broadsheet.domain.period import Period
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.run import DEFAULT_LOCALE
from broadsheet.pipeline.exact import subtract
from broadsheet.pipeline.formats import finite, format_number, rounded
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.measures import Found, measure_groups, measure_rows, number
from broadsheet.pipeline.payload import Direction, KpiPart
from broadsheet.pipeline.rows import Rows
from broadsheet.pipeline.units import change_unit, unit_of, with_unit

NO_COMPARISON = "no comparison"
YEAR_BEFORE = "on a year before"
_MOST_POINTS = 400


@dataclass(frozen=True)
class Figure:
    """A measure's value in the period and, where there are any, in the periods to compare with."""

    measure: Measure
    value: Found
    previous: Found
    year_before: Found = None


def compute_figures(report: ReportDefinition, rows: Mapping[str, Rows]) -> dict[str, Figure]:
    """Compute every measure of a definition."""
    figures: dict[str, Figure] = {}
    for name, measure in report.measures.items():
        source = rows[measure.dataset]
        periods = (source.measured, source.measured_previous, source.measured_year_before)
        # Without a row there is nothing to count either: no data is not the same as zero flights.
        values = [None if one is None or one.frame.empty else measure_rows(one, measure) for one in periods]
        figures[name] = Figure(measure, *values)
    return figures


def difference(value: Found, before: Found) -> Found:
    """Return how much more a value is than another, exact where both are; None where one is missing."""
    if value is None or before is None:
        return None
    if isinstance(value, Decimal) != isinstance(before, Decimal):
        value, before = Decimal(str(value)), Decimal(str(before))
    if isinstance(value, Decimal) and isinstance(before, Decimal):
        return subtract(value, before)
    return finite(float(value) - float(before)) if _floats(value, before) else int(value) - int(before)


def _floats(value: int | float | Decimal, before: int | float | Decimal) -> bool:
    return isinstance(value, float) or isinstance(before, float)


def kpi_parts(
    report: ReportDefinition,
    name: str,
    *,
    figures: Mapping[str, Figure],
    rows: Mapping[str, Rows],
    period: Period,
) -> list[KpiPart]:
    """Return the tiles of a set."""
    tiles = [one if isinstance(one, Kpi) else Kpi(measure=one) for one in report.kpis[name]]
    return [
        kpi_part(
            tile,
            figures[tile.measure],
            points=_points(report, tile, rows=rows, period=period),
            locale=report.language,
        )
        for tile in tiles
    ]


def kpi_part(
    tile: Kpi,
    figure: Figure,
    *,
    points: list[float | None] | None = None,
    locale: str = DEFAULT_LOCALE,
) -> KpiPart:
    """Return what a tile shows of a figure."""
    measure, style = figure.measure, figure.measure.format
    before = {"previous": figure.previous, "year_before": figure.year_before, "none": None}[tile.compare]
    change = difference(figure.value, before)
    unknown = say(locale, NO_COMPARISON)
    words = "" if tile.compare == "none" else unknown
    direction: Direction = "none"
    if change is not None:
        visible = rounded(change, style)
        words = with_unit(
            format_number(change, style, signed=True, locale=locale),
            change_unit(style, measure.unit, locale=locale),
            locale=locale,
        )
        if tile.change == "relative" and before is not None:
            visible, words = _relative(change, before, locale)
        direction = "flat" if visible == 0 else "up" if visible > 0 else "down"
        if not words:
            direction, words = "none", unknown
    good = None
    if direction in ("up", "down") and measure.better != "neither":
        good = direction == measure.better
    return KpiPart(
        label=tile.label or measure.label,
        value=finite(figure.value),
        display=format_number(figure.value, style, locale=locale),
        unit=unit_of(style, measure.unit),
        change=finite(change),
        change_display=words,
        against=say(locale, YEAR_BEFORE) if tile.compare == "year_before" and change is not None else "",
        direction=direction,
        good=good,
        target_display=_target(tile, measure, locale),
        reached=_reached(tile, measure, figure.value),
        points=points or (),
        note=measure.note,
    )


def _relative(change: Found, before: Found, locale: str) -> tuple[Decimal, str]:
    """Return a change as a share of what was before, rounded and in words; no words where that was 0."""
    if not before or change is None:
        return Decimal(0), ""
    share = float(change) / abs(float(before))
    if not math.isfinite(share):
        return Decimal(0), ""
    return rounded(share, Format.PERCENT), with_unit(
        format_number(share, Format.PERCENT, signed=True, locale=locale), "%", locale=locale
    )


def _target(tile: Kpi, measure: Measure, locale: str) -> str:
    if tile.target is None:
        return ""
    number = format_number(tile.target, measure.format, locale=locale)
    return with_unit(number, unit_of(measure.format, measure.unit), locale=locale)


def _reached(tile: Kpi, measure: Measure, value: Found) -> bool | None:
    """Return whether a value is where it should be, compared as a reader sees both; None where unknown."""
    if tile.target is None or value is None or measure.better == "neither":
        return None
    seen, wanted = rounded(value, measure.format), rounded(tile.target, measure.format)
    return seen >= wanted if measure.better == "up" else seen <= wanted


def _points(
    report: ReportDefinition, tile: Kpi, *, rows: Mapping[str, Rows], period: Period
) -> list[float | None]:
    """Return the measure for each value of the tile's column: for every day of the period, if it is a day."""
    if tile.spark is None:
        return []
    measure = report.measures[tile.measure]
    found_rows = rows[measure.dataset].measured
    if found_rows.frame.empty:
        return []
    groups = measure_groups(found_rows, measure, [tile.spark]).values
    keys: list[object] = list(groups.index)
    if tile.spark == report.day_of(measure.dataset):
        keys = [pd.Timestamp(period.first_day + timedelta(days=offset)) for offset in range(period.days)]
    nothing = 0.0 if measure.take in (Function.COUNT, Function.DISTINCT) else None
    found = [number(groups.get(key, nothing), measure) for key in keys]
    # A small line cannot show more points; the number itself stands above it.
    step = max(1, -(-len(found) // _MOST_POINTS))
    return [None if value is None else float(value) for value in found[::step]]
