"""The JSON Schema of a report's definition, for editors: made of the models, described by their docstrings.

It says what a file may look like. What only the whole can tell (names that lead nowhere, columns of the wrong
type) is found by loading the catalog.
"""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Iterator
from enum import Enum
from itertools import pairwise
from typing import get_args

from pydantic import BaseModel, JsonValue

from broadsheet.catalog.schemas import ParameterSchema
from broadsheet.domain.report import ReportDefinition

SCHEMA_FILE = "report.schema.json"
"""Name of the published file, beside the definitions."""
SCHEMA_LINE = f"# yaml-language-server: $schema={SCHEMA_FILE}"
"""First line of a definition, by which editors find the schema."""

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_Node = dict[str, JsonValue]


def report_schema() -> _Node:
    """Return the JSON Schema of ``include/reports/<id>.yaml``."""
    schema = ReportDefinition.model_json_schema()
    definitions: dict[str, _Node] = schema["$defs"]
    parameter = ParameterSchema.model_json_schema()
    for described in parameter["properties"].values():
        # What the model takes for "not given" is no default of an author's schema.
        described.pop("default", None)
    definitions.setdefault("JsonValue", {}).update(parameter.pop("$defs", {}).get("JsonValue", {}))
    definitions["Parameter"] = parameter
    schema["properties"]["parameters"] = _parameters(schema["properties"]["parameters"])
    _describe(schema, ReportDefinition)
    _describe(parameter, ParameterSchema)
    for found in _types_in(ReportDefinition):
        if found.__name__ in definitions:
            _describe(definitions[found.__name__], found)
    for node in (schema, *definitions.values()):
        _drop_titles(node)
        _close_mappings(node)
    return {"$schema": _DIALECT, "title": "A report of the catalog", **dict(_sorted_definitions(schema))}


def report_schema_text() -> str:
    """Return the schema as the text of its file."""
    return json.dumps(report_schema(), indent=2, ensure_ascii=False) + "\n"


def _parameters(declared: _Node) -> _Node:
    """Spell out the small part of JSON Schema that the catalog takes for parameters."""
    return {
        **declared,
        "type": "object",
        "properties": {
            "type": {"const": "object"},
            "additionalProperties": {"const": False},
            "title": {"type": "string"},
            "description": {"type": "string"},
            "required": {"type": "array", "items": {"type": "string"}},
            "properties": {"type": "object", "additionalProperties": {"$ref": "#/$defs/Parameter"}},
        },
        "required": ["type"],
        "additionalProperties": False,
    }


def _types_in(annotation: object) -> Iterator[type]:
    """Yield every model and enumeration that an annotation leads to."""
    if not isinstance(annotation, type):
        for argument in get_args(annotation):
            yield from _types_in(argument)
    elif issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from _types_in(field.annotation)
    elif issubclass(annotation, Enum):
        yield annotation
    else:
        for argument in get_args(annotation):
            yield from _types_in(argument)


def _describe(node: _Node, described: type) -> None:
    """Add the docstrings that stand below a class's fields, or below an enumeration's members."""
    texts = dict(_attribute_docstrings(described))
    if own := inspect.getdoc(described):
        node["description"] = _words(own)
    properties = node.get("properties")
    if isinstance(properties, dict):
        for name, part in properties.items():
            if name in texts and isinstance(part, dict):
                part["description"] = texts[name]
    elif texts and issubclass(described, Enum):
        members = " ".join(f"`{described[name].value}`: {text}" for name, text in texts.items())
        node["description"] = f"{node.get('description', '')} {members}".strip()


def _attribute_docstrings(described: type) -> Iterator[tuple[str, str]]:
    # pydantic can do this itself, but then at every import, and a DAG file's parsing imports these models.
    (found,) = ast.parse(textwrap.dedent(inspect.getsource(described))).body
    statements = found.body if isinstance(found, ast.ClassDef) else []
    for field, text in pairwise(statements):
        match field, text:
            case (
                ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]),
                ast.Expr(value=ast.Constant(value=str(words))),
            ):
                yield name, _words(words)


def _words(docstring: str) -> str:
    return " ".join(docstring.replace("``", "`").split())


def _drop_titles(node: _Node) -> None:
    """Take out the titles that pydantic makes of the names; they only repeat them."""
    node.pop("title", None)
    properties = node.get("properties")
    for part in properties.values() if isinstance(properties, dict) else ():
        if isinstance(part, dict) and isinstance(part.get("title"), str):
            part.pop("title")


def _close_mappings(node: _Node) -> None:
    """Refuse a name that is not written as names are, where pydantic would let it pass unlooked at."""
    properties = node.get("properties")
    for part in properties.values() if isinstance(properties, dict) else ():
        if isinstance(part, dict) and "patternProperties" in part:
            part["additionalProperties"] = False


def _sorted_definitions(schema: _Node) -> Iterator[tuple[str, JsonValue]]:
    for key, value in schema.items():
        yield key, dict(sorted(value.items())) if key == "$defs" and isinstance(value, dict) else value
