"""Leaving a subscription by a mail's own link, and coming back: no log-in, no cookie, no redirect.

GET shows a page and changes nothing, since mail scanners open every link. The mail program's button posts
exactly ``List-Unsubscribe=One-Click`` (RFC 8058), the page posts a form of its own, and anything else is
refused: a scanner that posts something leaves nobody out. A link that has expired still works here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from email.parser import BytesParser
from http import HTTPStatus
from urllib.parse import parse_qsl

from fastapi import Request, Response

from broadsheet.portal.link_pages import LinkPages
from broadsheet.store.database import Connection, transaction
from broadsheet.store.unsubscribes import (
    Means,
    Membership,
    find_membership,
    undo_unsubscribe,
    unsubscribe,
)

log = logging.getLogger(__name__)

# What a mail program or our page sends is below 300 bytes, as multipart too.
_LONGEST_BODY = 4096

_ONE_CLICK = (("List-Unsubscribe", "One-Click"),)
_LEAVE = (("action", "unsubscribe"),)
_RETURN = (("action", "undo"),)

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class UnsubscribeDesk:
    """Answers the requests to a mail's second address."""

    dsn: Callable[[], str]
    clock: Callable[[], datetime]
    pages: LinkPages

    def show(self, token: str) -> Response | None:
        """Answer with the page for leaving, or for coming back; None for an unknown token."""
        with transaction(self.dsn()) as connection:
            membership = find_membership(connection, token)
        if membership is None:
            return None
        return self._page("link_left" if membership.is_unsubscribed else "link_leave", membership)

    def change(self, token: str, fields: Fields) -> Response | None:
        """Do what a posted form says, and answer with the page that says so; None for an unknown token."""
        with transaction(self.dsn()) as connection:
            membership = find_membership(connection, token)
            if membership is None:
                return None
            page = self._done(connection, membership, fields)
        if page is None:
            return self.pages.page("link_unclear", HTTPStatus.BAD_REQUEST)
        return self._page(page, membership)

    def _done(self, connection: Connection, membership: Membership, fields: Fields) -> str | None:
        subscription, recipient, at = membership.subscription_id, membership.recipient, self.clock()
        if fields in (_ONE_CLICK, _LEAVE):
            how = Means.ONE_CLICK if fields == _ONE_CLICK else Means.PAGE
            link = membership.link_id
            if unsubscribe(connection, subscription, recipient, how=how, at=at, link_id=link):
                log.info("link %s: its recipient left subscription %s (%s)", link, subscription, how.value)
            return "link_left"
        if fields == _RETURN:
            if undo_unsubscribe(connection, subscription, recipient, how=Means.PAGE, at=at):
                log.info("link %s: its recipient came back", membership.link_id)
            return "link_returned"
        return None

    def _page(self, name: str, membership: Membership) -> Response:
        return self.pages.form(name, title=membership.title, recipient=shortened(membership.recipient))


async def posted_fields(request: Request) -> Fields:
    """Read the fields of a small form; none for a body that is too long or not a form."""
    kind = request.headers.get("content-type", "")
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST_BODY:
            return ()
    match kind.partition(";")[0].strip().lower():
        case "application/x-www-form-urlencoded":
            return tuple(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        case "multipart/form-data":
            return _multipart(kind, body)
    return ()


def shortened(address: str) -> str:
    """Return an address that its owner knows again, and nobody else learns: ``a…@broadsheet.example``."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}"


def _multipart(kind: str, body: bytes) -> Fields:
    message = BytesParser().parsebytes(b"Content-Type: " + kind.encode("latin-1") + b"\r\n\r\n" + body)
    parts = message.get_payload() if message.is_multipart() else []
    return tuple(_field(part) for part in parts if isinstance(part, Message))


def _field(part: Message) -> tuple[str, str]:
    name = part.get_param("name", "", header="content-disposition")
    value = part.get_payload(decode=True)
    return str(name), value.decode("utf-8", "replace").strip() if isinstance(value, bytes) else ""
