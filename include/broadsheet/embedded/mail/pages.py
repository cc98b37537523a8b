"""The pages of the inbox: plain HTML without scripts; a mail's own HTML is shown inert, in a frame."""

from __future__ import annotations

import hmac
import re
import secrets
from typing import Annotated

from fastapi import FastAPI, Form, HTTPException, Query, Request, Response, params, status
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.templating import Jinja2Templates

from broadsheet.embedded.mail.mailbox import Mailbox, StoredMail
from broadsheet.embedded.mail.messages import MailSummary, body, describe, summarise

MOST_MAILS = 200
"""Mails on one page of the list."""

_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'"
)
_MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; "
    "style-src 'unsafe-inline'; frame-ancestors 'self'; form-action 'none'"
)
_HEAD = re.compile(rb"<head[^>]*>", re.IGNORECASE)
# Links open beside the inbox, not inside its frame.
_NEW_TAB = b'<base target="_blank">'


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
    def message_page(request: Request, ident: str) -> Response:
        return _page(templates, request, "message.html", {"mail": describe(require(mailbox, ident))})

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
    """Return the mails whose subject or addresses hold some words, the newest first, one more than shown."""
    found: list[MailSummary] = []
    for ident in idents:
        mail = mailbox.read(ident)
        if mail is None:
            continue
        summary = summarise(mail)
        text = " ".join((summary.subject, summary.mail_from, *summary.recipients)).casefold()
        if words in text:
            found.append(summary)
        if len(found) > MOST_MAILS:
            break
    return found


def _page(templates: Jinja2Templates, request: Request, name: str, context: dict[str, object]) -> Response:
    return templates.TemplateResponse(request, name, context, headers=safe_headers(_PAGE_POLICY))
