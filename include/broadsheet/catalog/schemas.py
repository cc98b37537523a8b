"""Check the JSON Schema of a report's parameters: a small, strict part of the language, which forms can show.

Checked by a model of our own: it knows that an unknown keyword is a slip of the pen, which JSON Schema does
not, and it spares DAG parsing the import of jsonschema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, JsonValue, StringConstraints, ValidationError, field_validator

from broadsheet.catalog.queries import PERIOD_BINDINGS
from broadsheet.catalog.values import meant
from broadsheet.catalog.yaml_lines import Location
from broadsheet.domain.parameters import validate_parameters
from broadsheet.domain.parts import Part
from broadsheet.domain.run import REQUEST_FIELDS
from broadsheet.domain.suggestion import suggest
from broadsheet.errors import InputErrors

_TOP_KEYS = ("type", "properties", "required", "additionalProperties", "title", "description")

Fault = tuple[Location, str]


class ParameterSchema(Part):
    """A parameter: the keywords that its JSON Schema may have."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    type: Literal["string", "integer", "number", "boolean"]
    title: str = ""
    """Name of the field in forms."""
    description: str = ""
    """Help below the field."""
    default: str | int | float | bool = ""
    """Value when none is given. A parameter without it, and not required, is NULL in SQL."""
    examples: list[JsonValue] = Field(default_factory=list)
    enum: list[str | int | float | bool] = Field(default_factory=list, min_length=1)
    values_display: dict[str, Annotated[str, StringConstraints(min_length=1, max_length=200)]] = Field(
        default_factory=dict
    )
    """Words for readers by value of the `enum`."""
    pattern: str = ""
    format: Literal["date"] = "date"
    minLength: Annotated[int, Field(ge=0)] = 0  # noqa: N815 - JSON Schema's own spelling, as the next ones
    maxLength: Annotated[int, Field(ge=0)] = 0  # noqa: N815
    minimum: int | float = 0
    maximum: int | float = 0
    exclusiveMinimum: int | float = 0  # noqa: N815
    exclusiveMaximum: int | float = 0  # noqa: N815
    multipleOf: Annotated[int | float, Field(gt=0)] = 1  # noqa: N815

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"the pattern is no regular expression: {error}") from error
        return pattern


def check_parameters(schema: Mapping[str, JsonValue]) -> Iterator[Fault]:
    """Yield every fault of a parameters schema, with its place below ``parameters``."""
    if schema.get("type") != "object":
        yield ("type",), "must be `type: object`"
    for key in schema:
        if key not in _TOP_KEYS:
            yield (key,), f"{key!r} is not supported here: {suggest(key, _TOP_KEYS)}"
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
    if name in REQUEST_FIELDS:
        yield (), f"parameter {name!r} has the name of a field of the trigger form; choose another"
    if not isinstance(described, dict):
        yield (), f"parameter {name!r} must be a JSON Schema, such as {{type: string}}"
        return
    faults = list(_shape_faults(name, described)) or list(_value_faults(name, described))
    yield from faults


def _shape_faults(name: str, described: dict[str, JsonValue]) -> Iterator[Fault]:
    try:
        ParameterSchema.model_validate(described)
    except ValidationError as error:
        seen: set[str] = set()
        for detail in error.errors(include_url=False):
            keyword = str(detail["loc"][0])
            if keyword in seen:
                # One fault per keyword: a union complains once for each of its types.
                continue
            seen.add(keyword)
            if detail["type"] == "extra_forbidden":
                message = f"unknown keyword {keyword!r}: {suggest(keyword, ParameterSchema.model_fields)}"
            elif detail["type"] == "missing":
                message = f"{keyword!r} is missing"
            else:
                given = detail["input"]
                message = f"{keyword}: {detail['msg'][:1].lower()}{detail['msg'][1:]}"
                permitted = re.findall(r"'([^']*)'", str(detail.get("ctx", {}).get("expected", "")))
                message += meant({"text": "string", "date": "string"}.get(str(given), given), permitted)
            yield (keyword,), f"is not a valid schema of parameter {name!r}: {message}"


def _value_faults(name: str, described: dict[str, JsonValue]) -> Iterator[Fault]:
    """Check the schema's own values against it: members of the enum, their words, the default."""
    permitted = described.get("enum")
    if isinstance(permitted, list):
        free = {key: part for key, part in described.items() if key not in ("enum", "default")}
        for position, value in enumerate(permitted):
            if message := _misfit(name, free, value):
                if isinstance(value, bool):
                    message += "; YAML reads yes, no, on and off as true or false: put it in quotes"
                yield ("enum", position), f"this value of the enum does not fit the schema: {message}"
    words = described.get("values_display", {})
    known = {str(value) for value in permitted} if isinstance(permitted, list) else set()
    for value in words if isinstance(words, dict) else ():
        if value not in known:
            hint = suggest(value, sorted(known), otherwise="it has")
            yield ("values_display", value), f"{value!r} is not in the enum of parameter {name!r}: {hint}"
    if "default" in described and (message := _misfit(name, described, described["default"])):
        yield ("default",), f"the default does not fit the schema: {message}"


def _misfit(name: str, described: dict[str, JsonValue], value: JsonValue) -> str | None:
    try:
        validate_parameters({"properties": {name: described}}, {name: value})
    except InputErrors as error:
        return str(error)
    return None


def _check_required(required: JsonValue, properties: dict[str, JsonValue]) -> Iterator[Fault]:
    if not isinstance(required, list):
        yield ("required",), "must list names of parameters"
        return
    for position, name in enumerate(required):
        if name not in properties:
            hint = suggest(str(name), properties)
            yield ("required", position), f"{name!r} is not among the properties: {hint}"
