"""Airflow, as the use cases use it, within the api-server: no HTTP request to itself, no second token."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from broadsheet.domain.job import Stage
from broadsheet.portal.airflow_health import airflow_parts
from broadsheet.portal.airflow_runs import cancel_run, known_dags, repeat_run, trigger_run
from broadsheet.portal.airflow_stages import queue_loads, stage_seconds, stages_of_runs
from broadsheet.portal.airflow_workers import WorkerWatch
from broadsheet.services.engine import PartHealth, QueueLoad, RunKey, Worker


class AirflowEngine:
    """Implements ``services.engine.Engine``; threads may share it."""

    def __init__(self, watch: WorkerWatch | None = None) -> None:
        self._watch = watch or WorkerWatch()

    def knows(self, dag_id: str) -> bool:
        """Whether a DAG can be run now."""
        return dag_id in known_dags([dag_id])

    def known(self, dag_ids: Collection[str]) -> frozenset[str]:
        """Return those of some DAGs that can be run now."""
        return known_dags(dag_ids)

    def trigger(
        self, dag_id: str, *, dag_run_id: str, conf: Mapping[str, Any], at: datetime, by: str
    ) -> None:
        """Start a run of a DAG, unless it has one of that id."""
        trigger_run(dag_id, dag_run_id=dag_run_id, conf=conf, at=at, by=by)

    def cancel(self, key: RunKey) -> bool:
        """Stop a run and its tasks."""
        return cancel_run(key)

    def repeat(self, key: RunKey, *, stages: Sequence[str] | None = None) -> None:
        """Clear a run from its failed tasks on, or from some stages on."""
        repeat_run(key, stages)

    def stages(self, keys: Sequence[RunKey]) -> dict[RunKey, tuple[Stage, ...]]:
        """Return the stages of runs."""
        return stages_of_runs(keys)

    def workers(self) -> tuple[Worker, ...]:
        """Return the Celery workers, as they answered some seconds ago."""
        return self._watch.workers()

    def queues(self) -> tuple[QueueLoad, ...]:
        """Return the load of each queue that has any, or that a worker is known to take from."""
        loads = {load.name: load for load in queue_loads()}
        idle = QueueLoad(name="", waiting=0, active=0, oldest_waiting_since=None)
        names = sorted(self._watch.queues() | set(loads))
        return tuple(loads.get(name) or replace(idle, name=name) for name in names)

    def stage_times(self, *, since: datetime) -> Mapping[str, Sequence[float]]:
        """Return the seconds that each stage's instances took."""
        return stage_seconds(since)

    def health(self) -> tuple[PartHealth, ...]:
        """Return how Airflow's own parts are."""
        return airflow_parts()
