"""Whether a value or a format fits the type of a column: what never can matches no row, or shows no cell."""

from __future__ import annotations

from datetime import datetime

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
