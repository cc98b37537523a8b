"""Who sent a request, as Airflow's auth manager knows them: by its session cookie or a bearer token.

Airflow's answer costs three queries and, with FAB's roles, an object for each of their permissions, all of it
on the event loop. For reads with a bearer token it is kept for some seconds; changes ask each time.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable
from typing import Any

from airflow.api_fastapi.core_api.security import bearer_scheme, get_user
from fastapi import HTTPException, Request

from broadsheet.domain.access import Caller, caller_of
from broadsheet.errors import UnauthenticatedError
from broadsheet.portal.airflow_session import database_may_fail
from broadsheet.portal.identity import has_bearer
from broadsheet.settings import get_settings

REMEMBERED_SECONDS = 5.0
"""How long a token that was revoked, or a role that was lost, may still read."""

_MOST_TOKENS = 1000
_READS = frozenset({"GET", "HEAD"})


class AirflowIdentity:
    """Tells who sent a request, and remembers it for a moment; one per process, on its event loop."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._known: dict[bytes, tuple[float, Caller]] = {}

    async def __call__(self, request: Request) -> Caller:
        """Return the caller; UnauthenticatedError without valid credentials, and for the anonymous user."""
        if not has_bearer(request):
            # The cookie's user was found by Airflow's own middleware already.
            return await identify_by_airflow(request)
        # The token itself is not kept.
        key = hashlib.sha256(request.headers["authorization"].encode()).digest()
        if request.method in _READS:
            at, caller = self._known.get(key, (0.0, None))
            if caller is not None and self._monotonic() - at < REMEMBERED_SECONDS:
                return caller
        self._known.pop(key, None)
        caller = await identify_by_airflow(request)
        if len(self._known) >= _MOST_TOKENS:
            self._known.clear()
        self._known[key] = (self._monotonic(), caller)
        return caller


async def identify_by_airflow(request: Request) -> Caller:
    """Return the caller, asked of Airflow now.

    Raises UnauthenticatedError without valid credentials and for Airflow's anonymous user, and
    EngineUnavailableError when its database does not answer.
    """
    try:
        with database_may_fail():
            user = await get_user(request, None, await bearer_scheme(request))
    except HTTPException as error:
        raise UnauthenticatedError(f"log in first: {str(error.detail).lower()}") from error
    if getattr(user, "is_anonymous", False):
        raise UnauthenticatedError("log in first: reports are not for the public")
    settings = get_settings()
    return caller_of(
        user.get_name(),
        email=getattr(user, "email", None),
        roles=_roles(user),
        operator_roles=settings.operator_roles,
        author_roles=settings.author_roles,
    )


def _roles(user: Any) -> Iterable[str]:
    """Return role names: each auth manager has its own way to keep them."""
    several = getattr(user, "roles", None)
    if several is not None:
        return [str(getattr(role, "name", role)) for role in several]
    one = getattr(user, "role", None)
    return [str(one)] if one else []
