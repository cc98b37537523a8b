"""Who gets how many copies, whatever the mail server does. Each copy is counted at a real server."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from types import SimpleNamespace

import pytest
from tests.seed import LETTER, NOW, plan, run_spec, store_run
from tests.servers import Servers
from tests.smtp_server import PASSWORD, USER, Fault, ScriptedMailServer

from broadsheet.domain.delivery import Delivery, DeliveryState, lease_of
from broadsheet.domain.letter import Letter
from broadsheet.domain.run import RunSpec
from broadsheet.errors import (
    ConfigurationError,
    DatabaseUnavailableError,
    LeaseHeldError,
    MailUnavailableError,
)
from broadsheet.pipeline.mail import DeliverySummary, send_deliveries, settled_summary
from broadsheet.settings import Endpoint, Settings
from broadsheet.store.database import transaction
from broadsheet.store.deliveries import claim_delivery, deliveries_of_run
from broadsheet.store.ledger import artifact_of_variant
from broadsheet.store.links import LinkOutcome, find_link

ADA, BOB, CY = "ada@broadsheet.example", "bob@broadsheet.example", "cy@broadsheet.example"
State = DeliveryState


class Post:
    """One run with planned deliveries, and what it takes to send them."""

    def __init__(self, dsn: str, server: ScriptedMailServer) -> None:
        self.dsn, self.server = dsn, server
        self.endpoint: Endpoint = server.endpoint()
        self.settings = Settings(mail_timeout=5, public_url="https://reports.example")
        self.spec = run_spec()
        store_run(dsn, self.spec)

    def plan(self, *recipients: str, resend_unknown: bool = True) -> None:
        plan(self.dsn, self.spec, *recipients, resend_unknown=resend_unknown)

    def send(self, *, spec: RunSpec | None = None, **more: Callable[[float], None]) -> DeliverySummary:
        spec = spec or self.spec
        return send_deliveries(
            spec,
            {variant.name: LETTER for variant in spec.variants},
            dsn=self.dsn,
            endpoint=self.endpoint,
            settings=self.settings,
            clock=lambda: NOW,
            **more,
        )

    def ledger(self) -> dict[str, Delivery]:
        with transaction(self.dsn) as connection:
            return {row.recipient: row for row in deliveries_of_run(connection, self.spec.run_id)}

    def state(self, recipient: str) -> State:
        return self.ledger()[recipient].state

    def reply(self, recipient: str) -> str:
        with transaction(self.dsn) as connection:
            row = connection.execute(
                "SELECT smtp_reply FROM deliveries WHERE recipient = %s AND run_id = %s",
                (recipient, self.spec.run_id),
            ).fetchone()
        assert row is not None
        return str(row["smtp_reply"])

    def expire_lease(self) -> None:
        with transaction(self.dsn) as connection:
            connection.execute(
                "UPDATE deliveries SET lease_until = now() - interval '1 second' WHERE state = 'sending'"
            )

    def link_outcome(self, mail: EmailMessage) -> LinkOutcome:
        with transaction(self.dsn) as connection:
            return find_link(connection, link_token(mail), at=NOW + timedelta(days=1)).outcome

    def valid_links(self) -> int:
        with transaction(self.dsn) as connection:
            row = connection.execute("SELECT count(*) FROM links WHERE revoked_at IS NULL").fetchone()
        assert row is not None
        return int(row["count"])


def link_token(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    (line,) = (line for line in body.get_content().splitlines() if line.startswith("https://"))
    assert line.startswith("https://reports.example/r/")
    return str(line).rpartition("/")[2]


@pytest.fixture
def post(database_dsn: str, mail_server: ScriptedMailServer) -> Post:
    return Post(database_dsn, mail_server)


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
        {"west": LETTER},
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


def claim_as_another(post: Post, recipient: str) -> None:
    with transaction(post.dsn) as connection:
        artifact = artifact_of_variant(connection, post.spec.run_id, "main")
        (delivery,) = (
            row for row in deliveries_of_run(connection, post.spec.run_id) if row.recipient == recipient
        )
        claim = claim_delivery(
            connection,
            delivery.delivery_id,
            artifact_id=artifact.artifact_id,
            lease=lease_of(post.settings.mail_timeout),
        )
        assert claim is not None


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


def test_a_mail_that_cannot_be_built_leaves_no_claim_behind(post: Post, tmp_path: object) -> None:
    post.plan(ADA)
    settings = post.settings
    post.settings = settings.model_copy(update={"home": tmp_path})
    with pytest.raises(Exception, match=r"report\.txt\.j2"):
        post.send()
    assert post.state(ADA) is State.PLANNED
    post.settings = settings
    assert post.send() == DeliverySummary(accepted=1)


@pytest.mark.parametrize(
    "address", ["ada@x.example\r\nBcc: eve@x.example", "ada@x.example,eve@x.example", '"x" <ada@x.example>']
)
def test_an_address_that_smuggles_something_is_refused_before_the_server_hears_of_it(
    post: Post, address: str
) -> None:
    post.plan(address, BOB)
    assert post.send() == DeliverySummary(accepted=1, refused=1)
    assert [copy.recipient for copy in post.server.copies] == [BOB]


def test_a_recipient_outside_the_permitted_domains_is_refused_at_sending_too(post: Post) -> None:
    post.settings = post.settings.model_copy(update={"recipient_domains": ("broadsheet.example",)})
    post.plan(ADA, "eve@elsewhere.example")
    assert post.send() == DeliverySummary(accepted=1, refused=1)


def test_line_breaks_in_the_words_of_a_mail_make_no_headers(post: Post) -> None:
    post.plan(ADA)
    bad = "Report\r\nBcc: eve@x.example\r\n\r\nbody"
    letter = Letter(subject=bad, title=bad, period=bad, zone="UTC", reason="because")
    send_deliveries(
        post.spec,
        {"main": letter},
        dsn=post.dsn,
        endpoint=post.endpoint,
        settings=post.settings,
        clock=lambda: NOW,
    )
    (mail,) = post.server.received(ADA)
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Report Bcc: eve@x.example body"
    assert [copy.recipient for copy in post.server.copies] == [ADA]


def test_a_server_that_is_not_there_is_worth_another_try(post: Post) -> None:
    post.plan(ADA)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        post.endpoint = replace(post.endpoint, port=unused.getsockname()[1])
        with pytest.raises(MailUnavailableError, match="cannot be reached"):
            post.send()
    assert post.state(ADA) is State.PLANNED


def test_a_wrong_password_is_a_fault_of_the_configuration(database_dsn: str) -> None:
    with ScriptedMailServer(auth=True) as server:
        post = Post(database_dsn, server)
        post.plan(ADA)
        post.endpoint = server.endpoint(login=USER, password="wrong")
        with pytest.raises(ConfigurationError, match="broadsheet_smtp"):
            post.send()
        assert post.state(ADA) is State.PLANNED
        post.endpoint = server.endpoint(login=USER, password=PASSWORD)
        assert post.send() == DeliverySummary(accepted=1)


@pytest.mark.parametrize("step", ["mail", "rcpt"])
def test_a_server_that_wants_a_login_is_no_fault_of_the_recipient(post: Post, step: str) -> None:
    post.server.faults = [Fault(step, reply="530 5.7.0 Authentication required")]
    post.plan(ADA)
    with pytest.raises(ConfigurationError):
        post.send()
    assert post.state(ADA) is State.PLANNED


def test_a_refused_sender_is_no_fault_of_the_recipient(post: Post) -> None:
    post.server.faults = [Fault("mail", reply="550 5.7.1 <reports@broadsheet.example> may not send")]
    post.plan(ADA)
    with pytest.raises(ConfigurationError, match="sender") as caught:
        post.send()
    assert "reports@" not in str(caught.value)
    assert post.state(ADA) is State.PLANNED


def test_logs_and_errors_hold_no_address_and_no_token(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="broadsheet")
    post.server.faults = [
        Fault("rcpt", ADA, f"550 <{ADA}> unknown"),
        Fault("final", BOB, f"451 <{BOB}> later"),
    ]
    post.plan(ADA, BOB, CY)
    with pytest.raises(MailUnavailableError) as caught:
        post.send()
    # The test's mail server runs in this process and logs what it is told.
    ours = [record.getMessage() for record in caplog.records if record.name != "mail.log"]
    said = "\n".join([*ours, str(caught.value)])
    (mail,) = post.server.received(CY)
    for secret in (ADA, BOB, CY, link_token(mail)):
        assert secret not in said
    ids = {row.recipient: str(row.delivery_id) for row in post.ledger().values()}
    assert all(ident in said for ident in ids.values())


def test_deliveries_of_other_runs_are_not_touched(post: Post) -> None:
    post.plan(ADA)
    other = run_spec()
    store_run(post.dsn, other)
    plan(post.dsn, other, BOB)
    post.send()
    assert [copy.recipient for copy in post.server.copies] == [ADA]
