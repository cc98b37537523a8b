"""``finalize``: a run's state follows from its tasks, its stored documents and its deliveries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.seed import NOW, plan, run_spec, store_run

from broadsheet.domain.delivery import DeliveryState
from broadsheet.domain.objects import MemoryObjectStore
from broadsheet.domain.run import RunSpec, RunState
from broadsheet.pipeline.finish import RunOutcome, derive_state, finish_run
from broadsheet.store.database import transaction
from broadsheet.store.deliveries import claim_delivery, deliveries_of_run, settle_delivery
from broadsheet.store.ledger import artifacts_of_run, find_run, withdraw_run

ADA = "ada@broadsheet.example"
STAGES = ("plan", "fetch_0", "aggregate_0", "render_charts_0", "build_pdf_0", "upload_0", "email_0")
ALL_WELL: dict[str, str | None] = dict.fromkeys(STAGES, "success")
NO_DATA: dict[str, str | None] = {
    "plan": "success",
    "fetch_0": "success",
    "aggregate_0": "skipped",
    **dict.fromkeys(("render_charts", "build_pdf", "upload", "email"), "skipped"),
}
NO_WORK: dict[str, str | None] = {
    "plan": "success",
    **dict.fromkeys(("fetch", "aggregate", "render_charts", "build_pdf", "upload", "email"), "skipped"),
}
FETCH_FAILED: dict[str, str | None] = {
    **ALL_WELL,
    "fetch_0": "failed",
    **dict.fromkeys(STAGES[2:], "upstream_failed"),
}
EMAIL_FAILED: dict[str, str | None] = {**ALL_WELL, "email_0": "failed"}
State = DeliveryState


@pytest.mark.parametrize(
    ("tasks", "deliveries", "artifacts", "state", "words"),
    [
        (ALL_WELL, {}, 1, RunState.COMPLETED, None),
        (ALL_WELL, {State.ACCEPTED: 3}, 1, RunState.COMPLETED, None),
        (ALL_WELL, {State.ACCEPTED: 2, State.SUPPRESSED: 1}, 1, RunState.COMPLETED, None),
        (ALL_WELL, {State.ACCEPTED: 2, State.REFUSED: 1}, 1, RunState.PARTIAL, "1 refused"),
        (ALL_WELL, {State.REFUSED: 2}, 1, RunState.FAILED, "2 refused"),
        (ALL_WELL, {State.SUPPRESSED: 2}, 1, RunState.COMPLETED, None),
        (ALL_WELL, {State.REFUSED: 1, State.SUPPRESSED: 2}, 1, RunState.FAILED, "1 refused"),
        (ALL_WELL, {State.UNKNOWN: 1}, 1, RunState.PARTIAL, "1 of unknown fate"),
        (ALL_WELL, {State.PLANNED: 1}, 1, RunState.PARTIAL, "1 not sent"),
        (ALL_WELL, {State.SENDING: 1, State.ACCEPTED: 1}, 1, RunState.PARTIAL, "1 still being sent"),
        (ALL_WELL, {}, 0, RunState.FAILED, "no document"),
        (NO_DATA, {}, 0, RunState.SKIPPED, "no data"),
        (NO_DATA, {State.PLANNED: 1}, 0, RunState.SKIPPED, "no data"),
        # One chunk of several had no data.
        ({**ALL_WELL, "aggregate_1": "skipped"}, {State.ACCEPTED: 1}, 1, RunState.COMPLETED, None),
        (FETCH_FAILED, {State.PLANNED: 1}, 0, RunState.FAILED, "fetch failed"),
        (EMAIL_FAILED, {State.PLANNED: 1}, 1, RunState.FAILED, "email failed"),
        (EMAIL_FAILED, {State.PLANNED: 1, State.ACCEPTED: 1}, 1, RunState.PARTIAL, "email failed"),
        ({**ALL_WELL, "plan": "upstream_failed"}, {}, 1, RunState.FAILED, "a stage failed"),
    ],
)
def test_the_state_of_a_run_follows_from_what_became_of_it(
    tasks: dict[str, str | None],
    deliveries: dict[DeliveryState, int],
    artifacts: int,
    state: RunState,
    words: str | None,
) -> None:
    found, reason = derive_state(tasks, deliveries, artifacts=artifacts)
    assert found is state
    assert (reason is None) if words is None else (words in (reason or ""))


class Ending:
    """A run with one stored document, and its working files."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.spec: RunSpec = run_spec()
        self.staging = MemoryObjectStore()
        self.staging.put(self.spec.key, b"{}", content_type="application/json")
        self.staging.put("staging/another-run/spec.json", b"{}", content_type="application/json")
        store_run(dsn, self.spec)

    @property
    def dag_run_id(self) -> str:
        return f"manual__{self.spec.run_id}"

    def finish(self, tasks: dict[str, str | None]) -> RunOutcome | None:
        return finish_run(
            "report__x", self.dag_run_id, task_states=tasks, dsn=self.dsn, staging=self.staging, at=NOW
        )

    def settle(self, state: DeliveryState, *, lease: timedelta | None = None) -> None:
        """Let a sender claim every planned delivery, and end it, unless it dies with a ``lease``."""
        with transaction(self.dsn) as connection:
            (artifact,) = artifacts_of_run(connection, self.spec.run_id)
            for delivery in deliveries_of_run(connection, self.spec.run_id):
                claim = claim_delivery(
                    connection,
                    delivery.delivery_id,
                    artifact_id=artifact.artifact_id,
                    lease=timedelta(minutes=5) if lease is None else lease,
                )
                if claim is not None and lease is None:
                    settle_delivery(connection, claim, state=state, reply="250 OK")

    def row(self) -> dict[str, object]:
        with transaction(self.dsn) as connection:
            found = connection.execute("SELECT state, reason, closed_at FROM runs").fetchone()
        assert found is not None
        return found


@pytest.fixture
def ending(database_dsn: str) -> Ending:
    return Ending(database_dsn)


def test_a_completed_run_is_closed_and_its_working_files_dropped(ending: Ending) -> None:
    plan(ending.dsn, ending.spec, ADA)
    ending.settle(State.ACCEPTED)
    outcome = ending.finish(ALL_WELL)
    assert outcome == RunOutcome(
        run_id=str(ending.spec.run_id), state=RunState.COMPLETED, reason=None, stage_failed=False
    )
    assert ending.row() == {"state": "completed", "reason": None, "closed_at": NOW}
    assert list(ending.staging.objects) == ["staging/another-run/spec.json"]


def test_a_run_whose_stage_failed_keeps_its_working_files_for_a_repeat_of_that_stage(ending: Ending) -> None:
    outcome = ending.finish(EMAIL_FAILED)
    assert outcome is not None
    assert outcome.stage_failed
    assert ending.spec.key in ending.staging.objects


def test_a_run_with_a_refused_recipient_has_nothing_left_to_repeat(ending: Ending) -> None:
    plan(ending.dsn, ending.spec, ADA)
    ending.settle(State.REFUSED)
    outcome = ending.finish(ALL_WELL)
    assert outcome is not None
    assert (outcome.state, outcome.stage_failed) == (RunState.FAILED, False)
    assert ending.spec.key not in ending.staging.objects


def test_a_delivery_whose_sender_died_is_of_unknown_fate_when_the_run_is_closed(ending: Ending) -> None:
    plan(ending.dsn, ending.spec, ADA)
    ending.settle(State.SENDING, lease=timedelta(0))
    ending.finish(EMAIL_FAILED)
    with transaction(ending.dsn) as connection:
        (delivery,) = deliveries_of_run(connection, ending.spec.run_id)
    assert delivery.state is State.UNKNOWN


def test_a_run_that_plan_refused_has_nothing_to_close(ending: Ending) -> None:
    assert (
        finish_run(
            "report__x",
            "never",
            task_states={"plan": "failed"},
            dsn=ending.dsn,
            staging=ending.staging,
            at=NOW,
        )
        is None
    )


def test_a_run_that_plan_found_unwanted_keeps_its_reason(ending: Ending) -> None:
    with transaction(ending.dsn) as connection:
        withdraw_run(connection, ending.spec.run_id, reason="the subscription is paused")
    outcome = ending.finish(NO_WORK)
    assert outcome is not None
    assert (outcome.state, outcome.reason) == (RunState.SKIPPED, "the subscription is paused")
    assert ending.row()["closed_at"] == NOW


def test_a_repeat_that_has_data_now_replaces_the_reason_of_the_skipped_run(ending: Ending) -> None:
    ending.finish(NO_DATA)
    assert ending.row()["state"] == "skipped"
    ending.finish(ALL_WELL)
    assert ending.row() == {"state": "completed", "reason": None, "closed_at": NOW}


def test_closing_twice_changes_nothing(ending: Ending) -> None:
    first = ending.finish(ALL_WELL)
    assert ending.finish(ALL_WELL) == first
    with transaction(ending.dsn) as connection:
        run = find_run(connection, "report__x", ending.dag_run_id)
    assert run is not None
    assert run.state is RunState.COMPLETED
