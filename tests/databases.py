"""Application databases for tests: one that a test left with the tables it found is emptied and used again.

To copy a database costs Postgres a third of a second of processor time, to empty one a fraction of that; and
there are hundreds of tests. One whose tables, triggers or rights a test has changed is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import psycopg
from psycopg import sql

# Everything that a statement other than those on rows changes leaves a newer or another number of rows here.
_CATALOGS = ("pg_class", "pg_attribute", "pg_attrdef", "pg_constraint", "pg_trigger", "pg_proc", "pg_type",
             "pg_namespace", "pg_policy", "pg_default_acl", "pg_index", "pg_rewrite")  # fmt: skip
_OTHERS = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_TABLES = (
    "SELECT quote_ident(relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
)
_SETTINGS = (
    "(SELECT (datallowconn, datconnlimit, (SELECT count(*) FROM pg_db_role_setting"
    " WHERE setdatabase = base.oid))::text FROM pg_database AS base WHERE datname = current_database())"
)


@dataclass
class Pool:
    """Databases that nobody uses, with what their catalogs were when they were last empty."""

    template: str
    admin_dsn: str
    idle: list[str] = field(default_factory=list)
    marks: dict[str, tuple[object, ...]] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    """Tables of the template that have rows, which the tests' databases have, too."""
    emptied: tuple[str, ...] = ()

    def connect(self, database: str) -> psycopg.Connection[tuple[object, ...]]:
        """Connect to a database as superuser."""
        return psycopg.connect(self.admin_dsn, dbname=database, autocommit=True)

    def learn(self) -> None:
        """Note which tables of the template have rows."""
        with self.connect(self.template) as connection:
            names = sorted(str(name) for (name,) in connection.execute(_TABLES))
            filled = [name for name in names if self._rows(connection, name)]
        self.kept, self.emptied = tuple(filled), tuple(name for name in names if name not in filled)

    def take(self, number: int) -> str:
        """Return the name of an empty database."""
        if self.idle:
            return self.idle.pop()
        name = f"broadsheet_test_{number}"
        with self.connect("postgres") as connection:
            statement = "CREATE DATABASE {} TEMPLATE {} OWNER broadsheet"
            connection.execute(sql.SQL(statement).format(sql.Identifier(name), sql.Identifier(self.template)))
        with self.connect(name) as connection:
            self.marks[name] = self._mark(connection)
        return name

    def give_back(self, name: str) -> None:
        """Empty a database for the next test, or drop it."""
        try:
            with self.connect(name) as connection:
                connection.execute(_OTHERS)
                same = self._mark(connection) == self.marks[name]
                if same:
                    connection.execute("SET session_replication_role = replica")
                    tables = sql.SQL(", ").join(sql.SQL(table) for table in self.emptied)  # type: ignore[arg-type]
                    connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY").format(tables))
                    self.marks[name] = self._mark(connection)
        except psycopg.Error:
            same = False
        if same:
            self.idle.append(name)
            return
        with self.connect("postgres") as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def _mark(self, connection: psycopg.Connection[tuple[object, ...]]) -> tuple[object, ...]:
        """Return what tells whether anything but rows of tables was changed."""
        tables = [*_CATALOGS, *self.kept]
        parts = [f"(SELECT (count(*), max(xmin::text::bigint))::text FROM {table})" for table in tables]
        row = connection.execute(f"SELECT {', '.join([*parts, _SETTINGS])}".encode()).fetchone()
        return row or ()

    @staticmethod
    def _rows(connection: psycopg.Connection[tuple[object, ...]], table: str) -> bool:
        return connection.execute(f"SELECT FROM {table} LIMIT 1".encode()).fetchone() is not None
