"""Keeps link tokens out of access logs."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

_HIDDEN = "/(token)"


class HiddenPath:
    """ASGI middleware that routes by the true path and leaves a blank one to whoever logs the request.

    Airflow's access log (``api_fastapi/common/http_access_log.py``) reads the path from the request's scope
    once the request is over, and a mounted application gets that same scope. The path is blanked there before
    anything else happens; the application inside works on a copy.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        inner = dict(scope)
        if scope["type"] == "http":
            hidden = str(scope.get("root_path", "")) + _HIDDEN
            scope["path"] = hidden
            scope["raw_path"] = hidden.encode("ascii", "replace")
            scope["path_params"] = {}
        await self._app(inner, receive, send)
