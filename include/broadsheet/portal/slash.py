"""The portal's address without the slash at its end, which Airflow would take for a page of its own UI."""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from broadsheet.portal.addresses import MOUNT


class AddSlash:
    """ASGI middleware of Airflow's whole application: leads ``/reports`` to ``/reports/``."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "http" and scope["path"] == f"{scope.get('root_path', '')}{MOUNT}":
            request = Request(scope)
            if request.method in ("GET", "HEAD"):
                query = f"?{request.url.query}" if request.url.query else ""
                target = f"{request.url.path}/{query}"
                await RedirectResponse(target, HTTPStatus.PERMANENT_REDIRECT)(scope, receive, send)
                return
        await self._app(scope, receive, send)
