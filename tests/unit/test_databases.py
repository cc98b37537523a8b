"""What tests find in the databases that they are handed: no rows of others, and tables as they were made."""

from __future__ import annotations

from typing import LiteralString

import psycopg
import pytest
from tests.servers import Servers

EVERYTHING = "SELECT count(*) FROM people"


def test_a_database_has_no_rows_of_the_test_before(servers: Servers) -> None:
    with servers.database() as first, psycopg.connect(first) as connection:
        connection.execute("INSERT INTO people VALUES ('ada', NULL, '{}', true, true, now())")
        assert connection.execute(EVERYTHING).fetchone() == (1,)
    with servers.database() as second, psycopg.connect(second) as connection:
        assert (second, connection.execute(EVERYTHING).fetchone()) == (first, (0,))


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE runs ADD COLUMN colour text",
        "ALTER TABLE subscription_revisions DISABLE TRIGGER USER",
        "DROP TABLE subscription_events",
        "GRANT SELECT ON runs TO PUBLIC",
        "CREATE FUNCTION one() RETURNS int LANGUAGE sql RETURN 1",
        "DELETE FROM broadsheet_migrations",
    ],
)
def test_a_database_that_was_changed_is_not_used_again(servers: Servers, statement: LiteralString) -> None:
    with servers.database() as first, psycopg.connect(first) as connection:
        connection.execute(statement)
    with servers.database() as second:
        assert second != first
