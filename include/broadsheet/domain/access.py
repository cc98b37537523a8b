"""Who asks, and what they may have: the rules of rights, written once for all ways in."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from broadsheet.domain.report import ReportDefinition


class Caller(BaseModel):
    """A logged-in person or program, as Airflow's auth manager knows them."""

    model_config = ConfigDict(frozen=True)

    name: str
    """User name; owner of what they subscribe to."""
    email: str | None = None
    roles: frozenset[str] = frozenset()
    """Names of their roles in Airflow, in lower case."""
    is_operator: bool = False
    """Whether they see and may act on everybody's runs and subscriptions."""
    is_author: bool = False
    """Whether they may have every report, since they write them."""

    def may_have(self, report: ReportDefinition) -> bool:
        """Whether a report's definition grants it to one of their roles."""
        return (
            self.is_operator or self.is_author or any(role.lower() in self.roles for role in report.audience)
        )

    def may_act_for(self, owner: str | None) -> bool:
        """Whether they may see and change what belongs to an owner."""
        return self.is_operator or (owner is not None and owner == self.name)


def caller_of(
    name: str,
    *,
    email: str | None,
    roles: Iterable[str],
    operator_roles: Iterable[str],
    author_roles: Iterable[str],
) -> Caller:
    """Return a caller from what the auth manager says of them; role names are compared in lower case."""
    held = frozenset(role.lower() for role in roles)
    return Caller(
        name=name,
        email=email or None,
        roles=held,
        is_operator=not held.isdisjoint(role.lower() for role in operator_roles),
        is_author=not held.isdisjoint(role.lower() for role in author_roles),
    )
