"""Who sent a request, as Airflow's auth manager knows them: by its session cookie or a bearer token."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from airflow.api_fastapi.core_api.security import bearer_scheme, get_user
from fastapi import HTTPException, Request

from broadsheet.domain.access import Caller, caller_of
from broadsheet.errors import UnauthenticatedError
from broadsheet.settings import get_settings


async def identify_by_airflow(request: Request) -> Caller:
    """Return the caller; UnauthenticatedError without valid credentials, and for Airflow's anonymous user."""
    try:
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
