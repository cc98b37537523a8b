"""Mails of which nobody knows whether the server has them: one copy more at most, or never twice."""

from __future__ import annotations

import pytest
from tests.smtp_server import Fault
from tests.unit.pipeline.post import ADA, BOB, Post

from broadsheet.domain.delivery import DeliveryState
from broadsheet.errors import (
    MailUnavailableError,
)
from broadsheet.pipeline.mail import DeliverySummary
from broadsheet.settings import Settings
from broadsheet.store.links import LinkOutcome

State = DeliveryState


def test_a_mail_kept_by_the_server_whose_answer_was_lost_costs_one_copy_more_with_the_same_id(
    post: Post,
) -> None:
    post.server.faults = [Fault("final", ADA, store=True)]
    post.plan(ADA, BOB)
    with pytest.raises(MailUnavailableError):
        post.send()
    assert post.state(ADA) is State.UNKNOWN
    assert post.send() == DeliverySummary(accepted=2)
    first, second = post.server.received(ADA)
    assert first["Message-ID"] == second["Message-ID"]
    # Both may lie in the reader's mailbox, so both links work.
    assert post.link_outcome(first) is post.link_outcome(second) is LinkOutcome.SERVED
    assert len(post.server.received(BOB)) == 1


def test_an_answer_that_is_no_answer_is_unknown(post: Post) -> None:
    post.server.faults = [Fault("final", ADA, "354 go on", store=True)]
    post.plan(ADA, resend_unknown=False)
    assert post.send() == DeliverySummary(unknown=1)


def test_a_server_that_keeps_silent_after_the_mail_leaves_it_unknown(post: Post) -> None:
    post.settings = Settings(mail_timeout=0.3, public_url="https://reports.example")
    post.server.faults = [Fault("final", ADA, store=True, stall=True)]
    post.plan(ADA, resend_unknown=False)
    assert post.send() == DeliverySummary(unknown=1)
    assert "after the mail was complete" in post.reply(ADA)


def test_a_server_that_keeps_silent_before_the_mail_does_not(post: Post) -> None:
    post.settings = Settings(mail_timeout=0.3, public_url="https://reports.example")
    post.server.faults = [Fault("data", ADA, stall=True)]
    post.plan(ADA)
    with pytest.raises(MailUnavailableError):
        post.send()
    assert post.state(ADA) is State.PLANNED


def test_never_twice_means_never_twice(post: Post) -> None:
    post.server.faults = [Fault("final", ADA, store=True)]
    post.plan(ADA, resend_unknown=False)
    assert post.send() == DeliverySummary(unknown=1)
    assert post.send() == DeliverySummary(unknown=1)
    assert len(post.server.received(ADA)) == 1


def test_a_second_unknown_end_is_the_last(post: Post) -> None:
    post.server.faults = [Fault("final", ADA, store=True), Fault("final", ADA, store=True)]
    post.plan(ADA)
    with pytest.raises(MailUnavailableError):
        post.send()
    assert post.send() == DeliverySummary(unknown=1)
    assert post.send() == DeliverySummary(unknown=1)
    assert len(post.server.received(ADA)) == 2


def test_a_4xx_after_an_unknown_end_stays_unknown_and_is_still_sent_only_once_more(post: Post) -> None:
    post.server.faults = [Fault("final", ADA, store=True), Fault("final", ADA, "451 later")]
    post.plan(ADA)
    for expected in (State.UNKNOWN, State.UNKNOWN):
        with pytest.raises(MailUnavailableError):
            post.send()
        assert post.state(ADA) is expected
    assert post.send() == DeliverySummary(accepted=1)
    assert len(post.server.received(ADA)) == 2


def test_a_connection_lost_inside_the_mail_never_loses_it(post: Post) -> None:
    post.server.faults = [Fault("body", ADA)]
    post.plan(ADA)
    with pytest.raises(MailUnavailableError):
        post.send()
    # The end of a small mail may have left before the loss is noticed: either verdict is honest.
    assert post.state(ADA) in (State.PLANNED, State.UNKNOWN)
    assert post.send() == DeliverySummary(accepted=1)
    assert len(post.server.received(ADA)) == 1
