"""Whether a value or a format fits the type of a column: what never can matches no row, or shows no cell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import JsonValue

from broadsheet.domain.parts import ColumnType, Format, Scalar

_NUMBERS = (ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.DECIMAL)
_TIMES = (ColumnType.DATE, ColumnType.TIMESTAMP)
_WANTED = {
    **dict.fromkeys(_NUMBERS, "a number"),
    ColumnType.TEXT: "a text, in quotes where YAML would take it for something else",
    ColumnType.BOOLEAN: "true or false",
    ColumnType.DATE: "a day such as 2013-03-18",
    ColumnType.TIMESTAMP: "an instant such as 2013-03-18T07:00:00Z",
}
_SCHEMAS = {
    ColumnType.INTEGER: "type: integer",
    **dict.fromkeys((ColumnType.NUMBER, ColumnType.DECIMAL), "type: number"),
    ColumnType.TEXT: "type: string",
    ColumnType.BOOLEAN: "type: boolean",
    **dict.fromkeys(_TIMES, "type: string, format: date"),
}
_EXAMPLES: dict[str, Scalar] = {
    "string": "words",
    "date": "2013-03-18",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
}
"""A value of each type that a parameter can have."""
_SHOWN: dict[Format, tuple[ColumnType, ...]] = {
    Format.INTEGER: _NUMBERS,
    Format.DECIMAL1: _NUMBERS,
    Format.DECIMAL2: _NUMBERS,
    Format.PERCENT: _NUMBERS,
    Format.DATE: _TIMES,
    Format.DATETIME: (ColumnType.TIMESTAMP,),
}


def value_fault(column: str, kind: ColumnType, value: Scalar) -> str | None:
    """Return why no row of a column could have a value, or None."""
    if kind in _NUMBERS:
        fits = isinstance(value, int | float) and not isinstance(value, bool)
    elif kind is ColumnType.BOOLEAN:
        fits = isinstance(value, bool)
    else:
        fits = isinstance(value, str) and (kind is ColumnType.TEXT or _is_instant(value))
    if fits:
        return None
    return f"column {column!r} is {kind.value}, and never {value!r}: write {_WANTED[kind]}"


def parameter_fault(
    column: str, kind: ColumnType, parameter: str, schema: Mapping[str, JsonValue]
) -> str | None:
    """Return why no row of a column could have a value that a parameter's schema permits, or None."""
    given = schema.get("enum") or [_EXAMPLES.get(_schema_type(schema))]
    values = [value for value in (given if isinstance(given, list) else []) if isinstance(value, Scalar)]
    if not values or any(value_fault(column, kind, value) is None for value in values):
        return None
    return (
        f"column {column!r} is {kind.value}, and parameter {parameter!r} is {_schema_type(schema)}, so no "
        f"row has its value: give the parameter `{_SCHEMAS[kind]}`, or name another column"
    )


def _schema_type(schema: Mapping[str, JsonValue]) -> str:
    return "date" if schema.get("format") == "date" else str(schema.get("type"))


def format_fault(column: str, kind: ColumnType, style: Format) -> str | None:
    """Return why a column cannot be shown in a format, or None."""
    shown = _SHOWN.get(style)
    if shown is None or kind in shown:
        return None
    good = ", ".join(one.value for one in Format if kind in _SHOWN.get(one, (kind,)))
    return f"`format: {style.value}` does not go with column {column!r}, which is {kind.value}; use {good}"


def _is_instant(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
