"""Who a caller is, from what the auth managers of Airflow say of their users."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from fastapi import HTTPException, Request

from broadsheet.domain.access import Caller
from broadsheet.errors import UnauthenticatedError
from broadsheet.portal import airflow_identity
from broadsheet.portal.airflow_identity import identify_by_airflow


@dataclass
class FabUser:
    """A user as the FAB auth manager gives it."""

    username: str
    email: str | None
    roles: list[SimpleNamespace]
    is_anonymous: bool = False

    def get_name(self) -> str:
        return self.username


@dataclass
class SimpleUser:
    """A user as the simple auth manager gives it: one role, no address."""

    username: str
    role: str | None

    def get_name(self) -> str:
        return self.username


def caller_for(monkeypatch: pytest.MonkeyPatch, user: object) -> Caller:
    async def get_user(*_: object) -> object:
        if isinstance(user, Exception):
            raise user
        return user

    monkeypatch.setattr(airflow_identity, "get_user", get_user)
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""})
    return asyncio.run(identify_by_airflow(request))


def test_a_user_of_fab_has_name_address_and_roles(monkeypatch: pytest.MonkeyPatch) -> None:
    roles = [SimpleNamespace(name="Subscriber"), SimpleNamespace(name="Finance")]
    caller = caller_for(monkeypatch, FabUser("ada", "ada@broadsheet.example", roles))
    assert caller == Caller(
        name="ada", email="ada@broadsheet.example", roles=frozenset({"subscriber", "finance"})
    )


@pytest.mark.parametrize("role", ["Op", "Admin"])
def test_operators_are_known_by_their_role(monkeypatch: pytest.MonkeyPatch, role: str) -> None:
    assert caller_for(monkeypatch, FabUser("olga", None, [SimpleNamespace(name=role)])).is_operator


def test_the_one_role_of_a_simple_user_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    caller = caller_for(monkeypatch, SimpleUser("ada", "USER"))
    assert (caller.roles, caller.is_author, caller.is_operator) == (frozenset({"user"}), True, False)
    assert caller_for(monkeypatch, SimpleUser("ada", None)).roles == frozenset()


@pytest.mark.parametrize("status", [401, 403])
def test_credentials_that_airflow_refuses_are_none(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    with pytest.raises(UnauthenticatedError):
        caller_for(monkeypatch, HTTPException(status, "Token Expired"))


def test_airflows_public_user_is_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    public = FabUser("Anonymous", None, [SimpleNamespace(name="Admin")], is_anonymous=True)
    with pytest.raises(UnauthenticatedError):
        caller_for(monkeypatch, public)
