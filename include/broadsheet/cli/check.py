"""``broadsheet check``: every fault in the settings and the catalog, with file, line and what to do."""

from __future__ import annotations

import sys

import typer

from broadsheet.catalog import installed_catalog
from broadsheet.cli.wording import counted
from broadsheet.settings import get_settings

_MOST_PLACES = 8


def check_command() -> None:
    """Check the settings, every report of the catalog and every theme; status 1 when something is wrong."""
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
    for theme in catalog.themes.found.values():
        print(f"ok  theme {theme.name}: {theme.title} ({theme.page.size.value})")
    if not catalog.reports and not catalog.broken:
        print(f"no reports in {settings.catalog_dir}; a report is a YAML file there, see docs")
    for problem in catalog.problems:
        sys.stderr.write(f"{problem}\n")
    if catalog.problems:
        count, spoiled = (
            counted(len(catalog.problems), "problem"),
            ", ".join([*catalog.broken, *(f"theme {name}" for name in catalog.themes.broken)]),
        )
        sys.stderr.write(f"{count}; not usable: {spoiled}\n")
        raise typer.Exit(1)
