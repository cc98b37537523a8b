"""Which runs the list shows, as its address says it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from broadsheet.domain.run import RunState
from broadsheet.services.jobs import JobQuery

_FIRST_YEAR = 1970
ON_PAGE = 20
"""Runs that are loaded at a time."""

GROUPS: dict[str, tuple[str, frozenset[RunState]]] = {
    "open": ("Under way", frozenset({RunState.WAITING, RunState.ACTIVE})),
    "completed": ("Done", frozenset({RunState.COMPLETED})),
    "trouble": ("Failed or partly done", frozenset({RunState.FAILED, RunState.PARTIAL})),
    "failed": ("Failed", frozenset({RunState.FAILED})),
    "partial": ("Partly done", frozenset({RunState.PARTIAL})),
    "skipped": ("Skipped", frozenset({RunState.SKIPPED})),
    "cancelled": ("Cancelled", frozenset({RunState.CANCELLED})),
}
"""What can be chosen as a state: its words and the states it stands for."""


def _filled(value: object) -> object:
    """A form sends every field; one that is empty restricts nothing. No text of ours holds a NUL."""
    return (value.replace("\x00", "").strip() or None) if isinstance(value, str) else value


def _known_group(value: object) -> object:
    return value if isinstance(value, str) and value in GROUPS else None


def _readable_day(value: object) -> object:
    """An address that somebody typed is no reason for an error page."""
    if not isinstance(value, str):
        return value
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    # Nothing is older, and midnight of the calendar's first day has no instant in every zone.
    return day if day.year >= _FIRST_YEAR else None


Words = Annotated[Annotated[str, Field(max_length=200)] | None, BeforeValidator(_filled)]


class RunFilter(BaseModel):
    """The filter's fields, named as in the address."""

    model_config = ConfigDict(frozen=True)

    q: Words = None
    state: Annotated[str | None, BeforeValidator(_known_group)] = None
    report: Words = None
    subscription: Words = None
    since: Annotated[date | None, BeforeValidator(_readable_day)] = None
    cursor: Words = None

    @property
    def is_set(self) -> bool:
        """Whether the filter restricts anything."""
        return any((self.q, self.state, self.report, self.subscription, self.since))

    def query(self, zone: str) -> JobQuery:
        """Return what to ask the ledger; a day begins at midnight in the reader's zone."""
        day = self.since
        return JobQuery(
            states=GROUPS[self.state][1] if self.state else frozenset(),
            report=self.report,
            subscription=self.subscription,
            since=datetime.combine(day, time.min, tzinfo=ZoneInfo(zone)).astimezone(UTC) if day else None,
            text=self.q,
            limit=ON_PAGE,
            cursor=self.cursor,
        )

    def address(self, **changed: str | None) -> str:
        """Return the address' query, ``?`` included, with some fields changed or, as None, left out."""
        fields = {**self.model_dump(mode="json", exclude={"cursor"}), **changed}
        given = {name: value for name, value in fields.items() if value}
        return f"?{urlencode(given)}" if given else ""
