"""Who has left a subscription, what that keeps from being mailed, and what can be changed of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest
from tests.seed import NOW, plan, run_spec, store_run, subscribe

from broadsheet.domain.delivery import DeliveryState, new_link_token
from broadsheet.domain.subscription import Subscription
from broadsheet.store.database import transaction
from broadsheet.store.links import issue_link
from broadsheet.store.subscriptions import revise_subscription
from broadsheet.store.unsubscribes import (
    Means,
    Unsubscribed,
    find_membership,
    suppress_unsubscribed,
    undo_unsubscribe,
    unsubscribe,
    unsubscribed,
)

ADA, BOB = "Ada@broadsheet.example", "bob@broadsheet.example"
State = DeliveryState


class Club:
    """A subscription for two, one of whom leaves."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.subscription: Subscription = subscribe(dsn, ADA, BOB)

    def leave(self, recipient: str = ADA, *, how: Means = Means.PORTAL) -> bool:
        with transaction(self.dsn) as connection:
            return unsubscribe(connection, self.subscription.subscription_id, recipient, how=how, at=NOW)

    def come_back(self, recipient: str = ADA) -> bool:
        with transaction(self.dsn) as connection:
            ident = self.subscription.subscription_id
            return undo_unsubscribe(connection, ident, recipient, how=Means.PORTAL, at=NOW)

    def gone(self) -> tuple[Unsubscribed, ...]:
        with transaction(self.dsn) as connection:
            return unsubscribed(connection, self.subscription.subscription_id)


@pytest.fixture
def club(database_dsn: str) -> Club:
    return Club(database_dsn)


def test_whoever_left_is_seen_by_address_time_and_means(club: Club) -> None:
    assert club.leave()
    assert club.gone() == (Unsubscribed(ADA.lower(), NOW, Means.PORTAL),)


def test_leaving_and_coming_back_are_said_once_whatever_the_case_of_the_address(club: Club) -> None:
    assert club.leave()
    assert not club.leave(ADA.upper())
    assert club.come_back(ADA.upper())
    assert not club.come_back()
    assert club.gone() == ()


def test_of_two_at_once_one_leaves(club: Club) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(lambda _: club.leave(), range(4))) == [False, False, False, True]


def test_a_new_run_suppresses_whoever_left_and_plans_the_others(club: Club) -> None:
    club.leave()
    spec = run_spec(subscription=club.subscription)
    store_run(club.dsn, spec)
    found = plan(club.dsn, spec, ADA, BOB)
    assert [(row.recipient, row.state) for row in found] == [(ADA, State.SUPPRESSED), (BOB, State.PLANNED)]
    assert not found[0].sendable


def test_an_edit_of_the_subscription_adds_nobody_back(club: Club) -> None:
    club.leave()
    with transaction(club.dsn) as connection:
        terms = club.subscription.terms.model_copy(update={"title": "United, every week"})
        revise_subscription(connection, club.subscription, terms, by="ada", at=NOW)
    assert len(club.gone()) == 1


def test_other_subscriptions_and_reports_on_demand_still_mail_them(club: Club) -> None:
    club.leave()
    other = run_spec(subscription=subscribe(club.dsn, ADA, slug="other"))
    demanded = run_spec()
    for spec in (other, demanded):
        store_run(club.dsn, spec)
        assert [row.state for row in plan(club.dsn, spec, ADA)] == [State.PLANNED]


def test_what_is_open_is_suppressed_and_what_is_settled_stays(club: Club) -> None:
    spec = run_spec(subscription=club.subscription)
    artifact = store_run(club.dsn, spec)
    plan(club.dsn, spec, ADA, BOB, "cy@broadsheet.example")
    with transaction(club.dsn) as connection:
        connection.execute(
            "UPDATE deliveries SET state = 'accepted', smtp_reply = '250', artifact_id = %s "
            "WHERE recipient = %s",
            (artifact, BOB),
        )
        connection.execute("UPDATE deliveries SET state = 'unknown', unknowns = 1 WHERE recipient LIKE 'cy%'")
    for recipient in (ADA, BOB, "cy@broadsheet.example"):
        club.leave(recipient)
    with transaction(club.dsn) as connection:
        assert suppress_unsubscribed(connection, spec.run_id) == 2
        assert suppress_unsubscribed(connection, spec.run_id) == 0
    found = plan(club.dsn, spec)
    assert [row.state for row in found] == [State.SUPPRESSED, State.ACCEPTED, State.UNKNOWN]
    assert not any(row.sendable for row in found)


def test_a_token_leads_to_its_subscription_under_its_present_title_even_when_the_link_has_expired(
    club: Club,
) -> None:
    spec = run_spec(subscription=club.subscription)
    artifact = store_run(club.dsn, spec)
    (delivery,) = plan(club.dsn, spec, ADA)
    token = new_link_token()
    with transaction(club.dsn) as connection:
        link = issue_link(
            connection,
            delivery_id=delivery.delivery_id,
            artifact_id=artifact,
            at=NOW - timedelta(days=400),
            lifetime=timedelta(days=1),
            unsubscribe_token=token,
        )
        terms = club.subscription.terms.model_copy(update={"title": "United, every week"})
        revise_subscription(connection, club.subscription, terms, by="ada", at=NOW)
        found = find_membership(connection, token)
        assert find_membership(connection, link) is None
        stored = connection.execute("SELECT l::text AS row FROM links AS l").fetchall()
    assert found is not None
    assert (found.recipient, found.title, found.is_unsubscribed) == (ADA, "United, every week", False)
    assert token not in str(stored)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM unsubscribes",
        "TRUNCATE unsubscribes",
        "UPDATE unsubscribes SET recipient = 'eve@x.example'",
        "UPDATE unsubscribes SET how = 'page'",
    ],
)
def test_the_record_can_be_undone_and_nothing_else(club: Club, statement: str) -> None:
    club.leave()
    with (
        pytest.raises(psycopg.errors.RaiseException, match="append-only"),
        transaction(club.dsn) as connection,
    ):
        connection.execute(statement.encode())


def test_what_was_undone_stays_so(club: Club) -> None:
    club.leave()
    club.come_back()
    with (
        pytest.raises(psycopg.errors.RaiseException, match="append-only"),
        transaction(club.dsn) as connection,
    ):
        connection.execute("UPDATE unsubscribes SET undone_at = NULL, undone_how = NULL")
