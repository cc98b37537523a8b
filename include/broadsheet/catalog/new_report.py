"""The files of a new report, written from templates in ``include/templates/new_report``."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from broadsheet.catalog.json_schema import SCHEMA_LINE
from broadsheet.catalog.naming import as_name, in_words, uncapitalised
from broadsheet.catalog.skeleton import Choice, SourceColumn, SourceTable, choose
from broadsheet.domain.parts import ColumnType
from broadsheet.errors import ConflictError, InputError

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_EXAMPLE = SourceTable(
    name="sales",
    sql_name="sales",
    columns=(
        SourceColumn("day", "day", ColumnType.DATE, "date", required=True, in_primary_key=True, in_key=True),
        SourceColumn("region", "region", ColumnType.TEXT, "text", distinct_values=3),
        SourceColumn("orders", "orders", ColumnType.INTEGER, "int4"),
        SourceColumn("amount", "amount", ColumnType.DECIMAL, "numeric", scale=2),
    ),
)
"""What ``example.sql.j2`` gives."""


def check_name(name: str, what: str) -> None:
    """Raise InputError, with a name that could be meant, unless a definition may have this one."""
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{what} {name[:100]!r}: a name has lower-case letters, digits and underscores, "
            f"and starts with a letter; did you mean {as_name(name)!r}?",
            field=what,
        )


def write_report(
    name: str,
    *,
    source: str,
    table: SourceTable | None,
    day: str | None,
    catalog_dir: Path,
    sql_dir: Path,
    templates_dir: Path,
) -> tuple[Path, Path, Path]:
    """Write a report's definition, query and page and return their paths.

    Without a table the report has example rows. InputError for a name that no report may have;
    ConflictError, with nothing written, when one of the files is there already.
    """
    check_name(name, "name")
    check_name(source, "source")
    choice = choose(table or _EXAMPLE, day=day)
    paths = (
        catalog_dir / f"{name}.yaml",
        sql_dir / "reports" / name / f"{choice.dataset}.sql",
        templates_dir / "reports" / f"{name}.md.j2",
    )
    for path in (*paths, catalog_dir / f"{name}.yml"):
        if path.exists():
            raise ConflictError(f"{path} is there already, and nothing was written: choose another name")
    query = "query.sql.j2" if table else "example.sql.j2"
    texts = _render(
        ("report.yaml.j2", query, "page.md.j2"),
        choice,
        name,
        source=source,
        folder=templates_dir / "new_report",
    )
    for path, text in zip(paths, texts, strict=True):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise InputError(f"cannot write {path}: {error.strerror}", field="name") from error
    return paths


def _render(templates: tuple[str, ...], choice: Choice, name: str, *, source: str, folder: Path) -> list[str]:
    # Brackets, since the braces belong to the page that comes out.
    environment = Environment(
        loader=FileSystemLoader(folder),
        block_start_string="[%",
        block_end_string="%]",
        variable_start_string="[[",
        variable_end_string="]]",
        comment_start_string="[#",
        comment_end_string="#]",
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters |= {"yaml": _yaml, "words": in_words, "within": uncapitalised}
    values = {field.name: getattr(choice, field.name) for field in fields(choice)}
    values |= {
        "bindings": choice.bindings,
        "group_label": choice.group_label,
        "schema_line": SCHEMA_LINE,
        "id": name,
        "title": in_words(name),
        "summary": f"{in_words(choice.table.name)} of the period, against the period before.",
        "source": source,
        "from_table": choice.table.sql_name.replace("%", "%%"),
    }
    return [environment.get_template(template).render(values) for template in templates]


def _yaml(text: str) -> str:
    """Write a text as YAML on one line, in quotes where YAML would take it for something else."""
    # As an item of a list in brackets: what stands in braces must not hold a comma either.
    listed = yaml.safe_dump([text], default_flow_style=True, width=10_000, allow_unicode=True)
    return listed.removesuffix("\n").removeprefix("[").removesuffix("]")
