"""Senders that meet, die, are held up or cannot record their verdict."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
from tests.servers import Servers
from tests.unit.pipeline.post import ADA, BOB, Post, claim_as_another

from broadsheet.domain.delivery import DeliveryState, lease_of
from broadsheet.errors import (
    DatabaseUnavailableError,
    LeaseHeldError,
    MailUnavailableError,
)
from broadsheet.pipeline.mail import DeliverySummary

State = DeliveryState


def test_two_senders_at_once_send_one_copy(post: Post) -> None:
    recipients = [f"reader{number}@broadsheet.example" for number in range(6)]
    post.plan(*recipients)
    # Neither is answered before both have named the first recipient.
    post.server.meeting = 2
    outcomes: list[object] = []

    def send() -> None:
        try:
            outcomes.append(post.send())
        except LeaseHeldError as error:
            outcomes.append(error)

    senders = [threading.Thread(target=send) for _ in range(2)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(timeout=60)
    assert len(outcomes) == 2
    assert sorted(copy.recipient for copy in post.server.copies) == recipients
    assert post.send() == DeliverySummary(accepted=6)


def test_what_another_sender_holds_is_left_to_it_after_the_others_were_sent(post: Post) -> None:
    post.plan(ADA, BOB)
    claim_as_another(post, ADA)
    with pytest.raises(LeaseHeldError, match="1 of 2"):
        post.send()
    assert post.state(BOB) is State.ACCEPTED
    assert post.server.received(ADA) == []


def test_what_a_dead_sender_left_is_unknown_and_sent_once_more(post: Post) -> None:
    post.plan(ADA)
    claim_as_another(post, ADA)
    post.expire_lease()
    assert post.send() == DeliverySummary(accepted=1)
    assert post.ledger()[ADA].unknowns == 1
    assert len(post.server.received(ADA)) == 1


def test_a_sender_held_up_beyond_its_lease_does_not_complete_the_mail(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.plan(ADA)
    held_up(monkeypatch, lease_of(post.settings.mail_timeout).total_seconds() + 1)
    with pytest.raises(MailUnavailableError):
        post.send()
    assert post.server.copies == []


def test_a_mail_is_not_completed_when_its_verdict_might_come_after_the_lease(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.plan(ADA)
    # The lease still holds, but not for as long as the server may take to answer and Postgres to record it.
    held_up(monkeypatch, lease_of(post.settings.mail_timeout).total_seconds() - 60)
    with pytest.raises(MailUnavailableError):
        post.send()
    assert post.server.copies == []
    assert post.state(ADA) is State.PLANNED


def held_up(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let so much time pass, by the sender's own clock, between its claim and the end of the mail."""
    readings = iter((0.0, seconds))
    monkeypatch.setattr(
        "broadsheet.pipeline.mail.deliver.time", SimpleNamespace(monotonic=lambda: next(readings))
    )


def test_a_verdict_is_recorded_although_postgres_was_away_for_a_while(post: Post, servers: Servers) -> None:
    name = post.dsn.rpartition("/")[2]
    waits: list[float] = []

    def database_goes(_recipient: str) -> None:
        servers.admin("ALTER DATABASE {name} ALLOW_CONNECTIONS false", name=name)

    def database_comes_back(wait: float) -> None:
        waits.append(wait)
        if len(waits) == 3:
            servers.admin("ALTER DATABASE {name} ALLOW_CONNECTIONS true", name=name)

    post.server.on_mail = database_goes
    post.plan(ADA)
    assert post.send(pause=database_comes_back) == DeliverySummary(accepted=1)
    assert len(waits) == 3
    assert len(post.server.received(ADA)) == 1


def test_a_verdict_that_cannot_be_recorded_costs_one_copy_more_at_most(post: Post, servers: Servers) -> None:
    name = post.dsn.rpartition("/")[2]
    post.server.on_mail = lambda _: servers.admin("ALTER DATABASE {name} ALLOW_CONNECTIONS false", name=name)
    post.plan(ADA)
    with pytest.raises(DatabaseUnavailableError):
        post.send(pause=lambda _: None)
    post.server.on_mail = None
    servers.admin("ALTER DATABASE {name} ALLOW_CONNECTIONS true", name=name)
    with pytest.raises(LeaseHeldError):
        post.send()
    post.expire_lease()
    assert post.send() == DeliverySummary(accepted=1)
    assert len(post.server.received(ADA)) == 2
