"""The pages of the public application: why there is no report, and leaving a subscription."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException

from broadsheet.errors import BroadsheetError, TransientError

log = logging.getLogger(__name__)

_RETRY_AFTER = 30
# The address is a key: it must not reach caches, search engines, or other sites as a referrer.
PRIVATE_HEADERS = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action {forms}; "
    "frame-ancestors 'none'"
)
POLICY = _POLICY.format(forms="'none'")
_FORM_POLICY = _POLICY.format(forms="'self'")


class LinkPages:
    """Renders the pages; the folder of the templates is asked for at each use."""

    def __init__(self, templates_dir: Callable[[], Path]) -> None:
        self._templates_dir = templates_dir

    def page(
        self, name: str, status: HTTPStatus = HTTPStatus.OK, *, headers: Mapping[str, str] | None = None
    ) -> Response:
        """Return one of the pages that only say something."""
        return self._rendered(
            name, {}, status=status, headers={"Content-Security-Policy": POLICY, **(headers or {})}
        )

    def form(self, name: str, **values: str) -> Response:
        """Return a page whose form posts to the page's own address."""
        headers = {"Content-Security-Policy": _FORM_POLICY}
        return self._rendered(name, values, status=HTTPStatus.OK, headers=headers)

    def busy(self, wait: float) -> Response:
        """Answer an address that asks too often. That is not audited: the audit would be the flood."""
        headers = {"Retry-After": str(math.ceil(wait))}
        return self.page("link_busy", HTTPStatus.TOO_MANY_REQUESTS, headers=headers)

    def refuse(self, request: Request, error: Exception) -> Response:
        """Answer what is no route of ours, and methods that a route does not take."""
        del request  # the framework's signature
        if not isinstance(error, HTTPException) or error.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return self.page("link_unknown", HTTPStatus.NOT_FOUND)
        allowed = ", ".join(sorted((error.headers or {}).get("Allow", "GET").replace(",", " ").split()))
        return self.page("link_refused", HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": allowed})

    def excuse(self, request: Request, error: Exception) -> Response:
        """Answer when something of ours fails: 503 when it may pass, else 500; the reason is in the log."""
        del request  # the framework's signature
        if isinstance(error, TransientError):
            log.warning("a link cannot be served now: %s", error)
            headers = {"Retry-After": str(_RETRY_AFTER)}
            return self.page("link_unavailable", HTTPStatus.SERVICE_UNAVAILABLE, headers=headers)
        if isinstance(error, BroadsheetError):
            log.error("a link cannot be served: %s", error)
        return self.page("link_unavailable", HTTPStatus.INTERNAL_SERVER_ERROR)

    def _rendered(
        self, name: str, values: Mapping[str, str], *, status: HTTPStatus, headers: Mapping[str, str]
    ) -> Response:
        template = _templates(self._templates_dir()).get_template(f"{name}.html.j2")
        return HTMLResponse(
            template.render(values), status_code=status, headers={**PRIVATE_HEADERS, **headers}
        )


@cache
def _templates(templates_dir: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader(templates_dir / "portal"), autoescape=True, undefined=StrictUndefined
    )
