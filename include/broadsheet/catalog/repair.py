"""A definition with slips taken for what was probably meant, so that the rest of it can be checked in one go.

Nothing is ever run from it: the slips are reported, and the report is not usable until its author mends them.
"""

from __future__ import annotations

import copy
import re
from typing import Any

from pydantic import JsonValue, ValidationError
from pydantic_core import ErrorDetails

from broadsheet.catalog.shapes import known_keys
from broadsheet.catalog.values import near_value
from broadsheet.catalog.yaml_lines import Location
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.suggestion import nearest

_ROUNDS = 3
_PLACEHOLDERS: dict[str, JsonValue] = {
    "audience": ["subscriber"],
    "email": {"subject": "-"},
    "id": "id",
    "label": "-",
    "period_kinds": ["week"],
    "source": "source",
    "subject": "-",
    "summary": "-",
    "title": "-",
    "version": "-",
}


def repaired(
    data: dict[str, JsonValue], error: ValidationError
) -> tuple[ReportDefinition, dict[str, JsonValue]] | None:
    """Return a report as it was probably meant, and its data; None where that cannot be told."""
    mended = copy.deepcopy(data)
    for _ in range(_ROUNDS):
        for detail in error.errors(include_url=False):
            if not _mend(mended, detail):
                return None
        try:
            return ReportDefinition.model_validate(mended), mended
        except ValidationError as again:
            error = again
    return None


def spoiled_parts(error: ValidationError) -> set[Location]:
    """Return the parts of a definition (one chart, one measure) of which nothing more should be said."""
    places = [detail["loc"] for detail in error.errors(include_url=False)]
    return {place[:2] for place in places if len(place) > 1}


def _mend(data: dict[str, JsonValue], detail: ErrorDetails) -> bool:
    place = tuple(part for part in detail["loc"] if part != "[key]")
    holder: Any = data
    for part in place[:-1]:
        holder = _item(holder, part)
    if not place or not isinstance(holder, dict | list):
        return False
    key = place[-1]
    if isinstance(holder, dict) and detail["type"] == "missing":
        if key not in _PLACEHOLDERS:
            return key in holder
        holder[str(key)] = _PLACEHOLDERS[str(key)]
        return True
    if isinstance(holder, list):
        return isinstance(key, int) and key < len(holder) and _replace(holder, key, detail)
    if detail["type"] == "extra_forbidden":
        value = holder.pop(str(key), None)
        for meant in nearest(str(key), known_keys(place[:-1], ReportDefinition)):
            holder.setdefault(meant, value)
        return True
    return key in holder and _replace(holder, key, detail)


def _item(holder: Any, part: str | int) -> Any:
    """Return what lies there; None where nothing does, as where the place has the name of a type in it."""
    try:
        return holder[part]
    except (IndexError, KeyError, TypeError):
        return None


def _replace(holder: Any, key: str | int, detail: ErrorDetails) -> bool:
    given = detail["input"]
    match detail["type"]:
        case "enum" | "literal_error":
            permitted = re.findall(r"'([^']*)'", str(detail.get("ctx", {}).get("expected", "")))
            holder[key] = near_value(given, permitted) or permitted[0]
        case "string_type" if isinstance(given, bool | int | float):
            holder[key] = str(given)
        case "string_type" if key in _PLACEHOLDERS:
            holder[key] = _PLACEHOLDERS[str(key)]
        case "tuple_type" if isinstance(given, str):
            holder[key] = [given]
        case "value_error" | "too_short" | "string_pattern_mismatch":
            return False
        case _ if isinstance(holder, dict):
            del holder[key]
        case _:
            return False
    return True
