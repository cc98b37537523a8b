"""Whether Airflow's own parts do their work: by their heartbeats in its database."""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.jobs.job import Job, most_recent_job

from broadsheet.portal.airflow_session import airflow_session
from broadsheet.services.engine import PartHealth

_PARTS = (
    ("scheduler", "SchedulerJob"),
    ("dag-processor", "DagProcessorJob"),
    ("triggerer", "TriggererJob"),
)


def airflow_parts(now: datetime | None = None) -> tuple[PartHealth, ...]:
    """Return the metadata database, the scheduler, the dag-processor and the triggerer."""
    at = now or datetime.now(UTC)
    with airflow_session() as session:
        jobs = [(part, most_recent_job(kind, session=session)) for part, kind in _PARTS]
        parts = [_part(name, job, at) for name, job in jobs]
    return (PartHealth(name="metadata database", is_healthy=True, words="answered a query"), *parts)


def _part(name: str, job: Job | None, at: datetime) -> PartHealth:
    if job is None or job.latest_heartbeat is None:
        return PartHealth(name=name, is_healthy=False, words="was never started")
    seconds = max(0, round((at - job.latest_heartbeat).total_seconds()))
    return PartHealth(name=name, is_healthy=job.is_alive(), words=f"last heartbeat {seconds} s ago")
