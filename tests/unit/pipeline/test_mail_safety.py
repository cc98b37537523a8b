"""What a mail server, a letter or an address must not be able to do, and what is our own fault."""

from __future__ import annotations

import logging
import socket
from dataclasses import replace

import pytest
from tests.seed import NOW
from tests.smtp_server import PASSWORD, USER, Fault, ScriptedMailServer
from tests.unit.pipeline.post import ADA, BOB, CY, Post, link_token, mailings

from broadsheet.domain.delivery import DeliveryState
from broadsheet.domain.letter import Letter
from broadsheet.errors import (
    ConfigurationError,
    MailUnavailableError,
)
from broadsheet.pipeline.mail import DeliverySummary, send_deliveries

State = DeliveryState


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
        mailings(post.dsn, post.spec, letter=letter),
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


def test_logs_give_the_server_s_words_without_an_address_and_never_a_token(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="broadsheet")
    post.server.faults = [
        Fault("rcpt", ADA, f"550 5.1.1 <{ADA}> unknown, no mailbox named ADA here"),
        Fault("final", BOB, f"451 <{BOB}> later"),
    ]
    post.plan(ADA, BOB, CY)
    with pytest.raises(MailUnavailableError) as caught:
        post.send()
    # The test's mail server runs in this process and logs what it is told.
    ours = [record.getMessage() for record in caplog.records if record.name != "mail.log"]
    said = "\n".join([*ours, str(caught.value)])
    (mail,) = post.server.received(CY)
    for secret in (ADA, BOB, CY, "ADA", link_token(mail)):
        assert secret not in said
    assert "refused (550 5.1.1 (address) unknown, no mailbox named (name) here)" in said
    assert post.reply(ADA).endswith(f"<{ADA}> unknown, no mailbox named ADA here"), "the ledger has it all"
    ids = {row.recipient: str(row.delivery_id) for row in post.ledger().values()}
    assert all(ident in said for ident in ids.values())
