"""Who gets how many copies, whatever the mail server does. Each copy is counted at a real server."""

from __future__ import annotations

import pytest
from tests.seed import NOW, plan, run_spec, store_run
from tests.smtp_server import Fault
from tests.unit.pipeline.post import ADA, BOB, CY, Post, claim_as_another, link_token, mailings

from broadsheet.domain.delivery import DeliveryState
from broadsheet.errors import (
    LeaseHeldError,
    MailUnavailableError,
)
from broadsheet.pipeline.mail import DeliverySummary, send_deliveries, settled_summary
from broadsheet.store.links import LinkOutcome

State = DeliveryState


def test_each_recipient_gets_one_mail_with_a_working_link_of_their_own(post: Post) -> None:
    post.plan(ADA, BOB)
    assert post.send() == DeliverySummary(accepted=2)
    (to_ada,), (to_bob,) = post.server.received(ADA), post.server.received(BOB)
    assert (to_ada["To"], to_bob["To"]) == (ADA, BOB)
    assert link_token(to_ada) != link_token(to_bob)
    assert post.link_outcome(to_ada) is post.link_outcome(to_bob) is LinkOutcome.SERVED
    assert post.server.connections == 1
    assert post.reply(ADA) == "250 2.0.0 queued as test"


def test_a_repeated_task_sends_nothing_and_does_not_even_connect(post: Post) -> None:
    post.plan(ADA)
    post.send()
    assert post.send() == DeliverySummary(accepted=1)
    assert len(post.server.copies) == 1
    assert post.server.connections == 1


def test_what_is_settled_is_known_without_the_words_of_the_mail(post: Post) -> None:
    assert settled_summary(post.spec.run_id, ["main"], dsn=post.dsn) == DeliverySummary()
    post.plan(ADA, BOB)
    assert settled_summary(post.spec.run_id, ["main"], dsn=post.dsn) is None
    assert settled_summary(post.spec.run_id, ["other"], dsn=post.dsn) == DeliverySummary()
    claim_as_another(post, ADA)
    post.server.faults = [Fault("rcpt", BOB, "550 no such person")]
    with pytest.raises(LeaseHeldError):
        post.send()
    assert settled_summary(post.spec.run_id, ["main"], dsn=post.dsn) is None
    post.expire_lease()
    post.send()
    assert settled_summary(post.spec.run_id, ["main"], dsn=post.dsn) == DeliverySummary(accepted=1, refused=1)


def test_a_run_without_deliveries_mails_nobody(post: Post) -> None:
    assert post.send() == DeliverySummary()
    assert post.server.connections == 0


def test_only_the_named_variants_are_mailed(post: Post) -> None:
    spec = run_spec(variants=("east", "west"))
    store_run(post.dsn, spec)
    plan(post.dsn, spec, ADA, variant="east")
    plan(post.dsn, spec, BOB, variant="west")
    send_deliveries(
        spec,
        {"west": mailings(post.dsn, spec)["west"]},
        dsn=post.dsn,
        endpoint=post.endpoint,
        settings=post.settings,
        clock=lambda: NOW,
    )
    assert [copy.recipient for copy in post.server.copies] == [BOB]


@pytest.mark.parametrize("step", ["rcpt", "data", "final"])
def test_a_refused_recipient_is_final_and_stops_nobody_else(post: Post, step: str) -> None:
    post.server.faults = [Fault(step, BOB, "550 5.1.1 no such person <bob@broadsheet.example>")]
    post.plan(ADA, BOB, CY)
    assert post.send() == DeliverySummary(accepted=2, refused=1)
    assert post.send() == DeliverySummary(accepted=2, refused=1)
    assert [copy.recipient for copy in post.server.copies] == [ADA, CY]
    assert post.reply(BOB).startswith("550 5.1.1 no such person")
    assert post.valid_links() == 2


@pytest.mark.parametrize("step", ["mail", "rcpt", "data", "final"])
def test_a_4xx_answer_leaves_that_recipient_for_the_next_try(post: Post, step: str) -> None:
    post.server.faults = [Fault(step, "" if step == "mail" else ADA, "451 4.7.1 greylisted")]
    post.plan(ADA, BOB)
    with pytest.raises(MailUnavailableError, match="1 of 2 deliveries are left"):
        post.send()
    assert post.state(ADA) is State.PLANNED
    assert post.state(BOB) is State.ACCEPTED
    assert post.send() == DeliverySummary(accepted=2)
    assert len(post.server.received(ADA)) == len(post.server.received(BOB)) == 1
    # What the failed attempt's link was is gone, since no mail carries it.
    assert post.valid_links() == 2


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
def test_a_connection_lost_before_the_mail_was_complete_is_tried_again(post: Post, step: str) -> None:
    post.server.faults = [Fault(step, "" if step == "mail" else ADA)]
    post.plan(ADA, BOB)
    with pytest.raises(MailUnavailableError):
        post.send()
    assert post.state(ADA) is State.PLANNED
    assert post.state(BOB) is State.ACCEPTED, "the others went over a new connection"
    post.send()
    assert len(post.server.received(ADA)) == 1
    assert post.ledger()[ADA].unknowns == 0


def test_a_server_that_hangs_up_on_everybody_is_left_alone(post: Post) -> None:
    post.plan(*(f"reader{number}@broadsheet.example" for number in range(20)))
    post.server.faults = [Fault("rcpt") for _ in range(20)]
    with pytest.raises(MailUnavailableError, match="20 of 20"):
        post.send()
    assert post.server.connections == 3


def test_421_at_the_end_of_a_mail_is_no_acceptance_and_the_rest_uses_a_new_connection(post: Post) -> None:
    post.server.faults = [Fault("final", ADA, "421 4.3.2 shutting down")]
    post.plan(ADA, BOB)
    with pytest.raises(MailUnavailableError):
        post.send()
    assert (post.state(ADA), post.state(BOB)) == (State.PLANNED, State.ACCEPTED)
    assert post.server.connections == 2


def test_deliveries_of_other_runs_are_not_touched(post: Post) -> None:
    post.plan(ADA)
    other = run_spec()
    store_run(post.dsn, other)
    plan(post.dsn, other, BOB)
    post.send()
    assert [copy.recipient for copy in post.server.copies] == [ADA]
