"""What the use cases need of Airflow, as a protocol: the portal implements it inside the api-server."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from broadsheet.domain.job import Stage

RunKey = tuple[str, str]
"""DAG id and DAG run id."""


@dataclass(frozen=True)
class Worker:
    """A Celery worker, as the broker and Airflow know it."""

    name: str
    is_alive: bool
    heartbeat_at: datetime | None
    queues: tuple[str, ...]
    slots: int
    active: int
    """Tasks it works on now."""


@dataclass(frozen=True)
class QueueLoad:
    """What waits and what runs in one queue."""

    name: str
    waiting: int
    active: int
    oldest_waiting_since: datetime | None


@dataclass(frozen=True)
class PartHealth:
    """Whether one part of the installation does its work."""

    name: str
    is_healthy: bool
    words: str
    """What was tried and what came of it; no address, no secret."""


class Engine(Protocol):
    """Airflow, as far as the use cases use it. Each method raises EngineUnavailableError when Airflow's
    database does not answer."""

    def knows(self, dag_id: str) -> bool:
        """Whether a DAG can be run now."""

    def known(self, dag_ids: Collection[str]) -> frozenset[str]:
        """Return those of some DAGs that can be run now, asked for together."""

    def trigger(
        self, dag_id: str, *, dag_run_id: str, conf: Mapping[str, Any], at: datetime, by: str
    ) -> None:
        """Start a run of a DAG; NotFoundError when Airflow does not know the DAG (yet).

        A repeated call with the same ids changes nothing.
        """

    def cancel(self, key: RunKey) -> bool:
        """Stop a run and its tasks; False when it is over already or unknown."""

    def repeat(self, key: RunKey, *, stages: Sequence[str] | None = None) -> None:
        """Clear a run: the failed tasks and what follows them, or ``stages`` and what follows those.

        Raises NotFoundError when Airflow does not know the run any more.
        """

    def stages(self, keys: Sequence[RunKey]) -> dict[RunKey, tuple[Stage, ...]]:
        """Return the stages of runs in the order of the pipeline; unknown runs are absent."""

    def workers(self) -> tuple[Worker, ...]:
        """Return the Celery workers."""

    def queues(self) -> tuple[QueueLoad, ...]:
        """Return the load of each queue."""

    def stage_times(self, *, since: datetime) -> Mapping[str, Sequence[float]]:
        """Return the seconds that each stage's instances took, of those that ended since an instant."""

    def health(self) -> tuple[PartHealth, ...]:
        """Return how Airflow's own parts are: metadata database, scheduler, dag-processor, triggerer."""
