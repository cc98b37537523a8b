"""Figures for operators: what runs and waits, what is late, what failed and why, what takes long."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from statistics import quantiles
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from broadsheet.domain.delivery import DeliveryState
from broadsheet.domain.job import STAGE_WORDS, STAGES, words_of_state
from broadsheet.domain.run import RunState
from broadsheet.domain.schedule import Schedule
from broadsheet.domain.subscription import subscription_dag_id
from broadsheet.errors import EngineUnavailableError, InputError
from broadsheet.services.engine import QueueLoad
from broadsheet.services.installation import Installation
from broadsheet.services.remembered import Remembered
from broadsheet.store import statistics as stored
from broadsheet.store.database import transaction
from broadsheet.store.quarantine import read_quarantine

log = logging.getLogger(__name__)

DAYS = 14
"""How far back the figures go."""

# A slot is late once it has been due for so long without a run; a run, once it is open for so long.
_GRACE = timedelta(minutes=5)
_LONG = timedelta(minutes=30)
_STAGE_WINDOW = timedelta(days=1)


class _Figures(BaseModel):
    model_config = ConfigDict(frozen=True)


class DayCounts(_Figures):
    """Runs that were opened on one day, by their present state."""

    day: date
    """In UTC."""
    states: dict[RunState, int]


class ReportCounts(_Figures):
    """Runs of one report, by state."""

    report_id: str
    title: str
    states: dict[RunState, int]
    last_at: AwareDatetime
    """When the latest was opened."""


class Failure(_Figures):
    """A reason for which runs did not complete."""

    reason: str
    runs: int
    last_at: AwareDatetime
    last_job: UUID


class LateSlot(_Figures):
    """A slot that nobody began, or a run that has been open for long."""

    title: str
    subscription: str | None
    """Slug; None for a run on demand."""
    dag_id: str
    dag_run_id: str | None
    job: UUID | None
    """None when there is no run for the slot."""
    slot: AwareDatetime
    late_by: timedelta
    words: str


class StageTimes(_Figures):
    """How long a stage's tasks took in the last day, in seconds."""

    name: str
    words: str
    tasks: int
    p50: float
    p95: float
    longest: float


class Stats(_Figures):
    """Everything at one instant. Runs are those of the last fourteen days, and all that are open."""

    at: AwareDatetime
    states: dict[RunState, int]
    """Every state, also those that do not occur."""
    deliveries: dict[DeliveryState, int]
    reports: tuple[ReportCounts, ...]
    """Most runs first."""
    queues: tuple[QueueLoad, ...]
    days: tuple[DayCounts, ...]
    """Oldest first, days without a run included."""
    failures: tuple[Failure, ...]
    """Most frequent first."""
    late: tuple[LateSlot, ...]
    """Latest first."""
    stages: tuple[StageTimes, ...]
    """Slowest first, by p95."""
    engine_fault: str | None = None
    """In words, why queues and stages are missing: Airflow did not answer."""

    @property
    def oldest_waiting_since(self) -> datetime | None:
        """Since when the task waits that waits longest."""
        since = [queue.oldest_waiting_since for queue in self.queues if queue.oldest_waiting_since]
        return min(since, default=None)


class Quarantined(_Figures):
    """A subscription or a report that is left out because it is wrong."""

    kind: str
    """``subscription`` or ``report``."""
    name: str
    fault: str


# The page of operations asks anew every few seconds, for each operator.
_stats: Remembered[Stats] = Remembered(seconds=5, most=8)


def stats(inst: Installation) -> Stats:
    """Return the figures, at most five seconds old."""
    return _stats.get(inst.dsn, lambda: _compute(inst))


def quarantine(inst: Installation) -> tuple[Quarantined, ...]:
    """Return what is left out: reports with a wrong definition, subscriptions that cannot become DAGs."""
    reports = [
        Quarantined(kind="report", name=name, fault="; ".join(problem.message for problem in problems))
        for name, problems in inst.catalog().broken.items()
    ]
    folder = inst.settings().shards_dir
    faults = read_quarantine(folder) if folder is not None else {}
    held = [Quarantined(kind="subscription", name=slug, fault=fault) for slug, fault in faults.items()]
    return (*reports, *held)


def _compute(inst: Installation) -> Stats:
    at = inst.clock()
    since = at - timedelta(days=DAYS)
    with transaction(inst.dsn()) as connection:
        counts = stored.run_counts(connection, since=since)
        deliveries = stored.delivery_counts_since(connection, since=since)
        failures = stored.failure_reasons(connection, since=since)
        due = _due_slots(stored.active_schedules(connection), since=since, at=at)
        missing = stored.slots_without_run(connection, due)
        long_open = stored.open_since(connection, before=at - _LONG)
    queues: tuple[QueueLoad, ...] = ()
    stages: tuple[StageTimes, ...] = ()
    fault: str | None = None
    try:
        queues = inst.engine.queues()
        stages = _stage_times(inst.engine.stage_times(since=at - _STAGE_WINDOW))
    except EngineUnavailableError as error:
        log.warning("figures without Airflow's part: %s", error)
        fault = str(error)
    return Stats(
        at=at,
        states=_by_state(counts),
        deliveries={state: deliveries.get(state, 0) for state in DeliveryState},
        reports=_by_report(inst, counts),
        queues=queues,
        days=_by_day(counts, at),
        failures=tuple(Failure(**vars(one)) for one in failures),
        late=_late(missing, long_open, at),
        stages=stages,
        engine_fault=fault,
    )


def _due_slots(
    schedules: Iterable[stored.ActiveSchedule], *, since: datetime, at: datetime
) -> list[tuple[UUID, datetime]]:
    """Return the latest slot of each subscription that should have begun by now."""

    @cache  # thousands share a few schedules
    def last_slot(cron: str, zone: str) -> datetime | None:
        try:
            return Schedule(cron=cron, zone=zone).slot_at_or_before(at - _GRACE)
        except (InputError, ValueError):
            return None  # it is in the quarantine, or has never been due

    return [
        (one.subscription_id, slot)
        for one in schedules
        if (slot := last_slot(one.cron, one.zone)) is not None and slot >= max(one.due_from, since)
    ]


def _late(
    missing: Sequence[stored.MissingSlot], long_open: Sequence[stored.OpenRun], at: datetime
) -> tuple[LateSlot, ...]:
    slots = [
        LateSlot(
            title=one.title,
            subscription=one.slug,
            dag_id=subscription_dag_id(one.slug),
            dag_run_id=None,
            job=None,
            slot=one.slot,
            late_by=at - one.slot,
            words="Due, but not begun",
        )
        for one in missing
    ]
    runs = [
        LateSlot(
            title=one.title or one.report_id,
            subscription=one.slug,
            dag_id=one.dag_id,
            dag_run_id=one.dag_run_id,
            job=one.run_id,
            slot=one.slot,
            late_by=at - one.opened_at,
            words=f"{words_of_state(one.state)}: open for long",
        )
        for one in long_open
    ]
    return tuple(sorted([*slots, *runs], key=lambda one: one.late_by, reverse=True))


def _stage_times(times: Mapping[str, Sequence[float]]) -> tuple[StageTimes, ...]:
    found = []
    for name in STAGES:
        if not (seconds := sorted(times.get(name, ()))):
            continue
        # `quantiles` wants two values.
        cuts = quantiles(seconds, n=20, method="inclusive") if len(seconds) > 1 else seconds * 19
        found.append(
            StageTimes(
                name=name,
                words=STAGE_WORDS[name],
                tasks=len(seconds),
                p50=cuts[9],
                p95=cuts[18],
                longest=seconds[-1],
            )
        )
    return tuple(sorted(found, key=lambda one: one.p95, reverse=True))


def _by_state(counts: Iterable[stored.RunCount]) -> dict[RunState, int]:
    total: Counter[RunState] = Counter()
    for one in counts:
        total[one.state] += one.runs
    return {state: total[state] for state in RunState}


def _by_report(inst: Installation, counts: Iterable[stored.RunCount]) -> tuple[ReportCounts, ...]:
    titles = {report.id: report.title for report in inst.catalog()}
    found: dict[str, list[stored.RunCount]] = {}
    for one in counts:
        found.setdefault(one.report_id, []).append(one)
    reports = [
        ReportCounts(
            report_id=report_id,
            title=titles.get(report_id, report_id),
            states=_by_state(rows),
            last_at=max(row.last_at for row in rows),
        )
        for report_id, rows in found.items()
    ]
    return tuple(sorted(reports, key=lambda one: (-sum(one.states.values()), one.report_id)))


def _by_day(counts: Iterable[stored.RunCount], at: datetime) -> tuple[DayCounts, ...]:
    today = at.astimezone(UTC).date()
    days: dict[date, list[stored.RunCount]] = {
        today - timedelta(days=back): [] for back in reversed(range(DAYS))
    }
    for one in counts:
        if one.day in days:
            days[one.day].append(one)
    return tuple(DayCounts(day=day, states=_by_state(rows)) for day, rows in days.items())
