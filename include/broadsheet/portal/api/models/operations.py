"""How the installation does: counts, workers, health."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from broadsheet.domain.delivery import DeliveryState
from broadsheet.domain.run import RunState
from broadsheet.portal.api.models.base import Answer
from broadsheet.services import engine, statistics
from broadsheet.services.health import Health as FoundHealth

_AT = "2026-03-23T11:00:00Z"
_STATES = {
    "waiting": 1,
    "active": 2,
    "completed": 140,
    "partial": 1,
    "failed": 3,
    "skipped": 0,
    "cancelled": 1,
}
_JOB = "3f8f3c1e-59bb-5a2f-9a0e-7f1f6f0f2d11"
_OPERATORS = "For operators; null for others."


class ReportCounts(Answer):
    """Jobs of one report."""

    report: str = Field(description="Id of the report.", examples=["airline_punctuality"])
    title: str = Field(description="Its title.", examples=["Airline punctuality"])
    states: dict[RunState, int] = Field(description="Its jobs by state.", examples=[_STATES])
    last_at: AwareDatetime = Field(description="When the latest was opened.", examples=[_AT])


class DayCounts(Answer):
    """Jobs of one day."""

    day: date = Field(description="The day, in UTC.", examples=["2026-03-23"])
    states: dict[RunState, int] = Field(
        description="Jobs that were opened on it, by their present state.", examples=[_STATES]
    )


class Queue(Answer):
    """What waits and what runs in one queue of Celery."""

    name: str = Field(description="Its name.", examples=["render"])
    waiting: int = Field(description="Tasks that wait in it.", examples=[4])
    active: int = Field(description="Its tasks that run.", examples=[2])
    oldest_waiting_since: datetime | None = Field(
        description="Since when the task waits that waits longest.", examples=[_AT]
    )


class Failure(Answer):
    """A reason for which jobs did not complete."""

    reason: str = Field(description="The reason in words.", examples=["the source did not answer"])
    jobs: int = Field(description="How many jobs have it.", examples=[3])
    last_at: AwareDatetime = Field(description="When the latest of them ended.", examples=[_AT])
    last_job: UUID = Field(description="Id of the latest of them.", examples=[_JOB])


class Late(Answer):
    """A slot that nobody began, or a job that has been open for long."""

    title: str = Field(description="Title of subscription or report.", examples=["Punctuality of United"])
    subscription: str | None = Field(
        description="Name of the subscription, if any.", examples=["punctuality-of-united-3f9a1c"]
    )
    job: UUID | None = Field(description="Id of the job; null where there is none.", examples=[_JOB])
    dag_id: str = Field(description="DAG in Airflow.", examples=["report__airline_punctuality"])
    dag_run_id: str | None = Field(description="DAG run in Airflow, if any.", examples=[None])
    slot: AwareDatetime = Field(description="When it was due.", examples=[_AT])
    late_seconds: float = Field(description="By how much it is late.", examples=[720.0])
    words: str = Field(description="The same in words.", examples=["due 12 minutes ago and not begun"])


class StageTimes(Answer):
    """How long the tasks of one stage took in the last day, in seconds."""

    name: str = Field(description="Name of the stage.", examples=["build_pdf"])
    words: str = Field(description="What it does.", examples=["Laying out pages"])
    tasks: int = Field(description="Tasks that ended.", examples=[410])
    p50: float = Field(description="Half of them took no longer.", examples=[1.4])
    p95: float = Field(description="Nineteen of twenty took no longer.", examples=[3.9])
    longest: float = Field(description="None took longer.", examples=[9.2])


class Quarantined(Answer):
    """A subscription or report that is left out because it is wrong."""

    kind: str = Field(description="`subscription` or `report`.", examples=["report"])
    name: str = Field(description="Its name.", examples=["board_figures"])
    fault: str = Field(
        description="What is wrong with it.", examples=["board_figures.yaml:12: no such column"]
    )


class Stats(Answer):
    """Jobs of the last fourteen days and all that are open, counted."""

    scope: Literal["own", "all"] = Field(
        description="Whose jobs are counted: the caller's own or, for operators, everybody's.",
        examples=["own"],
    )
    at: AwareDatetime = Field(description="When they were counted.", examples=[_AT])
    states: dict[RunState, int] = Field(description="Jobs by state.", examples=[_STATES])
    reports: tuple[ReportCounts, ...] = Field(description="Jobs by report, most jobs first.", examples=[[]])
    deliveries: dict[DeliveryState, int] | None = Field(
        None, description=f"Mails by state. {_OPERATORS}", examples=[{"accepted": 310, "refused": 1}]
    )
    days: tuple[DayCounts, ...] | None = Field(
        None, description=f"Jobs by day, oldest first. {_OPERATORS}", examples=[[]]
    )
    queues: tuple[Queue, ...] | None = Field(None, description=f"Load by queue. {_OPERATORS}", examples=[[]])
    failures: tuple[Failure, ...] | None = Field(
        None, description=f"Reasons of failures, most frequent first. {_OPERATORS}", examples=[[]]
    )
    late: tuple[Late, ...] | None = Field(
        None, description=f"What is late, latest first. {_OPERATORS}", examples=[[]]
    )
    stages: tuple[StageTimes, ...] | None = Field(
        None, description=f"The stages, slowest first. {_OPERATORS}", examples=[[]]
    )
    quarantine: tuple[Quarantined, ...] | None = Field(
        None, description=f"What is left out because it is wrong. {_OPERATORS}", examples=[[]]
    )
    engine_fault: str | None = Field(
        None,
        description="Why queues and stages are missing: Airflow did not answer. For operators.",
        examples=[None],
    )


class Worker(Answer):
    """A Celery worker."""

    name: str = Field(description="Its name.", examples=["celery@render-1"])
    is_alive: bool = Field(description="Whether it answers.", examples=[True])
    heartbeat_at: datetime | None = Field(description="When it was heard last.", examples=[_AT])
    queues: tuple[str, ...] = Field(description="Queues that it takes tasks from.", examples=[["render"]])
    slots: int = Field(description="Tasks that it can do at a time.", examples=[4])
    active: int = Field(description="Tasks that it does.", examples=[2])


class WorkerList(Answer):
    """The Celery workers, and the queues that they take tasks from."""

    workers: tuple[Worker, ...] = Field(description="The workers.", examples=[[]])
    queues: tuple[Queue, ...] = Field(description="The queues.", examples=[[]])


class Part(Answer):
    """One part of the installation."""

    name: str = Field(description="Its name.", examples=["object store"])
    is_healthy: bool = Field(description="Whether it does its work.", examples=[True])
    words: str = Field(
        description="What was tried and what came of it.", examples=["stored an object and read it"]
    )


class Health(Answer):
    """Whether the installation does its work."""

    is_healthy: bool = Field(description="Whether every part does.", examples=[True])
    at: AwareDatetime = Field(description="When they were tried.", examples=[_AT])
    parts: tuple[Part, ...] = Field(description="The parts.", examples=[[]])


def all_stats(found: statistics.Stats, left_out: Iterable[statistics.Quarantined]) -> Stats:
    """Return what operators are told."""
    return Stats(
        scope="all",
        at=found.at,
        states=found.states,
        reports=_reports(found.reports),
        deliveries=found.deliveries,
        days=tuple(DayCounts(day=one.day, states=one.states) for one in found.days),
        queues=queues_of(found.queues),
        failures=tuple(
            Failure(reason=one.reason, jobs=one.runs, last_at=one.last_at, last_job=one.last_job)
            for one in found.failures
        ),
        late=tuple(
            Late(late_seconds=one.late_by.total_seconds(), **one.model_dump(exclude={"late_by"}))
            for one in found.late
        ),
        stages=tuple(StageTimes(**one.model_dump()) for one in found.stages),
        quarantine=tuple(Quarantined(**one.model_dump()) for one in left_out),
        engine_fault=found.engine_fault,
    )


def own_stats(counts: Iterable[statistics.ReportCounts], *, at: datetime) -> Stats:
    """Return what everybody else is told."""
    reports = _reports(counts)
    states = {state: sum(one.states[state] for one in reports) for state in RunState}
    return Stats(scope="own", at=at, states=states, reports=reports)


def queues_of(queues: Iterable[engine.QueueLoad]) -> tuple[Queue, ...]:
    """Return queues as the API tells them."""
    return tuple(
        Queue(
            name=one.name,
            waiting=one.waiting,
            active=one.active,
            oldest_waiting_since=one.oldest_waiting_since,
        )
        for one in queues
    )


def workers_of(workers: Iterable[engine.Worker]) -> tuple[Worker, ...]:
    """Return workers as the API tells them."""
    return tuple(
        Worker(
            name=one.name,
            is_alive=one.is_alive,
            heartbeat_at=one.heartbeat_at,
            queues=one.queues,
            slots=one.slots,
            active=one.active,
        )
        for one in workers
    )


def health_of(found: FoundHealth) -> Health:
    """Return the state of the parts as the API tells it."""
    parts = tuple(Part(name=one.name, is_healthy=one.is_healthy, words=one.words) for one in found.parts)
    return Health(is_healthy=found.is_healthy, at=found.at, parts=parts)


def _reports(counts: Iterable[statistics.ReportCounts]) -> tuple[ReportCounts, ...]:
    return tuple(
        ReportCounts(report=one.report_id, title=one.title, states=one.states, last_at=one.last_at)
        for one in counts
    )
