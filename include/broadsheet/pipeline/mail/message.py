"""The mail itself: text and HTML with our link, no attachment, nothing that is loaded from elsewhere."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache, partial
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import FileSystemLoader, StrictUndefined, select_autoescape
from jinja2.sandbox import ImmutableSandboxedEnvironment

from broadsheet.domain.letter import Letter
from broadsheet.pipeline.formats import format_instant
from broadsheet.pipeline.languages import is_english, is_rtl, say
from broadsheet.pipeline.mail.envelope import Envelope

# Quoted-printable lines may be 76 characters long (RFC 2045); the library would make them two longer.
_BODY_POLICY = SMTP.clone(max_line_length=76)
# Folded there, a long Message-ID or List-Id would be encoded, and no client understands that.
_HEADER_POLICY = SMTP.clone(max_line_length=250)
_LONGEST_SUBJECT = 200


def build_message(letter: Letter, envelope: Envelope, *, templates_dir: Path) -> EmailMessage:
    """Build the mail of one delivery; the same arguments give the same bytes.

    ``templates_dir`` holds ``email/report.txt.j2`` and ``email/report.html.j2``. ValueError when a line break
    is in an address or an id.
    """
    message = EmailMessage(policy=_BODY_POLICY)
    message["From"] = Address(display_name=one_line(envelope.sender_name), addr_spec=envelope.sender)
    message["To"] = Address(addr_spec=envelope.recipient)
    message["Subject"] = one_line(letter.subject)
    message["Date"] = envelope.date
    message["Message-ID"] = envelope.message_id
    message["List-Id"] = f"<{envelope.list_id}>"
    if envelope.unsubscribe is not None:
        # One click in the reader's program posts to that address (RFC 2369, RFC 8058).
        message["List-Unsubscribe"] = f"<{envelope.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    # No out-of-office answers to a machine (RFC 3834; the second is Exchange's own).
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    values = {
        "letter": letter,
        "link": envelope.link,
        "unsubscribe": envelope.unsubscribe,
        "expires": _readable(envelope.link_expires_at, letter.zone)
        if is_english(letter.locale)
        else format_instant(envelope.link_expires_at, letter.zone, locale=letter.locale),
        "say": partial(say, letter.locale),
        "rtl": is_rtl(letter.locale),
    }
    templates = _templates(templates_dir)
    text = templates.get_template("report.txt.j2").render(values)
    html = templates.get_template("report.html.j2").render(values)
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    # The library draws the boundary at random; ours cannot occur in quoted-printable text, which escapes "=".
    message.set_boundary("=_broadsheet_=")
    return message


def message_bytes(message: EmailMessage) -> bytes:
    """Return a mail as it goes over the wire, with CRLF line ends."""
    return message.as_bytes(policy=_HEADER_POLICY)


def one_line(text: str) -> str:
    """Return a text fit for a header: one line, without control characters, at most 200 characters."""
    kept = "".join(" " if unicodedata.category(c) in _BREAKS else c for c in text)
    line = " ".join(kept.split())
    return line if len(line) <= _LONGEST_SUBJECT else line[: _LONGEST_SUBJECT - 1].rstrip() + "…"


# Control characters, lone surrogates, line and paragraph separators.
_BREAKS = frozenset({"Cc", "Cs", "Zl", "Zp"})


def _readable(instant: datetime, zone: str) -> str:
    local = instant.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%B %Y, %H:%M %Z}"


@cache
def _templates(templates_dir: Path) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(templates_dir / "email"),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
