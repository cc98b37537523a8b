"""``plan`` and those who may not have the report any more, and runs that somebody cancelled or waits for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.office import REPORT, Office

from broadsheet.domain.objects import MemoryObjectStore
from broadsheet.domain.pinning import requested_period, requested_spec, run_id_of
from broadsheet.domain.run import RunState, Trigger
from broadsheet.domain.subscription import SubscriptionState
from broadsheet.pipeline.finish import finish_run, is_cancelled
from broadsheet.pipeline.plan import RunRequest, WorkUnit, plan_run
from broadsheet.store.database import transaction
from broadsheet.store.ledger import RunRow, close_run, find_run, open_run
from broadsheet.store.people import Person, sync_people
from broadsheet.store.subscriptions import set_subscription_state

SLOT = datetime(2013, 3, 25, 11, tzinfo=UTC)
DAG_ID, ON_DEMAND = "subscription__united", f"report__{REPORT}"


class Plans:
    """Runs of one subscription of Ada's, and reports on demand."""

    def __init__(self, dsn: str) -> None:
        self.office = Office(dsn)
        self.staging = MemoryObjectStore()
        self.office.subscribe()

    def know(self, *roles: str, is_active: bool = True) -> None:
        person = Person(name="ada", email=None, roles=roles, is_active=is_active)
        with transaction(self.office.dsn) as connection:
            sync_people(connection, [person], at=SLOT)

    def plan(self, dag_id: str = DAG_ID, **more: Any) -> list[WorkUnit]:
        who = {"slug": "united"} if dag_id == DAG_ID else {"report_id": REPORT}
        request = RunRequest.model_validate(
            {
                "dag_id": dag_id,
                "dag_run_id": "run-1",
                "trigger": Trigger.SCHEDULE,
                "slot": SLOT,
                **who,
                **more,
            }
        )
        return plan_run(
            request,
            self.office.catalog,
            dsn=self.office.dsn,
            staging=self.staging,
            settings=self.office.settings,
        )

    def run(self, dag_id: str = DAG_ID) -> RunRow:
        with transaction(self.office.dsn) as connection:
            run = find_run(connection, dag_id, "run-1")
        assert run is not None
        return run

    def open_waiting(self, *, requested_by: str = "ada") -> None:
        """Open a report on demand as the portal does."""
        report = self.office.catalog.get(REPORT)
        spec = requested_spec(
            report,
            run_id=run_id_of(ON_DEMAND, "run-1"),
            parameters={"carrier": "DL"},
            period=requested_period(report, "2013-02", slot=SLOT),
            slot=SLOT,
        )
        with transaction(self.office.dsn) as connection:
            open_run(
                connection,
                spec,
                dag_id=ON_DEMAND,
                dag_run_id="run-1",
                trigger=Trigger.MANUAL,
                state=RunState.WAITING,
                requested_by=requested_by,
            )

    def cancel(self, dag_id: str = DAG_ID, *, at: datetime = SLOT) -> None:
        with transaction(self.office.dsn) as connection:
            found = find_run(connection, dag_id, "run-1")
            assert found is not None
            run_id = found.spec.run_id
            close_run(connection, run_id, state=RunState.CANCELLED, reason="cancelled by ada", at=at)

    def finish(self, dag_id: str = DAG_ID, **states: str) -> RunState:
        outcome = finish_run(
            dag_id,
            "run-1",
            task_states=states,
            dsn=self.office.dsn,
            staging=self.staging,
            at=SLOT + timedelta(hours=1),
        )
        assert outcome is not None
        return outcome.state


@pytest.fixture
def plans(database_dsn: str) -> Plans:
    return Plans(database_dsn)


@pytest.mark.parametrize(
    ("roles", "is_active", "built"),
    [
        (("subscriber",), True, True),
        (("Op",), True, True),
        (("subscriber",), False, False),
        (("visitor",), True, False),
        ((), True, False),
    ],
)
def test_the_owners_rights_are_looked_at_before_every_run(
    plans: Plans, roles: tuple[str, ...], is_active: bool, built: bool
) -> None:
    plans.know(*roles, is_active=is_active)
    assert bool(plans.plan()) is built
    run = plans.run()
    if built:
        assert (run.state, run.reason) == (RunState.ACTIVE, None)
    else:
        assert run.state is RunState.SKIPPED
        assert run.reason == "the owner may not have this report any more"


def test_an_owner_whom_airflow_does_not_know_may_have_the_report(plans: Plans) -> None:
    assert plans.plan()


def test_a_run_that_is_cleared_after_its_owner_lost_the_right_is_not_built_again(plans: Plans) -> None:
    assert plans.plan()
    plans.know("visitor")
    assert plans.plan() == []
    assert plans.finish(plan="success", fetch_0="skipped", aggregate_0="skipped") is RunState.SKIPPED


def test_a_report_on_demand_is_not_built_for_who_lost_the_right_while_it_waited(plans: Plans) -> None:
    plans.open_waiting()
    plans.know(is_active=False)
    assert plans.plan(ON_DEMAND) == []
    assert plans.run(ON_DEMAND).state is RunState.SKIPPED


def test_who_starts_a_run_by_hand_in_airflow_is_who_asked_for_it(plans: Plans) -> None:
    plans.plan(ON_DEMAND, trigger=Trigger.MANUAL, requested_by="olga")
    assert plans.run(ON_DEMAND).requested_by == "olga"


def test_a_waiting_run_becomes_active_as_it_was_pinned(plans: Plans) -> None:
    plans.open_waiting()
    (unit,) = plans.plan(ON_DEMAND, period="2013-W01", requested_by="somebody else")
    run = plans.run(ON_DEMAND)
    assert (run.state, run.requested_by, run.spec.run_id) == (RunState.ACTIVE, "ada", unit.run_id)
    assert (run.spec.period.name, run.spec.parameters["carrier"]) == ("2013-02", "DL")


def test_a_run_now_of_a_subscription_that_was_deleted_meanwhile_is_skipped(plans: Plans) -> None:
    plans.plan(trigger=Trigger.MANUAL)
    plans.office.set_state(plans.run().spec.run_id, RunState.WAITING)
    with transaction(plans.office.dsn) as connection:
        set_subscription_state(connection, "united", SubscriptionState.DELETED, at=SLOT)
    assert plans.plan(trigger=Trigger.MANUAL) == []
    assert plans.run().reason == "the subscription was deleted"


@pytest.mark.parametrize("state", [SubscriptionState.PAUSED, SubscriptionState.DELETED])
def test_a_run_that_is_repeated_whole_is_built_though_its_subscription_rests(
    plans: Plans, state: SubscriptionState
) -> None:
    plans.plan()
    # As the portal leaves it when it has Airflow begin again.
    plans.office.set_state(plans.run().spec.run_id, RunState.WAITING)
    with transaction(plans.office.dsn) as connection:
        set_subscription_state(connection, "united", state, at=SLOT)
    (unit,) = plans.plan(cleared_at=SLOT + timedelta(hours=1))
    assert unit.deliver is (state is SubscriptionState.PAUSED)


def test_a_cancelled_run_is_not_taken_up_by_the_plan_that_was_on_its_way(plans: Plans) -> None:
    plans.open_waiting()
    plans.cancel(ON_DEMAND)
    assert plans.plan(ON_DEMAND) == []
    assert plans.staging.objects == {}
    assert (plans.run(ON_DEMAND).state, plans.run(ON_DEMAND).reason) == (
        RunState.CANCELLED,
        "cancelled by ada",
    )


@pytest.mark.parametrize(("minutes", "built"), [(-1, False), (0, False), (1, True)])
def test_a_cancelled_run_is_built_when_it_was_cleared_in_airflow_since(
    plans: Plans, minutes: int, built: bool
) -> None:
    plans.plan()
    plans.cancel(at=SLOT)
    assert bool(plans.plan(cleared_at=SLOT + timedelta(minutes=minutes))) is built
    assert plans.run().state is (RunState.ACTIVE if built else RunState.CANCELLED)


@pytest.mark.parametrize("states", [{"plan": "success", "fetch_0": "failed"}, {"email_0": "success"}])
def test_a_cancelled_run_stays_cancelled_whatever_its_tasks_came_to(
    plans: Plans, states: dict[str, str]
) -> None:
    plans.plan()
    plans.cancel()
    assert plans.finish(**states) is RunState.CANCELLED
    run = plans.run()
    assert (run.reason, run.closed_at) == ("cancelled by ada", SLOT)
    assert is_cancelled(run.spec.run_id, dsn=plans.office.dsn)


def test_a_waiting_run_whose_plan_failed_is_closed_as_failed(plans: Plans) -> None:
    plans.open_waiting()
    assert plans.finish(ON_DEMAND, plan="failed", fetch="upstream_failed") is RunState.FAILED
    assert plans.run(ON_DEMAND).reason == "plan failed; its log says why"
