"""Counts of the runs that one person may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from broadsheet.domain.run import RunState
from broadsheet.store.database import Connection, fetch_all, statements


@dataclass(frozen=True)
class OwnCount:
    """How many runs of a report are in a state."""

    report_id: str
    state: RunState
    runs: int
    last_at: datetime


def own_run_counts(connection: Connection, caller: str, *, since: datetime) -> list[OwnCount]:
    """Count the runs that somebody owns or asked for and that were opened since an instant or are open."""
    values = {"caller": caller, "since": since}
    rows = fetch_all(connection, statements("own_counts")["runs"], values)
    return [OwnCount(**{**row, "state": RunState(row["state"])}) for row in rows]
