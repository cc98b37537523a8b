"""Texts that spreadsheets take: as cells, as the names of sheets, and never as formulas."""

from __future__ import annotations

import re

# What spreadsheets read as the start of a formula; the last ones are their full-width forms.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}")
_FORMULA_WIDE = ("\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}")
# What readers leave away before a text, a byte order mark for one.
_UNSEEN = " \ufeff\u200b\u2060"
LONGEST_TEXT = 32_767
"""Characters that a cell of a workbook holds."""
_NOT_IN_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")
# Names that Excel keeps for itself: it does not open a workbook with such a sheet.
RESERVED_SHEETS = ("history",)


def text_cell(text: str) -> str:
    """Return a text as a workbook takes it: characters of XML, and an ellipsis where it is too long."""
    plain = _NOT_IN_XML.sub("\ufffd", text)
    if too_long(plain):
        plain = plain.encode("utf-16-le")[: 2 * (LONGEST_TEXT - 1)].decode("utf-16-le", "ignore") + "…"
    return plain


def too_long(text: str) -> bool:
    """Say whether a cell cannot hold all of a text; it counts as UTF-16 does."""
    return len(text) * 2 > LONGEST_TEXT and len(text.encode("utf-16-le", "replace")) > 2 * LONGEST_TEXT


def harmless(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run; drop NUL, which no reader of CSV takes."""
    plain = text.replace("\x00", "")
    return f"'{plain}" if plain.lstrip(_UNSEEN).startswith(_FORMULA + _FORMULA_WIDE) else plain


def sheet_name(text: str, used: set[str]) -> str:
    """Return a name that workbooks take: 31 characters, none of ``[]:*?/\\``, no other sheet's."""
    plain = text.replace("_", " ").strip().capitalize()[:28] or "Table"
    name, number = plain, 2
    while name.lower() in used:
        name, number = f"{plain} {number}", number + 1
    used.add(name.lower())
    return name
