"""Mails of a subscription: how one leaves it, and what comes of it at the sender."""

from __future__ import annotations

from datetime import datetime

import pytest
from tests.seed import NOW, run_spec, store_run, subscribe
from tests.smtp_server import Fault, ScriptedMailServer
from tests.unit.pipeline.post import ADA, BOB, Post, link_token, mailings

from broadsheet.domain.delivery import DeliveryState
from broadsheet.errors import MailUnavailableError
from broadsheet.pipeline.mail import DeliverySummary, send_deliveries, settled_summary
from broadsheet.store.database import transaction
from broadsheet.store.links import LinkOutcome, find_link
from broadsheet.store.unsubscribes import Means, find_membership, undo_unsubscribe, unsubscribe

State = DeliveryState


@pytest.fixture
def post(database_dsn: str, mail_server: ScriptedMailServer) -> Post:
    return Post(database_dsn, mail_server, subscription=subscribe(database_dsn, ADA, BOB))


def leave(post: Post, recipient: str) -> None:
    assert post.spec.subscription_id is not None
    with transaction(post.dsn) as connection:
        unsubscribe(connection, post.spec.subscription_id, recipient, how=Means.ONE_CLICK, at=NOW)


def leave_token(header: str) -> str:
    assert header.startswith("<https://reports.example/r/unsubscribe/")
    return header.rpartition("/")[2].rstrip(">")


def test_each_mail_carries_a_token_of_its_own_for_leaving(post: Post) -> None:
    post.plan(ADA, BOB)
    post.send()
    (to_ada,), (to_bob,) = post.server.received(ADA), post.server.received(BOB)
    tokens = [leave_token(mail["List-Unsubscribe"]) for mail in (to_ada, to_bob)]
    assert len({*tokens, link_token(to_ada), link_token(to_bob)}) == 4
    with transaction(post.dsn) as connection:
        found = [find_membership(connection, token) for token in tokens]
        assert find_link(connection, tokens[0], at=NOW).outcome is LinkOutcome.UNKNOWN
    assert [membership.recipient for membership in found if membership] == [ADA, BOB]


def test_a_report_on_demand_has_nothing_to_leave(post: Post) -> None:
    post.spec = run_spec()
    store_run(post.dsn, post.spec)
    post.plan(ADA)
    post.send()
    (mail,) = post.server.received(ADA)
    assert mail["List-Unsubscribe"] is None
    with transaction(post.dsn) as connection:
        rows = connection.execute("SELECT unsubscribe_sha256 FROM links").fetchall()
    assert [row["unsubscribe_sha256"] for row in rows] == [None]


def test_whoever_leaves_before_the_mails_are_sent_gets_none(post: Post) -> None:
    post.plan(ADA, BOB)
    leave(post, ADA)
    assert post.send() == DeliverySummary(accepted=1, suppressed=1)
    assert [copy.recipient for copy in post.server.copies] == [BOB]
    assert settled_summary(post.spec.run_id, ["main"], dsn=post.dsn) == DeliverySummary(
        accepted=1, suppressed=1
    )


def test_whoever_leaves_while_the_mails_to_others_go_out_gets_none(post: Post) -> None:
    post.plan(ADA, BOB)

    def now() -> datetime:
        # Asked for with each claim, of which Ada's is the first.
        leave(post, BOB)
        return NOW

    summary = send_deliveries(
        post.spec,
        mailings(post.dsn, post.spec),
        dsn=post.dsn,
        endpoint=post.endpoint,
        settings=post.settings,
        clock=now,
    )
    assert summary == DeliverySummary(accepted=1, suppressed=1)
    assert [copy.recipient for copy in post.server.copies] == [ADA]


def test_whoever_leaves_between_two_tries_gets_none(post: Post) -> None:
    post.server.faults = [Fault("rcpt", ADA, "451 later")]
    post.plan(ADA)
    with pytest.raises(MailUnavailableError):
        post.send()
    leave(post, ADA)
    assert post.send() == DeliverySummary(suppressed=1)
    assert post.server.copies == []


def test_a_mail_of_unknown_fate_is_not_repeated_to_whoever_left(post: Post) -> None:
    post.server.faults = [Fault("final", ADA, store=True)]
    post.plan(ADA)
    with pytest.raises(MailUnavailableError):
        post.send()
    leave(post, ADA)
    assert post.send() == DeliverySummary(unknown=1)
    assert len(post.server.received(ADA)) == 1


def test_whoever_comes_back_gets_the_next_report(post: Post) -> None:
    assert post.spec.subscription_id is not None
    leave(post, ADA)
    with transaction(post.dsn) as connection:
        undo_unsubscribe(connection, post.spec.subscription_id, ADA, how=Means.PAGE, at=NOW)
    post.plan(ADA)
    assert post.send() == DeliverySummary(accepted=1)
