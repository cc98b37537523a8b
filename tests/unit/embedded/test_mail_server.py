"""The embedded mail server, by a real SMTP client."""

import asyncio
import smtplib
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from broadsheet.embedded.mail.faults import Fault, FaultKind, Faults, Step
from broadsheet.embedded.mail.mailbox import Mailbox
from broadsheet.embedded.mail.smtp import SIZE_LIMIT, Login, smtp_factory

USER, PASSWORD = "broadsheet", "right"
MAIL = "From: a@example.com\r\nTo: b@example.com\r\nSubject: Zahl\r\n\r\nHello.\r\n"


@pytest.fixture
def port(mailbox: Mailbox, faults: Faults) -> Iterator[int]:
    """Run the server in a thread of its own and return its port."""
    loop = asyncio.new_event_loop()
    login = Login(USER, PASSWORD)
    server = loop.run_until_complete(
        loop.create_server(lambda: smtp_factory(mailbox, faults, login, loop=loop), "127.0.0.1", 0)
    )
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield server.sockets[0].getsockname()[1]
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    server.close()
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


@pytest.fixture
def client(port: int) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP("127.0.0.1", port, timeout=5) as client:
        client.login(USER, PASSWORD)
        yield client


Connect = Callable[[], smtplib.SMTP]


def send(client: smtplib.SMTP, *recipients: str) -> object:
    return client.sendmail("sender@example.com", recipients or ["b@example.com"], MAIL)


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_a_wrong_password_is_answered_by_535(port: int, mechanism: str):
    with smtplib.SMTP("127.0.0.1", port, timeout=5) as client:
        client.ehlo()
        client.user, client.password = USER, "wrong"
        with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
            client.auth(mechanism, getattr(client, f"auth_{mechanism.lower()}"))
        assert refused.value.smtp_code == 535
        # The connection lives on, and the right password is taken.
        client.login(USER, PASSWORD)


def test_mail_without_a_log_in_is_refused(port: int, mailbox: Mailbox):
    with (
        smtplib.SMTP("127.0.0.1", port, timeout=5) as client,
        pytest.raises(smtplib.SMTPSenderRefused) as refused,
    ):
        send(client)
    assert refused.value.smtp_code == 530
    assert mailbox.idents() == []


def test_an_accepted_mail_is_kept_whole_with_its_envelope(client: smtplib.SMTP, mailbox: Mailbox):
    assert send(client, "b@example.com", "hidden@example.com") == {}
    (ident,) = mailbox.idents()
    mail = mailbox.read(ident)
    assert mail is not None
    assert mail.mail_from == "sender@example.com"
    assert mail.recipients == ["b@example.com", "hidden@example.com"]
    assert mail.message["Subject"] == "Zahl"
    raw = mailbox.raw(ident)
    assert raw is not None
    assert raw.endswith(MAIL.encode())


def test_a_mail_beyond_the_limit_is_refused_before_it_is_sent(client: smtplib.SMTP, mailbox: Mailbox):
    with pytest.raises(smtplib.SMTPSenderRefused) as refused:
        client.sendmail("a@example.com", ["b@example.com"], b"x" * (SIZE_LIMIT + 1))
    assert refused.value.smtp_code == 552
    assert mailbox.idents() == []


def test_a_deferred_recipient_is_taken_at_the_next_try(
    client: smtplib.SMTP, mailbox: Mailbox, faults: Faults
):
    faults.replace([Fault(kind=FaultKind.REPLY, step=Step.RECIPIENT, match="b@", code=450, text="later")])
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(client)
    assert refused.value.recipients == {"b@example.com": (450, b"later")}
    send(client)
    assert len(mailbox.idents()) == 1


def test_a_refusal_at_data_meets_only_whom_it_is_for(client: smtplib.SMTP, mailbox: Mailbox, faults: Faults):
    faults.replace([Fault(kind=FaultKind.REPLY, match="b@", code=554, text="no", times=2)])
    send(client, "c@example.com")
    for _ in range(2):
        with pytest.raises(smtplib.SMTPDataError) as refused:
            send(client)
        assert (refused.value.smtp_code, refused.value.smtp_error) == (554, b"no")
    send(client)
    assert len(mailbox.idents()) == 2
    assert faults.pending() == []


def test_a_dropped_connection_leaves_nothing(client: smtplib.SMTP, mailbox: Mailbox, faults: Faults):
    faults.replace([Fault(kind=FaultKind.DROP)])
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(client)
    assert mailbox.idents() == []


def test_the_mail_is_there_although_the_reply_was_lost(
    client: smtplib.SMTP, mailbox: Mailbox, faults: Faults
):
    faults.replace([Fault(kind=FaultKind.DROP_AFTER_STORE)])
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(client)
    assert len(mailbox.idents()) == 1


def test_a_mail_can_be_accepted_and_lost(client: smtplib.SMTP, mailbox: Mailbox, faults: Faults):
    faults.replace([Fault(kind=FaultKind.LOSE)])
    assert send(client) == {}
    assert mailbox.idents() == []


def test_mails_are_listed_the_newest_first(mailbox: Mailbox):
    days = [datetime(2026, 1, day, tzinfo=UTC) for day in (2, 1, 3)]
    made = [mailbox.store(b"\r\n", mail_from="a", recipients=[], now=day) for day in days]
    assert mailbox.idents() == [made[2], made[0], made[1]]


@pytest.mark.parametrize("ident", ["", "../secrets", "20260101T000000000000-zzzzzzzz", "/etc/passwd"])
def test_an_id_leads_nowhere_but_to_mails(mailbox: Mailbox, ident: str):
    assert mailbox.read(ident) is None
