"""The ledger's state machine: claims, leases and verdicts, on a real Postgres."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest
from tests.seed import plan, run_spec, store_run

from broadsheet.domain.delivery import Delivery, DeliveryState
from broadsheet.store.database import transaction
from broadsheet.store.deliveries import (
    Claim,
    claim_delivery,
    deliveries_of_run,
    expire_leases,
    settle_delivery,
)

State = DeliveryState
LEASE = timedelta(minutes=5)


class Ledger:
    """A run with one artifact and one delivery, and the steps of a sender."""

    def __init__(self, dsn: str, *, resend_unknown: bool = True) -> None:
        self.dsn = dsn
        self.spec = run_spec()
        self.artifact = store_run(dsn, self.spec)
        (self.first,) = plan(dsn, self.spec, "ada@broadsheet.example", resend_unknown=resend_unknown)

    def claim(self, *, lease: timedelta = LEASE) -> Claim | None:
        with transaction(self.dsn) as connection:
            return claim_delivery(connection, self.first.delivery_id, artifact_id=self.artifact, lease=lease)

    def settle(self, claim: Claim | None, state: State) -> bool:
        assert claim is not None
        with transaction(self.dsn) as connection:
            return settle_delivery(connection, claim, state=state, reply="250 OK")

    def expire(self) -> int:
        with transaction(self.dsn) as connection:
            return expire_leases(connection, self.spec.run_id)

    @property
    def delivery(self) -> Delivery:
        with transaction(self.dsn) as connection:
            (row,) = deliveries_of_run(connection, self.spec.run_id)
        return row


@pytest.fixture
def ledger(database_dsn: str) -> Ledger:
    return Ledger(database_dsn)


def test_planning_twice_changes_nothing(ledger: Ledger) -> None:
    ledger.settle(ledger.claim(), State.ACCEPTED)
    found = plan(ledger.dsn, ledger.spec, "ada@broadsheet.example", "ADA@broadsheet.example")
    assert [row.state for row in found] == [State.ACCEPTED]


def test_of_many_senders_one_gets_the_claim(ledger: Ledger) -> None:
    barrier = threading.Barrier(8)

    def claim(_number: int) -> Claim | None:
        barrier.wait(timeout=30)
        return ledger.claim()

    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(claim, range(8)))
    assert len([claim for claim in claims if claim is not None]) == 1
    assert ledger.delivery.attempts == 1


@pytest.mark.parametrize("state", [State.ACCEPTED, State.REFUSED])
def test_what_is_settled_is_never_claimed_again(ledger: Ledger, state: State) -> None:
    assert ledger.settle(ledger.claim(), state)
    assert ledger.claim() is None
    assert ledger.expire() == 0
    assert ledger.delivery.state is state


def test_a_claim_settles_once(ledger: Ledger) -> None:
    claim = ledger.claim()
    assert ledger.settle(claim, State.ACCEPTED)
    assert not ledger.settle(claim, State.REFUSED)
    assert ledger.delivery.state is State.ACCEPTED


def test_a_live_lease_is_left_alone_and_an_ended_one_is_unknown(ledger: Ledger) -> None:
    ledger.claim()
    assert ledger.expire() == 0
    assert ledger.delivery.state is State.SENDING


def test_a_sender_that_lost_its_lease_cannot_settle(ledger: Ledger) -> None:
    late = ledger.claim(lease=timedelta(0))
    assert ledger.expire() == 1
    assert ledger.delivery.state is State.UNKNOWN
    assert not ledger.settle(late, State.ACCEPTED)
    again = ledger.claim()
    assert not ledger.settle(late, State.ACCEPTED)
    assert ledger.settle(again, State.ACCEPTED)
    assert (ledger.delivery.attempts, ledger.delivery.unknowns) == (2, 1)


def test_an_unknown_end_is_claimed_once_more_and_not_a_third_time(ledger: Ledger) -> None:
    for _ in range(2):
        assert ledger.delivery.sendable
        ledger.settle(ledger.claim(), State.UNKNOWN)
    assert not ledger.delivery.sendable
    assert ledger.claim() is None


def test_never_twice_is_not_claimed_after_an_unknown_end(database_dsn: str) -> None:
    ledger = Ledger(database_dsn, resend_unknown=False)
    ledger.settle(ledger.claim(), State.UNKNOWN)
    assert not ledger.delivery.sendable
    assert ledger.claim() is None


def test_a_delivery_given_back_is_what_it_was_before(ledger: Ledger) -> None:
    ledger.settle(ledger.claim(), State.PLANNED)
    assert ledger.delivery.state is State.PLANNED
    ledger.settle(ledger.claim(), State.UNKNOWN)
    ledger.settle(ledger.claim(), State.PLANNED)
    assert (ledger.delivery.state, ledger.delivery.unknowns) == (State.UNKNOWN, 1)


def test_the_database_refuses_an_acceptance_without_the_server_s_reply(ledger: Ledger) -> None:
    with pytest.raises(psycopg.errors.CheckViolation), transaction(ledger.dsn) as connection:
        connection.execute("UPDATE deliveries SET state = 'accepted'")
