"""An Airflow in memory, for tests of the use cases and the pages: see ``services.engine.Engine``."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from broadsheet.domain.job import STAGES, Stage, StageState
from broadsheet.errors import EngineUnavailableError, NotFoundError
from broadsheet.services.engine import PartHealth, QueueLoad, RunKey, Worker

AT = datetime(2013, 3, 25, 11, 0, tzinfo=UTC)


@dataclass
class FakeRun:
    """A DAG run as the fake keeps it."""

    conf: dict[str, Any]
    at: datetime
    by: str
    states: dict[str, StageState] = field(default_factory=dict)
    """States of the stages that are not waiting."""
    cancelled: bool = False


@dataclass
class FakeEngine:
    """Implements ``Engine``; a test sets what it answers and reads what it was asked.

    ``dags`` None means that every DAG is known. ``fault`` is raised by every method while it is set.
    """

    dags: set[str] | None = None
    fault: Exception | None = None
    runs: dict[RunKey, FakeRun] = field(default_factory=dict)
    repeats: list[tuple[RunKey, tuple[str, ...] | None]] = field(default_factory=list)
    """Every call of ``repeat``: the run and the stages."""
    asked: list[tuple[RunKey, ...]] = field(default_factory=list)
    """Every call of ``stages``."""
    questions: list[frozenset[str]] = field(default_factory=list)
    """Every call of ``known``."""
    worker_list: tuple[Worker, ...] = (
        Worker(
            name="celery@one",
            is_alive=True,
            heartbeat_at=AT,
            queues=("default", "fetch"),
            slots=4,
            active=1,
        ),
    )
    queue_list: tuple[QueueLoad, ...] = (
        QueueLoad(name="default", waiting=0, active=1, oldest_waiting_since=None),
        QueueLoad(name="fetch", waiting=2, active=0, oldest_waiting_since=AT),
    )
    times: dict[str, tuple[float, ...]] = field(
        default_factory=lambda: {"plan": (1.0, 2.0), "build_pdf": (5.0,)}
    )
    parts: tuple[PartHealth, ...] = (
        PartHealth(name="metadata database", is_healthy=True, words="answered"),
        PartHealth(name="scheduler", is_healthy=True, words="last heartbeat 3 s ago"),
    )

    def fail(self, words: str = "Airflow's database does not answer") -> None:
        """Make every method raise EngineUnavailableError from now on."""
        self.fault = EngineUnavailableError(words)

    def set_stages(self, key: RunKey, **states: StageState) -> None:
        """Say in which states a run's stages are; those not named wait."""
        self.runs.setdefault(key, FakeRun(conf={}, at=AT, by="airflow")).states.update(states)

    def knows(self, dag_id: str) -> bool:
        self._check()
        return self.dags is None or dag_id in self.dags

    def known(self, dag_ids: Collection[str]) -> frozenset[str]:
        self._check()
        self.questions.append(frozenset(dag_ids))
        return frozenset(dag_ids) if self.dags is None else frozenset(dag_ids) & self.dags

    def trigger(
        self, dag_id: str, *, dag_run_id: str, conf: Mapping[str, Any], at: datetime, by: str
    ) -> None:
        if not self.knows(dag_id):
            raise NotFoundError(f"Airflow does not know DAG {dag_id!r} yet")
        self.runs.setdefault((dag_id, dag_run_id), FakeRun(conf=dict(conf), at=at, by=by))

    def cancel(self, key: RunKey) -> bool:
        self._check()
        run = self.runs.get(key)
        if run is None or run.cancelled or run.states.get("finalize") is StageState.DONE:
            return False
        run.cancelled = True
        return True

    def repeat(self, key: RunKey, *, stages: Sequence[str] | None = None) -> None:
        self._check()
        if key not in self.runs:
            raise NotFoundError(f"Airflow does not know run {key[1]!r} of {key[0]!r} any more")
        self.runs[key].cancelled = False
        self.repeats.append((key, None if stages is None else tuple(stages)))

    def stages(self, keys: Sequence[RunKey]) -> dict[RunKey, tuple[Stage, ...]]:
        self._check()
        self.asked.append(tuple(keys))
        return {
            key: tuple(_stage(name, run.states.get(name, StageState.WAITING)) for name in STAGES)
            for key in keys
            if (run := self.runs.get(key)) is not None
        }

    def workers(self) -> tuple[Worker, ...]:
        self._check()
        return self.worker_list

    def queues(self) -> tuple[QueueLoad, ...]:
        self._check()
        return self.queue_list

    def stage_times(self, *, since: datetime) -> Mapping[str, Sequence[float]]:
        self._check()
        del since
        return self.times

    def health(self) -> tuple[PartHealth, ...]:
        self._check()
        return self.parts

    def _check(self) -> None:
        if self.fault is not None:
            raise self.fault


def _stage(name: str, state: StageState) -> Stage:
    over = state in (StageState.DONE, StageState.SKIPPED, StageState.FAILED)
    began = state is not StageState.WAITING
    return Stage(
        name=name,
        state=state,
        done=int(over),
        total=1,
        tries=int(began),
        started_at=AT if began else None,
        ended_at=AT if over else None,
    )
