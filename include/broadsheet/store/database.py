"""Connections to the application database, and its statements, which live in ``sql/store/*.sql``.

Functions of this package that take a connection never commit: the caller owns the transaction.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cache
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row

from broadsheet.errors import ConfigurationError, DatabaseUnavailableError
from broadsheet.settings import get_settings

Connection = psycopg.Connection[DictRow]

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


@contextmanager
def transaction(dsn: str, *, statement_timeout: int = 30) -> Iterator[Connection]:
    """Open a connection and run one transaction on it: committed at the end, rolled back on any error.

    ``statement_timeout`` is in seconds. Raises DatabaseUnavailableError when Postgres cannot be reached or
    closes the connection, and ConfigurationError when the database was never migrated.
    """
    try:
        connection = psycopg.connect(
            dsn,
            row_factory=dict_row,
            connect_timeout=10,
            application_name="broadsheet",
            options=f"-c statement_timeout={statement_timeout}s -c timezone=UTC",
        )
        # psycopg itself leaves a connection open when its commit fails.
        with closing(connection), connection:
            yield connection
    except psycopg.errors.UndefinedTable as error:
        raise ConfigurationError(
            "the application database lacks a table: bring it to the newest version with `broadsheet migrate`"
        ) from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise DatabaseUnavailableError(f"the application database did not answer: {error}") from error


@cache
def statements(subject: str) -> Mapping[str, bytes]:
    """Return the statements of ``sql/store/<subject>.sql``; a line ``-- name: <name>`` starts each."""
    text = (get_settings().sql_dir / "store" / f"{subject}.sql").read_text(encoding="utf-8")
    names, bodies = _NAME.findall(text), _NAME.split(text)[2::2]
    return {name: body.strip().encode() for name, body in zip(names, bodies, strict=True)}


def fetch_all(connection: Connection, statement: bytes, values: Mapping[str, Any]) -> list[DictRow]:
    """Run a statement and return its rows as dicts."""
    return connection.execute(statement, values).fetchall()


def fetch_one(connection: Connection, statement: bytes, values: Mapping[str, Any]) -> DictRow | None:
    """Run a statement and return its first row as a dict, or None."""
    return connection.execute(statement, values).fetchone()
