"""DAG runs: start, stop, clear. What Airflow's own REST API does, within the api-server."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from airflow.api.common.mark_tasks import set_dag_run_state_to_failed
from airflow.exceptions import ParamValidationError
from airflow.models.dag import DagModel
from airflow.models.dagbag import DBDagBag
from airflow.models.dagrun import DagRun
from airflow.models.taskinstance import TaskInstance, clear_task_instances, find_relevant_relatives
from airflow.sdk.exceptions import AirflowException
from airflow.serialization.definitions.dag import SerializedDAG
from airflow.utils.state import DagRunState, State, TaskInstanceState
from airflow.utils.types import DagRunTriggeredByType, DagRunType
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from broadsheet.errors import InputError, NotFoundError
from broadsheet.portal.airflow_session import airflow_session
from broadsheet.services.engine import RunKey

_FAILED = (TaskInstanceState.FAILED, TaskInstanceState.UPSTREAM_FAILED)


def known_dags(dag_ids: Collection[str]) -> frozenset[str]:
    """Return those of some DAGs that Airflow can run now."""
    if not dag_ids:
        return frozenset()
    runnable = select(DagModel.dag_id).where(
        DagModel.dag_id.in_(sorted(dag_ids)), ~DagModel.is_stale, ~DagModel.has_import_errors
    )
    with airflow_session() as session:
        return frozenset(session.scalars(runnable))


def trigger_run(dag_id: str, *, dag_run_id: str, conf: Mapping[str, Any], at: datetime, by: str) -> None:
    """Start a run, unless there is one of that id; NotFoundError for a DAG that cannot be run."""
    if dag_id not in known_dags([dag_id]):
        raise NotFoundError(f"Airflow does not know DAG {dag_id!r} yet; try again in a few seconds")
    try:
        with airflow_session() as session:
            if _find(session, (dag_id, dag_run_id)) is None:
                _create(session, dag_id, dag_run_id=dag_run_id, conf=conf, at=at, by=by)
    except IntegrityError:
        # Another call with the same id was faster; any other contradiction is a fault.
        with airflow_session() as session:
            if _find(session, (dag_id, dag_run_id)) is None:
                raise


def cancel_run(key: RunKey) -> bool:
    """Stop a run and its tasks; False when it is over or unknown.

    What runs is marked as failed, which its worker learns with its next heartbeat; what waits is skipped.
    """
    with airflow_session() as session:
        run = _find(session, key, lock=True)
        if run is None or run.state in State.finished_dr_states:
            return False
        dag = DBDagBag(load_op_links=False).get_dag_for_run(run, session=session)
        if dag is None:
            run.set_state(DagRunState.FAILED)
            return True
        set_dag_run_state_to_failed(dag=dag, run_id=run.run_id, commit=True, session=session)
        return True


def repeat_run(key: RunKey, stages: Sequence[str] | None) -> None:
    """Clear the failed tasks, or the stages given, and all that follow them; the run starts again from there.

    A run without any failed task, such as one that was cancelled before it began, is cleared as a whole.
    """
    with airflow_session() as session:
        run = _find(session, key, lock=True)
        dag = DBDagBag(load_op_links=False).get_dag_for_run(run, session=session) if run is not None else None
        if dag is None:
            raise NotFoundError(f"Airflow does not know run {key[1]!r} of {key[0]!r} any more")
        chosen = _failed_markers(session, key) if stages is None else _markers_of(dag, stages)
        markers = _with_followers(session, dag, key, chosen) if chosen else None
        found = dag.clear(
            dry_run=True, task_ids=markers, run_id=key[1], session=session, run_on_latest_version=False
        )
        cleared = [one for one in found if one.state != TaskInstanceState.REMOVED]
        clear_task_instances(cleared, session, DagRunState.QUEUED)


def _find(session: Session, key: RunKey, *, lock: bool = False) -> DagRun | None:
    statement = select(DagRun).where(DagRun.dag_id == key[0], DagRun.run_id == key[1])
    if lock:
        # The scheduler holds this lock while it looks at the run: it must not schedule what is just skipped.
        statement = statement.with_for_update(of=DagRun)
    return session.scalar(statement)


def _create(
    session: Session, dag_id: str, *, dag_run_id: str, conf: Mapping[str, Any], at: datetime, by: str
) -> None:
    dag = DBDagBag(load_op_links=False).get_latest_version_of_dag(dag_id, session=session)
    if dag is None:
        raise NotFoundError(f"Airflow does not know DAG {dag_id!r} yet; try again in a few seconds")
    try:
        dag.create_dagrun(
            run_id=dag_run_id,
            run_after=at,
            conf=dict(conf),
            run_type=DagRunType.MANUAL,
            triggered_by=DagRunTriggeredByType.REST_API,
            triggering_user_name=by,
            state=DagRunState.QUEUED,
            session=session,
        )
    except (ParamValidationError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise InputError(f"Airflow refuses these parameters: {reason}", field="parameters") from error
    except AirflowException as error:
        raise NotFoundError(f"Airflow cannot run DAG {dag_id!r} now: {error}") from error


def _failed_markers(session: Session, key: RunKey) -> set[str | tuple[str, int]]:
    failed = select(TaskInstance.task_id, TaskInstance.map_index).where(
        TaskInstance.dag_id == key[0], TaskInstance.run_id == key[1], TaskInstance.state.in_(_FAILED)
    )
    return {task if index < 0 else (task, index) for task, index in session.execute(failed)}


def _markers_of(dag: SerializedDAG, stages: Sequence[str]) -> set[str | tuple[str, int]]:
    found: set[str | tuple[str, int]] = {
        task_id for task_id in dag.task_dict if task_id.rpartition(".")[2] in stages
    }
    if not found:
        raise NotFoundError(f"DAG {dag.dag_id!r} has no stage {', '.join(stages)}")
    return found


def _with_followers(
    session: Session, dag: SerializedDAG, key: RunKey, markers: set[str | tuple[str, int]]
) -> list[str | tuple[str, int]]:
    whole = {one for one in markers if isinstance(one, str)}
    mapped = {one for one in markers if not isinstance(one, str)}
    # One that failed on the way to being mapped stands for all that it would have become.
    mapped = {one for one in mapped if dag.has_task(one[0])}
    whole = {one for one in whole if dag.has_task(one)}
    followers = find_relevant_relatives(
        whole, mapped, dag=dag, run_id=key[1], direction="downstream", session=session
    )
    whole |= {one for one in followers if isinstance(one, str)}
    mapped |= {one for one in followers if not isinstance(one, str)}
    return [*whole, *(one for one in mapped if one[0] not in whole)]
