"""People: what the auth manager and the portal say of them, and what they may have by that."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.office import shipped_catalog

from broadsheet.domain.access import Caller
from broadsheet.settings import Settings
from broadsheet.store.database import transaction
from broadsheet.store.people import Person, find_person, note_person, sync_people

AT = datetime(2013, 3, 25, 11, 0, tzinfo=UTC)
ADA = Person(name="ada", email="ada@broadsheet.example", roles=("subscriber",), is_active=True)


def sync(dsn: str, *people: Person) -> int:
    with transaction(dsn) as connection:
        return sync_people(connection, people, at=AT)


def note(dsn: str, name: str, *roles: str) -> None:
    with transaction(dsn) as connection:
        note_person(connection, Caller(name=name, roles=frozenset(roles)), at=AT)


def found(dsn: str, name: str) -> Person | None:
    with transaction(dsn) as connection:
        return find_person(connection, name)


def test_people_are_taken_over_and_again_only_when_something_changed(database_dsn: str) -> None:
    assert sync(database_dsn, ADA, replace(ADA, name="bob", email=None)) == 2
    assert sync(database_dsn, ADA, replace(ADA, name="bob", email=None)) == 0
    assert sync(database_dsn, replace(ADA, roles=("Op", "Subscriber")), replace(ADA, name="bob")) == 2
    assert found(database_dsn, "ada") == replace(ADA, roles=("op", "subscriber"))
    assert found(database_dsn, "nobody") is None


def test_who_is_gone_from_the_auth_manager_is_inactive_and_who_was_only_seen_stays(database_dsn: str) -> None:
    sync(database_dsn, ADA, replace(ADA, name="bob"))
    note(database_dsn, "eve", "subscriber")
    assert sync(database_dsn, ADA) == 1
    assert sync(database_dsn, ADA) == 0
    bob, eve = found(database_dsn, "bob"), found(database_dsn, "eve")
    assert bob is not None
    assert eve is not None
    assert (bob.is_active, eve.is_active) == (False, True)


def test_who_comes_back_is_active_with_the_roles_of_now(database_dsn: str) -> None:
    sync(database_dsn, ADA)
    sync(database_dsn)
    note(database_dsn, "ada", "op")
    assert found(database_dsn, "ada") == Person(name="ada", email=None, roles=("op",), is_active=True)


@pytest.mark.parametrize(
    ("roles", "is_active", "may"),
    [
        (("subscriber",), True, True),
        (("Subscriber",), True, True),
        (("op",), True, True),
        (("user",), True, True),
        (("visitor",), True, False),
        ((), True, False),
        (("admin",), False, False),
    ],
)
def test_a_person_may_have_what_is_for_one_of_their_roles(
    roles: tuple[str, ...], is_active: bool, may: bool
) -> None:
    report = shipped_catalog().get("airline_punctuality")
    assert replace(ADA, roles=roles, is_active=is_active).may_have(report, settings=Settings()) is may
