"""People as Airflow's auth manager knows them: what a run's owner may have is looked up here at every run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from psycopg.types.json import Jsonb

from broadsheet.domain.access import Caller, caller_of
from broadsheet.domain.report import ReportDefinition
from broadsheet.settings import Settings
from broadsheet.store.database import Connection, fetch_one, statements


@dataclass(frozen=True)
class Person:
    """A user of Airflow."""

    name: str
    email: str | None
    roles: tuple[str, ...]
    is_active: bool

    def may_have(self, report: ReportDefinition, *, settings: Settings) -> bool:
        """Whether the person is let in and has a role that the report is for."""
        caller = caller_of(
            self.name,
            email=self.email,
            roles=self.roles,
            operator_roles=settings.operator_roles,
            author_roles=settings.author_roles,
        )
        return self.is_active and caller.may_have(report)


def find_person(connection: Connection, name: str) -> Person | None:
    """Return a person by their user name, or None when nobody of that name was ever seen."""
    row = fetch_one(connection, statements("people")["by_name"], {"name": name})
    if row is None:
        return None
    return Person(name=row["name"], email=row["email"], roles=tuple(row["roles"]), is_active=row["is_active"])


def note_person(connection: Connection, caller: Caller, *, at: datetime) -> None:
    """Write down a caller who was just let in, with their present roles."""
    values = {"name": caller.name, "email": caller.email, "roles": sorted(caller.roles), "at": at}
    connection.execute(statements("people")["note"], values)


def sync_people(connection: Connection, people: Iterable[Person], *, at: datetime) -> int:
    """Take over what the auth manager says of all its people, and return how many rows that changed.

    Who came from there before and is there no more becomes inactive; who was only seen in the portal stays.
    """
    rows = [
        {
            "name": one.name,
            "email": one.email,
            "roles": sorted({role.lower() for role in one.roles}),
            "is_active": one.is_active,
        }
        for one in people
    ]
    values = {"people": Jsonb(rows), "at": at}
    changed = connection.execute(statements("people")["sync"], values).rowcount
    return changed + connection.execute(statements("people")["retire_others"], values).rowcount
