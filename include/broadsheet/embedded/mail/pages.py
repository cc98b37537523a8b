"""The pages of the inbox: plain HTML without scripts; a mail's own HTML is shown inert, in a frame."""

from __future__ import annotations

import hmac
import re
import secrets
from enum import StrEnum
from typing import Annotated

from fastapi import FastAPI, Form, HTTPException, Query, Request, Response, params, status
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.templating import Jinja2Templates

from broadsheet.embedded.mail.mailbox import Mailbox, StoredMail
from broadsheet.embedded.mail.messages import MailSummary, body, describe, header, summarise

MOST_MAILS = 200
"""Mails on one page of the list."""

_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; "
    "frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
_MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; "
    "style-src 'unsafe-inline'; frame-ancestors 'self'; form-action 'none'"
)
_HEAD = re.compile(rb"<head[^>]*>", re.IGNORECASE)
# Links open beside the inbox, not inside its frame.
_NEW_TAB = b'<base target="_blank">'


class View(StrEnum):
    """The tabs of a mail's page."""

    HTML = "html"
    TEXT = "text"
    HEADERS = "headers"


def add_pages(app: FastAPI, mailbox: Mailbox, templates: Jinja2Templates, guard: params.Depends) -> None:
    """Add the list, one page per mail, and the button that deletes them all."""
    # Another site can make a browser post here, log-in included; it cannot read this token off our page.
    token = secrets.token_urlsafe(32)

    @app.get("/", response_class=HTMLResponse, dependencies=[guard])
    def inbox_page(request: Request, q: Annotated[str, Query(max_length=200)] = "") -> Response:
        idents = mailbox.idents()
        found = _found(mailbox, idents, q.strip().casefold())
        context = {
            "mails": found[:MOST_MAILS],
            "more": len(found) > MOST_MAILS,
            "most": MOST_MAILS,
            "total": len(idents),
            "query": q,
            "token": token,
        }
        return _page(templates, request, "list.html", context)

    @app.get("/messages/{ident}", response_class=HTMLResponse, dependencies=[guard])
    def message_page(request: Request, ident: str, view: View | None = None) -> Response:
        return _page(templates, request, "message.html", _opened(mailbox, ident, view))

    @app.get("/messages/{ident}/html", dependencies=[guard])
    def message_html(ident: str) -> Response:
        html = (body(require(mailbox, ident).message, "html") or "").encode()
        match = _HEAD.search(html)
        cut = match.end() if match else 0
        framed = html[:cut] + _NEW_TAB + html[cut:]
        return Response(framed, media_type="text/html; charset=utf-8", headers=safe_headers(_MAIL_POLICY))

    @app.post("/clear", dependencies=[guard])
    def clear(given: Annotated[str, Form(alias="token")] = "") -> Response:
        if not hmac.compare_digest(given.encode(), token.encode()):
            raise HTTPException(status.HTTP_403_FORBIDDEN, "load the inbox again, then press its button")
        mailbox.clear()
        return RedirectResponse("/", status.HTTP_303_SEE_OTHER, headers=safe_headers(_PAGE_POLICY))


def require(mailbox: Mailbox, ident: str) -> StoredMail:
    """Return a mail, or answer 404."""
    mail = mailbox.read(ident)
    if mail is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"no mail {ident}")
    return mail


def safe_headers(policy: str) -> dict[str, str]:
    """Return the headers of every answer that shows a mail or a part of one."""
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }


def _found(mailbox: Mailbox, idents: list[str], words: str) -> list[MailSummary]:
    """Return the mails whose subject, addresses or text hold some words, the newest first, one more than
    shown.
    """
    found: list[MailSummary] = []
    for ident in idents:
        mail = mailbox.read(ident)
        if mail is None:
            continue
        summary = summarise(mail)
        if words in _searched(mail, summary):
            found.append(summary)
        if len(found) > MOST_MAILS:
            break
    return found


def _searched(mail: StoredMail, summary: MailSummary) -> str:
    text = body(mail.message, "plain") or body(mail.message, "html") or ""
    parts = (summary.subject, header(mail.message, "from"), summary.mail_from, *summary.recipients, text)
    return " ".join(parts).casefold()


def _opened(mailbox: Mailbox, ident: str, view: View | None) -> dict[str, object]:
    """Return what the page of a mail shows: the mail, the tab, and the mails before and after it."""
    mail = describe(require(mailbox, ident))
    there = {View.HTML: mail.html is not None, View.TEXT: mail.text is not None, View.HEADERS: True}
    views = [each for each in View if there[each]]
    idents = mailbox.idents()
    place = idents.index(ident) if ident in idents else 0
    return {
        "mail": mail,
        "sender": next((value for name, value in mail.headers if name.lower() == "from"), mail.mail_from),
        "views": views,
        "view": view if view in views else views[0],
        "newer": idents[place - 1] if place > 0 else None,
        "older": idents[place + 1] if place + 1 < len(idents) else None,
    }


def _page(templates: Jinja2Templates, request: Request, name: str, context: dict[str, object]) -> Response:
    return templates.TemplateResponse(request, name, context, headers=safe_headers(_PAGE_POLICY))
