"""One definition file: read, typed and checked against its SQL files and its page."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, JsonValue, ValidationError
from pydantic_core import ErrorDetails

from broadsheet.catalog.queries import check_query
from broadsheet.catalog.references import check_references
from broadsheet.catalog.schemas import check_parameters
from broadsheet.catalog.texts import page_faults
from broadsheet.catalog.yaml_lines import LineMap, Location, read_yaml
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.suggestion import nearest, suggest
from broadsheet.errors import Problem


def read_definition(
    path: Path, *, sql_dir: Path, templates_dir: Path
) -> tuple[ReportDefinition | None, list[Problem]]:
    """Read a report's definition; None, and every fault found, when it cannot be used."""
    data, lines, problems = read_yaml(path)
    if problems:
        return None, problems
    if not isinstance(data, dict):
        return None, [Problem(path, 1, "must be a mapping: `id: …`, `title: …` and so on")]
    try:
        report = ReportDefinition.model_validate(data)
    except ValidationError as error:
        details = _without_misspelt(error.errors(include_url=False))
        problems = [_shape_problem(path, lines, detail) for detail in details]
        # The author gets the faults of the parameters in the same go.
        return None, sorted(
            [*problems, *_parameter_problems(path, lines, data.get("parameters"))], key=_order
        )
    found = [
        *_id_problems(path, lines, report),
        *_parameter_problems(path, lines, data.get("parameters")),
        *(Problem(path, lines.line(place), message) for place, message in check_references(report)),
        *_query_problems(path, lines, report, sql_dir=sql_dir),
        *_page_problems(report, templates_dir=templates_dir),
    ]
    return (None if found else report), sorted(found, key=_order)


def _order(problem: Problem) -> tuple[str, int]:
    return str(problem.path), problem.line or 0


def _id_problems(path: Path, lines: LineMap, report: ReportDefinition) -> Iterator[Problem]:
    if report.id != path.stem:
        message = (
            f"id {report.id!r} is not the file's name; rename the file to {report.id}.yaml or correct the id"
        )
        yield Problem(path, lines.line(("id",)), message)


def _parameter_problems(path: Path, lines: LineMap, schema: JsonValue) -> Iterator[Problem]:
    if isinstance(schema, dict):
        for place, message in check_parameters(schema):
            yield Problem(path, lines.line(("parameters", *place)), message)


def _query_problems(
    path: Path, lines: LineMap, report: ReportDefinition, *, sql_dir: Path
) -> Iterator[Problem]:
    for name, dataset in report.datasets.items():
        query = sql_dir / "reports" / report.id / dataset.sql
        if not query.is_file():
            there = [one.name for one in query.parent.glob("*.sql")] if query.parent.is_dir() else []
            hint = _meant(dataset.sql, sorted(there)) or "; add it, or correct the name"
            message = f"the SQL file {query} does not exist{hint}"
            yield Problem(path, lines.line(("datasets", name, "sql")), message)
            continue
        yield from check_query(query, list(report.parameter_schemas))


def _page_problems(report: ReportDefinition, *, templates_dir: Path) -> Iterator[Problem]:
    page = templates_dir / "reports" / f"{report.id}.md.j2"
    try:
        source = page.read_text(encoding="utf-8")
    except FileNotFoundError:
        yield Problem(
            page, None, "the report's page does not exist; add it: Markdown with blocks such as chart()"
        )
        return
    except (OSError, UnicodeDecodeError) as error:
        yield Problem(page, None, f"the report's page cannot be read as UTF-8 text: {error}")
        return
    for line, message in page_faults(source, report):
        yield Problem(page, line, message)


def _without_misspelt(details: list[ErrorDetails]) -> list[ErrorDetails]:
    """Leave out that a key is missing where it is there, misspelt: one slip of the pen is one problem."""
    meant = set()
    for detail in details:
        if detail["type"] == "extra_forbidden":
            place = detail["loc"]
            meant |= {(*place[:-1], name) for name in nearest(str(place[-1]), _known_keys(place[:-1]))}
    return [detail for detail in details if detail["type"] != "missing" or detail["loc"] not in meant]


def _shape_problem(path: Path, lines: LineMap, detail: ErrorDetails) -> Problem:
    place: Location = tuple(part for part in detail["loc"] if part != "[key]")
    shown = ".".join(str(part) for part in place)
    match detail["type"]:
        case "extra_forbidden":
            message = f"unknown key {shown!r}: {suggest(str(place[-1]), _known_keys(place[:-1]))}"
        case "enum" | "literal_error":
            permitted = re.findall(r"'([^']*)'", str(detail.get("ctx", {}).get("expected", "")))
            message = (
                f"{shown}: must be {' or '.join(repr(one) for one in permitted)}, "
                f"got {_shown(detail['input'])}{_meant(detail['input'], permitted)}"
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


def _meant(value: object, permitted: Collection[str]) -> str:
    near = nearest(value, permitted) if isinstance(value, str) else ()
    return f"; did you mean {near[0]!r}?" if near else ""


def _pattern_words(detail: ErrorDetails) -> str:
    pattern = detail.get("ctx", {}).get("pattern", "")
    if pattern.startswith("^[a-z][a-z0-9_]"):
        return "a name has lower-case letters, digits and underscores, and starts with a letter"
    if "sql" in pattern:
        return "the name of a file in the report's SQL folder, such as flights.sql"
    return f"it must match {pattern}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _known_keys(place: Location) -> list[str]:
    """Return the keys that a part of the definition may have, found by walking the models."""
    annotation: Any = ReportDefinition
    for part in place:
        model = _model_in(annotation)
        if isinstance(part, str) and model is not None and part in model.model_fields:
            annotation = model.model_fields[part].annotation
    model = _model_in(annotation)
    return list(model.model_fields) if model else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        if (found := _model_in(argument)) is not None:
            return found
    return None
