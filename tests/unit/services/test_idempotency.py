"""Idempotency keys: one key is one job, whoever repeats the call, and whatever dies in between."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from tests.office import ADA, BOB, Office, ask

from broadsheet.domain.pinning import run_id_of
from broadsheet.domain.run import RunState
from broadsheet.errors import ConflictError, EngineUnavailableError, InputError, QuotaError
from broadsheet.services.requests import request_report

KEY = "8f14e45f-ceea"


@pytest.fixture
def office(database_dsn: str) -> Office:
    return Office(database_dsn)


def call(office: Office, *, key: str = KEY, **changes: Any) -> UUID:
    return request_report(office.inst, ADA, ask(**changes), idempotency_key=key).id


def test_a_repeated_call_returns_the_same_job_even_when_it_is_over(office: Office) -> None:
    first = call(office, parameters={"carrier": "DL", "origin": "JFK"})
    office.set_state(first, RunState.COMPLETED)
    office.pass_time(hours=23)
    assert call(office, parameters={"origin": "JFK", "carrier": "DL"}) == first
    assert (office.runs(), len(office.engine.runs)) == (1, 1)


def test_a_repeated_call_costs_no_quota(office: Office) -> None:
    office.limit(requests_per_hour=1, requests_at_once=1)
    assert call(office) == call(office)
    with pytest.raises(QuotaError):
        call(office, key="another")


@pytest.mark.parametrize(
    "changes", [{"period": "2013-02"}, {"parameters": {"carrier": "DL"}}, {"recipients": ("a@b.example",)}]
)
def test_another_request_with_the_same_key_is_refused(office: Office, changes: dict[str, Any]) -> None:
    call(office)
    with pytest.raises(InputError, match="another request") as caught:
        call(office, **changes)
    assert caught.value.field == "Idempotency-Key"
    assert office.runs() == 1


def test_a_key_is_the_callers_own(office: Office) -> None:
    first = call(office)
    other = request_report(office.inst, BOB, ask(period="2013-02"), idempotency_key=KEY)
    assert other.id != first
    assert other.requested_by == "bob"


def test_a_key_is_forgotten_after_a_day(office: Office) -> None:
    first = call(office)
    office.pass_time(hours=24, seconds=1)
    assert call(office, period="2013-02") != first


@pytest.mark.parametrize("key", ["", "x" * 256, "a\x00b", "a\nb", "schlüssel"])
def test_a_key_that_is_no_short_line_of_ascii_is_refused(office: Office, key: str) -> None:
    with pytest.raises(InputError) as caught:
        call(office, key=key)
    assert caught.value.field == "Idempotency-Key"
    assert office.runs() == 0


def test_while_the_first_call_is_under_way_the_second_is_told_so(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, go_on = threading.Event(), threading.Event()
    trigger = office.engine.trigger

    def slowly(*args: Any, **more: Any) -> None:
        reached.set()
        assert go_on.wait(timeout=30)
        trigger(*args, **more)

    monkeypatch.setattr(office.engine, "trigger", slowly)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(call, office)
        assert reached.wait(timeout=30)
        with pytest.raises(ConflictError):
            call(office)
        go_on.set()
        job = first.result(timeout=30)
    assert call(office) == job
    assert (office.runs(), len(office.engine.runs)) == (1, 1)


def test_of_many_calls_at_once_with_one_key_all_that_succeed_have_one_job(office: Office) -> None:
    count = 8
    barrier = threading.Barrier(count)

    def attempt(_number: int) -> UUID | None:
        barrier.wait(timeout=30)
        try:
            return call(office)
        except ConflictError:
            return None

    with ThreadPoolExecutor(count) as pool:
        found = set(pool.map(attempt, range(count))) - {None}
    assert len(found) == 1
    assert (office.runs(), len(office.engine.runs)) == (1, 1)


def test_of_many_calls_at_once_no_more_are_taken_than_the_quota_permits(office: Office) -> None:
    count = 8
    office.limit(requests_at_once=3)
    barrier = threading.Barrier(count)

    def attempt(number: int) -> bool:
        barrier.wait(timeout=30)
        try:
            call(office, key=f"key-{number}")
        except QuotaError:
            return False
        return True

    with ThreadPoolExecutor(count) as pool:
        assert sum(pool.map(attempt, range(count))) == 3
    assert office.runs() == 3


class Killed(BaseException):
    """The process ended here."""


def die(*_: object, **__: object) -> None:
    raise Killed


def test_a_call_that_died_before_airflow_had_the_run_is_completed_by_the_next_one(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("broadsheet.services.starting._hand_over", die)
        with pytest.raises(Killed):
            call(office)
    assert (office.runs(), office.engine.runs) == (1, {})
    with pytest.raises(ConflictError):
        call(office)
    office.pass_time(seconds=31)
    job = call(office)
    (key,) = office.engine.runs
    row = office.row(job)
    assert key == (row.dag_id, row.dag_run_id)
    assert (row.state, office.runs()) == (RunState.WAITING, 1)
    assert office.engine.runs[key].at == row.slot
    assert call(office) == job


def test_what_airflow_could_not_take_is_tried_again_under_the_same_ids(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def refuse(_dag_id: str, *, dag_run_id: str, **_: object) -> None:
        asked.append(dag_run_id)
        raise EngineUnavailableError("Airflow's database does not answer")

    with monkeypatch.context() as patched:
        patched.setattr(office.engine, "trigger", refuse)
        for _ in range(2):
            with pytest.raises(EngineUnavailableError):
                call(office)
    job = call(office)
    assert {*asked} == {dag_run_id for _, dag_run_id in office.engine.runs}
    row = office.row(job)
    assert (row.state, row.reason, row.closed_at) == (RunState.WAITING, None, None)
    assert office.runs() == 1


@pytest.mark.parametrize("state", [RunState.WAITING, RunState.ACTIVE, RunState.COMPLETED])
def test_a_call_that_died_after_airflow_had_the_run_starts_no_second_one(
    office: Office, monkeypatch: pytest.MonkeyPatch, state: RunState
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("broadsheet.services.starting.hold_key", die)
        with pytest.raises(Killed):
            call(office)
    (key,) = office.engine.runs
    job = run_id_of(*key)
    office.set_state(job, state)
    office.pass_time(minutes=1)
    assert call(office) == job
    assert (office.runs(), list(office.engine.runs)) == (1, [key])
    assert office.row(job).state is state
