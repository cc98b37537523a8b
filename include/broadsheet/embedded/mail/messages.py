"""A stored mail as the inbox tells it. Whatever is wrong with a mail, it can be shown."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage, MIMEPart

from pydantic import AwareDatetime, BaseModel

from broadsheet.embedded.mail.mailbox import StoredMail

_PREVIEW = 160
"""Characters of a mail's text that the list shows."""


class Attachment(BaseModel):
    """A file in a mail."""

    index: int
    name: str
    content_type: str
    size_bytes: int


class MailSummary(BaseModel):
    """A mail as the list shows it."""

    id: str
    received_at: AwareDatetime
    mail_from: str
    recipients: list[str]
    subject: str
    preview: str
    """The first words of its text."""
    attachments_total: int
    size_bytes: int


class MailDetail(MailSummary):
    """A mail with its content. ``headers`` keeps order and repetitions."""

    headers: list[tuple[str, str]]
    text: str | None
    html: str | None
    attachments: list[Attachment]


def summarise(mail: StoredMail) -> MailSummary:
    """Return what the list shows of a mail."""
    return MailSummary(
        id=mail.ident,
        received_at=mail.received_at,
        mail_from=_clean(mail.mail_from),
        recipients=[_clean(recipient) for recipient in mail.recipients],
        subject=header(mail.message, "subject"),
        preview=_preview(mail.message),
        attachments_total=sum(1 for _ in mail.message.iter_attachments()),
        size_bytes=mail.size_bytes,
    )


def describe(mail: StoredMail) -> MailDetail:
    """Return everything about a mail."""
    attachments = [
        Attachment(
            index=index,
            name=file_name(part, index),
            content_type=part.get_content_type(),
            size_bytes=len(content(part)),
        )
        for index, part in enumerate(mail.message.iter_attachments())
    ]
    return MailDetail(
        **summarise(mail).model_dump(),
        headers=list(_headers(mail.message)),
        text=body(mail.message, "plain"),
        html=body(mail.message, "html"),
        attachments=attachments,
    )


def header(message: EmailMessage, name: str) -> str:
    """Return the first value of a header, or nothing."""
    return next((value for given, value in _headers(message) if given.lower() == name.lower()), "")


def body(message: EmailMessage, kind: str) -> str | None:
    """Return a mail's text of a kind, ``plain`` or ``html``; None when it has none."""
    part = message.get_body(preferencelist=(kind,))
    if part is None:
        return None
    data = content(part)
    try:
        return _clean(data.decode(part.get_content_charset() or "utf-8", "replace"))
    except (LookupError, ValueError):
        # No such charset, or one that is a trick of Python's: idna, undefined.
        return data.decode("utf-8", "replace")


def content(part: MIMEPart) -> bytes:
    """Return the bytes of a part."""
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def file_name(part: MIMEPart, index: int) -> str:
    """Return the name under which an attachment is offered."""
    return _clean(part.get_filename() or f"attachment-{index}")


def _preview(message: EmailMessage) -> str:
    text = body(message, "plain") or ""
    return " ".join(text[: 4 * _PREVIEW].split())[:_PREVIEW]


def _headers(message: EmailMessage) -> Iterator[tuple[str, str]]:
    for name, raw in message.raw_items():
        yield _clean(name), _header(message, name, raw)


def _header(message: EmailMessage, name: str, raw: object) -> str:
    text = str(raw)
    try:
        text = str(message.policy.header_fetch_parse(name, text))
    except (LookupError, ValueError, AttributeError, TypeError):
        # The library stumbles over some addresses; they are shown as they came.
        text = text.replace("\r\n", "")
    return _clean(text)


def _clean(text: str) -> str:
    """Replace lone surrogates, which no answer could carry."""
    return text.encode("utf-8", "replace").decode("utf-8")
