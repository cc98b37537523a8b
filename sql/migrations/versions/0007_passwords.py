"""Passwords of documents, encrypted; see the SQL file."""

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Run the statements of the SQL file of the same name."""
    # The driver's own cursor: SQLAlchemy would look for placeholders in the text.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(Path(__file__).with_suffix(".sql").read_bytes())
