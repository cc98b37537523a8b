"""What the page of operations shows of the figures: tiles, the chart of the days, failures in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from broadsheet.domain.run import RunState
from broadsheet.portal.pages.run_words import BADGES, reason_words
from broadsheet.portal.pages.svg import StackedBars, stacked_bars
from broadsheet.services.statistics import Stats

NAMES = BADGES
_CHARTED = (RunState.COMPLETED, RunState.PARTIAL, RunState.FAILED, RunState.SKIPPED)


@dataclass(frozen=True)
class Tile:
    """One figure at the head of the page."""

    label: str
    value: int
    hint: str
    tone: str
    """``bad``, ``warn`` or nothing."""
    path: str
    """Where the runs behind the figure are listed, within the portal."""


@dataclass(frozen=True)
class FailureRow:
    """A reason why runs did not complete."""

    words: str
    reason: str
    runs: int
    last_at: datetime
    last_job: UUID


def tiles_of(found: Stats) -> tuple[Tile, ...]:
    """Return the figures of now, then those of the last days."""
    states = found.states
    failed = states[RunState.FAILED]
    late = len(found.late)
    return (
        Tile("Waiting", states[RunState.WAITING], "now", "", "/runs?state=open"),
        Tile("Under way", states[RunState.ACTIVE], "now", "", "/runs?state=open"),
        Tile("Late", late, "now", "bad" if late else "", "#late"),
        Tile("Done", states[RunState.COMPLETED], "in 14 days", "", "/runs?state=completed"),
        Tile("Partly done", states[RunState.PARTIAL], "in 14 days", "", "/runs?state=partial"),
        Tile("Failed", failed, "in 14 days", "bad" if failed else "", "/runs?state=failed"),
    )


def chart_of_days(found: Stats) -> StackedBars:
    """Lay out a column per day; runs that were cancelled count as skipped, open ones are left out."""
    values = {
        state.value: [
            day.states[state] + (day.states[RunState.CANCELLED] if state is RunState.SKIPPED else 0)
            for day in found.days
        ]
        for state in _CHARTED
    }
    names = {state.value: NAMES[state] for state in _CHARTED}
    names[RunState.SKIPPED.value] = "Skipped or cancelled"
    labels = [f"{day.day.day} {day.day:%b}" for day in found.days]
    return stacked_bars(labels, values, names=names)


def days_words(found: Stats) -> str:
    """Say what the chart of the days shows."""
    total = sum(sum(day.states[state] for state in _CHARTED) for day in found.days)
    if not total:
        return "No run ended on any of these days."
    busiest = max(found.days, key=lambda day: sum(day.states.values()))
    return (
        f"{total} runs ended in {len(found.days)} days, days counted in UTC. The most were begun on "
        f"{busiest.day.day} {busiest.day:%B}: {sum(busiest.states.values())}."
    )


def failure_rows(found: Stats) -> tuple[FailureRow, ...]:
    """Return the reasons of failures in words, most frequent first."""
    return tuple(
        FailureRow(reason_words(one.reason), one.reason, one.runs, one.last_at, one.last_job)
        for one in found.failures
    )
