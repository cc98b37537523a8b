"""Who a caller is, from what the auth managers of Airflow say of their users."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from fastapi import HTTPException, Request
from sqlalchemy.exc import OperationalError

from broadsheet.domain.access import Caller
from broadsheet.errors import EngineUnavailableError, UnauthenticatedError
from broadsheet.portal import airflow_identity
from broadsheet.portal.airflow_identity import REMEMBERED_SECONDS, AirflowIdentity, identify_by_airflow


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


class Door:
    """Airflow's answers, counted, and the clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answer: object = FabUser("ada", None, [SimpleNamespace(name="Subscriber")])
        self.asked = 0
        self.now = 100.0
        self._identity = AirflowIdentity(monotonic=lambda: self.now)
        monkeypatch.setattr(airflow_identity, "get_user", self._get_user)

    async def _get_user(self, *_: object) -> object:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def knock(
        self, method: str = "GET", *, header: tuple[str, str] = ("authorization", "Bearer x")
    ) -> Caller:
        scope = {"type": "http", "method": method, "path": "/", "query_string": b""}
        headers = [(header[0].encode(), header[1].encode())]
        return asyncio.run(self._identity(Request({**scope, "headers": headers})))


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Door:
    return Door(monkeypatch)


def test_who_reads_with_a_token_is_asked_of_airflow_once_in_a_while(door: Door) -> None:
    assert [door.knock().name, door.knock("HEAD").name] == ["ada", "ada"]
    assert door.asked == 1
    door.now += REMEMBERED_SECONDS
    door.knock()
    assert door.asked == 2


def test_each_token_is_its_own(door: Door) -> None:
    door.knock()
    door.answer = FabUser("bob", None, [])
    assert door.knock(header=("authorization", "Bearer y")).name == "bob"
    assert door.knock().name == "ada"


def test_a_change_and_a_cookie_ask_airflow_each_time(door: Door) -> None:
    door.knock("POST")
    door.knock("POST")
    assert door.asked == 2
    door.knock(header=("cookie", "_token=x"))
    door.knock(header=("cookie", "_token=x"))
    assert door.asked == 4


def test_a_revoked_token_is_refused_at_once_for_changes_and_then_for_reads(door: Door) -> None:
    door.knock()
    door.answer = HTTPException(401, "Token has been revoked")
    assert door.knock().name == "ada"
    with pytest.raises(UnauthenticatedError):
        door.knock("POST")
    with pytest.raises(UnauthenticatedError):
        door.knock()


def test_what_is_remembered_has_an_end(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(airflow_identity, "_MOST_TOKENS", 2)
    for token in "abc":
        door.knock(header=("authorization", f"Bearer {token}"))
    door.knock(header=("authorization", "Bearer a"))
    assert door.asked == 4


def test_without_airflows_database_nobody_is_turned_away_as_unknown(door: Door) -> None:
    door.answer = OperationalError("SELECT 1", {}, Exception("connection refused"))
    with pytest.raises(EngineUnavailableError):
        door.knock()
