"""Jobs that are cancelled and repeated: from which state, what Airflow is told, what is left if it fails."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from tests.office import ADA, MONDAY, OPERATOR, Office, key_of, requested

from broadsheet.domain.access import Caller
from broadsheet.domain.job import StageState
from broadsheet.domain.run import RunState
from broadsheet.errors import ConflictError, EngineUnavailableError, ForbiddenError
from broadsheet.services.engine import RunKey
from broadsheet.services.jobs import cancel_job, repeat_job, resend


@pytest.fixture
def office(database_dsn: str) -> Office:
    return Office(database_dsn)


@pytest.mark.parametrize("state", [RunState.WAITING, RunState.ACTIVE])
def test_a_job_that_is_not_over_can_be_cancelled(office: Office, state: RunState) -> None:
    job = requested(office, state=state)
    office.pass_time(minutes=5)
    found = cancel_job(office.inst, ADA, job.id)
    assert (found.state, found.reason, found.closed_at) == (
        RunState.CANCELLED,
        "cancelled by ada",
        MONDAY + timedelta(minutes=6),
    )
    assert office.engine.runs[key_of(job)].cancelled


@pytest.mark.parametrize(
    "state", [RunState.COMPLETED, RunState.PARTIAL, RunState.FAILED, RunState.SKIPPED, RunState.CANCELLED]
)
def test_a_job_that_is_over_cannot_be_cancelled(office: Office, state: RunState) -> None:
    job = requested(office, state=state)
    if state is RunState.CANCELLED:
        office.engine.cancel(key_of(job))
    with pytest.raises(ConflictError):
        cancel_job(office.inst, ADA, job.id)
    assert office.row(job.id).state is state


def test_a_cancellation_that_airflow_did_not_hear_of_can_be_repeated(office: Office) -> None:
    job = requested(office)
    office.engine.fail()
    with pytest.raises(EngineUnavailableError):
        cancel_job(office.inst, ADA, job.id)
    assert office.row(job.id).state is RunState.CANCELLED
    office.engine.fault = None
    assert cancel_job(office.inst, OPERATOR, job.id).reason == "cancelled by ada"
    assert office.engine.runs[key_of(job)].cancelled


def test_a_failed_job_is_repeated_from_the_stage_that_failed(office: Office) -> None:
    job = requested(office, state=RunState.FAILED)
    office.engine.set_stages(key_of(job), plan=StageState.DONE, build_pdf=StageState.FAILED)
    found = repeat_job(office.inst, ADA, job.id)
    assert (found.state, found.reason, found.closed_at) == (RunState.ACTIVE, None, None)
    assert office.engine.repeats == [(key_of(job), None)]


@pytest.mark.parametrize("state", [RunState.FAILED, RunState.CANCELLED])
def test_a_job_that_never_came_to_a_stage_is_repeated_whole(office: Office, state: RunState) -> None:
    job = requested(office, state=state)
    assert repeat_job(office.inst, ADA, job.id).state is RunState.WAITING
    assert office.engine.repeats == [(key_of(job), ("plan",))]


def test_a_cancelled_job_that_airflow_went_on_with_is_repeated_whole(office: Office) -> None:
    job = requested(office, state=RunState.CANCELLED)
    # Nobody was mailed, since it was cancelled; only its last stage fails of that.
    office.engine.set_stages(
        key_of(job), plan=StageState.DONE, email=StageState.SKIPPED, finalize=StageState.FAILED
    )
    assert repeat_job(office.inst, ADA, job.id).state is RunState.WAITING
    assert office.engine.repeats == [(key_of(job), ("plan",))]


@pytest.mark.parametrize("state", [RunState.COMPLETED, RunState.PARTIAL, RunState.SKIPPED])
def test_a_job_of_which_nothing_failed_is_repeated_only_as_a_whole(office: Office, state: RunState) -> None:
    job = requested(office, state=state)
    with pytest.raises(ConflictError, match="whole"):
        repeat_job(office.inst, ADA, job.id)
    assert office.row(job.id).state is state
    assert repeat_job(office.inst, ADA, job.id, whole=True).state is RunState.WAITING
    assert office.engine.repeats == [(key_of(job), ("plan",))]


@pytest.mark.parametrize("state", [RunState.WAITING, RunState.ACTIVE])
def test_a_job_that_is_not_over_is_not_repeated(office: Office, state: RunState) -> None:
    job = requested(office, state=state)
    with pytest.raises(ConflictError):
        repeat_job(office.inst, ADA, job.id, whole=True)
    assert office.engine.repeats == []


def test_who_lost_the_right_to_a_report_repeats_and_mails_it_no_more(office: Office) -> None:
    job = requested(office, state=RunState.COMPLETED)
    visitor = ADA.model_copy(update={"roles": frozenset({"visitor"})})
    with pytest.raises(ForbiddenError):
        repeat_job(office.inst, visitor, job.id, whole=True)
    with pytest.raises(ForbiddenError):
        resend(office.inst, visitor, job.id, uuid4())
    assert office.engine.repeats == []


def test_a_repeat_that_airflow_refuses_leaves_the_job_as_it_was(office: Office) -> None:
    job = requested(office)
    office.set_state(job.id, RunState.FAILED, reason="fetch failed; its log says why")
    before = office.row(job.id)
    office.engine.fail()
    with pytest.raises(EngineUnavailableError):
        repeat_job(office.inst, ADA, job.id, whole=True)
    assert office.row(job.id) == before
    office.engine.fault = None
    del office.engine.runs[key_of(job)]
    with pytest.raises(ConflictError, match="forgotten"):
        repeat_job(office.inst, ADA, job.id)
    assert office.row(job.id) == before


def test_a_repeat_is_seen_only_once_airflow_has_begun_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Else whoever looks for lost jobs finds one that is open here and over in Airflow.
    job = requested(office, state=RunState.FAILED)
    seen: list[RunState] = []

    def look(key: RunKey, *, stages: Sequence[str] | None = None) -> None:
        del key, stages
        seen.append(office.row(job.id).state)

    monkeypatch.setattr(office.engine, "repeat", look)
    repeat_job(office.inst, ADA, job.id, whole=True)
    assert seen == [RunState.FAILED]
    assert office.row(job.id).state is RunState.WAITING


def test_of_two_who_repeat_a_job_at_once_one_is_told(office: Office) -> None:
    job = requested(office, state=RunState.COMPLETED)

    def attempt(caller: Caller) -> bool:
        try:
            repeat_job(office.inst, caller, job.id, whole=True)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(attempt, (ADA, OPERATOR))) == 1
    assert len(office.engine.repeats) == 1
