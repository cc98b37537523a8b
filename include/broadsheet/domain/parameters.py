"""Parameters of a report: values checked against the report's JSON Schema, and words for them."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from broadsheet.domain.suggestion import suggest
from broadsheet.errors import InputError, InputErrors

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

LONGEST_TEXT = 1_000
"""Characters that a text may have where the schema gives no ``maxLength``."""
LARGEST_INTEGER = 2**63 - 1
"""What Postgres holds in a bigint."""

_WORDS_ONLY = frozenset({"type", "title", "description", "default", "examples", "values_display"})
"""Keywords that say no more of a value than its type; for these alone jsonschema need not be imported."""

_TYPE_NAMES = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}


def validate_parameters(schema: Mapping[str, JsonValue], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return every parameter of a schema with defaults filled in, in the schema's order.

    A parameter that need not be given and has no default is None when it is left out; given as None it is
    left out, so that what this returned is taken again. Raises InputErrors that names each wrong one as
    ``parameters.<name>`` and says what is permitted.
    """
    properties = _properties(schema)
    errors = [_unknown(name, properties) for name in values if name not in properties]
    needed = schema.get("required")
    required = needed if isinstance(needed, list) else []
    checked: dict[str, Any] = {}
    for name, described in properties.items():
        may_be_none = "default" not in described and name not in required
        if name in values and not (may_be_none and values[name] is None):
            value = _normal(values[name], described)
            if fault := _fault(value, described):
                errors.append(InputError(f"parameters.{name}: {fault}", field=f"parameters.{name}"))
            checked[name] = value
        elif "default" in described:
            checked[name] = described["default"]
        elif name in required:
            errors.append(InputError(f"parameters.{name} is missing", field=f"parameters.{name}"))
        else:
            # A query may use the name in any case, so that it must be bound.
            checked[name] = None
    if errors:
        raise InputErrors(errors)
    return checked


def read_parameters(schema: Mapping[str, JsonValue], texts: Iterable[str]) -> dict[str, Any]:
    """Read ``name=value`` texts of a command line, each value by the type that the schema gives it.

    What is not among them has its default. Raises InputErrors for a text without ``=`` and for everything
    that :func:`validate_parameters` refuses.
    """
    return validate_parameters(schema, parse_parameters(schema, texts))


def parse_parameters(schema: Mapping[str, JsonValue], texts: Iterable[str]) -> dict[str, Any]:
    """Parse ``name=value`` texts by the types that the schema gives, without defaults or further checks.

    Raises InputErrors for texts without ``=``.
    """
    values: dict[str, Any] = {}
    errors: list[InputError] = []
    properties = _properties(schema)
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            errors.append(InputError(f"parameter {text!r}: write name=value", field="parameters"))
            continue
        values[name] = _from_text(value, properties.get(name, {}).get("type"))
    if errors:
        raise InputErrors(errors)
    return values


def display_parameter(schema: Mapping[str, JsonValue], value: object) -> str:
    """Return a value in words: its ``values_display`` or, without one, the value itself."""
    words = schema.get("values_display")
    if isinstance(words, dict) and isinstance(word := words.get(str(value)), str):
        return word
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value is None else str(value)


def _properties(schema: Mapping[str, JsonValue]) -> dict[str, dict[str, JsonValue]]:
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return {}
    return {name: part for name, part in properties.items() if isinstance(part, dict)}


def _unknown(name: object, properties: Mapping[str, object]) -> InputError:
    hint = suggest(str(name), properties, otherwise="the report has")
    shown = str(name)[:100]
    return InputError(
        f"parameters.{shown} is not a parameter of this report: {hint}", field=f"parameters.{shown}"
    )


def _normal(value: Any, schema: Mapping[str, JsonValue]) -> Any:
    # JSON Schema takes 5.0 for a whole number; a bound query parameter should then be one.
    if isinstance(value, float) and schema.get("type") == "integer" and value.is_integer():
        return int(value)
    return value


def _fault(value: Any, schema: Mapping[str, JsonValue]) -> str | None:
    """Return what is wrong with a value and what is permitted, or nothing."""
    shown = json.dumps(value, ensure_ascii=True, default=str)
    shown = shown if len(shown) <= 80 else f"{shown[:77]}..."
    permitted = schema.get("enum")
    if isinstance(permitted, list):
        # In Python True == 1, so types are compared too.
        if any(type(value) is type(one) and value == one for one in permitted):
            return None
        return f"{shown} is not permitted; use one of {', '.join(str(one) for one in permitted)}"
    if isinstance(value, str) and (fault := _text_fault(value, schema)):
        return fault
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > LARGEST_INTEGER:
        return f"{shown} is too large"
    if isinstance(value, float) and not math.isfinite(value):
        return f"{shown} is not a finite number"
    if (fits := _fits_type(value, schema.get("type"))) is not None and not (set(schema) - _WORDS_ONLY):
        return None if fits else f"{shown} is not {_TYPE_NAMES[str(schema['type'])]}"
    error = next(iter(_validator(json.dumps(schema)).iter_errors(value)), None)
    if error is None:
        return None
    if error.validator == "type":
        return f"{shown} is not {_TYPE_NAMES.get(str(error.validator_value), error.validator_value)}"
    return f"{shown} is not permitted: {error.validator} is {json.dumps(error.validator_value)}"


def _fits_type(value: Any, kind: JsonValue) -> bool | None:
    """Return whether a value has one of the four simple types; None for any other type."""
    match kind:
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, (int, float)) and not isinstance(value, bool)
    return None


def _text_fault(value: str, schema: Mapping[str, JsonValue]) -> str | None:
    if "maxLength" not in schema and len(value) > LONGEST_TEXT:
        return f"a text of {len(value):,} characters is too long; at most {LONGEST_TEXT:,}"
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        return "the text holds control characters or broken Unicode; leave them out"
    return None


def _from_text(text: str, kind: JsonValue) -> Any:
    try:
        if kind == "integer":
            return int(text)
        if kind == "number":
            return float(text)
    except ValueError:
        return text
    if kind == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    return text


@lru_cache(maxsize=256)
def _validator(schema: str) -> Draft202012Validator:
    # Local: 100 ms that parsing a DAG file need not pay.
    from jsonschema import Draft202012Validator, FormatChecker

    return Draft202012Validator(json.loads(schema), format_checker=FormatChecker())
