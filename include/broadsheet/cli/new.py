"""``broadsheet new report``: the three kinds of file of a report, working, to be changed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from broadsheet.catalog import installed_catalog
from broadsheet.catalog.new_report import check_name, write_report
from broadsheet.errors import InputError
from broadsheet.settings import connection_uri, get_settings, source_connection

new = typer.Typer(help="Start something new: a report.", no_args_is_help=True)


@new.callback()
def _group() -> None:
    """Start something new: a report."""


@new.command("report")
def report_command(
    name: Annotated[str, typer.Argument(help="Id of the report: lower-case letters, digits, underscores.")],
    source: Annotated[
        str, typer.Option(help="Source database: connection broadsheet_source_SOURCE.")
    ] = "flights",
    table: Annotated[
        str | None, typer.Option(help="Table to report on, as schema.table; default: example rows.")
    ] = None,
    day: Annotated[
        str | None, typer.Option(help="The table's column that says when; default: its first date.")
    ] = None,
) -> None:
    """Write a working report into the catalog: definition, query and page. Overwrites nothing."""
    settings = get_settings()
    check_name(name, "name")
    check_name(source, "source")
    if day is not None and table is None:
        raise InputError("--day names a column of a table: give --table, too", field="day")
    found = None
    if table is not None:
        dsn = connection_uri(source_connection(source))
        # Local: psycopg and pyarrow, which example rows do not need.
        from broadsheet.pipeline.source_tables import read_table

        found = read_table(dsn, table, sql_dir=settings.sql_dir)
    paths = write_report(
        name,
        source=source,
        table=found,
        day=day,
        catalog_dir=settings.catalog_dir,
        sql_dir=settings.sql_dir,
        templates_dir=settings.templates_dir,
    )
    for path in paths:
        print(f"wrote {_short(path)}")
    # What is wrong with a table's odd names is said here rather than at the first run.
    definition = installed_catalog(settings).get(name)
    if not definition.datasets[definition.primary].day:
        print("no date was found, so every period shows all rows: see `day` in docs/authoring.md")
    print(f"next:\n  broadsheet check\n  broadsheet preview {name} --watch")
    print(f"  broadsheet subscribe {name} --to you@example.com")


def _short(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
