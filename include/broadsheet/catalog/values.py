"""What is wrong with a value that a key may not have: what it must be, and what was probably meant."""

from __future__ import annotations

import re
from collections.abc import Collection

from pydantic_core import ErrorDetails

from broadsheet.domain.suggestion import nearest

_SAID_ELSEWHERE = {
    "bigint": "integer",
    "int": "integer",
    "smallint": "integer",
    "serial": "integer",
    "numeric": "decimal",
    "money": "decimal",
    "float": "number",
    "double": "number",
    "double precision": "number",
    "real": "number",
    "bool": "boolean",
    "varchar": "text",
    "char": "text",
    "uuid": "text",
    "string": "text",
    "datetime": "timestamp",
    "timestamptz": "timestamp",
    "currency": "decimal2",
    "percentage": "percent",
    "column": "bar",
    "columns": "bar",
    "horizontal_bar": "hbar",
    "pie": "hbar",
    "donut": "hbar",
    "doughnut": "hbar",
    "treemap": "hbar",
    "boxplot": "box",
    "avg": "mean",
    "average": "mean",
    "percentile": "quantile",
    "unique": "distinct",
    "percentage of": "share",
    "excel": "xlsx",
    "weekly": "week",
    "monthly": "month",
    "daily": "day",
    "yearly": "year",
    "annual": "year",
    "desc": "highest",
    "asc": "lowest",
    "green": "good",
    "red": "bad",
    "amber": "warn",
    "yellow": "warn",
    "centre": "left",
    "center": "left",
}
"""What Postgres, spreadsheets and other tools call things, and their nearest here."""
_KINDS = {
    "tuple_type": "a list, such as [{}]",
    "list_type": "a list, such as [{}]",
    "dict_type": "a mapping: `name: …` on lines of their own below it",
    "model_type": "a mapping: `key: value` on lines of their own below it",
    "model_attributes_type": "a mapping: `key: value` on lines of their own below it",
    "string_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
}
_PATTERNS = (
    ("^[a-z][a-z0-9_]{0", "a name has lower-case letters, digits and underscores, and starts with a letter"),
    ("^#", "a colour is written #rrggbb, such as #0f4c75"),
    ("^[a-z0-9_]+\\.sql", "the name of a file in the report's SQL folder, such as flights.sql"),
    ("^[a-z]{2,3}(-", "a language is written de, pt-BR or zh-Hans"),
    (
        "^[A-Za-z0-9_-][A-Za-z0-9_./-]*/$",
        "a folder of the bucket, with a slash behind it and none before: pictures/",
    ),
    ("^[a-z][a-z0-9_]*\\.[a-z]", "a file and a function in include/broadsheet_ext, such as shop.baskets"),
    (
        "^[A-Za-z0-9][A-Za-z0-9_.-]*\\.(png",
        "the name of a PNG or JPEG file beside the theme, such as logo.png",
    ),
)


def misfit(shown: str, detail: ErrorDetails) -> str:
    """Return what is wrong with the value of the key ``shown``, from pydantic's words for it."""
    given = detail["input"]
    match detail["type"]:
        case "enum" | "literal_error":
            permitted = re.findall(r"'([^']*)'", str(detail.get("ctx", {}).get("expected", "")))
            wanted = " or ".join(repr(one) for one in permitted)
            return f"{shown}: must be {wanted}, got {_shown(given)}{meant(given, permitted)}"
        case "string_pattern_mismatch":
            return f"{shown!r} is not written as it must be, got {given!r}: {_pattern_words(detail)}"
        case kind if kind in _KINDS:
            return f"{shown}: {_wanted(shown, kind, given)}"
        case _:
            return f"{shown}: {detail['msg'][:1].lower()}{detail['msg'][1:]}, got {_shown(given)}"


def meant(value: object, permitted: Collection[str]) -> str:
    """Return "; did you mean 'carrier'?", or nothing where no permitted value is near."""
    near = near_value(value, permitted)
    return f"; did you mean {near!r}?" if near else ""


def near_value(value: object, permitted: Collection[str]) -> str | None:
    """Return the permitted value that was probably meant; None where none is near."""
    if not isinstance(value, str):
        return None
    elsewhere = _SAID_ELSEWHERE.get(value.strip().lower(), "")
    near = nearest(value, permitted) or ((elsewhere,) if elsewhere in permitted else ())
    return near[0] if near else None


def _wanted(shown: str, kind: str, given: object) -> str:
    wanted = _KINDS[kind].format(given if isinstance(given, str | int | float) else "…")
    if given is None:
        hint = "# begins a comment, so a colour is put in quotes" if shown.startswith("colors.") else ""
        return f"must be {wanted}, but nothing stands there; {hint or 'give it a value, or take the key out'}"
    if isinstance(given, bool) and kind == "string_type":
        return f"must be {wanted}, and YAML reads yes, no, on and off as true or false; put it in quotes"
    if isinstance(given, int | float) and kind == "string_type":
        return f'must be {wanted}, got a number; put it in quotes: "{given}"'
    return f"must be {wanted}, got {_shown(given)}"


def _pattern_words(detail: ErrorDetails) -> str:
    pattern = str(detail.get("ctx", {}).get("pattern", ""))
    given = str(detail["input"])
    for start, words in _PATTERNS:
        if pattern.startswith(start):
            near = re.sub(r"[^a-z0-9]+", "_", given.lower()).strip("_")
            helps = start.startswith("^[a-z][a-z0-9_]{0") and re.match(pattern, near)
            language = start.startswith("^[a-z]{2,3}(-") and re.match(pattern, given.replace("_", "-"))
            hint = near if helps else given.replace("_", "-") if language else ""
            return f"{words}; did you mean {hint!r}?" if hint else words
    return f"it must match {pattern}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
