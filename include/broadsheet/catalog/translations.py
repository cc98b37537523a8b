"""A report's texts in other languages: ``<id>.<language>.yaml`` beside the definition.

The file has the definition's own shape, but only texts: ``title``, the ``label`` of a measure, the
``title`` of a chart. Items of a list stand under their name (``columns: {carrier: {label: …}}``), notices
in their order.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import JsonValue, ValidationError

from broadsheet.catalog.pages import page_faults
from broadsheet.catalog.references import check_references
from broadsheet.catalog.shapes import shape_problems
from broadsheet.catalog.sources import read_source
from broadsheet.catalog.yaml_lines import LineMap, Location, read_yaml
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.suggestion import suggest
from broadsheet.errors import Problem

_TEXTS = frozenset(
    {
        "credit",
        "label",
        "note",
        "other",
        "second_axis",
        "subject",
        "subtitle",
        "summary",
        "text",
        "title",
        "unit",
        "x_label",
        "y_label",
    }
)
_ALL_TEXTS = frozenset({"captions", "notices", "values_display"})
_NAMES = ("name", "measure", "by", "when")


def read_translations(
    path: Path, report: ReportDefinition, data: dict[str, JsonValue], *, templates_dir: Path
) -> list[Problem]:
    """Give a report its form in each of its other languages, and return what is wrong with their files."""
    problems: list[Problem] = []
    for language in report.languages:
        source = path.with_name(f"{report.id}.{language}.yaml")
        if not source.is_file():
            message = f"the report says that it comes in {language!r}, but this file does not exist; add it"
            problems.append(Problem(source, None, message))
            continue
        found, lines, faults = read_yaml(source)
        problems += faults
        if faults:
            continue
        merged, missing, places = _overlaid(data, found)
        problems += [Problem(source, lines.line(place), message) for place, message in places]
        if not places:
            problems += _keep(report, merged, language, missing, source=source, lines=lines)
        problems += _page_problems(report, language, templates_dir=templates_dir)
    return problems


def stray_translation(path: Path, report: ReportDefinition | None) -> Problem | None:
    """Return what is wrong with a translation that no report asks for."""
    report_id, _, language = path.stem.partition(".")
    if report is None:
        return Problem(path, None, f"is a translation of {report_id!r}, and there is no such report")
    if language not in report.languages:
        return Problem(path, None, f"is not used: add {language!r} to `languages` of {report_id}.yaml")
    return None


def _keep(
    report: ReportDefinition,
    merged: JsonValue,
    language: str,
    missing: list[str],
    *,
    source: Path,
    lines: LineMap,
) -> list[Problem]:
    try:
        translated = ReportDefinition.model_validate(merged).model_copy(update={"language": language})
    except ValidationError as error:
        return shape_problems(source, lines, error, model=ReportDefinition)
    report.translate(language, translated, missing=missing)
    # What is wrong with the definition is said there, once.
    known = set(check_references(report))
    faults = (fault for fault in check_references(translated) if fault not in known)
    return [Problem(source, lines.line(place), message) for place, message in faults]


def _page_problems(report: ReportDefinition, language: str, *, templates_dir: Path) -> Iterator[Problem]:
    page = templates_dir / "reports" / f"{report.id}.{language}.md.j2"
    if not page.is_file():
        return
    source = read_source(page)
    if isinstance(source, Problem):
        yield source
        return
    for line, message in page_faults(source, report):
        yield Problem(page, line, message)


def _overlaid(data: JsonValue, texts: JsonValue) -> tuple[JsonValue, list[str], list[tuple[Location, str]]]:
    """Return a definition with texts laid over it, the texts that have none, and what fits nowhere."""
    missing: list[str] = []
    faults: list[tuple[Location, str]] = []

    def lay(own: JsonValue, other: JsonValue, place: Location, all_texts: bool) -> JsonValue:
        shown = ".".join(map(str, place))
        if isinstance(own, str):
            if isinstance(other, str):
                return other
            faults.append((place, f"{shown}: must be a text"))
            return own
        named = _named(own)
        if named is None or not isinstance(other, dict | list) or isinstance(other, list) != ("[]" in named):
            faults.append((place, f"{shown}: must have the shape that the definition has there"))
            return own
        given = dict(enumerate(other)) if isinstance(other, list) else dict(other)
        positions = {key: at for key, at in named.items() if key != "[]"}
        for key in given:
            if key not in positions:
                hint = suggest(str(key), [str(one) for one in positions])
                faults.append(
                    ((*place, key), f"{'.'.join(map(str, (*place, key)))} is not in the definition: {hint}")
                )
        changed = list(own) if isinstance(own, list) else dict(own) if isinstance(own, dict) else own
        for key, at in positions.items():
            value = own[at]  # type: ignore[index]
            texts_only = all_texts or key in _ALL_TEXTS
            if key in given and not _is_translatable(key, value, texts_only):
                faults.append(
                    ((*place, key), f"{'.'.join(map(str, (*place, key)))} is not a text of the report")
                )
            elif key in given:
                changed[at] = lay(value, given[key], (*place, key), texts_only)  # type: ignore[index]
            else:
                missing.extend(_texts_of(value, (*place, key), texts_only))
        return changed

    if not isinstance(texts, dict):
        return data, [], [((), "must be a mapping: `title: …` and so on")]
    return lay(data, texts, (), False), missing, faults


def _named(own: JsonValue) -> dict[str | int, str | int] | None:
    """Return the keys under which a translation names the parts of a value, and where the parts are."""
    if isinstance(own, dict):
        return {key: key for key in own}
    if not isinstance(own, list):
        return None
    if all(isinstance(item, str) for item in own):
        return {"[]": 0, **{at: at for at in range(len(own))}}
    names: dict[str | int, str | int] = {}
    for at, item in enumerate(own):
        if isinstance(item, dict):
            names[next((str(item[key]) for key in _NAMES if key in item), str(at + 1))] = at
    return names


def _is_translatable(key: str | int, value: JsonValue, all_texts: bool) -> bool:
    return any(True for _ in _texts_of(value, (key,), all_texts))


def _texts_of(value: JsonValue, place: Location, all_texts: bool) -> Iterator[str]:
    """Yield the places of the texts in a value."""
    key = place[-1] if place else ""
    if isinstance(value, str):
        if value and (all_texts or key in _TEXTS):
            yield ".".join(map(str, place))
        return
    named = _named(value)
    for name, at in (named or {}).items():
        if name != "[]":
            inner = value[at]  # type: ignore[index]
            yield from _texts_of(inner, (*place, name), all_texts or name in _ALL_TEXTS)
