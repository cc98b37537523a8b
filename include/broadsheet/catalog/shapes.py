"""What is wrong with the shape of a file: unknown and missing keys, wrong values, and what was meant."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from broadsheet.catalog.yaml_lines import LineMap, Location
from broadsheet.domain.suggestion import nearest, suggest
from broadsheet.errors import Problem

_TAG = re.compile(r"bool|int|float|str|constrained-str|literal\[.*\]|[A-Z]\w*")
"""How pydantic names the types of a value that may be of several."""


def shape_problems(
    path: Path, lines: LineMap, error: ValidationError, *, model: type[BaseModel]
) -> list[Problem]:
    """Return what a model says about a file's values, each with its line."""
    details = _without_misspelt(_as_written(error.errors(include_url=False), lines), model)
    return [_shape_problem(path, lines, detail, model) for detail in details]


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
            meant |= {(*place[:-1], name) for name in nearest(str(place[-1]), _known_keys(place[:-1], model))}
    return [detail for detail in details if detail["type"] != "missing" or detail["loc"] not in meant]


def _shape_problem(path: Path, lines: LineMap, detail: ErrorDetails, model: type[BaseModel]) -> Problem:
    place: Location = tuple(part for part in detail["loc"] if part != "[key]")
    shown = ".".join(str(part) for part in place)
    match detail["type"]:
        case "extra_forbidden":
            message = f"unknown key {shown!r}: {suggest(str(place[-1]), _known_keys(place[:-1], model))}"
        case "enum" | "literal_error":
            permitted = re.findall(r"'([^']*)'", str(detail.get("ctx", {}).get("expected", "")))
            message = (
                f"{shown}: must be {' or '.join(repr(one) for one in permitted)}, "
                f"got {_shown(detail['input'])}{meant(detail['input'], permitted)}"
            )
        case "missing":
            message = f"{shown!r} is missing"
        case "string_pattern_mismatch":
            message = (
                f"{shown!r} is not written as it must be, got {detail['input']!r}: {_pattern_words(detail)}"
            )
        case _:
            message = (
                f"{shown}: {detail['msg'][:1].lower()}{detail['msg'][1:]}, got {_shown(detail['input'])}"
            )
    return Problem(path, lines.line(place), message)


def meant(value: object, permitted: Collection[str]) -> str:
    """Return "; did you mean 'carrier'?", or nothing where no permitted value is near."""
    near = nearest(value, permitted) if isinstance(value, str) else ()
    return f"; did you mean {near[0]!r}?" if near else ""


def _pattern_words(detail: ErrorDetails) -> str:
    pattern = detail.get("ctx", {}).get("pattern", "")
    if pattern.startswith("^[a-z][a-z0-9_]"):
        return "a name has lower-case letters, digits and underscores, and starts with a letter"
    if pattern.startswith("^#"):
        return "a colour is written #rrggbb, such as #0f4c75"
    if "sql" in pattern:
        return "the name of a file in the report's SQL folder, such as flights.sql"
    return f"it must match {pattern}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _known_keys(place: Location, model: type[BaseModel]) -> list[str]:
    """Return the keys that a part of the definition may have, found by walking the models."""
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
