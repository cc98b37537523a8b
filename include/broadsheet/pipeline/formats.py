"""Numbers, days and instants in words. Numbers are rounded on their decimal digits, half up or half to even.

``locale`` (BCP 47) says in which language. British English is written here; all others as Babel writes them,
with the digits 0 to 9, and a real minus.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from functools import lru_cache
from numbers import Integral

from babel.dates import format_date, format_interval, format_skeleton, format_time

from broadsheet.domain.parts import Format, Rounding
from broadsheet.domain.period import Period, PeriodKind
from broadsheet.domain.run import DEFAULT_LOCALE
from broadsheet.pipeline.languages import babel_locale, is_english, is_rtl, regional_locale, say, say_many
from broadsheet.pipeline.local_time import local_instant

NOTHING = "\N{EN DASH}"
"""What stands where there is no value."""
MINUS = "\N{MINUS SIGN}"
NBSP = "\N{NO-BREAK SPACE}"
_GROUPS_FROM_FIVE = frozenset({"bg", "es", "it", "pl"})
_LEFT_MARK = "\N{LEFT-TO-RIGHT MARK}"
_DAY_SKELETONS = {
    PeriodKind.DAY: "Ed",
    PeriodKind.WEEK: "Ed",
    PeriodKind.MONTH: "d",
    PeriodKind.QUARTER: "MMMd",
    PeriodKind.YEAR: "MMMd",
    None: "MMMMEEEEd",
}
GATHERED = "\N{WORD JOINER}"
"""Begins the name of what is gathered from several groups, so that no value of the data is equal to it.

It is never shown: ``format_text`` and the exports take it off.
"""
LONGEST_TEXT = 200
"""Characters of a text from the data that are shown."""

_POWERS_FROM = 1e21
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_WAYS = {Rounding.HALF_UP: ROUND_HALF_UP, Rounding.HALF_EVEN: ROUND_HALF_EVEN}
_way: ContextVar[str] = ContextVar("rounding", default=ROUND_HALF_UP)
_DECIMALS = {Format.INTEGER: 0, Format.DECIMAL1: 1, Format.DECIMAL2: 2, Format.PERCENT: 1}


@contextmanager
def rounding(way: Rounding) -> Iterator[None]:
    """Round all numbers that are written within in one way: that of the report which they are written for.

    Without it rounding is half up. Like that of Python's decimals, the way is in force in one thread.
    """
    token = _way.set(_WAYS[way])
    try:
        yield
    finally:
        _way.reset(token)


def finite(value: object) -> int | float | None:
    """Return a number for JSON, or None for what is none: NULL, NaN, infinity.

    Floats are cut to twelve digits, so that the order in which a sum was made does not show. A decimal
    becomes the nearest float: what is to be exact in words is written from the decimal itself.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, Integral):
        return int(value)
    if not isinstance(value, float) or not math.isfinite(value):
        return None
    return float(f"{value:.12g}")


def readable(value: object) -> int | float | Decimal | None:
    """Return a number to be written, decimals as exact as they are; None for what is none."""
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    return finite(value)


def rounded(value: int | float | Decimal, style: Format) -> Decimal:
    """Return a number as far as readers see it: in per cent for ``percent``, never minus zero."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    with localcontext() as context:
        # Enough for every double and every decimal of Postgres: a rounding that has no room is an error.
        context.prec = 400
        if style is Format.PERCENT:
            exact *= 100
        step = Decimal(1).scaleb(-_DECIMALS.get(style, 1))
        # Adding zero drops the sign of a negative zero.
        return exact.quantize(step, rounding=_way.get()) + Decimal(0)


def format_number(
    value: int | float | Decimal | None,
    style: Format,
    *,
    signed: bool = False,
    locale: str = DEFAULT_LOCALE,
) -> str:
    """Write a number with thousands separators and a real minus; without its unit.

    Floats so large that most of their digits say nothing are written with a power of ten.
    """
    if value is None:
        return NOTHING
    number = rounded(value, style)
    if isinstance(value, float) and abs(value) >= _POWERS_FROM:
        return format_power(number, signed=signed, locale=locale)
    sign = MINUS if number < 0 else "+" if signed and number > 0 else ""
    # Not `abs`, which would round to as many digits as Decimal usually has.
    digits = f"{number.copy_abs():,}"
    if is_english(locale):
        return f"{sign}{digits}"
    # Beside letters that run from right to left a sign would go to the number's other side.
    mark = _LEFT_MARK if sign and is_rtl(locale) else ""
    return f"{mark}{sign}{grouped(digits, locale)}"


def format_power(value: int | float | Decimal, *, signed: bool = False, locale: str = DEFAULT_LOCALE) -> str:
    """Write a number with three digits and a power of ten: ``1.25 × 10³⁶``."""
    digits, _, power = f"{Decimal(value):.2e}".partition("e")
    mantissa = format_number(Decimal(digits), Format.DECIMAL2, signed=signed, locale=locale)
    return f"{mantissa}{NBSP}×{NBSP}10{str(int(power)).translate(_RAISED)}"


@lru_cache(maxsize=32)
def _separators(locale: str) -> tuple[dict[int, str], int, bool]:
    """Return what stands for comma and point, from how many digits on, and whether groups are threes."""
    known = babel_locale(locale)
    symbols = known.number_symbols.get("latn", {})
    group = symbols.get("group", ",").replace("\N{NARROW NO-BREAK SPACE}", NBSP)
    grouping = known.decimal_formats[None].grouping
    table = {ord(","): group, ord("."): symbols.get("decimal", ".")}
    return table, 5 if known.language in _GROUPS_FROM_FIVE else 4, grouping == (3, 3)


def separators(locale: str) -> dict[int, str]:
    """Return what a language has for the comma and the point of an English number."""
    return _separators(locale)[0]


def grouped(digits: str, locale: str) -> str:
    """Return digits that are grouped the English way as a language groups them."""
    table, least, threes = _separators(locale)
    whole, point, rest = digits.partition(".")
    if len(whole.replace(",", "")) < least:
        whole = whole.replace(",", "")
    elif not threes:
        # Of India: lakhs and crores.
        bare = whole.replace(",", "")
        head = bare[:-3]
        pairs = [head[max(at - 2, 0) : at] for at in range(len(head), 0, -2)]
        whole = ",".join([*reversed(pairs), bare[-3:]])
    return f"{whole}{point}{rest}".translate(table)


def format_count(count: int, *, locale: str = DEFAULT_LOCALE) -> str:
    """Write how many there are of something."""
    return format_number(count, Format.INTEGER, locale=locale)


def count_words(locale: str, one: str, many: str, count: int, /, **values: object) -> str:
    """Return the form that a language has for a count; ``{count}`` in it is the count as it is written."""
    return say_many(locale, one, many, count, count=format_count(count, locale=locale), **values)


def shown_of(shown: int, count: int, *, locale: str = DEFAULT_LOCALE) -> str:
    """Say that not all of something is shown: ``20 of 36 shown``."""
    shown_words, count_shown = (format_count(number, locale=locale) for number in (shown, count))
    return say(locale, "{shown} of {all} shown", shown=shown_words, all=count_shown)


def format_text(value: object, *, longest: int = LONGEST_TEXT) -> str:
    """Make one line of a text from the data: no line breaks or control characters, and not endless."""
    text = "".join(
        character if unicodedata.category(character) not in ("Cc", "Cs") else " "
        for character in str(value).removeprefix(GATHERED)
    )
    text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def format_day(day: date, *, kind: PeriodKind | None = None, locale: str = DEFAULT_LOCALE) -> str:
    """Write a day as short as the period around it allows: ``Mon 18``, ``18``, ``18 Mar``, or in full."""
    if not is_english(locale):
        return _by_skeleton(day, _DAY_SKELETONS[kind], locale)
    match kind:
        case PeriodKind.DAY | PeriodKind.WEEK:
            return f"{day:%a} {day.day}"
        case PeriodKind.MONTH:
            return f"{day.day}"
        case PeriodKind.QUARTER | PeriodKind.YEAR:
            return f"{day.day} {day:%b}"
        case None:
            return f"{day:%A}, {day.day}{NBSP}{day:%B}"


def format_short_day(day: date, *, year: bool, locale: str = DEFAULT_LOCALE) -> str:
    """Write a day for a table's cell: ``Mon 18 Mar``, or ``18 Mar 2013`` with its year."""
    if not is_english(locale):
        return _by_skeleton(day, "yMMMd" if year else "MMMEd", locale)
    return f"{day.day} {day:%b} {day.year}" if year else f"{day:%a} {day.day} {day:%b}"


def format_month(day: date, *, year: bool, locale: str = DEFAULT_LOCALE) -> str:
    """Write a month short: ``Mar``, or ``Mar 2013`` with its year."""
    if is_english(locale):
        return f"{day:%b} {day.year}" if year else f"{day:%b}"
    # A month that stands alone is no skeleton of Babel's.
    return (
        _by_skeleton(day, "yMMM", locale) if year else _spaced(format_date(day, "LLL", babel_locale(locale)))
    )


def format_quarter(day: date, *, locale: str = DEFAULT_LOCALE) -> str:
    """Write a quarter short, with its year: ``Q1 2013``."""
    if is_english(locale):
        return f"Q{(day.month + 2) // 3} {day.year}"
    return _by_skeleton(day, "yQQQ", locale)


def format_weekday(number: int, *, narrow: bool = False, locale: str = DEFAULT_LOCALE) -> str:
    """Write a day of the week short, 0 is Monday: ``Mon``, or ``M`` where it is to be narrow."""
    return str(babel_locale(locale).days["stand-alone"]["narrow" if narrow else "abbreviated"][number])


def first_weekday(locale: str = DEFAULT_LOCALE) -> int:
    """Return the day on which a week begins in calendars of a language, 0 is Monday.

    A language without a region has that of the country where most speak it.
    """
    return int(regional_locale(locale).first_week_day)


def format_instant(instant: datetime, zone: str, *, locale: str = DEFAULT_LOCALE) -> str:
    """Write an instant in a zone: ``20 November 2026, 07:00 EST``.

    Where the zone has no such wall time, at the ends of the calendar, it is that of UTC.
    """
    local = local_instant(instant, zone)
    if is_english(locale):
        return f"{local.day} {local:%B %Y, %H:%M %Z}"
    known = babel_locale(locale)
    day, hour = format_date(local, "long", known), format_time(local, "short", locale=known)
    return _spaced(say(locale, "{day}, {time} {zone}", day=day, time=hour, zone=local.tzname()))


def period_label(period: Period, *, locale: str = DEFAULT_LOCALE) -> str:
    """Return a period in words: ``Week 12, 18–24 March 2013``."""
    if is_english(locale):
        return period.label
    first, number = period.first_day, (period.first_day.month + 2) // 3
    match period.kind:
        case PeriodKind.DAY:
            return _spaced(format_date(first, "full", babel_locale(locale)))
        case PeriodKind.WEEK:
            days = _spaced(format_interval(first, period.last_day, "yMMMd", locale=babel_locale(locale)))
            return say(locale, "Week {number}, {days}", number=first.isocalendar().week, days=days)
        case PeriodKind.MONTH:
            return _by_skeleton(first, "yMMMM", locale)
        case PeriodKind.QUARTER:
            return say(locale, "Quarter {number} of {year}", number=number, year=first.year)
        case PeriodKind.YEAR:
            return say(locale, "Year {year}", year=first.year)


def period_short(period: Period, *, locale: str = DEFAULT_LOCALE) -> str:
    """Return a period's name for a legend: ``Week 12``, ``18 March 2013``, ``March 2013``."""
    if period.kind is PeriodKind.WEEK:
        return say(locale, "Week {number}", number=period.first_day.isocalendar().week)
    if period.kind is PeriodKind.DAY:
        if not is_english(locale):
            return _spaced(format_date(period.first_day, "long", babel_locale(locale)))
        return f"{period.first_day.day} {period.first_day:%B %Y}"
    return period_label(period, locale=locale)


def _by_skeleton(day: date, skeleton: str, locale: str) -> str:
    if skeleton == "d":
        return str(day.day)
    moment = datetime.combine(day, time(12), tzinfo=UTC)
    return _spaced(format_skeleton(skeleton, moment, fuzzy=True, locale=babel_locale(locale)))


def _spaced(text: str) -> str:
    """Return text with the spaces that our fonts have."""
    return text.replace("\N{NARROW NO-BREAK SPACE}", NBSP).replace("\N{THIN SPACE}", NBSP)
