"""Tables of a source and their columns, as its own catalog describes them: what a new report starts from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.rows import class_row

from broadsheet.catalog.skeleton import SourceColumn, SourceTable
from broadsheet.domain.parts import ColumnType
from broadsheet.domain.suggestion import nearest, suggest
from broadsheet.errors import DatabaseUnavailableError, InputError, NotFoundError
from broadsheet.pipeline.columns import LARGEST_PRECISION, column_type

_CONNECT_TIMEOUT = 10
_OPTIONS = "-c statement_timeout=30s -c default_transaction_read_only=on"


@dataclass(frozen=True)
class _TableRow:
    """A row of ``sql/sources/tables.sql``."""

    table_id: int
    schema_name: str
    name: str
    sql_name: str
    sql_schema: str
    reader: str
    readable: bool

    @property
    def full_name(self) -> str:
        """Schema and name, as a person writes them."""
        return f"{self.schema_name}.{self.name}"


@dataclass(frozen=True)
class _ColumnRow:
    """A row of ``sql/sources/columns.sql``."""

    name: str
    sql_name: str
    type_name: str
    scale: int | None
    precision: int | None
    required: bool
    in_key: bool
    in_primary_key: bool
    distinct_values: float | None


def read_table(dsn: str, table: str, *, sql_dir: Path) -> SourceTable:
    """Return a table of a source with the columns that its reader may read.

    ``table`` is ``schema.table`` or, where one schema has it, the table's name alone. NotFoundError names
    what was probably meant; DatabaseUnavailableError when the source cannot be reached.
    """
    folder = sql_dir / "sources"
    try:
        with psycopg.connect(
            dsn, connect_timeout=_CONNECT_TIMEOUT, application_name="broadsheet new", options=_OPTIONS
        ) as connection:
            with connection.cursor(row_factory=class_row(_TableRow)) as cursor:
                tables = cursor.execute((folder / "tables.sql").read_bytes()).fetchall()
            chosen = _choose(table, tables)
            with connection.cursor(row_factory=class_row(_ColumnRow)) as columns:
                found = columns.execute(
                    (folder / "columns.sql").read_bytes(), {"table_id": chosen.table_id}
                ).fetchall()
    except psycopg.Error as error:
        raise DatabaseUnavailableError(f"the source does not say what its tables are: {error}") from error
    return SourceTable(
        name=chosen.name, sql_name=chosen.sql_name, columns=tuple(_column(column) for column in found)
    )


def _choose(wanted: str, tables: Sequence[_TableRow]) -> _TableRow:
    found = [one for one in tables if wanted in (one.full_name, one.name, one.sql_name)]
    readable = [one for one in found if one.readable]
    if not found:
        known = [one for one in tables if one.readable]
        names, full_names = [one.name for one in known], [one.full_name for one in known]
        hint = suggest(wanted, names if "." not in wanted and nearest(wanted, names) else full_names)
        raise NotFoundError(f"the source has no table {wanted!r} that its reader may read: {hint}")
    if not readable:
        table = found[0]
        raise NotFoundError(
            f"the source has the table {table.full_name}, but its reader {table.reader} may not read it; "
            f"let its owner run: GRANT USAGE ON SCHEMA {table.sql_schema} TO {table.reader}; "
            f"GRANT SELECT ON {table.sql_name} TO {table.reader};"
        )
    if len(readable) > 1:
        names_shown = " or ".join(one.full_name for one in readable)
        raise InputError(f"table {wanted!r} is in more than one schema: write {names_shown}", field="table")
    return readable[0]


def _column(row: _ColumnRow) -> SourceColumn:
    return SourceColumn(
        name=row.name,
        sql_name=row.sql_name,
        type=ColumnType.DECIMAL if _is_exact(row) else column_type(row.type_name),
        type_name=row.type_name,
        scale=row.scale,
        required=row.required,
        in_key=row.in_key,
        in_primary_key=row.in_primary_key,
        distinct_values=row.distinct_values,
    )


def _is_exact(row: _ColumnRow) -> bool:
    """Whether a column says how many digits its numbers have, so that a report can keep them exact."""
    if row.precision is None or row.scale is None:
        return False
    return 0 <= row.scale <= row.precision <= LARGEST_PRECISION
