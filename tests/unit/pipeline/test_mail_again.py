"""A mail that is sent again on purpose, and the document that every mail leads to."""

from __future__ import annotations

import hashlib

import pytest
from tests.seed import LETTER, NOW
from tests.smtp_server import Fault
from tests.unit.pipeline.post import ADA, BOB, Post, link_token, mailings

from broadsheet.domain.delivery import DeliveryState
from broadsheet.domain.letter import Mailing
from broadsheet.errors import MailUnavailableError
from broadsheet.pipeline.mail import DeliverySummary, send_deliveries
from broadsheet.store.database import transaction
from broadsheet.store.deliveries import reissue_delivery
from broadsheet.store.ledger import add_artifact, artifact_of_variant
from broadsheet.store.links import LinkOutcome, find_link

State = DeliveryState


def reissue(post: Post, recipient: str) -> None:
    with transaction(post.dsn) as connection:
        reissue_delivery(connection, post.ledger()[recipient].delivery_id, by="grace", at=NOW)


def test_only_the_recipient_it_was_asked_for_is_mailed_again_under_another_id(post: Post) -> None:
    post.plan(ADA, BOB)
    post.send()
    reissue(post, ADA)
    assert post.send() == DeliverySummary(accepted=2)
    first, second = post.server.received(ADA)
    assert first["Message-ID"] != second["Message-ID"]
    assert len(post.server.received(BOB)) == 1
    # Both mails are the reader's, so both links work.
    assert post.link_outcome(first) is post.link_outcome(second) is LinkOutcome.SERVED
    assert post.send() == DeliverySummary(accepted=2)
    assert len(post.server.copies) == 3


def test_a_refused_recipient_is_reached_after_the_mailbox_was_made(post: Post) -> None:
    post.server.faults = [Fault("rcpt", ADA, "550 5.1.1 no such person")]
    post.plan(ADA)
    assert post.send() == DeliverySummary(refused=1)
    reissue(post, ADA)
    assert post.send() == DeliverySummary(accepted=1)


def test_a_mail_sent_again_has_the_same_chances_as_the_first(post: Post) -> None:
    post.server.faults = [Fault("final", ADA, store=True), Fault("final", ADA, store=True)]
    post.plan(ADA)
    with pytest.raises(MailUnavailableError):
        post.send()
    assert post.send() == DeliverySummary(unknown=1)
    post.server.faults = [Fault("final", ADA, "451 later")]
    reissue(post, ADA)
    with pytest.raises(MailUnavailableError):
        post.send()
    assert post.state(ADA) is State.PLANNED
    assert post.send() == DeliverySummary(accepted=1)


def test_a_mail_leads_to_the_document_of_its_own_execution_although_a_newer_one_is_stored(post: Post) -> None:
    mine = mailings(post.dsn, post.spec)["main"]
    with transaction(post.dsn) as connection:
        newer = add_artifact(
            connection,
            post.spec.run_id,
            variant="main",
            artifact_format="pdf",
            key="artifacts/newer.pdf",
            file_name="newer.pdf",
            sha256=hashlib.sha256(b"newer").hexdigest(),
            size_bytes=5,
            pages=1,
        )
        assert artifact_of_variant(connection, post.spec.run_id, "main").artifact_id == newer
    post.plan(ADA)
    send_deliveries(
        post.spec,
        {"main": Mailing(letter=LETTER, artifact_id=mine.artifact_id)},
        dsn=post.dsn,
        endpoint=post.endpoint,
        settings=post.settings,
        clock=lambda: NOW,
    )
    (mail,) = post.server.received(ADA)
    with transaction(post.dsn) as connection:
        found = find_link(connection, link_token(mail), at=NOW)
    assert found.artifact is not None
    assert found.artifact.artifact_id == mine.artifact_id
