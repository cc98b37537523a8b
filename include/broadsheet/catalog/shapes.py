"""What is wrong with the shape of a file: unknown and missing keys, wrong values, and what was meant."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from broadsheet.catalog.values import misfit
from broadsheet.catalog.yaml_lines import LineMap, Location
from broadsheet.domain.suggestion import nearest, suggest
from broadsheet.errors import Problem

_TAG = re.compile(r"bool|int|float|str|constrained-\w+|literal\[.*\]|[A-Z]\w*")
"""How pydantic names the types of a value that may be of several."""

_EXAMPLES = {
    "id": "the name of the file, without .yaml",
    "version": 'any text, such as version: "1"',
    "title": "what the document is called",
    "summary": "one sentence for the list of reports",
    "audience": "who may subscribe, such as audience: [subscriber]",
    "source": "the name of the connection, broadsheet_source_…",
    "period_kinds": "such as period_kinds: [week, month]",
    "datasets": "where the rows come from, see docs/definition.md",
    "email": 'such as email: {subject: "{{ title }}: {{ period.label }}"}',
    "email.subject": 'such as subject: "{{ title }}: {{ period.label }}"',
}
"""What the keys are that every report must have."""


def shape_problems(
    path: Path, lines: LineMap, error: ValidationError, *, model: type[BaseModel]
) -> list[Problem]:
    """Return what a model says about a file's values, each with its line."""
    details = _without_echoes(_as_written(error.errors(include_url=False), lines))
    details = _without_misspelt(details, model)
    return [_shape_problem(path, lines, detail, model) for detail in details]


def _without_echoes(details: list[ErrorDetails]) -> list[ErrorDetails]:
    """Leave out that a list is too short where one of its members was refused: it is that member's fault."""
    places = [detail["loc"] for detail in details]
    return [
        detail
        for detail in details
        if detail["type"] != "too_short"
        or not any(
            len(place) > len(detail["loc"]) and place[: len(detail["loc"])] == detail["loc"]
            for place in places
        )
    ]


def _as_written(details: list[ErrorDetails], lines: LineMap) -> list[ErrorDetails]:
    """Name places as the file has them, where a value may be of one type or another.

    Pydantic tells what is wrong with such a value by each type, whose name it puts into the place. The one
    that goes deepest into the value is about what the author meant.
    """
    written: list[ErrorDetails] = []
    chosen: dict[Location, ErrorDetails] = {}
    for detail in details:
        place, union = _untagged(detail["loc"], lines)
        if union is None:
            written.append(detail)
            continue
        known = chosen.get(union)
        found: ErrorDetails = {**detail, "loc": place}
        if known is None or len(place) > len(known["loc"]):
            chosen[union] = found
    return [*written, *chosen.values()]


def _untagged(place: Location, lines: LineMap) -> tuple[Location, Location | None]:
    """Return a place without the names of types in it, and the place of the value that may be of several."""
    kept: list[str | int] = []
    union: Location | None = None
    for part in place:
        if isinstance(part, str) and _TAG.fullmatch(part) and (*kept, part) not in lines:
            union = union or tuple(kept)
        else:
            kept.append(part)
    return tuple(kept), union


def _without_misspelt(details: list[ErrorDetails], model: type[BaseModel]) -> list[ErrorDetails]:
    """Leave out that a key is missing where it is there, misspelt: one slip of the pen is one problem."""
    meant = set()
    for detail in details:
        if detail["type"] == "extra_forbidden":
            place = detail["loc"]
            meant |= {(*place[:-1], name) for name in nearest(str(place[-1]), known_keys(place[:-1], model))}
    return [detail for detail in details if detail["type"] != "missing" or detail["loc"] not in meant]


def _shape_problem(path: Path, lines: LineMap, detail: ErrorDetails, model: type[BaseModel]) -> Problem:
    place: Location = tuple(part for part in detail["loc"] if part != "[key]")
    shown = ".".join(str(part) for part in place)
    match detail["type"]:
        case "extra_forbidden":
            message = f"unknown key {shown!r}: {suggest(str(place[-1]), known_keys(place[:-1], model))}"
        case "missing":
            message = f"{shown!r} is missing{_example(place)}"
        case "value_error":
            message = f"{shown}: {detail['msg'].removeprefix('Value error, ')}"
        case _:
            message = misfit(shown, detail)
    return Problem(path, lines.line(place), message)


def _example(place: Location) -> str:
    example = _EXAMPLES.get(".".join(str(part) for part in place if not isinstance(part, int)))
    return f": {example}" if example else ""


def known_keys(place: Location, model: type[BaseModel]) -> list[str]:
    """Return the keys that a part of a definition may have, found by walking the models."""
    annotation: Any = model
    for part in place:
        found = _model_in(annotation)
        if isinstance(part, str) and found is not None and part in found.model_fields:
            annotation = found.model_fields[part].annotation
    found = _model_in(annotation)
    return list(found.model_fields) if found else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        if (found := _model_in(argument)) is not None:
            return found
    return None
