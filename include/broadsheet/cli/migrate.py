"""``broadsheet migrate``: bring the application database to the newest version."""

from __future__ import annotations

from broadsheet.settings import DATABASE, connection_uri


def migrate_command() -> None:
    """Apply the migrations that the application database lacks."""
    from broadsheet.store.migrations import migrate  # Alembic and SQLAlchemy, which no other command needs

    print(f"application database: version {migrate(connection_uri(DATABASE))}")
