"""``broadsheet check``: every fault in the settings and the catalog, with file, line and what to do."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from broadsheet.catalog import installed_catalog
from broadsheet.catalog.pages import unplaced
from broadsheet.catalog.sources import read_source
from broadsheet.cli.wording import counted
from broadsheet.domain.report import ReportDefinition
from broadsheet.errors import Problem
from broadsheet.pipeline.word_files import word_file_problems
from broadsheet.settings import get_settings

_MOST_PLACES = 8


def _say_unplaced(report: ReportDefinition, templates_dir: Path) -> None:
    page = templates_dir / "reports" / f"{report.id}.md.j2"
    source = read_source(page)
    missing = [] if isinstance(source, Problem) else unplaced(source, report)
    if missing:
        print(f"    {page.name} shows nothing of what the report defines as {', '.join(missing)}")


def check_command() -> None:
    """Check settings, reports, themes and words of other languages; status 1 when something is wrong."""
    settings = get_settings()
    catalog = installed_catalog(settings)
    for report in catalog:
        kinds = ", ".join(kind.value for kind in report.period_kinds)
        names = ", ".join(report.parameter_schemas) or "none"
        print(f"ok  {report.id}: {report.title} ({kinds}; parameters: {names})")
        for language, places in report.untranslated.items():
            lacking = ", ".join(places[:_MOST_PLACES]) + (" …" if len(places) > _MOST_PLACES else "")
            print(
                f"    {report.id}.{language}.yaml lacks {counted(len(places), 'text')}, "
                f"for which the report's own stand in: {lacking}"
            )
        _say_unplaced(report, settings.templates_dir)
    for theme in catalog.themes.found.values():
        print(f"ok  theme {theme.name}: {theme.title} ({theme.page.size.value})")
    if not catalog.reports and not catalog.broken:
        print(f"no reports in {settings.catalog_dir}; a report is a YAML file there, see docs")
    words = list(word_file_problems())
    for problem in (*catalog.problems, *words):
        sys.stderr.write(f"{problem}\n")
    if catalog.problems or words:
        spoiled = [*catalog.broken, *(f"theme {name}" for name in catalog.themes.broken)]
        spoiled += sorted({one.path.name for one in words})
        count = counted(len(catalog.problems) + len(words), "problem")
        sys.stderr.write(f"{count}; not usable: {', '.join(spoiled)}\n")
        raise typer.Exit(1)
