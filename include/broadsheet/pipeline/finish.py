"""``finalize``: derive a run's state from the ledger, close it, drop its working files."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from broadsheet.domain.delivery import DeliveryState
from broadsheet.domain.objects import ObjectStore
from broadsheet.domain.run import RunState
from broadsheet.store.database import transaction
from broadsheet.store.deliveries import expire_leases
from broadsheet.store.ledger import (
    RunRow,
    artifacts_of_run,
    close_run,
    delivery_counts,
    find_run,
    run_is_cancelled,
)

log = logging.getLogger(__name__)

_FAILED = frozenset({"failed", "upstream_failed", "removed"})
# Airflow names an instance of a mapped task by task id, underscore, index.
_MAP_INDEX = re.compile(r"_\d+$")


class RunOutcome(BaseModel):
    """How a run ended."""

    model_config = ConfigDict(frozen=True)

    run_id: str
    state: RunState
    reason: str | None
    stage_failed: bool
    """Whether a task failed, so that something is left to repeat."""


def finish_run(
    dag_id: str,
    dag_run_id: str,
    *,
    task_states: Mapping[str, str | None],
    dsn: str,
    staging: ObjectStore,
    at: datetime,
) -> RunOutcome | None:
    """Close the run of a DAG run by what its tasks and its deliveries came to; None when it was never opened.

    One that was cancelled stays so. ``task_states`` maps task ids to Airflow's states. Working files are
    dropped only when nothing is left to repeat. A delivery whose sender died is ``unknown`` from here on.
    """
    stage_failed = any(state in _FAILED for state in task_states.values())
    with transaction(dsn) as connection:
        run = find_run(connection, dag_id, dag_run_id, lock=True)
        if run is None:
            return None
        expire_leases(connection, run.spec.run_id)
        counts = delivery_counts(connection, run.spec.run_id)
        artifacts = len(artifacts_of_run(connection, run.spec.run_id))
        state, reason = derive_state(task_states, counts, artifacts=artifacts)
        if run.state is RunState.SKIPPED and _skipped(task_states, "fetch"):
            # `plan` found that nothing is to be built, and said why.
            state, reason = RunState.SKIPPED, run.reason
        if run.state is RunState.CANCELLED:
            # It was closed then, whatever its tasks have come to since.
            state, reason = RunState.CANCELLED, run.reason
        else:
            close_run(connection, run.spec.run_id, state=state, reason=reason, at=at)
    if not stage_failed:
        _drop_staging(run, staging)
    log.info("run %s closed as %s%s", run.spec.run_id, state.value, f": {reason}" if reason else "")
    return RunOutcome(run_id=str(run.spec.run_id), state=state, reason=reason, stage_failed=stage_failed)


def is_cancelled(run_id: UUID, *, dsn: str) -> bool:
    """Return whether somebody cancelled a run, so that nobody is mailed any more."""
    with transaction(dsn) as connection:
        return run_is_cancelled(connection, run_id)


def derive_state(
    task_states: Mapping[str, str | None], deliveries: Mapping[DeliveryState, int], *, artifacts: int
) -> tuple[RunState, str | None]:
    """Return a run's final state and, unless it is completed, the reason in words.

    ``artifacts`` is how many documents the run has stored, in this or an earlier execution.
    """
    failed = sorted({_MAP_INDEX.sub("", task) for task, state in task_states.items() if state == "failed"})
    accepted = deliveries.get(DeliveryState.ACCEPTED, 0)
    if any(state in _FAILED for state in task_states.values()):
        where = ", ".join(failed) or "a stage"
        state = RunState.PARTIAL if accepted else RunState.FAILED
        return state, f"{where} failed; its log says why"
    if _skipped(task_states, "aggregate"):
        return RunState.SKIPPED, "no data for this period"
    if not artifacts:
        # Somebody marked a stage as done by hand.
        return RunState.FAILED, "no document was stored; clear the run from `plan`"
    open_states = {
        DeliveryState.REFUSED: "refused by the mail server",
        DeliveryState.UNKNOWN: "of unknown fate",
        DeliveryState.PLANNED: "not sent",
        DeliveryState.SENDING: "still being sent",
    }
    faults = [f"{deliveries[state]} {words}" for state, words in open_states.items() if deliveries.get(state)]
    if faults:
        wanted = {state for state, count in deliveries.items() if count} - {DeliveryState.SUPPRESSED}
        nobody = wanted == {DeliveryState.REFUSED}
        state = RunState.FAILED if nobody else RunState.PARTIAL
        return state, f"deliveries: {', '.join(faults)}, {accepted} accepted"
    return RunState.COMPLETED, None


def _skipped(task_states: Mapping[str, str | None], stage: str) -> bool:
    """Whether every instance of a stage was skipped."""
    states = {state for task, state in task_states.items() if _MAP_INDEX.sub("", task) == stage}
    return states == {"skipped"}


def _drop_staging(run: RunRow, staging: ObjectStore) -> None:
    dropped = staging.delete_prefix(run.spec.staging_prefix)
    log.info("run %s: dropped %d working files", run.spec.run_id, dropped)
