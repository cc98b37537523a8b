"""Sending a mail again, on purpose: who may have it, what is kept of before, and what stays refused."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from tests.seed import LETTER, NOW, plan, run_spec, store_run, subscribe

from broadsheet.domain.delivery import Delivery, DeliveryState
from broadsheet.domain.run import RunSpec
from broadsheet.errors import ConflictError, NotFoundError
from broadsheet.store.database import transaction
from broadsheet.store.deliveries import (
    claim_delivery,
    deliveries_of_run,
    reissue_delivery,
    settle_delivery,
)
from broadsheet.store.letters import keep_letter, kept_letter
from broadsheet.store.unsubscribes import Means, undo_unsubscribe, unsubscribe

ADA = "ada@broadsheet.example"
State = DeliveryState


class Desk:
    """A run with one delivery that ended in some way."""

    def __init__(self, dsn: str, *, spec: RunSpec | None = None) -> None:
        self.dsn = dsn
        self.spec = spec or run_spec()
        self.artifact: UUID = store_run(dsn, self.spec)
        plan(dsn, self.spec, ADA)

    @property
    def delivery(self) -> Delivery:
        with transaction(self.dsn) as connection:
            (row,) = deliveries_of_run(connection, self.spec.run_id)
        return row

    def send(self, state: State, reply: str = "250 OK") -> None:
        with transaction(self.dsn) as connection:
            claim = claim_delivery(
                connection,
                self.delivery.delivery_id,
                artifact_id=self.artifact,
                lease=timedelta(minutes=5),
            )
            assert claim is not None
            settle_delivery(connection, claim, state=state, reply=reply)

    def reissue(self, *, by: str = "grace") -> None:
        with transaction(self.dsn) as connection:
            reissue_delivery(connection, self.delivery.delivery_id, by=by, at=NOW)

    def history(self) -> list[tuple[object, ...]]:
        with transaction(self.dsn) as connection:
            rows = connection.execute(
                "SELECT reissued_by, reissued_at, previous_state, previous_message_id, previous_reply "
                "FROM delivery_reissues ORDER BY reissue_id"
            ).fetchall()
        return [tuple(row.values()) for row in rows]


@pytest.fixture
def desk(database_dsn: str) -> Desk:
    return Desk(database_dsn)


@pytest.mark.parametrize("state", [State.ACCEPTED, State.REFUSED, State.UNKNOWN])
def test_a_reissued_delivery_is_another_mail_and_what_it_was_is_kept(desk: Desk, state: State) -> None:
    desk.send(state, "250 or 550")
    before = desk.delivery
    desk.reissue()
    after = desk.delivery
    assert (after.state, after.unknowns, after.delivery_id) == (State.PLANNED, 0, before.delivery_id)
    assert after.message_id != before.message_id
    assert after.message_id.endswith("@broadsheet.example>")
    assert desk.history() == [("grace", NOW, state.value, before.message_id, "250 or 550")]
    desk.send(State.ACCEPTED)
    assert desk.delivery.state is State.ACCEPTED


def test_it_can_be_sent_again_more_than_once_under_an_id_of_its_own_each_time(desk: Desk) -> None:
    seen = {desk.delivery.message_id}
    for number in range(1, 4):
        desk.send(State.ACCEPTED)
        desk.reissue()
        seen.add(desk.delivery.message_id)
        assert len(desk.history()) == number
    assert len(seen) == 4


def test_a_second_wish_while_the_mail_is_on_its_way_is_refused(desk: Desk) -> None:
    desk.send(State.ACCEPTED)
    desk.reissue()
    with pytest.raises(ConflictError, match="on its way"):
        desk.reissue()
    assert len(desk.history()) == 1


def test_what_was_never_sent_is_not_sent_again(desk: Desk) -> None:
    with pytest.raises(ConflictError, match="repeat the run"):
        desk.reissue()
    assert desk.history() == []


def test_a_cancelled_run_mails_nobody_again(desk: Desk) -> None:
    desk.send(State.ACCEPTED)
    with transaction(desk.dsn) as connection:
        connection.execute("UPDATE runs SET state = 'cancelled'")
    with pytest.raises(ConflictError, match="cancelled"):
        desk.reissue()


def test_whoever_left_the_subscription_is_not_mailed_by_a_wish_of_others(database_dsn: str) -> None:
    subscription = subscribe(database_dsn, ADA)
    desk = Desk(database_dsn, spec=run_spec(subscription=subscription))
    desk.send(State.ACCEPTED)
    with transaction(database_dsn) as connection:
        unsubscribe(connection, subscription.subscription_id, ADA, how=Means.PAGE, at=NOW)
    with pytest.raises(ConflictError, match="unsubscribed"):
        desk.reissue()


def test_whoever_came_back_after_the_mails_is_said_to_have_been_left_out(database_dsn: str) -> None:
    subscription = subscribe(database_dsn, ADA)
    with transaction(database_dsn) as connection:
        unsubscribe(connection, subscription.subscription_id, ADA, how=Means.PAGE, at=NOW)
    desk = Desk(database_dsn, spec=run_spec(subscription=subscription))
    with transaction(database_dsn) as connection:
        undo_unsubscribe(connection, subscription.subscription_id, ADA, how=Means.PAGE, at=NOW)
    with pytest.raises(ConflictError, match="had unsubscribed then"):
        desk.reissue()


def test_an_unknown_delivery_does_not_exist(database_dsn: str) -> None:
    with pytest.raises(NotFoundError), transaction(database_dsn) as connection:
        reissue_delivery(connection, uuid4(), by="grace", at=NOW)


@pytest.mark.parametrize("statement", ["DELETE FROM delivery_reissues", "TRUNCATE delivery_reissues"])
def test_the_record_of_reissues_can_be_added_to_and_nothing_else(desk: Desk, statement: str) -> None:
    desk.send(State.ACCEPTED)
    desk.reissue()
    with (
        pytest.raises(psycopg.errors.RaiseException, match="append-only"),
        transaction(desk.dsn) as connection,
    ):
        connection.execute(statement.encode())


def test_a_letter_is_kept_as_it_is_and_the_latest_words_count(desk: Desk) -> None:
    with transaction(desk.dsn) as connection:
        assert kept_letter(connection, desk.artifact) is None
        keep_letter(connection, desk.artifact, LETTER)
        assert kept_letter(connection, desk.artifact) == LETTER
        newer = LETTER.model_copy(update={"notices": ("ünd “mehr”",)})
        for _ in range(2):
            keep_letter(connection, desk.artifact, newer)
        assert kept_letter(connection, desk.artifact) == newer
