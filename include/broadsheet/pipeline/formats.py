"""Numbers, days and instants in words. Rounding is half up on the decimal digits, as people do it."""

from __future__ import annotations

import math
import unicodedata
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from numbers import Integral
from zoneinfo import ZoneInfo

from broadsheet.domain.parts import Format
from broadsheet.domain.period import Period, PeriodKind

NOTHING = "\N{EN DASH}"
"""What stands where there is no value."""
MINUS = "\N{MINUS SIGN}"
NBSP = "\N{NO-BREAK SPACE}"
LONGEST_TEXT = 200
"""Characters of a text from the data that are shown."""

_DECIMALS = {Format.INTEGER: 0, Format.DECIMAL1: 1, Format.DECIMAL2: 2, Format.PERCENT: 1}


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
        return exact.quantize(step, rounding=ROUND_HALF_UP) + Decimal(0)


def format_number(value: int | float | Decimal | None, style: Format, *, signed: bool = False) -> str:
    """Write a number with thousands separators and a real minus; without its unit."""
    if value is None:
        return NOTHING
    number = rounded(value, style)
    sign = MINUS if number < 0 else "+" if signed and number > 0 else ""
    return f"{sign}{abs(number):,}"


def unit_of(style: Format, unit: str) -> str:
    """Return the unit that a value of a format has: per cent for ``percent``, else the declared one."""
    return "%" if style is Format.PERCENT else unit


def with_unit(display: str, unit: str) -> str:
    """Put a unit behind a number, unless there is no number or no unit."""
    return display if not unit or display == NOTHING else f"{display}{NBSP}{unit}"


def change_unit(style: Format, unit: str) -> str:
    """Return the unit of a difference: shares differ by points, not by per cent."""
    return "points" if style is Format.PERCENT else unit


def format_text(value: object, *, longest: int = LONGEST_TEXT) -> str:
    """Make one line of a text from the data: no line breaks or control characters, and not endless."""
    text = "".join(
        character if unicodedata.category(character) not in ("Cc", "Cs") else " " for character in str(value)
    )
    text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def format_day(day: date, *, kind: PeriodKind | None = None) -> str:
    """Write a day as short as the period around it allows: ``Mon 18``, ``18``, ``18 Mar``, or in full."""
    match kind:
        case PeriodKind.DAY | PeriodKind.WEEK:
            return f"{day:%a} {day.day}"
        case PeriodKind.MONTH:
            return f"{day.day}"
        case PeriodKind.QUARTER | PeriodKind.YEAR:
            return f"{day.day} {day:%b}"
        case None:
            return f"{day:%A}, {day.day}{NBSP}{day:%B}"


def format_instant(instant: datetime, zone: str) -> str:
    """Write an instant in a zone: ``20 November 2026, 07:00 EST``."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%B %Y, %H:%M %Z}"


def period_short(period: Period) -> str:
    """Return a period's name for a legend: ``Week 12``, ``18 March 2013``, ``March 2013``."""
    if period.kind is PeriodKind.WEEK:
        return f"Week {period.first_day.isocalendar().week}"
    if period.kind is PeriodKind.DAY:
        return f"{period.first_day.day} {period.first_day:%B %Y}"
    return period.label
