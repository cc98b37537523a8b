"""What the database keeps of a subscription's life: changes of state, revisions, last runs, leavers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from tests.seed import run_spec

from broadsheet.domain.period import PeriodKind
from broadsheet.domain.run import RunState, Trigger
from broadsheet.domain.subscription import Subscription, SubscriptionState, SubscriptionTerms
from broadsheet.errors import NotFoundError
from broadsheet.store.database import Connection, transaction
from broadsheet.store.ledger import close_run, open_run
from broadsheet.store.subscription_history import (
    StateChange,
    latest_runs,
    leavers,
    revisions_of,
    state_changes_of,
)
from broadsheet.store.subscriptions import (
    add_subscription,
    list_subscriptions,
    restore_subscription,
    revise_subscription,
    rows_for_dags,
    set_subscription_state,
    subscription_by_slug,
    subscriptions_received,
)
from broadsheet.store.unsubscribes import Means, undo_unsubscribe, unsubscribe

MADE = datetime(2013, 1, 1, 12, 0, tzinfo=UTC)
ADA, EVE = "ada@broadsheet.example", "eve@broadsheet.example"
TERMS = SubscriptionTerms(
    title="United, weekly",
    report_id="airline_punctuality",
    parameters={"carrier": "UA"},
    cron="0 7 * * MON",
    zone="America/New_York",
    period_kind=PeriodKind.WEEK,
    recipients=(ADA,),
)
State = SubscriptionState


def day(number: int) -> datetime:
    return MADE + timedelta(days=number)


class Table:
    """The subscriptions of one database; each call is a transaction."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn

    def add(self, slug: str = "united", *, owner: str = "ada", **changes: Any) -> Subscription:
        terms = TERMS.model_copy(update=changes)
        with transaction(self.dsn) as connection:
            add_subscription(connection, terms, subscription_id=uuid4(), slug=slug, owner=owner, at=MADE)
        return self.read(slug)

    def read(self, slug: str = "united") -> Subscription:
        with transaction(self.dsn) as connection:
            return subscription_by_slug(connection, slug)

    def move(self, state: SubscriptionState, *, by: str = "ada", at: datetime = MADE) -> None:
        with transaction(self.dsn) as connection:
            set_subscription_state(connection, "united", state, by=by, at=at)

    def restore(self, slug: str = "united", *, by: str = "ada", at: datetime = MADE) -> None:
        with transaction(self.dsn) as connection:
            restore_subscription(connection, slug, by=by, at=at)

    def changes(self) -> list[StateChange]:
        found = self.read()
        with transaction(self.dsn) as connection:
            return state_changes_of(connection, found.subscription_id)

    def due_from(self) -> object:
        with transaction(self.dsn) as connection:
            (row,) = rows_for_dags(connection)
        return row["due_from"]


@pytest.fixture
def table(database_dsn: str) -> Table:
    return Table(database_dsn)


def test_every_change_of_state_is_kept_with_who_and_when(table: Table) -> None:
    table.add()
    table.move(State.PAUSED, by="bob", at=day(1))
    table.move(State.ACTIVE, by="ada", at=day(2))
    table.move(State.DELETED, by="root", at=day(3))
    table.restore(by="ada", at=day(4))
    assert table.changes() == [
        StateChange(State.ACTIVE, State.PAUSED, "bob", day(1)),
        StateChange(State.PAUSED, State.ACTIVE, "ada", day(2)),
        StateChange(State.ACTIVE, State.DELETED, "root", day(3)),
        StateChange(State.DELETED, State.ACTIVE, "ada", day(4)),
    ]


def test_what_changes_nothing_is_not_kept(table: Table) -> None:
    table.add()
    table.move(State.ACTIVE)
    table.restore()
    assert table.changes() == []


@pytest.mark.parametrize("former", [State.ACTIVE, State.PAUSED])
def test_a_restored_subscription_is_in_the_state_in_which_it_was_deleted(
    table: Table, former: SubscriptionState
) -> None:
    table.add()
    table.move(former)
    table.move(State.DELETED)
    table.restore()
    assert table.read().state is former


def test_slots_missed_while_deleted_stay_undue_after_it_is_restored(table: Table) -> None:
    table.add()
    table.move(State.DELETED, at=day(1))
    table.restore(at=day(9))
    assert table.due_from() == day(9)


def test_a_deletion_that_was_never_written_down_is_undone_to_paused(table: Table) -> None:
    table.add()
    with transaction(table.dsn) as connection:
        connection.execute("UPDATE subscriptions SET state = 'deleted'")
    table.restore()
    assert table.read().state is State.PAUSED


def test_what_does_not_exist_cannot_be_restored(table: Table) -> None:
    with pytest.raises(NotFoundError, match="nobody"):
        table.restore("nobody")


@pytest.mark.parametrize(
    "statement", ["UPDATE subscription_events SET happened_by = 'x'", "DELETE FROM subscription_events"]
)
def test_the_database_refuses_to_change_what_happened(table: Table, statement: str) -> None:
    table.add()
    with (
        pytest.raises(psycopg.errors.RaiseException, match="append-only"),
        transaction(table.dsn) as connection,
    ):
        connection.execute(statement.encode())


def test_revisions_are_told_with_their_terms(table: Table) -> None:
    first = table.add()
    terms = TERMS.model_copy(update={"title": "Delta"})
    with transaction(table.dsn) as connection:
        revise_subscription(connection, first, terms, by="bob", at=day(1))
        found = revisions_of(connection, first.subscription_id)
    assert [(one.revision, one.by, one.at) for one in found] == [(1, "ada", MADE), (2, "bob", day(1))]
    assert [one.terms for one in found] == [TERMS, terms]


def test_a_list_can_be_of_one_owner_and_with_what_was_deleted(table: Table) -> None:
    table.add()
    table.add("eves", owner="eve")
    table.move(State.DELETED)

    def listed(**which: Any) -> list[str]:
        with transaction(table.dsn) as connection:
            return [one.slug for one in list_subscriptions(connection, **which)]

    assert listed() == ["eves"]
    assert listed(include_deleted=True) == ["united", "eves"]
    assert listed(owner="ada") == []
    assert listed(owner="ada", include_deleted=True) == ["united"]


def test_received_are_those_of_others_that_mail_the_address_in_any_case(table: Table) -> None:
    table.add("own", owner="eve", recipients=(EVE,))
    table.add("other", recipients=(ADA,))
    table.add("both", recipients=(ADA, EVE))
    table.add("united", recipients=(EVE,))
    table.move(State.DELETED)
    with transaction(table.dsn) as connection:
        found = subscriptions_received(connection, name="eve", address=EVE.upper())
    assert [one.slug for one in found] == ["both"]


def add_run(connection: Connection, made: Subscription, slot: datetime, *, opened_at: datetime) -> UUID:
    spec = run_spec().model_copy(
        update={"subscription_id": made.subscription_id, "revision": 1, "slot": slot}
    )
    ident = f"scheduled__{slot.isoformat()}"
    open_run(connection, spec, dag_id=made.dag_id, dag_run_id=ident, trigger=Trigger.SCHEDULE, at=opened_at)
    return spec.run_id


def test_the_latest_run_is_that_of_the_latest_slot_whenever_it_was_made(table: Table) -> None:
    made, other = table.add(), table.add("delta")
    with transaction(table.dsn) as connection:
        ident = add_run(connection, made, day(7), opened_at=day(7))
        # A backfill, made later.
        add_run(connection, made, day(0), opened_at=day(8))
        close_run(connection, ident, state=RunState.PARTIAL, reason=None, at=day(9))
        found = latest_runs(connection, [made.subscription_id, other.subscription_id])
    assert set(found) == {made.subscription_id}
    latest = found[made.subscription_id]
    assert (latest.run_id, latest.state, latest.slot, latest.at) == (ident, RunState.PARTIAL, day(7), day(9))


def test_leavers_are_those_who_have_not_come_back(table: Table) -> None:
    made, other = table.add(), table.add("delta")
    with transaction(table.dsn) as connection:
        for address in (ADA, EVE):
            unsubscribe(connection, made.subscription_id, address, how=Means.PORTAL, at=day(1))
        undo_unsubscribe(connection, made.subscription_id, EVE, how=Means.PORTAL, at=day(2))
        found = leavers(connection, [made.subscription_id, other.subscription_id])
    assert found == {made.subscription_id: (ADA,)}
