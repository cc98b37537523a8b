"""The public application behind the links in mails. A token is the whole authorisation: no log-in, no cookie.

GET and HEAD change nothing but the audit, since mail scanners open every link before its reader does. All
that a POST can change is whether one gets a subscription's mails (`portal.unsubscribe`). The PDF is streamed
through us instead of redirecting to the object store: docs/adr/0005-own-mail-sender.md says why.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from starlette.exceptions import HTTPException

from broadsheet.domain.file_name import content_disposition
from broadsheet.errors import BroadsheetError, IntegrityError
from broadsheet.portal.hidden_path import HiddenPath
from broadsheet.portal.link_pages import POLICY, PRIVATE_HEADERS, LinkPages
from broadsheet.portal.rate_limit import RateLimiter
from broadsheet.portal.unsubscribe import Fields, UnsubscribeDesk, posted_fields
from broadsheet.settings import DATABASE, STORAGE, connection_uri, get_settings, parse_endpoint
from broadsheet.store.database import transaction
from broadsheet.store.links import (
    LinkAnswer,
    LinkedArtifact,
    LinkOutcome,
    Visitor,
    find_link,
    record_access,
)
from broadsheet.store.objects import S3ObjectStore, StoredStream

log = logging.getLogger(__name__)

# Ours have 43 characters. What is longer is looked up cut, and is in no table.
_LONGEST_TOKEN = 128
_PAGES = {
    LinkOutcome.EXPIRED: (HTTPStatus.GONE, "link_expired"),
    LinkOutcome.REVOKED: (HTTPStatus.GONE, "link_revoked"),
}
# Browsers show a PDF by a page of their own, whose embedded viewer a stricter policy would block.
_PDF_POLICY = f"{POLICY}; object-src 'self'"


@dataclass(frozen=True)
class LinkServices:
    """What the application works with; asked for at each request, so that a wrong setting stops no start."""

    dsn: Callable[[], str]
    artifacts: Callable[[], S3ObjectStore]
    templates_dir: Callable[[], Path]
    clock: Callable[[], datetime]


def create_link_app(services: LinkServices | None = None, *, limiter: RateLimiter | None = None) -> FastAPI:
    """Build the application; without arguments, from settings and connections in the environment."""
    services = services or _services_from_environment()
    pages = LinkPages(services.templates_dir)
    door = _Door(limiter or RateLimiter(), pages)
    desk = _Desk(services, pages)
    leaving = UnsubscribeDesk(services.dsn, services.clock, pages)
    app = FastAPI(
        title="Broadsheet links", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False
    )
    app.add_middleware(HiddenPath)
    app.add_exception_handler(HTTPException, pages.refuse)
    app.add_exception_handler(BroadsheetError, pages.excuse)
    app.add_exception_handler(Exception, pages.excuse)

    @app.api_route("/unsubscribe/{token}", methods=["GET", "HEAD", "POST"], response_class=Response)
    def leave(token: str, request: Request, fields: Annotated[Fields, Depends(posted_fields)]) -> Response:
        """Show the page for leaving a subscription; a POST leaves it, or comes back."""
        if request.method == "POST":
            return door.answer(request, lambda: leaving.change(token[:_LONGEST_TOKEN], fields))
        return door.answer(request, lambda: leaving.show(token[:_LONGEST_TOKEN]))

    @app.api_route("/{token}", methods=["GET", "HEAD"], response_class=Response)
    def open_report(token: str, request: Request) -> Response:
        """Answer with the PDF that a token leads to, or with a page that says why not."""
        return door.answer(request, lambda: desk.open(token[:_LONGEST_TOKEN], _visitor(request)))

    return app


@dataclass(frozen=True)
class _Door:
    """Lets requests in, as many as their address may make."""

    limiter: RateLimiter
    pages: LinkPages

    def answer(self, request: Request, ask: Callable[[], Response | None]) -> Response:
        """Return what ``ask`` answers; None stands for a token that is none of ours, at the full price."""
        address = _remote_address(request)
        if wait := self.limiter.wait(address):
            return self.pages.busy(wait)
        answer = ask()
        if answer is None:
            return self.pages.page("link_unknown", HTTPStatus.NOT_FOUND)
        self.limiter.welcome(address)
        return answer


class _Desk:
    """Hands out reports: looks the token up, audits, answers with the PDF or a page."""

    def __init__(self, services: LinkServices, pages: LinkPages) -> None:
        self._services = services
        self._pages = pages

    def open(self, token: str, visitor: Visitor) -> Response | None:
        """Answer a fetch; None for an unknown token. The audit is committed before the first byte leaves."""
        dsn = self._services.dsn()
        with transaction(dsn) as connection:
            answer = find_link(connection, token, at=self._services.clock())
            if answer.artifact is None or visitor.method == "HEAD":
                record_access(connection, answer, visitor)
        if answer.outcome is LinkOutcome.UNKNOWN:
            return None
        if answer.artifact is None:
            status, page = _PAGES[answer.outcome]
            return self._pages.page(page, status)
        if visitor.method == "HEAD":
            return Response(headers=_pdf_headers(answer.artifact), media_type="application/pdf")
        return self._document(answer, answer.artifact, visitor)

    def _document(self, answer: LinkAnswer, artifact: LinkedArtifact, visitor: Visitor) -> Response:
        try:
            stream = self._fetch(answer, artifact)
        except BroadsheetError:
            self._record(replace(answer, outcome=LinkOutcome.UNAVAILABLE), visitor)
            raise
        try:
            self._record(answer, visitor)
        except BroadsheetError:
            stream.close()
            raise
        return StreamingResponse(
            _pieces(stream), headers=_pdf_headers(artifact), media_type="application/pdf"
        )

    def _record(self, answer: LinkAnswer, visitor: Visitor) -> None:
        with transaction(self._services.dsn()) as connection:
            record_access(connection, answer, visitor)

    def _fetch(self, answer: LinkAnswer, artifact: LinkedArtifact) -> StoredStream:
        try:
            stream = self._services.artifacts().stream(artifact.key)
        except BroadsheetError:
            log.warning("link %s: artifact %s cannot be read", answer.link_id, artifact.artifact_id)
            raise
        if stream.size_bytes != artifact.size_bytes:
            stream.close()
            raise IntegrityError(
                f"artifact {artifact.artifact_id} has {stream.size_bytes} bytes, not {artifact.size_bytes}"
            )
        return stream


def _services_from_environment() -> LinkServices:
    @cache
    def artifacts() -> S3ObjectStore:
        return S3ObjectStore(parse_endpoint(connection_uri(STORAGE)), get_settings().storage_bucket)

    return LinkServices(
        dsn=lambda: connection_uri(DATABASE),
        artifacts=artifacts,
        templates_dir=lambda: get_settings().templates_dir,
        clock=lambda: datetime.now(UTC),
    )


def _pieces(stream: StoredStream) -> Iterator[bytes]:
    with closing(stream):
        yield from stream.chunks


def _pdf_headers(artifact: LinkedArtifact) -> dict[str, str]:
    return {
        **PRIVATE_HEADERS,
        "Content-Security-Policy": _PDF_POLICY,
        "Content-Disposition": content_disposition(artifact.file_name),
        "Content-Length": str(artifact.size_bytes),
        # Named so that Airflow's compression leaves it alone: a PDF is compressed already, and its length
        # known.
        "Content-Encoding": "identity",
        "ETag": f'"{artifact.sha256}"',
        "Accept-Ranges": "none",
    }


def _visitor(request: Request) -> Visitor:
    return Visitor(request.method, _remote_address(request), request.headers.get("user-agent"))


def _remote_address(request: Request) -> str:
    return request.client.host if request.client else "unknown"
