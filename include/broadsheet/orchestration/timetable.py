"""The timetable of a subscription: our own slots, so that Airflow and the ledger agree on when one is due."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from airflow._shared.timezones.timezone import coerce_datetime, utcnow
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable

from broadsheet.domain.schedule import Schedule


class SlotTimetable(Timetable):
    """Run at each slot of a cron line read in a time zone (the rule is in ``broadsheet.domain.schedule``).

    The logical date of a run is its slot, and its data interval is that instant alone: the period that a
    report describes is computed by ``plan``. Without catch-up only the latest missed slot is run after an
    outage.

    ``due_from`` is when the subscription was made, resumed or given this schedule: no slot before it is run
    by itself, though a backfill may ask for one. It is kept here and not in the DAG's start_date, before
    which Airflow makes runs without any task.
    """

    def __init__(self, cron: str, zone: str, due_from: datetime) -> None:
        self._schedule = Schedule(cron=cron, zone=zone)
        self._due_from = due_from
        self.description = f"{cron} in {zone}"

    @property
    def summary(self) -> str:
        """Short form for the list of DAGs."""
        return f"{self._schedule.cron} {self._schedule.zone}"

    def serialize(self) -> dict[str, Any]:
        """Return what :meth:`deserialize` needs."""
        return {
            "cron": self._schedule.cron,
            "zone": self._schedule.zone,
            "due_from": self._due_from.isoformat(),
        }

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> SlotTimetable:
        """Build the timetable from its serialised form."""
        return cls(data["cron"], data["zone"], datetime.fromisoformat(data["due_from"]))

    def infer_manual_data_interval(self, *, run_after: datetime) -> DataInterval:
        """Return the instant at which a run was asked for."""
        return DataInterval.exact(coerce_datetime(run_after))

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        """Return the next slot within the restriction, or None when there is none."""
        last = last_automated_data_interval
        if restriction.catchup:
            # A backfill: its own dates bound it.
            slot = self._schedule.next_slot(last.end) if last else self._first_from(restriction.earliest)
        else:
            candidates = [self._first_from(self._due_from), self._schedule.slot_at_or_before(utcnow())]
            if last is not None:
                candidates.append(self._schedule.next_slot(last.end))
            slot = max(candidates)
        if restriction.latest is not None and slot > restriction.latest:
            return None
        return DagRunInfo.exact(coerce_datetime(slot))

    def _first_from(self, instant: datetime | None) -> datetime:
        instant = instant or self._due_from
        previous = self._schedule.slot_at_or_before(instant)
        return previous if previous == instant else self._schedule.next_slot(instant)
