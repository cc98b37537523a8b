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
from broadsheet.services.remembered import Remembered

_LISTED_SECONDS = 1.0
_SEVERAL = 2


class AirflowEngine:
    """Implements ``services.engine.Engine``; threads may share it."""

    def __init__(self, watch: WorkerWatch | None = None) -> None:
        self._watch = watch or WorkerWatch()
        # Lists are asked for again and again, by everybody who watches one; a single run or DAG is not kept.
        self._listed_dags: Remembered[frozenset[str]] = Remembered(seconds=_LISTED_SECONDS)
        self._listed_stages: Remembered[dict[RunKey, tuple[Stage, ...]]] = Remembered(seconds=_LISTED_SECONDS)

    def knows(self, dag_id: str) -> bool:
        """Whether a DAG can be run now."""
        return dag_id in known_dags([dag_id])

    def known(self, dag_ids: Collection[str]) -> frozenset[str]:
        """Return those of some DAGs that can be run now; of several, as a second ago."""
        if len(dag_ids) < _SEVERAL:
            return known_dags(dag_ids)
        return self._listed_dags.get(frozenset(dag_ids), lambda: known_dags(dag_ids))

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
        """Return the stages of runs; of several, as a second ago."""
        if len(keys) < _SEVERAL:
            return stages_of_runs(keys)
        return self._listed_stages.get(frozenset(keys), lambda: stages_of_runs(keys))

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
