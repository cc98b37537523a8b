"""Who asks, as the routes see it. ``portal.gate`` has settled it before any route runs.

Every router declares these dependencies, so that it denies by itself wherever it is mounted. They are
coroutines: FastAPI calls a plain function in a thread, which costs more than what these do.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.security.utils import get_authorization_scheme_param

from broadsheet.domain.access import Caller
from broadsheet.errors import ForbiddenError, UnauthenticatedError
from broadsheet.services.installation import Installation

Identify = Callable[[Request], Caller | Awaitable[Caller]]
"""Returns who sent a request, or raises UnauthenticatedError."""

WRITE_HEADER = "X-Broadsheet"
"""Sent as ``1`` with every change that a browser asks for; a foreign page cannot make it send that."""

_READS = frozenset({"GET", "HEAD", "OPTIONS"})


def caller_of_request(request: Request) -> Caller:
    """Return who sent the request; UnauthenticatedError when the gate did not let anybody in."""
    caller = getattr(request.state, "caller", None)
    if not isinstance(caller, Caller):
        raise UnauthenticatedError("log in first")
    return caller


def installation_of_request(request: Request) -> Installation:
    """Return the installation that the portal was made for."""
    installation = getattr(request.state, "installation", None)
    if not isinstance(installation, Installation):
        raise UnauthenticatedError("log in first")
    return installation


async def current_caller(request: Request) -> Caller:
    """Return who sent the request, as a dependency."""
    return caller_of_request(request)


async def current_operator(request: Request) -> Caller:
    """Return the caller; ForbiddenError when they are no operator."""
    caller = caller_of_request(request)
    if not caller.is_operator:
        raise ForbiddenError("this is for operators")
    return caller


async def current_installation(request: Request) -> Installation:
    """Return the installation, as a dependency."""
    return installation_of_request(request)


def guard_writes(request: Request) -> None:
    """Refuse a change that a foreign page may have made the browser ask for (CSRF) with ForbiddenError.

    A bearer token is never sent by a browser on its own, so a request with one needs nothing more.
    """
    if request.method in _READS or has_bearer(request):
        return
    if request.headers.get(WRITE_HEADER) != "1":
        raise ForbiddenError(
            f"a change needs header {WRITE_HEADER}: 1, or a bearer token instead of a cookie"
        )
    if request.headers.get("origin") not in _own_origins(request):
        raise ForbiddenError("a change must come from a page of this site: the Origin header says otherwise")


def has_bearer(request: Request) -> bool:
    """Tell whether the request names its credentials itself instead of leaving that to a cookie."""
    # Read as Airflow reads it: a header without a token is none, and the cookie counts.
    scheme, token = get_authorization_scheme_param(request.headers.get("authorization"))
    return scheme.lower() == "bearer" and token != ""


def _own_origins(request: Request) -> set[str]:
    public = urlsplit(str(installation_of_request(request).settings().public_url))
    return {f"{public.scheme}://{public.netloc}", f"{request.url.scheme}://{request.url.netloc}"}


CallerDep = Annotated[Caller, Depends(current_caller)]
OperatorDep = Annotated[Caller, Depends(current_operator)]
InstallationDep = Annotated[Installation, Depends(current_installation)]
