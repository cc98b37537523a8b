"""One definition file: read, typed and checked against its SQL files and its page."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from pydantic import JsonValue, ValidationError

from broadsheet.catalog.aggregate_references import check_functions
from broadsheet.catalog.pages import page_faults
from broadsheet.catalog.queries import check_query
from broadsheet.catalog.references import check_references
from broadsheet.catalog.repair import repaired, spoiled_parts
from broadsheet.catalog.schemas import check_parameters
from broadsheet.catalog.shapes import shape_problems
from broadsheet.catalog.sources import read_source
from broadsheet.catalog.translations import read_translations
from broadsheet.catalog.values import meant
from broadsheet.catalog.yaml_lines import LineMap, Location, read_yaml
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.suggestion import suggest
from broadsheet.errors import Problem


def read_definition(
    path: Path, *, sql_dir: Path, templates_dir: Path, themes: Collection[str] | None = None
) -> tuple[ReportDefinition | None, list[Problem]]:
    """Read a report's definition; None, and every fault found, when it cannot be used.

    ``themes`` are the names of the themes that there are; without them, the report's is not looked at.
    """
    data, lines, problems = read_yaml(path)
    if problems:
        return None, problems
    if not isinstance(data, dict):
        return None, [Problem(path, 1, "must be a mapping: `id: …`, `title: …` and so on")]
    spoiled: set[Location] = set()
    try:
        report = ReportDefinition.model_validate(data)
    except ValidationError as error:
        problems = shape_problems(path, lines, error, model=ReportDefinition)
        meant_report = repaired(data, error)
        if meant_report is None:
            found = [*problems, *_parameter_problems(path, lines, data.get("parameters"))]
            return None, sorted(set(found), key=_order)
        # The author gets what is wrong with the rest in the same go.
        spoiled = spoiled_parts(error)
        report, data = meant_report
    if ("id",) in lines:
        problems += _id_problems(path, lines, report)
    if (templates_dir / "reports" / f"{path.stem}.md.j2").is_file():
        # One slip of the pen: the other files are those of the file's name.
        report = report.model_copy(update={"id": path.stem})
    ext = path.parent.parent / "broadsheet_ext"
    references = [*check_references(report), *check_functions(report, folder=ext)]
    found = [
        *problems,
        *_theme_problems(path, lines, report, themes),
        *_parameter_problems(path, lines, data.get("parameters")),
        *(
            Problem(path, lines.line(place), message)
            for place, message in references
            if place[:2] not in spoiled
        ),
        *_query_problems(path, lines, report, sql_dir=sql_dir),
        *_page_problems(report, templates_dir=templates_dir),
        *read_translations(path, report, data, templates_dir=templates_dir),
    ]
    return (None if found else report), sorted(set(found), key=_order)


def _order(problem: Problem) -> tuple[str, int, str]:
    return str(problem.path), problem.line or 0, problem.message


def _id_problems(path: Path, lines: LineMap, report: ReportDefinition) -> Iterator[Problem]:
    if report.id != path.stem:
        message = (
            f"id {report.id!r} is not the file's name; rename the file to {report.id}.yaml or correct the id"
        )
        yield Problem(path, lines.line(("id",)), message)


def _theme_problems(
    path: Path, lines: LineMap, report: ReportDefinition, themes: Collection[str] | None
) -> Iterator[Problem]:
    if themes is not None and report.theme not in themes:
        message = f"there is no theme {report.theme!r}: {suggest(report.theme, themes)}"
        yield Problem(path, lines.line(("theme",)), message)


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
            hint = meant(dataset.sql, sorted(there)) or "; add it, or correct the name"
            message = f"the SQL file {query} does not exist{hint}"
            yield Problem(path, lines.line(("datasets", name, "sql")), message)
            continue
        yield from check_query(
            query,
            list(report.parameter_schemas),
            year_before=dataset.year_before,
            filtered=sorted({one for other in report.datasets.values() for one in other.filter.values()}),
        )


def _page_problems(report: ReportDefinition, *, templates_dir: Path) -> Iterator[Problem]:
    page = templates_dir / "reports" / f"{report.id}.md.j2"
    if not page.is_file():
        message = "the report's page does not exist; add it: Markdown with blocks such as chart()"
        yield Problem(page, None, message)
        return
    source = read_source(page)
    if isinstance(source, Problem):
        yield source
        return
    for line, message in page_faults(source, report):
        yield Problem(page, line, message)
