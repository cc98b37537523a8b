"""Asking for a report now: what is opened, what Airflow is told, and everything that is refused."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError
from tests.office import ADA, BOB, EVE, MONDAY, OPERATOR, REPORT, Office, ask

from broadsheet.domain.access import Caller
from broadsheet.domain.objects import MemoryObjectStore
from broadsheet.domain.pinning import run_id_of
from broadsheet.domain.run import RunSpec, RunState, Trigger
from broadsheet.domain.subscription import SubscriptionState
from broadsheet.errors import (
    ConflictError,
    EngineUnavailableError,
    ForbiddenError,
    InputError,
    InputErrors,
    NotFoundError,
    QuotaError,
)
from broadsheet.pipeline.plan import RunRequest, plan_run
from broadsheet.services.requests import open_subscription_run, request_report, send_test
from broadsheet.services.subscribe import SubscriptionDraft
from broadsheet.store.database import transaction
from broadsheet.store.subscriptions import set_subscription_state, subscription_by_slug

DRAFT = SubscriptionDraft(
    report_id=REPORT, cron="not decided yet", recipients=(), parameters={"carrier": "DL"}, period_kind="month"
)


@pytest.fixture
def office(database_dsn: str) -> Office:
    return Office(database_dsn)


def pinned_by_plan(office: Office, **changes: Any) -> RunSpec:
    """Let `plan` take the run that Airflow was told of last, and return the spec that it stores."""
    (dag_id, dag_run_id), run = list(office.engine.runs.items())[-1]
    request = RunRequest.model_validate(
        {
            "dag_id": dag_id,
            "dag_run_id": dag_run_id,
            "trigger": Trigger.MANUAL,
            "slot": run.at,
            "recipients": run.conf.get("recipients", ()),
            "deliver": run.conf["deliver"],
            **changes,
        }
    )
    staging = MemoryObjectStore()
    (unit,) = plan_run(request, office.catalog, dsn=office.dsn, staging=staging, settings=office.settings)
    return RunSpec.model_validate_json(staging.get(unit.spec_key))


def test_a_request_opens_a_waiting_run_and_tells_airflow_once(office: Office) -> None:
    job = request_report(office.inst, ADA, ask(parameters={"carrier": "DL"}, period="2013-02"))
    (((dag_id, dag_run_id), run),) = office.engine.runs.items()
    assert (job.state, job.requested_by, job.owner, job.trigger) == (
        RunState.WAITING,
        "ada",
        None,
        Trigger.MANUAL,
    )
    assert job.id == run_id_of(dag_id, dag_run_id)
    assert dag_id == f"report__{REPORT}"
    assert dag_run_id.startswith("api__")
    assert (job.title, job.period.name, job.slot, job.created_at) == (
        "Airline punctuality",
        "2013-02",
        MONDAY,
        MONDAY,
    )
    assert job.parameters == {"carrier": "DL", "origin": "all"}
    assert run.conf == {
        "carrier": "DL",
        "period": "2013-02",
        "recipients": [],
        "deliver": "usual",
        "locale": "en-GB",
        "theme": None,
        "formats": None,
    }
    assert (run.at, run.by) == (MONDAY, "ada")
    assert job.progress.percent == 0


def test_plan_takes_the_run_as_it_was_pinned_and_makes_it_active(office: Office) -> None:
    job = request_report(office.inst, ADA, ask(parameters={"carrier": "DL"}, recipients=("b@c.example",)))
    spec = pinned_by_plan(office, report_id=REPORT, period="2013", parameters={"carrier": "UA"})
    assert (spec.run_id, spec.period.name, spec.parameters["carrier"]) == (job.id, "2013-W12", "DL")
    row = office.row(job.id)
    assert (row.state, row.requested_by, row.deliveries) == (RunState.ACTIVE, "ada", 1)


def test_what_is_asked_of_the_document_is_pinned(office: Office) -> None:
    job = request_report(office.inst, ADA, ask(locale="en", theme="broadsheet", formats=("pdf",)))
    spec = pinned_by_plan(office, report_id=REPORT)
    assert (spec.run_id, spec.locale, spec.theme, spec.formats) == (job.id, "en-GB", "broadsheet", ("pdf",))


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"parameters": {"carrier": "??"}}, ["parameters.carrier"]),
        ({"parameters": {"nonsense": 1}}, ["parameters.nonsense"]),
        ({"period": "2013-02-30"}, ["period"]),
        ({"period": "2013"}, ["period"]),
        ({"period": "9999-12-31"}, ["period"]),
        ({"period": "0001-01-01"}, ["period"]),
        ({"period": "tomorrow\x00"}, ["period"]),
        ({"formats": ("docx",)}, ["formats"]),
        ({"formats": ()}, ["formats"]),
        ({"locale": "tlh"}, ["locale"]),
        ({"theme": "plaid"}, ["theme"]),
        ({"recipients": ("nobody", "a@b.example\nBcc: c@d.example")}, ["recipients", "recipients"]),
        (
            {
                "parameters": {"carrier": 5},
                "period": "x",
                "locale": "x",
                "formats": ("x",),
                "recipients": ("x",),
            },
            ["parameters.carrier", "period", "locale", "formats", "recipients"],
        ),
    ],
)
def test_every_fault_of_a_request_is_said_at_once_and_nothing_is_stored(
    office: Office, changes: dict[str, Any], fields: list[str]
) -> None:
    with pytest.raises(InputErrors) as caught:
        request_report(office.inst, ADA, ask(**changes))
    assert [error.field for error in caught.value.errors] == fields
    assert (office.runs(), office.engine.runs) == (0, {})


def test_a_field_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValidationError, match="color"):
        ask(color="red")


@pytest.mark.parametrize(("caller", "report"), [(EVE, REPORT), (ADA, "no_such_report"), (ADA, "\x00")])
def test_a_report_that_is_not_theirs_does_not_exist(office: Office, caller: Caller, report: str) -> None:
    with pytest.raises(NotFoundError, match="there is no report"):
        request_report(office.inst, caller, ask(report=report))
    assert office.runs() == 0


def test_a_report_that_airflow_does_not_have_yet_can_be_asked_for_later(office: Office) -> None:
    office.engine.dags = set()
    with pytest.raises(EngineUnavailableError, match="yet"):
        request_report(office.inst, ADA, ask())
    assert office.runs() == 0


def test_a_run_that_airflow_could_not_take_is_closed_with_the_reason(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise EngineUnavailableError("Airflow's database does not answer")

    monkeypatch.setattr(office.engine, "trigger", refuse)
    with pytest.raises(EngineUnavailableError):
        request_report(office.inst, ADA, ask())
    with transaction(office.dsn) as connection:
        (row,) = connection.execute("SELECT state, reason, closed_at FROM runs").fetchall()
    assert (row["state"], row["closed_at"]) == ("failed", MONDAY)
    assert "Airflow" in row["reason"]


def test_who_has_asked_for_too_much_is_told_when_the_hour_is_over(office: Office) -> None:
    office.limit(requests_per_hour=2, requests_at_once=100)
    for _ in range(2):
        request_report(office.inst, ADA, ask())
        office.pass_time(minutes=10)
    with pytest.raises(QuotaError) as caught:
        request_report(office.inst, ADA, ask())
    assert caught.value.retry_after == 40 * 60
    request_report(office.inst, BOB, ask())
    office.pass_time(seconds=caught.value.retry_after)
    request_report(office.inst, ADA, ask())
    assert office.runs() == 4


def test_only_so_many_reports_may_be_under_way_at_a_time(office: Office) -> None:
    office.limit(requests_at_once=2)
    first = request_report(office.inst, ADA, ask())
    request_report(office.inst, ADA, ask())
    with pytest.raises(QuotaError) as caught:
        request_report(office.inst, ADA, ask())
    assert caught.value.retry_after > 0
    office.set_state(first.id, RunState.COMPLETED)
    request_report(office.inst, ADA, ask())
    assert office.runs() == 3


def test_a_run_that_airflow_lost_does_not_count_for_ever(office: Office) -> None:
    office.limit(requests_at_once=1)
    request_report(office.inst, ADA, ask())
    office.pass_time(hours=25)
    request_report(office.inst, ADA, ask())


def test_a_test_mails_the_caller_alone_with_the_settings_of_the_draft(office: Office) -> None:
    job = send_test(office.inst, ADA, DRAFT)
    assert (job.period.name, job.parameters["carrier"], job.subscription) == ("2013-02", "DL", None)
    (run,) = office.engine.runs.values()
    assert run.conf["recipients"] == ["ada@broadsheet.example"]


def test_a_test_counts_periods_in_the_zone_of_the_draft(office: Office) -> None:
    # Sunday evening in Honolulu, where week 12 is not over yet.
    draft = DRAFT.model_copy(update={"period_kind": "week", "zone": "Pacific/Honolulu"})
    office.pass_time(hours=-3)
    assert send_test(office.inst, ADA, draft).period.name == "2013-W11"


def test_a_test_needs_an_address_a_right_and_good_settings(office: Office) -> None:
    with pytest.raises(InputError, match="no mail address"):
        send_test(office.inst, ADA.model_copy(update={"email": None}), DRAFT)
    with pytest.raises(NotFoundError):
        send_test(office.inst, EVE, DRAFT)
    with pytest.raises(InputErrors) as caught:
        send_test(office.inst, ADA, DRAFT.model_copy(update={"parameters": {"x": 1}, "zone": "Mars/Olympus"}))
    assert {error.field for error in caught.value.errors} == {"parameters.x", "zone"}
    office.limit(recipient_domains=("elsewhere.example",))
    with pytest.raises(InputErrors):
        send_test(office.inst, ADA, DRAFT)
    assert office.runs() == 0


@pytest.mark.parametrize("caller", [ADA, OPERATOR])
def test_run_now_pins_the_subscription_as_plan_would(office: Office, caller: Caller) -> None:
    subscription = office.subscribe()
    job = open_subscription_run(office.inst, caller, subscription)
    assert (job.subscription, job.title, job.owner) == ("united", "United, every Monday", "ada")
    assert (job.requested_by, job.trigger, job.state) == (caller.name, Trigger.MANUAL, RunState.WAITING)
    (run,) = office.engine.runs.values()
    assert run.conf == {"deliver": "usual"}
    taken = pinned_by_plan(office, slug="united")
    assert taken.run_id == job.id
    # The same slot, had Airflow started it by itself.
    own = pinned_by_plan(
        office, slug="united", dag_run_id="manual__1", slot=office.now.replace(second=1), trigger="manual"
    )
    changes = {"run_id": taken.run_id, "slot": taken.slot}
    assert own.model_copy(update=changes) == taken


def test_run_now_twice_in_a_moment_is_one_run(office: Office) -> None:
    subscription = office.subscribe()
    first = open_subscription_run(office.inst, ADA, subscription)
    office.pass_time(seconds=2)
    assert open_subscription_run(office.inst, ADA, subscription).id == first.id
    office.set_state(first.id, RunState.ACTIVE)
    assert open_subscription_run(office.inst, ADA, subscription).id != first.id


def test_of_two_who_run_a_subscription_at_once_both_get_one_run(office: Office) -> None:
    subscription = office.subscribe()
    together = threading.Barrier(2, timeout=30)

    def attempt(caller: Caller) -> UUID:
        # Each has a clock of its own, or the ledger would refuse a second run of the same slot.
        own = timedelta(seconds=0 if caller is ADA else 1)
        inst = replace(office.inst, clock=lambda: MONDAY + own)
        together.wait()
        return open_subscription_run(inst, caller, subscription).id

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(attempt, (ADA, OPERATOR)))) == 1
    assert (office.runs(), len(office.engine.runs)) == (1, 1)


def test_other_peoples_and_deleted_subscriptions_are_not_run(office: Office) -> None:
    subscription = office.subscribe()
    with pytest.raises(NotFoundError):
        open_subscription_run(office.inst, BOB, subscription)
    with pytest.raises(ForbiddenError):
        open_subscription_run(office.inst, ADA.model_copy(update={"roles": frozenset()}), subscription)
    with transaction(office.dsn) as connection:
        set_subscription_state(connection, "united", SubscriptionState.DELETED, at=office.now)
        subscription = subscription_by_slug(connection, "united")
    with pytest.raises(ConflictError):
        open_subscription_run(office.inst, ADA, subscription)
    assert office.runs() == 0
