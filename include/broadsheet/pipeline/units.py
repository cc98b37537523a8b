"""Numbers with their units in words: per cent, points and money as a language writes them."""

from __future__ import annotations

import re
from functools import cache

from babel.numbers import get_currency_symbol, list_currencies

from broadsheet.domain.parts import Format
from broadsheet.domain.run import DEFAULT_LOCALE
from broadsheet.pipeline.formats import MINUS, NBSP, NOTHING, grouped
from broadsheet.pipeline.languages import babel_locale, is_english, is_rtl, say

_SIGN = re.compile(f"^\\N{{LEFT-TO-RIGHT MARK}}?[+{MINUS}]")


def unit_of(style: Format, unit: str) -> str:
    """Return the unit that a value of a format has: per cent for ``percent``, else the declared one."""
    return "%" if style is Format.PERCENT else unit


def with_unit(display: str, unit: str, *, locale: str = DEFAULT_LOCALE) -> str:
    """Put a unit behind a number, unless there is no number or no unit."""
    if not unit or display == NOTHING:
        return display
    if is_currency(unit):
        return _with_currency(display, unit, locale)
    if unit != "%" or is_english(locale):
        return f"{display}{NBSP}{unit}"
    pattern = babel_locale(locale).percent_formats[None].pattern
    if pattern.startswith("%"):
        return f"%{display}"
    spaced = re.search(r"\s%", pattern) is not None
    return f"{display}{NBSP}%" if spaced else f"{display}%"


@cache
def _currencies() -> frozenset[str]:
    return frozenset(list_currencies())


def is_currency(unit: str) -> bool:
    """Whether a unit is the code of a currency by ISO 4217, such as ``EUR``."""
    return len(unit) == 3 and unit.isupper() and unit in _currencies()


def unit_sign(unit: str, *, locale: str = DEFAULT_LOCALE) -> str:
    """Return what stands for a unit beside a number: a currency's sign in a language, else the unit."""
    return get_currency_symbol(unit, babel_locale(locale)) if is_currency(unit) else unit


def _currency_pattern(locale: str) -> str:
    """Return where a language has the sign of money, without marks of direction: ``¤#,##0.00``."""
    pattern = str(babel_locale(locale).currency_formats["standard"].pattern).partition(";")[0]
    return pattern.replace("\N{RIGHT-TO-LEFT MARK}", "").replace("\N{LEFT-TO-RIGHT MARK}", "")


def _with_currency(display: str, code: str, locale: str) -> str:
    pattern, sign = _currency_pattern(locale), unit_sign(code, locale=locale)
    if not pattern.startswith("¤"):
        return f"{display}{NBSP}{sign}"
    # A sign of letters stands apart from the digits, and minus before both of them.
    gap = NBSP if not pattern.startswith("¤#") or sign[-1].isalpha() else ""
    minus = _SIGN.match(display)
    before = minus.group() if minus else ""
    return f"{before}{sign}{gap}{display.removeprefix(before)}"


def unit_first(unit: str, *, locale: str = DEFAULT_LOCALE) -> bool:
    """Whether a unit stands where reading begins: the sign for per cent does in Turkish, money's in English.

    Per cent does in Arabic and Hebrew too, where it stands at the right of a number as nearly everywhere.
    """
    if is_currency(unit):
        return _currency_pattern(locale).startswith("¤")
    pattern = babel_locale(locale).percent_formats[None].pattern
    return unit == "%" and (is_rtl(locale) or pattern.startswith("%"))


def change_unit(style: Format, unit: str, *, locale: str = DEFAULT_LOCALE) -> str:
    """Return the unit of a difference: shares differ by points, not by per cent."""
    return say(locale, "points") if style is Format.PERCENT else unit


def localized(number: str, *, locale: str = DEFAULT_LOCALE) -> str:
    """Return a number that is written the English way, such as ``-1,234.5 %``, as a language writes it."""
    if is_english(locale):
        return number
    digits, percent, _ = number.partition(" %")
    sign = digits[:1] if digits[:1] in ("+", MINUS) else ""
    written = f"{sign}{grouped(digits.removeprefix(sign), locale)}"
    return with_unit(written, "%", locale=locale) if percent else written
