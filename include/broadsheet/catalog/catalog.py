"""The catalog: every report that can be subscribed to, and what is wrong with those that cannot.

Loaded while DAG files are parsed, so nothing here imports pandas, matplotlib, reportlab, boto3 or psycopg.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from broadsheet.catalog.definitions import read_definition
from broadsheet.catalog.themes import Themes, load_themes
from broadsheet.catalog.translations import stray_translation
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.suggestion import suggest
from broadsheet.errors import DefinitionError, NotFoundError, Problem
from broadsheet.settings import Settings


@dataclass(frozen=True)
class Catalog:
    """Reports by id. One bad definition never stops the others."""

    reports: Mapping[str, ReportDefinition]
    """The good ones, in the order of their ids."""
    broken: Mapping[str, tuple[Problem, ...]]
    """What is wrong, by the id (the file's name) of the report that it spoils."""
    themes: Themes = field(default_factory=lambda: Themes({}, {}))
    """The themes of the installation, and what is wrong with those that cannot be used."""

    @property
    def theme_names(self) -> tuple[str, ...]:
        """Names of the themes that can be used."""
        return tuple(sorted(self.themes.found))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Every fault of every file."""
        spoiled = (*self.themes.broken.values(), *self.broken.values())
        return tuple(problem for problems in spoiled for problem in problems)

    def __iter__(self) -> Iterator[ReportDefinition]:
        """Yield the good reports in the order of their ids."""
        return iter(self.reports.values())

    def get(self, report_id: str) -> ReportDefinition:
        """Return a report. NotFoundError when there is none, DefinitionError when its definition is wrong."""
        if report_id in self.reports:
            return self.reports[report_id]
        if report_id in self.broken:
            raise DefinitionError(list(self.broken[report_id]))
        known = sorted([*self.reports, *self.broken])
        hint = suggest(report_id, known, otherwise="the catalog has")
        raise NotFoundError(f"there is no report {report_id[:100]!r}: {hint}")


def load_catalog(
    directory: Path, *, sql_dir: Path, templates_dir: Path, themes_dir: Path | None = None
) -> Catalog:
    """Load every definition in a folder and keep the faults; DefinitionError only without the folder.

    ``themes_dir`` holds the themes that reports may name; without it, their names are not looked at.
    """
    if not directory.is_dir():
        raise DefinitionError(
            [Problem(directory, None, "the catalog's folder does not exist; check BROADSHEET_HOME")]
        )
    reports: dict[str, ReportDefinition] = {}
    broken: dict[str, tuple[Problem, ...]] = {}
    declared: dict[str, Path] = {}
    translations: list[Path] = []
    themes = None if themes_dir is None else load_themes(themes_dir)
    for path in sorted(directory.iterdir()):
        if path.suffix == ".yml":
            broken[path.stem] = (Problem(path, None, f"rename the file to {path.stem}.yaml"),)
        if path.suffix != ".yaml" or path.name.startswith("."):
            continue
        if "." in path.stem:
            translations.append(path)
            continue
        report, problems = read_definition(
            path,
            sql_dir=sql_dir,
            templates_dir=templates_dir,
            themes=None if themes is None else themes.names,
        )
        if report is not None and report.id in declared:
            problems = [
                Problem(path, None, f"id {report.id!r} is already taken by {declared[report.id].name}")
            ]
        if report is None or problems:
            broken[path.stem] = (*broken.get(path.stem, ()), *problems)
            continue
        declared[report.id] = path
        reports[report.id] = report
    for path in translations:
        report_id = path.stem.partition(".")[0]
        # What is wrong with a broken report comes first.
        fault = None if report_id in broken else stray_translation(path, reports.get(report_id))
        if fault is not None:
            broken[report_id] = (fault,)
    good = {name: reports[name] for name in reports if name not in broken}
    return Catalog(good, broken, themes or Themes({}, {}))


def installed_catalog(settings: Settings) -> Catalog:
    """Load the catalog of this installation, as :func:`load_catalog` does."""
    return load_catalog(
        settings.catalog_dir,
        sql_dir=settings.sql_dir,
        templates_dir=settings.templates_dir,
        themes_dir=settings.themes_dir,
    )
