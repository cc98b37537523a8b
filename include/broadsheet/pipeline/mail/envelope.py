"""What differs from one mail to the next, and the addresses that stand in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from broadsheet.domain.run import RunSpec
from broadsheet.settings import Settings


@dataclass(frozen=True)
class Envelope:
    """From whom, to whom, when, under which id, with which link."""

    sender: str
    sender_name: str
    recipient: str
    message_id: str
    list_id: str
    date: datetime
    link: str
    link_expires_at: datetime
    unsubscribe: str | None = None
    """Address at which the recipient leaves the subscription; None for a mail that somebody asked for."""


def link_url(settings: Settings, token: str) -> str:
    """Return the address of a link as it stands in the mail."""
    return f"{_base(settings)}/r/{quote(token, safe='')}"


def unsubscribe_url(settings: Settings, token: str) -> str:
    """Return the address at which a recipient leaves a subscription, by page or by one click (RFC 8058)."""
    return f"{_base(settings)}/r/unsubscribe/{quote(token, safe='')}"


def list_id(spec: RunSpec, *, sender: str) -> str:
    """Return the List-Id that mails of one subscription share, so that readers can sort by it (RFC 2919)."""
    name = spec.subscription_id or spec.report_id.replace("_", "-")
    return f"{name}.reports.{sender.rpartition('@')[2]}"


def _base(settings: Settings) -> str:
    return str(settings.public_url).rstrip("/")
