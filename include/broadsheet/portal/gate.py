"""The one way into the portal: nobody gets past it without credentials, whatever route there is or is not.

Airflow does not authenticate the applications of plugins. This ASGI middleware settles who asks before any
route runs, so that a router which forgot its dependency, an unknown path and a wrong method are denied alike.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from broadsheet.domain.access import Caller
from broadsheet.portal.addresses import route_path
from broadsheet.portal.identity import Identify, guard_writes
from broadsheet.portal.problems import page_response, problem_response
from broadsheet.services.installation import Installation

log = logging.getLogger(__name__)

OPEN_PATHS = ("/static/",)
"""What anybody may read: the style sheet, scripts and icons of the pages."""

Seen = Callable[[Caller], Callable[[], None] | None]
"""Told of each caller; returns what is to be done about it in a thread, if anything."""

_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_PRIVATE = "private, no-store"
_READS = frozenset({"GET", "HEAD"})


class Gate:
    """ASGI middleware that identifies, guards changes, adds the security headers and answers every error."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        installation: Installation,
        identify: Identify,
        seen: Seen | None = None,
    ) -> None:
        self._app = app
        self._installation = installation
        self._identify = identify
        self._seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            # There is no web socket here, and none that could be opened without credentials.
            await send({"type": "websocket.close", "code": 1008})
            return
        request = Request(scope, receive)
        path = route_path(request)
        is_open = path.startswith(OPEN_PATHS) and request.method in _READS
        answer = _Answer(send, is_private=not is_open)
        try:
            if not is_open:
                await self._admit(request)
            await self._app(scope, receive, answer.send)
        except (
            Exception
        ) as error:  # the boundary: whatever it is, the caller gets an answer and no stack trace
            if answer.started:
                # Either the client is told already, or half a document is out and only a cut can tell it.
                if not answer.finished:
                    raise
                return
            respond = problem_response if path.startswith("/api/") else page_response
            await respond(request, error)(scope, receive, answer.send)

    async def _admit(self, request: Request) -> None:
        found = self._identify(request)
        caller = await found if inspect.isawaitable(found) else found
        request.state.installation = self._installation
        guard_writes(request)
        request.state.caller = caller
        if self._seen is not None and (write_down := self._seen(caller)) is not None:
            # It asks the database, for which nobody else should have to wait.
            await run_in_threadpool(write_down)


class _Answer:
    """Passes an answer on, with the headers that it did not set itself."""

    def __init__(self, send: Send, *, is_private: bool) -> None:
        self._send = send
        self._is_private = is_private
        self.started = False
        self.finished = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            if self._is_private:
                headers.setdefault("Cache-Control", _PRIVATE)
        elif message["type"] == "http.response.body":
            self.finished = not message.get("more_body", False)
        await self._send(message)
