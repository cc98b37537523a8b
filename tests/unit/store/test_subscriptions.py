"""Subscriptions and their revisions on a real Postgres: who sees what, and when a slot may be due again."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from broadsheet.domain.period import PeriodKind
from broadsheet.domain.subscription import Subscription, SubscriptionState, SubscriptionTerms
from broadsheet.errors import InputError, NotFoundError, StaleError
from broadsheet.store.database import transaction
from broadsheet.store.subscriptions import (
    add_subscription,
    list_subscriptions,
    revise_subscription,
    rows_for_dags,
    set_subscription_state,
    subscription_at_revision,
    subscription_by_slug,
)

MADE = datetime(2013, 1, 1, 12, 0, tzinfo=UTC)
LATER = MADE + timedelta(days=10)
TERMS = SubscriptionTerms(
    title="United, weekly",
    report_id="airline_punctuality",
    parameters={"carrier": "UA"},
    cron="0 7 * * MON",
    zone="America/New_York",
    period_kind=PeriodKind.WEEK,
    recipients=("ada@broadsheet.example",),
)
State = SubscriptionState


class Table:
    """The subscriptions of one database; each call is a transaction."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn

    def add(self, slug: str = "united") -> Subscription:
        with transaction(self.dsn) as connection:
            add_subscription(connection, TERMS, subscription_id=uuid4(), slug=slug, owner="ada", at=MADE)
        return self.read(slug)

    def read(self, slug: str = "united") -> Subscription:
        with transaction(self.dsn) as connection:
            return subscription_by_slug(connection, slug)

    def revise(self, seen: Subscription, *, by: str = "ada", **changes: Any) -> int:
        terms = seen.terms.model_copy(update=changes)
        with transaction(self.dsn) as connection:
            return revise_subscription(connection, seen, terms, by=by, at=LATER)

    def move(self, state: SubscriptionState, slug: str = "united", *, at: datetime = LATER) -> None:
        with transaction(self.dsn) as connection:
            set_subscription_state(connection, slug, state, at=at)

    def row(self) -> dict[str, Any]:
        with transaction(self.dsn) as connection:
            (row,) = rows_for_dags(connection)
        return row

    @property
    def due_from(self) -> object:
        return self.row()["due_from"]

    def at_revision(self, ident: UUID, revision: int) -> Subscription:
        with transaction(self.dsn) as connection:
            return subscription_at_revision(connection, ident, revision)


@pytest.fixture
def table(database_dsn: str) -> Table:
    return Table(database_dsn)


def test_a_new_subscription_reads_back_as_it_was_given(table: Table) -> None:
    made = table.add()
    assert made.terms == TERMS
    assert (made.state, made.revision, made.created_at) == (State.ACTIVE, 1, MADE)
    assert table.due_from == MADE


def test_an_edit_makes_a_new_revision_and_leaves_the_old_one_as_it_was(table: Table) -> None:
    first = table.add()
    assert table.revise(first, title="United") == 2
    second = table.read()
    assert (second.revision, second.terms.title) == (2, "United")
    assert table.at_revision(first.subscription_id, 1) == first
    assert table.at_revision(first.subscription_id, 2) == second


def test_a_revision_that_does_not_exist_is_not_found(table: Table) -> None:
    with pytest.raises(NotFoundError):
        table.at_revision(table.add().subscription_id, 7)


def test_of_two_editors_the_second_is_told(table: Table) -> None:
    seen = table.add()
    table.revise(seen, title="Ada's")
    with pytest.raises(StaleError, match="somebody else"):
        table.revise(seen, by="bob", title="Bob's")
    assert (table.read().terms.title, table.read().revision) == ("Ada's", 2)


def test_of_many_editors_at_once_one_gets_through(table: Table) -> None:
    seen = table.add()
    barrier = threading.Barrier(5)

    def edit(number: int) -> bool:
        barrier.wait(timeout=30)
        try:
            table.revise(seen, title=f"Title {number}")
        except StaleError:
            return False
        return True

    with ThreadPoolExecutor(5) as pool:
        assert sum(pool.map(edit, range(5))) == 1
    assert table.read().revision == 2


def test_a_deleted_subscription_cannot_be_edited(table: Table) -> None:
    seen = table.add()
    table.move(State.DELETED)
    with pytest.raises(StaleError):
        table.revise(seen, title="x")


@pytest.mark.parametrize(
    ("changes", "moves"),
    [
        ({"title": "x"}, False),
        ({"recipients": ("bob@broadsheet.example",)}, False),
        ({"parameters": {"carrier": "DL"}}, False),
        ({"period_kind": PeriodKind.DAY}, False),
        ({"cron": "0 8 * * MON"}, True),
        ({"zone": "Europe/Vienna"}, True),
    ],
)
def test_only_another_schedule_makes_earlier_slots_undue(
    table: Table, changes: dict[str, Any], moves: bool
) -> None:
    table.revise(table.add(), **changes)
    assert table.due_from == (LATER if moves else MADE)


def test_slots_missed_while_paused_stay_undue_after_it_is_resumed(table: Table) -> None:
    table.add()
    table.move(State.PAUSED)
    assert table.due_from == MADE
    table.move(State.ACTIVE, at=LATER + timedelta(days=1))
    assert table.due_from == LATER + timedelta(days=1)


def test_resuming_what_is_active_changes_nothing(table: Table) -> None:
    table.add()
    table.move(State.ACTIVE)
    assert table.due_from == MADE


def test_a_deleted_subscription_is_gone_from_the_lists_but_can_be_read(table: Table) -> None:
    table.add()
    table.add("delta")
    table.move(State.DELETED)
    with transaction(table.dsn) as connection:
        assert [one.slug for one in list_subscriptions(connection)] == ["delta"]
    assert table.row()["slug"] == "delta"
    assert table.read().state is State.DELETED
    with pytest.raises(NotFoundError):
        table.move(State.ACTIVE)


def test_a_paused_subscription_stays_in_the_lists(table: Table) -> None:
    table.add()
    table.move(State.PAUSED)
    assert table.row()["state"] == "paused"


def test_a_name_is_given_once(table: Table) -> None:
    table.add()
    with pytest.raises(InputError, match="exists already"):
        table.add()


def test_subscriptions_keep_their_numbers_whatever_becomes_of_their_neighbours(table: Table) -> None:
    numbers = [table.add(slug).number for slug in ("a", "b", "c")]
    table.move(State.DELETED, "b")
    assert [table.read(slug).number for slug in ("a", "b", "c")] == numbers
    assert table.add("d").number > numbers[-1]


@pytest.mark.parametrize(
    "statement", ["UPDATE subscription_revisions SET title = 'x'", "DELETE FROM subscription_revisions"]
)
def test_the_database_refuses_to_change_a_revision(table: Table, statement: str) -> None:
    table.add()
    with (
        pytest.raises(psycopg.errors.RaiseException, match="append-only"),
        transaction(table.dsn) as connection,
    ):
        connection.execute(statement.encode())


def test_the_database_refuses_a_revision_that_does_not_exist(table: Table) -> None:
    table.add()
    with pytest.raises(psycopg.errors.ForeignKeyViolation), transaction(table.dsn) as connection:
        connection.execute("UPDATE subscriptions SET revision = 9")
