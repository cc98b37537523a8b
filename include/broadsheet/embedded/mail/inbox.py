"""The inbox of the embedded mail server: pages to look at received mails, and a JSON API for programs.

Everything asks for a log-in (HTTP Basic), since the machine may have other users. A mail's HTML is shown
inert: in a sandboxed frame under a policy that loads nothing and runs nothing.
"""

from __future__ import annotations

import hmac
import re
from email.message import EmailMessage
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, FastAPI, HTTPException, Request, Response, params, status
from fastapi.responses import HTMLResponse
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from pydantic import AwareDatetime, BaseModel
from starlette.middleware.trustedhost import TrustedHostMiddleware

from broadsheet.embedded.mail.faults import Fault, Faults
from broadsheet.embedded.mail.mailbox import Mailbox, StoredMail

USER = "inbox"
_BASIC = HTTPBasic(realm="Broadsheet inbox")
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; frame-ancestors 'none'; form-action 'none'"
)
_MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; "
    "style-src 'unsafe-inline'; frame-ancestors 'self'; form-action 'none'"
)
_HEAD = re.compile(rb"<head[^>]*>", re.IGNORECASE)
# Links open beside the inbox, not inside its frame.
_NEW_TAB = b'<base target="_blank">'


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
    size_bytes: int


class MailDetail(MailSummary):
    """A mail with its content. ``headers`` keeps order and repetitions."""

    headers: list[tuple[str, str]]
    text: str | None
    html: str | None
    attachments: list[Attachment]


class Cleared(BaseModel):
    """How many mails were deleted."""

    deleted: int


def create_app(mailbox: Mailbox, faults: Faults, *, password: str, home: Path) -> FastAPI:
    """Build the application; every route but the style sheet asks for the log-in."""
    guard = params.Depends(Login(password))
    app = FastAPI(title="Broadsheet inbox", docs_url=None, redoc_url=None, openapi_url=None)
    # Names that an attacker's page could have resolved to this machine are refused.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
    app.mount("/static", StaticFiles(directory=home / "include" / "static" / "inbox"))
    _add_pages(app, mailbox, Jinja2Templates(directory=home / "include" / "templates" / "inbox"), guard)
    _add_api(app, mailbox, faults, guard)
    return app


def _add_pages(app: FastAPI, mailbox: Mailbox, templates: Jinja2Templates, guard: params.Depends) -> None:
    @app.get("/", response_class=HTMLResponse, dependencies=[guard])
    def inbox_page(request: Request) -> Response:
        mails = [_summary(mail) for mail in _all(mailbox)]
        return _page(templates, request, "list.html", {"mails": mails})

    @app.get("/messages/{ident}", response_class=HTMLResponse, dependencies=[guard])
    def message_page(request: Request, ident: str) -> Response:
        return _page(templates, request, "message.html", {"mail": _detail(_require(mailbox, ident))})

    @app.get("/messages/{ident}/html", dependencies=[guard])
    def message_html(ident: str) -> Response:
        html = (_body(_require(mailbox, ident).message, "html") or "").encode()
        match = _HEAD.search(html)
        cut = match.end() if match else 0
        content = html[:cut] + _NEW_TAB + html[cut:]
        return Response(content, media_type="text/html; charset=utf-8", headers=_safe(_MAIL_POLICY))


def _add_api(app: FastAPI, mailbox: Mailbox, faults: Faults, guard: params.Depends) -> None:
    @app.get("/api/messages", dependencies=[guard])
    def list_messages() -> list[MailSummary]:
        return [_summary(mail) for mail in _all(mailbox)]

    @app.get("/api/messages/{ident}", dependencies=[guard])
    def read_message(ident: str) -> MailDetail:
        return _detail(_require(mailbox, ident))

    @app.get("/api/messages/{ident}/raw", dependencies=[guard])
    def read_source(ident: str) -> Response:
        _require(mailbox, ident)
        return Response(mailbox.raw(ident), media_type="text/plain; charset=utf-8", headers=_safe("sandbox"))

    @app.get("/api/messages/{ident}/attachments/{index}", dependencies=[guard])
    def read_attachment(ident: str, index: int) -> Response:
        parts = list(_require(mailbox, ident).message.iter_attachments())
        if not 0 <= index < len(parts):
            raise HTTPException(status.HTTP_404_NOT_FOUND, f"mail {ident} has no attachment {index}")
        name = quote(parts[index].get_filename() or f"attachment-{index}")
        headers = {**_safe("sandbox"), "Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        return Response(_bytes(parts[index]), media_type="application/octet-stream", headers=headers)

    @app.delete("/api/messages", dependencies=[guard])
    def delete_messages() -> Cleared:
        return Cleared(deleted=mailbox.clear())

    @app.get("/api/faults", dependencies=[guard])
    def list_faults() -> list[Fault]:
        return faults.pending()

    @app.put("/api/faults", dependencies=[guard])
    def replace_faults(wanted: list[Fault]) -> list[Fault]:
        faults.replace(wanted)
        return faults.pending()


class Login:
    """Lets a request pass when it carries the inbox's user and password."""

    def __init__(self, password: str) -> None:
        self._password = password.encode()

    def __call__(self, given: Annotated[HTTPBasicCredentials, Depends(_BASIC)]) -> None:
        user_fits = hmac.compare_digest(given.username.encode(), USER.encode())
        password_fits = hmac.compare_digest(given.password.encode(), self._password)
        if not (user_fits and password_fits):
            raise HTTPException(
                status.HTTP_401_UNAUTHORIZED,
                "wrong user or password",
                headers={"WWW-Authenticate": 'Basic realm="Broadsheet inbox"'},
            )


def _all(mailbox: Mailbox) -> list[StoredMail]:
    return [mail for ident in mailbox.idents() if (mail := mailbox.read(ident)) is not None]


def _require(mailbox: Mailbox, ident: str) -> StoredMail:
    mail = mailbox.read(ident)
    if mail is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"no mail {ident}")
    return mail


def _summary(mail: StoredMail) -> MailSummary:
    return MailSummary(
        id=mail.ident,
        received_at=mail.received_at,
        mail_from=mail.mail_from,
        recipients=mail.recipients,
        subject=str(mail.message.get("Subject", "")),
        size_bytes=mail.size_bytes,
    )


def _detail(mail: StoredMail) -> MailDetail:
    attachments = [
        Attachment(
            index=index,
            name=part.get_filename() or f"attachment-{index}",
            content_type=part.get_content_type(),
            size_bytes=len(_bytes(part)),
        )
        for index, part in enumerate(mail.message.iter_attachments())
    ]
    return MailDetail(
        **_summary(mail).model_dump(),
        headers=[(name, str(value)) for name, value in mail.message.items()],
        text=_body(mail.message, "plain"),
        html=_body(mail.message, "html"),
        attachments=attachments,
    )


def _body(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body(preferencelist=(kind,))
    if part is None:
        return None
    data = part.get_payload(decode=True)
    charset = part.get_content_charset() or "utf-8"
    try:
        return data.decode(charset, "replace") if isinstance(data, bytes) else str(data)
    except LookupError:
        return data.decode("utf-8", "replace") if isinstance(data, bytes) else str(data)


def _bytes(part: EmailMessage) -> bytes:
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _page(templates: Jinja2Templates, request: Request, name: str, context: dict[str, object]) -> Response:
    return templates.TemplateResponse(request, name, context, headers=_safe(_PAGE_POLICY))


def _safe(policy: str) -> dict[str, str]:
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
