"""The public application behind the links in mails. A token is the whole authorisation: no log-in, no cookie.

GET and HEAD change nothing but the audit, since mail scanners open every link before its reader does. The PDF
is streamed through us instead of redirecting to the object store: docs/adr/0005-own-mail-sender.md says why.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException

from broadsheet.domain.file_name import content_disposition
from broadsheet.errors import BroadsheetError, IntegrityError, TransientError
from broadsheet.portal.hidden_path import HiddenPath
from broadsheet.portal.rate_limit import RateLimiter
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

_RETRY_AFTER = 30
# Ours have 43 characters. What is longer is looked up cut, and is in no table.
_LONGEST_TOKEN = 128
_PAGES = {
    LinkOutcome.EXPIRED: (HTTPStatus.GONE, "link_expired"),
    LinkOutcome.REVOKED: (HTTPStatus.GONE, "link_revoked"),
    LinkOutcome.UNKNOWN: (HTTPStatus.NOT_FOUND, "link_unknown"),
}
# The address is a key: it must not reach caches, search engines, or other sites as a referrer.
_HEADERS = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
# Browsers show a PDF by a page of their own, whose embedded viewer a stricter policy would block.
_PDF_POLICY = f"{_POLICY}; object-src 'self'"


@dataclass(frozen=True)
class LinkServices:
    """What the application works with; asked for at each request, so that a wrong setting stops no start."""

    dsn: Callable[[], str]
    artifacts: Callable[[], S3ObjectStore]
    templates_dir: Callable[[], Path]
    clock: Callable[[], datetime]


def create_link_app(services: LinkServices | None = None, *, limiter: RateLimiter | None = None) -> FastAPI:
    """Build the application; without arguments, from settings and connections in the environment."""
    desk = _Desk(services or _services_from_environment())
    limits = limiter or RateLimiter()
    app = FastAPI(
        title="Broadsheet links", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False
    )
    app.add_middleware(HiddenPath)
    app.add_exception_handler(HTTPException, desk.refuse)
    app.add_exception_handler(BroadsheetError, desk.excuse)
    app.add_exception_handler(Exception, desk.excuse)

    @app.api_route("/{token}", methods=["GET", "HEAD"], response_class=Response)
    def open_report(token: str, request: Request) -> Response:
        """Answer with the PDF that a token leads to, or with a page that says why not."""
        wait = limits.wait(_remote_address(request))
        return desk.busy(wait) if wait else desk.open(token[:_LONGEST_TOKEN], _visitor(request))

    return app


class _Desk:
    """Answers requests: looks the token up, audits, hands out the PDF or a page."""

    def __init__(self, services: LinkServices) -> None:
        self._services = services

    def open(self, token: str, visitor: Visitor) -> Response:
        """Answer a fetch. The audit is committed before the first byte leaves."""
        dsn = self._services.dsn()
        with transaction(dsn) as connection:
            answer = find_link(connection, token, at=self._services.clock())
            if answer.artifact is None or visitor.method == "HEAD":
                record_access(connection, answer, visitor)
        if answer.artifact is None:
            status, page = _PAGES[answer.outcome]
            return self.page(page, status)
        if visitor.method == "HEAD":
            return Response(headers=_pdf_headers(answer.artifact), media_type="application/pdf")
        try:
            stream = self._fetch(answer, answer.artifact)
        except BroadsheetError:
            with transaction(dsn) as connection:
                record_access(connection, replace(answer, outcome=LinkOutcome.UNAVAILABLE), visitor)
            raise
        try:
            with transaction(dsn) as connection:
                record_access(connection, answer, visitor)
        except BroadsheetError:
            stream.close()
            raise
        return StreamingResponse(
            _pieces(stream), headers=_pdf_headers(answer.artifact), media_type="application/pdf"
        )

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

    def page(self, name: str, status: HTTPStatus, headers: dict[str, str] | None = None) -> Response:
        """Return one of the pages that say why there is no report."""
        template = _templates(self._services.templates_dir()).get_template(f"{name}.html.j2")
        extra = {**_HEADERS, "Content-Security-Policy": _POLICY, **(headers or {})}
        return HTMLResponse(template.render(), status_code=status, headers=extra)

    def busy(self, wait: float) -> Response:
        """Answer an address that asks too often. That is not audited: the audit would be the flood."""
        headers = {"Retry-After": str(math.ceil(wait))}
        return self.page("link_busy", HTTPStatus.TOO_MANY_REQUESTS, headers)

    def refuse(self, request: Request, error: Exception) -> Response:
        """Answer what is no route of ours, and methods other than GET and HEAD."""
        del request  # the framework's signature
        status = HTTPStatus(error.status_code) if isinstance(error, HTTPException) else HTTPStatus.NOT_FOUND
        if status is HTTPStatus.METHOD_NOT_ALLOWED:
            return self.page("link_refused", status, {"Allow": "GET, HEAD"})
        return self.page("link_unknown", HTTPStatus.NOT_FOUND)

    def excuse(self, request: Request, error: Exception) -> Response:
        """Answer when something of ours fails: 503 when it may pass, else 500; the reason is in the log."""
        del request  # the framework's signature
        if isinstance(error, TransientError):
            log.warning("a link cannot be served now: %s", error)
            return self.page(
                "link_unavailable", HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": str(_RETRY_AFTER)}
            )
        if isinstance(error, BroadsheetError):
            log.error("a link cannot be served: %s", error)
        return self.page("link_unavailable", HTTPStatus.INTERNAL_SERVER_ERROR)


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
        **_HEADERS,
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


@cache
def _templates(templates_dir: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader(templates_dir / "portal"), autoescape=True, undefined=StrictUndefined
    )
