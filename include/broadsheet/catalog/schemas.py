"""Check the JSON Schema of a report's parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from broadsheet.catalog.queries import PERIOD_BINDINGS
from broadsheet.catalog.yaml_lines import Location
from broadsheet.domain.parameters import validate_parameters
from broadsheet.errors import InputErrors

_TYPES = ("string", "integer", "number", "boolean")
_TOP_KEYS = ("type", "properties", "required", "additionalProperties", "title", "description")

Fault = tuple[Location, str]


def check_parameters(schema: Mapping[str, JsonValue]) -> Iterator[Fault]:
    """Yield every fault of a parameters schema, with its place below ``parameters``."""
    if schema.get("type") != "object":
        yield ("type",), "must be `type: object`"
    for key in schema:
        if key not in _TOP_KEYS:
            yield (key,), f"{key!r} is not supported here; use {', '.join(_TOP_KEYS)}"
    if schema.get("additionalProperties", False) is not False:
        yield ("additionalProperties",), "must be false: a parameter that the report does not know is refused"
    properties = schema.get("properties", {})
    if not isinstance(properties, dict):
        yield ("properties",), "must map the name of each parameter to its schema"
        return
    for name, described in properties.items():
        for location, message in _check_parameter(name, described):
            yield ("properties", name, *location), message
    yield from _check_required(schema.get("required", []), properties)


def _check_parameter(name: str, described: JsonValue) -> Iterator[Fault]:
    if not name.isidentifier() or not name.islower() or not name.isascii():
        yield (), f"parameter {name!r} must be a name in lower case, which SQL can bind as %({name})s"
    if name in PERIOD_BINDINGS:
        yield (), f"parameter {name!r} has the name of a binding that every query has; choose another"
    if not isinstance(described, dict):
        yield (), f"parameter {name!r} must be a JSON Schema, such as {{type: string}}"
        return
    if described.get("type") not in _TYPES:
        yield ("type",), f"the type of parameter {name!r} must be one of {', '.join(_TYPES)}"
        return
    fault = _schema_fault(described)
    if fault:
        yield fault
        return
    yield from _check_words(name, described)
    if "default" in described:
        try:
            validate_parameters({"properties": {name: described}}, {name: described["default"]})
        except InputErrors as error:
            yield ("default",), f"the default does not fit the schema: {error}"


def _schema_fault(described: dict[str, JsonValue]) -> Fault | None:
    # Local: 60 ms that importing the catalog need not cost.
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        Draft202012Validator.check_schema(described)
    except SchemaError as error:
        return tuple(error.absolute_path), f"is not valid JSON Schema: {error.message}"
    return None


def _check_words(name: str, described: dict[str, JsonValue]) -> Iterator[Fault]:
    permitted, words = described.get("enum"), described.get("values_display")
    if permitted == []:
        yield ("enum",), f"the enum of parameter {name!r} permits nothing"
    if words is None:
        return
    if not isinstance(words, dict) or not all(isinstance(word, str) for word in words.values()):
        yield ("values_display",), "must map values of the enum to words"
        return
    known = {str(value) for value in permitted} if isinstance(permitted, list) else set()
    for value in words:
        if value not in known:
            yield ("values_display", value), f"{value!r} is not in the enum of parameter {name!r}"


def _check_required(required: JsonValue, properties: dict[str, JsonValue]) -> Iterator[Fault]:
    if not isinstance(required, list):
        yield ("required",), "must list names of parameters"
        return
    for position, name in enumerate(required):
        if name not in properties:
            yield ("required", position), f"{name!r} is not among the properties"
