"""The inbox of the embedded mail server: pages to look at received mails, and a JSON API for programs.

Everything asks for a log-in (HTTP Basic), since the machine may have other users. A mail's HTML is shown
inert: in a sandboxed frame under a policy that loads nothing and runs nothing.
"""

from __future__ import annotations

import hmac
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, FastAPI, HTTPException, Request, Response, params, status
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel
from starlette.middleware.trustedhost import TrustedHostMiddleware

from broadsheet.embedded.mail.faults import Fault, Faults
from broadsheet.embedded.mail.mailbox import Mailbox
from broadsheet.embedded.mail.messages import (
    MailDetail,
    MailSummary,
    content,
    describe,
    file_name,
    summarise,
)
from broadsheet.embedded.mail.pages import add_pages, require, safe_headers

USER = "inbox"
_BASIC = HTTPBasic(realm="Broadsheet inbox")
_READING = ("GET", "HEAD", "OPTIONS")
# What a browser says of a request that our own page made, or that its user typed.
_OWN_SITE = ("same-origin", "none")


class Cleared(BaseModel):
    """How many mails were deleted."""

    deleted: int


def create_app(mailbox: Mailbox, faults: Faults, *, password: str, home: Path) -> FastAPI:
    """Build the application; every route but the style sheets asks for the log-in."""
    guard = params.Depends(Login(password))
    app = FastAPI(title="Broadsheet inbox", docs_url=None, redoc_url=None, openapi_url=None)
    # Names that an attacker's page could have resolved to this machine are refused.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
    static = home / "include" / "static"
    app.mount("/static", StaticFiles(directory=static / "inbox"))
    # The portal's own sheet and type, so that both look alike.
    app.mount("/look", StaticFiles(directory=static / "portal"))
    add_pages(app, mailbox, Jinja2Templates(directory=home / "include" / "templates" / "inbox"), guard)
    _add_api(app, mailbox, faults, guard)
    return app


def _add_api(app: FastAPI, mailbox: Mailbox, faults: Faults, guard: params.Depends) -> None:
    @app.get("/api/messages", dependencies=[guard])
    def list_messages() -> list[MailSummary]:
        mails = (mailbox.read(ident) for ident in mailbox.idents())
        return [summarise(mail) for mail in mails if mail is not None]

    @app.get("/api/messages/{ident}", dependencies=[guard])
    def read_message(ident: str) -> MailDetail:
        return describe(require(mailbox, ident))

    @app.get("/api/messages/{ident}/raw", dependencies=[guard])
    def read_source(ident: str) -> Response:
        require(mailbox, ident)
        headers = safe_headers("sandbox")
        return Response(mailbox.raw(ident), media_type="text/plain; charset=utf-8", headers=headers)

    @app.get("/api/messages/{ident}/attachments/{index}", dependencies=[guard])
    def read_attachment(ident: str, index: int) -> Response:
        parts = list(require(mailbox, ident).message.iter_attachments())
        if not 0 <= index < len(parts):
            raise HTTPException(status.HTTP_404_NOT_FOUND, f"mail {ident} has no attachment {index}")
        name = quote(file_name(parts[index], index), safe="")
        headers = {**safe_headers("sandbox"), "Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        return Response(content(parts[index]), media_type="application/octet-stream", headers=headers)

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
    """Lets a request pass when it carries the inbox's user and password, and no other site made it write."""

    def __init__(self, password: str) -> None:
        self._password = password.encode()

    def __call__(self, request: Request, given: Annotated[HTTPBasicCredentials, Depends(_BASIC)]) -> None:
        user_fits = hmac.compare_digest(given.username.encode(), USER.encode())
        password_fits = hmac.compare_digest(given.password.encode(), self._password)
        if not (user_fits and password_fits):
            raise HTTPException(
                status.HTTP_401_UNAUTHORIZED,
                "wrong user or password",
                headers={"WWW-Authenticate": 'Basic realm="Broadsheet inbox"'},
            )
        # A browser adds the log-in to whatever any page makes it send. Programs do not send this header.
        site = request.headers.get("sec-fetch-site", "none")
        if request.method not in _READING and site not in _OWN_SITE:
            raise HTTPException(status.HTTP_403_FORBIDDEN, "another site made this request")
