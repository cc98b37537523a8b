"""The language, theme and formats of subscriptions and runs; see the SQL file."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Run the statements of the SQL file of the same name."""
    # The driver's own cursor: SQLAlchemy would look for placeholders in the text.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(Path(__file__).with_suffix(".sql").read_bytes())
