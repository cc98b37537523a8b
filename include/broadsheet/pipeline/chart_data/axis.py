"""The groups along a chart's axis: which, in which order, and what readers call them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from numbers import Integral, Real

import pandas as pd

from broadsheet.domain.chart import ChartKind, Span, Step
from broadsheet.domain.period import PeriodKind
from broadsheet.domain.run import DEFAULT_LOCALE
from broadsheet.pipeline.chart_data.source import GROUP, OTHER, SPLIT, Source
from broadsheet.pipeline.formats import (
    MINUS,
    first_weekday,
    format_count,
    format_day,
    format_month,
    format_quarter,
    format_short_day,
    format_text,
    format_weekday,
)
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.measures import measure_groups
from broadsheet.pipeline.units import localized

MOST_DAYS = 3_700
"""More days than ten years, or as many numbers, are not filled up: only those with rows are shown."""
MOST_LAYERS = 8
"""As many colours as a theme's charts have at least."""
_OTHER = "Other"
# Their series are told apart by place, not by colour.
_PLACED = (ChartKind.HEATMAP, ChartKind.MULTIPLES, ChartKind.SPARKLINE)


@dataclass(frozen=True)
class Axis:
    """Groups in the order of drawing; ``previous_keys`` are their counterparts a period earlier.

    ``previous_labels`` are what readers call those; without any they have the names of the groups.
    """

    keys: list[object]
    previous_keys: list[object]
    labels: list[str]
    total: int
    """How many groups there are, drawn or not."""
    previous_labels: Sequence[str] = ()


def make_axis(source: Source) -> tuple[Source, Axis]:
    """Choose and order the groups; the source comes back with those beyond ``top`` gathered as one."""
    chart = source.chart
    if source.step is not None:
        return source, _calendar_axis(source, source.step)
    if source.edges:
        keys: list[object] = list(range(len(source.edges) + 1))
        return source, Axis(
            keys, keys, _bin_labels(source.edges, source.locale, whole=source.whole), len(keys)
        )
    found = measure_groups(source.measured, source.measure, [GROUP])
    least = 1 if chart.kind in _PLACED else chart.min_rows
    large = found.at_least(least).values
    known = len(large.dropna())
    if chart.top and chart.kind is not ChartKind.MULTIPLES:
        # Stable, so that equal values stay in the order of their names.
        ranked = large.dropna().sort_values(ascending=False, kind="stable").index
        keys = list(ranked[: chart.top])
        if chart.other and len(keys) < len(ranked):
            source = source.relabelled(GROUP, keys)
            keys = [*keys, OTHER]
    else:
        groups = large.index
        for measure in source.measures[1:]:
            # Where one measure counts nothing another may.
            more = measure_groups(source.measured, measure, [GROUP])
            groups = groups.union(more.at_least(least).values.index)
        known = max(known, len(groups)) if len(source.measures) > 1 else known
        keys = list(groups)
        if chart.fill and keys:
            keys = _filled(keys)
    if chart.order and chart.split is None:
        keys = in_order(keys, chart.order)
    return source, Axis(
        keys, keys, [label(key, other=chart.other, locale=source.locale) for key in keys], known
    )


def _filled(keys: list[object]) -> list[object]:
    """Put the whole numbers between the lowest and the highest group in, unless they are too many."""
    # As numpy has them, too; whole numbers stay whole, so that all are written alike.
    numbers = [int(key) if isinstance(key, Integral) else float(key) for key in keys if isinstance(key, Real)]
    low, high = math.ceil(min(numbers)), math.floor(max(numbers))
    if high - low > MOST_DAYS:
        return keys
    kind = type(numbers[0])
    return list(sorted({kind(number) for number in (*numbers, *range(low, high + 1))}))


def make_layers(source: Source) -> tuple[Source, list[object], str]:
    """Choose and order the values of ``split``, and say what was gathered as one where there are too many."""
    chart = source.chart
    groups = measure_groups(source.measured, source.measure, [SPLIT])
    if chart.kind in _PLACED:
        groups = groups.at_least(chart.min_rows)
    values = groups.values.dropna()
    found = list(values.index)
    if chart.split_by is not None:
        return source, _units(found, chart.split_by, first_weekday(source.locale)), ""
    ordered = in_order(found, chart.order, missing=chart.kind is not ChartKind.MULTIPLES)
    most = chart.top if chart.kind in _PLACED else MOST_LAYERS
    if most is None or len(ordered) <= most:
        return source, ordered, ""
    keep = most if chart.kind in _PLACED else most - 1
    ranks = dict(zip(found, (float(value) for value in values), strict=True))
    kept = set(values.sort_values(ascending=False, kind="stable").index[:keep])
    layers = [one for one in ordered if one in kept]
    if chart.kind in _PLACED:
        layers.sort(key=lambda one: -ranks[one])
        return (
            source,
            layers,
            say(
                source.locale,
                "{shown} of {all} shown, those with the highest values",
                shown=format_count(len(layers), locale=source.locale),
                all=format_count(len(ordered), locale=source.locale),
            ),
        )
    name = label(OTHER, other=chart.other, locale=source.locale)
    note = say(
        source.locale,
        "{name}: {count} of {all} taken together",
        name=name,
        count=format_count(len(ordered) - len(layers), locale=source.locale),
        all=format_count(len(ordered), locale=source.locale),
    )
    return source.relabelled(SPLIT, layers), [*layers, OTHER], note


def in_order(found: Sequence[object], order: Sequence[str], *, missing: bool = False) -> list[object]:
    """Put groups into a declared order, others behind; ``missing`` keeps declared ones that no row has."""
    first: list[object] = [name for name in order if missing or name in found]
    return [*first, *(one for one in found if one not in order)]


def label(key: object, *, other: str = "", step: Step | None = None, locale: str = DEFAULT_LOCALE) -> str:
    """Return what readers call a group."""
    if key == OTHER:
        return other or say(locale, _OTHER)
    if step is Step.WEEKDAY and isinstance(key, int):
        return format_weekday(key, locale=locale)
    if isinstance(key, pd.Timestamp):
        return (
            format_short_day(key.date(), year=True, locale=locale)
            if key == key.normalize()
            else f"{key:%Y-%m-%d %H:%M}"
        )
    if isinstance(key, bool):
        return say(locale, "yes") if key else say(locale, "no")
    if isinstance(key, float):
        return localized(f"{key:,.10g}".replace("-", MINUS), locale=locale)
    return format_text(key)


def _calendar_axis(source: Source, step: Step) -> Axis:
    period = source.period
    found = _found(source)
    if step in (Step.HOUR, Step.WEEKDAY):
        numbers: list[object] = _units(found, step, first_weekday(source.locale))
        return Axis(
            numbers, numbers, [label(one, step=step, locale=source.locale) for one in numbers], len(numbers)
        )
    if source.chart.span is Span.ALL:
        units = _units(found, step, 0)
        before: list[object] = []
        kind = PeriodKind.YEAR
    else:
        units, before = (
            _units_between(one.first_day, one.last_day, step) for one in (period, period.previous())
        )
        kind = period.kind
    labels = _unit_labels(units, step, kind, source.locale)
    missing = max(0, len(units) - len(before))
    earlier = [*before, *([None] * missing)][: len(units)]
    earlier_labels = [*_unit_labels(before, step, kind, source.locale), *([""] * missing)][: len(units)]
    return Axis(units, earlier, labels, len(units), earlier_labels)


def _found(source: Source) -> list[object]:
    return list(source.current[GROUP].dropna().drop_duplicates().sort_values())


def _units(found: Sequence[object], step: Step, week_begins: int) -> list[object]:
    """Return all units from the first to the last that was found; all weekdays in any case."""
    if step is Step.WEEKDAY:
        # Calendars of some languages begin on another day than Monday.
        return [*range(week_begins, 7), *range(week_begins)]
    numbers = [int(one) for one in found if isinstance(one, int)]
    if step is Step.HOUR:
        return list(range(min(numbers), max(numbers) + 1)) if numbers else []
    days = [one for one in found if isinstance(one, pd.Timestamp)]
    if not days:
        return []
    first, last = min(days).date(), max(days).date()
    if (last - first).days > MOST_DAYS:
        return list(days)
    return _units_between(first, last, step)


def _units_between(first: date, last: date, step: Step) -> list[object]:
    """Return the first days of all units that have a day from ``first`` to ``last``."""
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    starts = dict.fromkeys(_start(day, step) for day in days)
    return [pd.Timestamp(day) for day in starts]


def _start(day: date, step: Step) -> date:
    match step:
        case Step.WEEK:
            return day - timedelta(days=day.weekday())
        case Step.MONTH:
            return day.replace(day=1)
        case Step.QUARTER:
            return day.replace(month=day.month - (day.month - 1) % 3, day=1)
        case Step.YEAR:
            return day.replace(month=1, day=1)
        case _:
            return day


def start_of(day: date, step: Step) -> object:
    """Return the key of the unit that holds a day."""
    return day.weekday() if step is Step.WEEKDAY else pd.Timestamp(_start(day, step))


def _unit_labels(units: Sequence[object], step: Step, kind: PeriodKind, locale: str) -> list[str]:
    days = [one.date() for one in units if isinstance(one, pd.Timestamp)]
    years = len({day.year for day in days}) > 1
    match step:
        case Step.WEEK:
            years = len({day.isocalendar().year for day in days}) > 1
            return [_week(day, locale, year=years) for day in days]
        case Step.MONTH:
            return [format_month(day, year=years, locale=locale) for day in days]
        case Step.QUARTER:
            return [format_quarter(day, locale=locale) for day in days]
        case Step.YEAR:
            return [str(day.year) for day in days]
        case _:
            many = years and kind is PeriodKind.YEAR
            if many:
                return [format_short_day(day, year=True, locale=locale) for day in days]
            return [format_day(day, kind=kind, locale=locale) for day in days]


def _week(day: date, locale: str, *, year: bool) -> str:
    calendar = day.isocalendar()
    name = say(locale, "W{number}", number=calendar.week)
    return f"{name} {calendar.year}" if year else name


def _bin_labels(edges: tuple[float, ...], locale: str, *, whole: bool) -> list[str]:
    shown = [_edge(edge, locale) for edge in edges]
    upper = [_edge(edge - 1, locale) for edge in edges] if whole else shown
    between = [
        low if low == high else say(locale, "{low} to {high}", low=low, high=high)
        for low, high in zip(shown, upper[1:], strict=False)
    ]
    return [f"< {shown[0]}", *between, f"≥ {shown[-1]}"]


def _edge(edge: float, locale: str) -> str:
    return localized(f"{edge:,g}".replace("-", MINUS), locale=locale)
