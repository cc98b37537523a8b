"""The words and headers of a mail, and what it must never contain."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.seed import LETTER

from broadsheet.domain.letter import Headline, Letter
from broadsheet.pipeline.mail import Envelope, build_message
from broadsheet.pipeline.mail.message import message_bytes, one_line
from broadsheet.settings import get_settings

LINK = "https://reports.example/r/" + "t" * 43
LEAVE = "https://reports.example/r/unsubscribe/" + "u" * 43
ENVELOPE = Envelope(
    sender="reports@broadsheet.example",
    sender_name="Broadsheet",
    recipient="ada@broadsheet.example",
    message_id="<0b8ff6a2-7d6e-5df0-9d2a-0123456789ab@mail.a-rather-long-name.broadsheet.example>",
    list_id="6f1f3a0e-6f0b-5a55-9a53-b0ad5ee70001.reports.mail.a-rather-long-name.broadsheet.example",
    date=datetime(2013, 3, 25, 11, 0, tzinfo=UTC),
    link=LINK,
    link_expires_at=datetime(2013, 4, 24, 11, 0, tzinfo=UTC),
)


SUBSCRIBED = replace(ENVELOPE, unsubscribe=LEAVE)


def written(letter: Letter = LETTER, *, envelope: Envelope = ENVELOPE) -> EmailMessage:
    """Return a mail as a reader's program parses it."""
    message = build_message(letter, envelope, templates_dir=get_settings().templates_dir)
    return message_from_bytes(message_bytes(message), policy=default)


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


class Page(HTMLParser):
    """Collects tags, links and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def test_headers_say_who_what_when_and_that_a_machine_wrote_it() -> None:
    message = written()
    assert message["From"] == "Broadsheet <reports@broadsheet.example>"
    assert message["To"] == "ada@broadsheet.example"
    assert message["Subject"] == LETTER.subject
    assert message["Date"] == "Mon, 25 Mar 2013 11:00:00 +0000"
    assert message["Message-ID"] == ENVELOPE.message_id
    assert message["List-Id"] == f"<{ENVELOPE.list_id}>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"


def test_the_mail_of_a_subscription_can_be_left_by_one_click(written_bytes: bytes) -> None:
    message = written(envelope=SUBSCRIBED)
    assert message["List-Unsubscribe"] == f"<{LEAVE}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    # As they stand on the wire: folded or encoded, no mail program would understand them.
    assert f"\r\nList-Unsubscribe: <{LEAVE}>\r\n".encode() in written_bytes
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in written_bytes


def test_it_can_be_left_by_a_link_in_its_text_and_html_too() -> None:
    message = written(envelope=SUBSCRIBED)
    text = body(message, "plain").splitlines()
    # The report's own link comes first.
    assert text.index(LINK) < text.index("Unsubscribe:") < text.index(LEAVE)
    page = Page(body(message, "html"))
    assert [value for name, value in page.attributes if name == "href"] == [LINK, LEAVE]
    assert "Unsubscribe" in page.text


def test_a_mail_that_somebody_asked_for_has_nothing_to_leave() -> None:
    message = written()
    assert message["List-Unsubscribe"] is message["List-Unsubscribe-Post"] is None
    for kind in ("plain", "html"):
        assert "nsubscribe" not in body(message, kind)


@pytest.fixture
def written_bytes() -> bytes:
    return message_bytes(build_message(LETTER, SUBSCRIBED, templates_dir=get_settings().templates_dir))


def test_it_is_text_and_html_and_nothing_else() -> None:
    message = written()
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert list(message.iter_attachments()) == []


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_both_say_the_same(kind: str) -> None:
    content = body(written(), kind)
    text = content if kind == "plain" else Page(content).text
    for words in (
        LETTER.title,
        LETTER.period,
        LETTER.zone,
        LETTER.reason,
        "On-time arrivals",
        "78.1 %",
        "+4.3 points better",
        "Airline",
        "United Air Lines",
        "24 April 2013, 07:00 EDT",
    ):
        assert words in text
    assert LINK in content


def test_the_only_address_in_the_html_is_our_link_and_nothing_is_loaded() -> None:
    page = Page(body(written(), "html"))
    assert page.tags.isdisjoint({"img", "script", "link", "iframe", "object", "form", "svg", "video"})
    assert [value for name, value in page.attributes if name in ("href", "src", "background")] == [LINK]
    assert "url(" not in body(written(), "html")


def test_the_text_holds_the_link_on_a_line_of_its_own() -> None:
    assert LINK in body(written(), "plain").splitlines()


def test_a_letter_without_numbers_or_parameters_is_whole_too() -> None:
    bare = LETTER.model_copy(update={"headlines": (), "parameters": ()})
    assert LINK in body(written(bare), "plain")
    assert "\n\n\n" not in body(written(bare), "plain")


def test_the_same_arguments_give_the_same_bytes() -> None:
    first, second = (
        message_bytes(build_message(LETTER, ENVELOPE, templates_dir=get_settings().templates_dir))
        for _ in range(2)
    )
    assert first == second


def test_lines_are_as_long_as_mail_servers_take_and_end_as_they_expect() -> None:
    letter = LETTER.model_copy(update={"reason": "word " * 500, "title": "ü" * 2000})
    data = message_bytes(build_message(letter, ENVELOPE, templates_dir=get_settings().templates_dir))
    assert max(map(len, data.split(b"\r\n"))) <= 250
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", data)


def test_markup_and_template_code_in_data_stay_text() -> None:
    bad = '<img src="https://evil.example/x"> {{ 7 * 7 }} {% raw %} </td><script>alert(1)</script>'
    letter = Letter(
        subject=bad,
        title=bad,
        period=bad,
        zone="UTC",
        reason=bad,
        headlines=(Headline(label=bad, value=bad, change=bad),),
        parameters=((bad, bad),),
        notices=(bad,),
        data_as_of=bad,
        comparison=bad,
    )
    message = written(letter)
    page = Page(body(message, "html"))
    assert page.tags.isdisjoint({"img", "script"})
    assert page.text.count(bad) >= 9
    assert "49" not in message["Subject"]


def test_a_link_to_a_protected_document_does_not_promise_that_whoever_has_it_can_open_it() -> None:
    promise = "Whoever has it can open the report."
    for kind in ("plain", "html"):
        assert promise in body(written(), kind)
        protected = body(written(LETTER.model_copy(update={"protected": True})), kind)
        assert promise not in protected
        assert "The link works until" in protected


@pytest.mark.parametrize("field", ["recipient", "sender", "message_id", "list_id"])
def test_a_line_break_in_an_address_or_id_is_refused(field: str) -> None:
    envelope = Envelope(**{**ENVELOPE.__dict__, field: "x@y.example\r\nBcc: eve@x.example"})
    with pytest.raises(ValueError, match=r"(?i)linefeed|invalid|CR|line"):
        build_message(LETTER, envelope, templates_dir=get_settings().templates_dir)


@settings(deadline=None)
@given(st.text(max_size=400))
def test_any_text_makes_one_line(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert len(line) <= 200
    line.encode()


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_subject_survives_the_way_and_adds_no_header(text: str) -> None:
    message = written(LETTER.model_copy(update={"subject": text}))
    assert set(message.keys()) == set(written().keys())
    assert message["Subject"].split() == one_line(text).split()
