"""Bring the application database to its newest version: SQL files in ``sql/migrations``, by Alembic."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from broadsheet.errors import DatabaseUnavailableError
from broadsheet.settings import get_settings

log = logging.getLogger(__name__)

_VERSION_TABLE = "broadsheet_migrations"
# Any number, as long as it is always the same: two migrations at once wait for one another.
_LOCK = 7238423


def migrate(dsn: str) -> str:
    """Apply what is missing to the database at ``dsn`` and return its version.

    All of it happens in one transaction under an advisory lock: a migration that fails leaves nothing behind,
    and one that starts while another runs waits for it. Raises DatabaseUnavailableError when Postgres cannot
    be reached.
    """
    with _connect(dsn) as connection:
        connection.execute(sqlalchemy.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        version = _current(connection)
    log.info("application database is at version %s", version)
    return version or ""


def versions(dsn: str) -> tuple[str | None, str | None]:
    """Return the version of the database at ``dsn`` and the newest one that there is."""
    with _connect(dsn) as connection:
        return _current(connection), ScriptDirectory.from_config(_config()).get_current_head()


def _current(connection: Connection) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table": _VERSION_TABLE})
    return context.get_current_revision()


def _config() -> Config:
    folder: Path = get_settings().sql_dir / "migrations"
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _connect(dsn: str) -> Iterator[Connection]:
    url = sqlalchemy.make_url(dsn).set(drivername="postgresql+psycopg")
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
    try:
        with engine.begin() as connection:
            yield connection
    except OperationalError as error:
        raise DatabaseUnavailableError(
            f"the application database cannot be migrated: {error.orig}"
        ) from error
    finally:
        engine.dispose()
