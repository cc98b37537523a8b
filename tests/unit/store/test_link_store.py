"""Links: expiring, revocable, and audited for good."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from tests.seed import NOW, plan, run_spec, store_run

from broadsheet.store.database import transaction
from broadsheet.store.links import (
    LinkOutcome,
    Visitor,
    accesses_of_run,
    find_link,
    issue_link,
    record_access,
    revoke_link,
    revoke_links_of_run,
)

DAY = timedelta(days=1)


class Desk:
    """A run with one delivery, and its links."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.spec = run_spec()
        self.artifact: UUID = store_run(dsn, self.spec)
        (self.delivery,) = plan(dsn, self.spec, "ada@broadsheet.example")

    def issue(self) -> str:
        with transaction(self.dsn) as connection:
            return issue_link(
                connection,
                delivery_id=self.delivery.delivery_id,
                artifact_id=self.artifact,
                at=NOW,
                lifetime=DAY,
            )

    def outcome(self, token: str, *, after: timedelta = timedelta(0)) -> LinkOutcome:
        with transaction(self.dsn) as connection:
            return find_link(connection, token, at=NOW + after).outcome


@pytest.fixture
def desk(database_dsn: str) -> Desk:
    return Desk(database_dsn)


def test_a_link_leads_to_its_artifact(desk: Desk) -> None:
    token = desk.issue()
    with transaction(desk.dsn) as connection:
        answer = find_link(connection, token, at=NOW)
    assert answer.artifact is not None
    assert answer.artifact.artifact_id == desk.artifact


def test_a_link_stops_at_its_end_and_not_before(desk: Desk) -> None:
    token = desk.issue()
    assert desk.outcome(token, after=DAY - timedelta(seconds=1)) is LinkOutcome.SERVED
    assert desk.outcome(token, after=DAY) is LinkOutcome.EXPIRED
    assert desk.outcome(token, after=DAY + timedelta(seconds=1)) is LinkOutcome.EXPIRED


def test_a_revoked_link_stops_at_once_and_stays_revoked_when_it_would_have_expired(desk: Desk) -> None:
    token, other = desk.issue(), desk.issue()
    with transaction(desk.dsn) as connection:
        assert revoke_link(connection, token, at=NOW, by="operator")
        assert not revoke_link(connection, token, at=NOW, by="operator")
        assert not revoke_link(connection, "unknown", at=NOW, by="operator")
    assert desk.outcome(token) is LinkOutcome.REVOKED
    assert desk.outcome(token, after=2 * DAY) is LinkOutcome.REVOKED
    assert desk.outcome(other) is LinkOutcome.SERVED


def test_all_links_of_a_run_are_revoked_together(desk: Desk) -> None:
    tokens = [desk.issue() for _ in range(3)]
    with transaction(desk.dsn) as connection:
        assert revoke_links_of_run(connection, desk.spec.run_id, at=NOW, by="operator") == 3
        assert revoke_links_of_run(connection, desk.spec.run_id, at=NOW, by="operator") == 0
    assert {desk.outcome(token) for token in tokens} == {LinkOutcome.REVOKED}


def test_a_token_with_any_character_changed_is_unknown(desk: Desk) -> None:
    token = desk.issue()
    for index, character in enumerate(token):
        changed = "A" if character != "A" else "B"
        assert desk.outcome(token[:index] + changed + token[index + 1 :]) is LinkOutcome.UNKNOWN
    assert desk.outcome("") is LinkOutcome.UNKNOWN
    assert desk.outcome(token + "=") is LinkOutcome.UNKNOWN


def test_the_token_itself_is_stored_nowhere(desk: Desk) -> None:
    token = desk.issue()
    with transaction(desk.dsn) as connection:
        record_access(connection, find_link(connection, token, at=NOW), Visitor("GET"))
        for table in ("links", "link_accesses"):
            rows = connection.execute(f"SELECT x::text AS row FROM {table} AS x".encode()).fetchall()
            assert rows
            assert all(token not in row["row"] for row in rows)


def test_every_fetch_is_audited_with_its_outcome(desk: Desk) -> None:
    token = desk.issue()
    visitor = Visitor("GET", "192.0.2.7", "Mozilla/5.0\x00" + "x" * 1000)
    with transaction(desk.dsn) as connection:
        record_access(connection, find_link(connection, token, at=NOW), visitor)
        record_access(connection, find_link(connection, token, at=NOW + DAY), Visitor("HEAD"))
        record_access(connection, find_link(connection, "unknown", at=NOW), visitor)
        found = accesses_of_run(connection, desk.spec.run_id)
        everything = connection.execute("SELECT * FROM link_accesses ORDER BY access_id").fetchall()
    assert [(row["method"], row["outcome"]) for row in found] == [("GET", "served"), ("HEAD", "expired")]
    assert {row["recipient"] for row in found} == {"ada@broadsheet.example"}
    assert everything[0]["remote_address"] == "192.0.2.7"
    assert len(everything[0]["user_agent"]) < 301
    assert (everything[2]["outcome"], everything[2]["link_id"]) == ("unknown", None)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE link_accesses SET outcome = 'served'", "DELETE FROM link_accesses", "TRUNCATE link_accesses"],
)
def test_the_audit_can_be_added_to_and_nothing_else(desk: Desk, statement: str) -> None:
    with transaction(desk.dsn) as connection:
        record_access(connection, find_link(connection, "unknown", at=NOW), Visitor("GET"))
    with (
        pytest.raises(psycopg.errors.RaiseException, match="append-only"),
        transaction(desk.dsn) as connection,
    ):
        connection.execute(statement.encode())
