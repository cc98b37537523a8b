"""How far runs are and what their tasks take: read from Airflow's task instances."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from airflow.models.dagrun import DagRun
from airflow.models.taskinstance import TaskInstance
from airflow.utils.state import TaskInstanceState
from sqlalchemy import func, or_, select, tuple_

from broadsheet.domain.job import STAGES, Stage, StageState
from broadsheet.portal.airflow_session import airflow_session
from broadsheet.services.engine import QueueLoad, RunKey

# How many of the latest task instances the times are taken from.
_MOST_TIMES = 20_000
_OUR_DAGS = ("report__", "subscription__")

_STATES: Mapping[str | None, StageState] = {
    None: StageState.WAITING,
    TaskInstanceState.SCHEDULED: StageState.WAITING,
    TaskInstanceState.QUEUED: StageState.WAITING,
    TaskInstanceState.RUNNING: StageState.ACTIVE,
    TaskInstanceState.RESTARTING: StageState.ACTIVE,
    TaskInstanceState.DEFERRED: StageState.ACTIVE,
    TaskInstanceState.UP_FOR_RESCHEDULE: StageState.ACTIVE,
    TaskInstanceState.UP_FOR_RETRY: StageState.RETRYING,
    TaskInstanceState.SUCCESS: StageState.DONE,
    TaskInstanceState.FAILED: StageState.FAILED,
    # Never began: what failed is the stage before.
    TaskInstanceState.UPSTREAM_FAILED: StageState.SKIPPED,
    TaskInstanceState.SKIPPED: StageState.SKIPPED,
}
_OVER = frozenset({StageState.DONE, StageState.FAILED, StageState.SKIPPED})


class Instance(NamedTuple):
    """A task instance, as far as a stage's progress goes."""

    state: StageState
    tries: int
    started_at: datetime | None
    ended_at: datetime | None


def stages_of_runs(keys: Sequence[RunKey]) -> dict[RunKey, tuple[Stage, ...]]:
    """Return the stages of each run that Airflow knows, by one query for all of them."""
    if not keys:
        return {}
    statement = (
        select(
            DagRun.dag_id,
            DagRun.run_id,
            TaskInstance.task_id,
            TaskInstance.state,
            TaskInstance.try_number,
            TaskInstance.start_date,
            TaskInstance.end_date,
        )
        .join(
            TaskInstance,
            (TaskInstance.dag_id == DagRun.dag_id) & (TaskInstance.run_id == DagRun.run_id),
            isouter=True,
        )
        .where(tuple_(DagRun.dag_id, DagRun.run_id).in_(list(dict.fromkeys(keys))))
    )
    runs: dict[RunKey, dict[str, list[Instance]]] = {}
    with airflow_session() as session:
        for dag_id, run_id, task_id, state, tries, started, ended in session.execute(statement):
            stages = runs.setdefault((dag_id, run_id), defaultdict(list))
            # Removed instances belong to a mapping that was made anew.
            if task_id is not None and state != TaskInstanceState.REMOVED:
                found = Instance(_STATES.get(state, StageState.WAITING), tries or 0, started, ended)
                stages[task_id.rpartition(".")[2]].append(found)
    return {key: _in_order(stages) for key, stages in runs.items()}


def stage_of(name: str, instances: Sequence[Instance]) -> Stage:
    """Take the instances of a stage together."""
    states = [one.state for one in instances]
    over = sum(state in _OVER for state in states)
    starts = [one.started_at for one in instances if one.started_at is not None]
    ends = [one.ended_at for one in instances if one.ended_at is not None]
    return Stage(
        name=name,
        state=_together(states, over),
        done=over,
        total=len(states),
        tries=max(one.tries for one in instances),
        started_at=min(starts, default=None),
        ended_at=max(ends, default=None) if over == len(states) else None,
    )


def queue_loads() -> tuple[QueueLoad, ...]:
    """Return what waits and what runs, by queue, for every queue that has any."""
    waiting = (TaskInstanceState.SCHEDULED, TaskInstanceState.QUEUED)
    is_waiting = TaskInstance.state.in_(waiting)
    since = func.coalesce(TaskInstance.scheduled_dttm, TaskInstance.queued_dttm)
    statement = (
        select(
            TaskInstance.queue,
            func.count().filter(is_waiting),
            func.count().filter(~is_waiting),
            func.min(since).filter(is_waiting),
        )
        .where(TaskInstance.state.in_((*waiting, TaskInstanceState.RUNNING, TaskInstanceState.RESTARTING)))
        .group_by(TaskInstance.queue)
        .order_by(TaskInstance.queue)
    )
    with airflow_session() as session:
        return tuple(
            QueueLoad(name=name or "default", waiting=waits, active=runs, oldest_waiting_since=oldest)
            for name, waits, runs, oldest in session.execute(statement)
        )


def stage_seconds(since: datetime) -> dict[str, list[float]]:
    """Return the seconds that successful instances of each stage took, of those that ended since then."""
    ours = or_(*(TaskInstance.dag_id.startswith(prefix, autoescape=True) for prefix in _OUR_DAGS))
    statement = (
        select(TaskInstance.task_id, TaskInstance.duration)
        .where(
            ours,
            TaskInstance.state == TaskInstanceState.SUCCESS,
            TaskInstance.end_date >= since,
            TaskInstance.duration.is_not(None),
        )
        .order_by(TaskInstance.end_date.desc())
        .limit(_MOST_TIMES)
    )
    times: dict[str, list[float]] = {}
    with airflow_session() as session:
        for task_id, seconds in session.execute(statement):
            times.setdefault(task_id.rpartition(".")[2], []).append(float(seconds or 0))
    return {name: times[name] for name in STAGES if name in times}


def _in_order(stages: Mapping[str, Sequence[Instance]]) -> tuple[Stage, ...]:
    return tuple(stage_of(name, stages[name]) for name in STAGES if stages.get(name))


def _together(states: Collection[StageState], over: int) -> StageState:
    if over == len(states):
        return _outcome(states)
    for under_way in (StageState.ACTIVE, StageState.RETRYING):
        if under_way in states:
            return under_way
    # Between two instances nothing runs for a moment.
    return StageState.ACTIVE if over else StageState.WAITING


def _outcome(states: Iterable[StageState]) -> StageState:
    met = set(states)
    if StageState.FAILED in met:
        return StageState.FAILED
    return StageState.DONE if StageState.DONE in met else StageState.SKIPPED
