"""The words of each mail, kept so that it can be sent again after the run's working files are gone."""

from __future__ import annotations

from uuid import UUID

from psycopg.types.json import Jsonb

from broadsheet.domain.letter import Letter
from broadsheet.store.database import Connection, fetch_one, statements


def keep_letter(connection: Connection, artifact_id: UUID, letter: Letter) -> None:
    """Keep what the mail about a stored document says; the latest words replace those before."""
    values = {"artifact_id": artifact_id, "letter": Jsonb(letter.model_dump(mode="json"))}
    connection.execute(statements("letters")["keep"], values)


def kept_letter(connection: Connection, artifact_id: UUID) -> Letter | None:
    """Return what the mail about a stored document said, or None when none was ever written."""
    row = fetch_one(connection, statements("letters")["of_artifact"], {"artifact_id": artifact_id})
    return None if row is None else Letter.model_validate(row["letter"])
