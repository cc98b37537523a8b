"""Real servers for the unit tests: one set for the session, fresh tables for each test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import LiteralString
from urllib.parse import quote
from uuid import uuid4

import psycopg
from psycopg import sql

from broadsheet.embedded import objects, postgres
from broadsheet.embedded.stack import Stack
from broadsheet.settings import Endpoint, parse_endpoint
from broadsheet.store.migrations import migrate
from tests.databases import Pool

_TEMPLATE = "broadsheet_template"
_numbers = count(1)


@dataclass
class Servers:
    """The servers below Airflow, and a migrated database to copy."""

    stack: Stack

    def dsn(self, database: str) -> str:
        """Return the DSN of a database as the application's own role, which is no superuser."""
        password = self.stack.secrets.postgres_broadsheet
        return postgres.dsn(self.stack.ports, user="broadsheet", password=password, database=database)

    def admin(self, statement: LiteralString, **names: str) -> None:
        """Run a statement as superuser; names are quoted as identifiers."""
        with psycopg.connect(self.admin_dsn, autocommit=True) as connection:
            connection.execute(
                sql.SQL(statement).format(**{key: sql.Identifier(value) for key, value in names.items()})
            )

    @property
    def admin_dsn(self) -> str:
        """DSN of the superuser."""
        return postgres.admin_dsn(self.stack.ports, self.stack.secrets)

    def make_template(self) -> None:
        """Migrate the database that those of the tests are copied from."""
        self.admin("CREATE DATABASE {name} OWNER broadsheet", name=_TEMPLATE)
        migrate(self.dsn(_TEMPLATE))

    @cached_property
    def pool(self) -> Pool:
        """Databases made from the template."""
        pool = Pool(_TEMPLATE, self.admin_dsn)
        pool.learn()
        return pool

    @contextmanager
    def database(self) -> Iterator[str]:
        """Yield the DSN of an application database without rows."""
        name = self.pool.take(next(_numbers))
        try:
            yield self.dsn(name)
        finally:
            self.pool.give_back(name)

    def storage_endpoint(self, **changed: str) -> Endpoint:
        """Return the S3 connection; ``login``, ``password`` and ``url`` can be made wrong."""
        secrets = self.stack.secrets
        login = quote(changed.get("login", secrets.s3_access_key), safe="")
        password = quote(changed.get("password", secrets.s3_secret_key), safe="")
        url = quote(changed.get("url", objects.endpoint_url(self.stack.ports)), safe="")
        return parse_endpoint(f"aws://{login}:{password}@/?endpoint_url={url}&region_name={objects.REGION}")


def bucket_name() -> str:
    """Return a bucket's name that nobody has."""
    return f"test-{uuid4()}"
