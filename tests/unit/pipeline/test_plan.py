"""``plan``: what a request becomes, whom it mails, and what it refuses. On a real Postgres."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.unit.pipeline.planning import ADA, BOB, EVE, NOTHING, Planning, spec_of

from broadsheet.catalog import Catalog
from broadsheet.domain.run import Deliver, RunState, Trigger
from broadsheet.domain.subscription import SubscriptionState
from broadsheet.errors import InputError, NotFoundError
from broadsheet.settings import Settings


@pytest.fixture
def office(database_dsn: str) -> Planning:
    return Planning(database_dsn)


@pytest.mark.parametrize(
    ("trigger", "deliver", "mailed"),
    [
        (Trigger.SCHEDULE, Deliver.USUAL, [ADA]),
        (Trigger.MANUAL, Deliver.USUAL, [ADA]),
        (Trigger.BACKFILL, Deliver.USUAL, []),
        (Trigger.BACKFILL, Deliver.YES, [ADA]),
        (Trigger.MANUAL, Deliver.NO, []),
        (Trigger.SCHEDULE, Deliver.NO, []),
    ],
)
def test_who_is_mailed_depends_on_what_asked_for_the_run(
    office: Planning, trigger: Trigger, deliver: Deliver, mailed: list[str]
) -> None:
    office.subscribe()
    (unit,) = office.plan(trigger, deliver=deliver)
    assert office.recipients() == mailed
    assert unit.deliver is bool(mailed)


def test_a_run_describes_the_last_period_that_is_over_at_its_slot(office: Planning) -> None:
    office.subscribe()
    period = spec_of(office, office.plan()).period
    assert (period.first_day, period.end_day) == (date(2013, 3, 18), date(2013, 3, 25))
    assert period.zone == "America/New_York"


@pytest.mark.parametrize(
    ("kind", "name"), [("day", "2013-03-24"), ("week", "2013-W12"), ("month", "2013-02")]
)
def test_each_kind_of_period_is_counted_back_from_the_slot(office: Planning, kind: str, name: str) -> None:
    office.subscribe(period_kind=kind)
    assert spec_of(office, office.plan()).period.name == name


@pytest.mark.parametrize(
    ("asked", "name"),
    [("latest", "2013-W12"), ("2013-W10", "2013-W10"), ("2013-02", "2013-02"), ("2013-03-18", "2013-03-18")],
)
def test_a_report_on_demand_describes_the_period_that_was_named(
    office: Planning, asked: str, name: str
) -> None:
    assert spec_of(office, office.ask(period=asked)).period.name == name


def test_a_report_on_demand_mails_those_who_were_named_and_else_nobody(office: Planning) -> None:
    dag_id = "report__airline_punctuality"
    office.ask(recipients=(ADA, "ADA@broadsheet.example", BOB))
    assert office.recipients(dag_id=dag_id) == [ADA, BOB]
    office.ask(number=2)
    assert office.recipients(number=2, dag_id=dag_id) == []


@pytest.mark.parametrize(
    ("request_", "error", "field"),
    [
        ({"report_id": "no_such_report"}, NotFoundError, None),
        ({"period": "2013-02-30"}, InputError, "period"),
        ({"period": "2013"}, InputError, "period"),
        ({"parameters": {"carrier": "??"}}, InputError, "parameters.carrier"),
        ({"parameters": {"nonsense": 1}}, InputError, "parameters.nonsense"),
        ({"recipients": (ADA, "nobody")}, InputError, "recipients"),
        ({"recipients": (f"{ADA}\nBcc: {EVE}",)}, InputError, "recipients"),
        ({"recipients": (EVE,)}, InputError, "recipients"),
        ({"recipients": (ADA, BOB)}, InputError, "recipients"),
    ],
)
def test_a_request_that_cannot_be_met_is_refused_and_nothing_is_stored(
    office: Planning, request_: dict[str, Any], error: type[Exception], field: str | None
) -> None:
    office.settings = Settings(recipient_domains=("broadsheet.example",), max_recipients=1)
    with pytest.raises(error) as caught:
        office.ask(**request_)
    assert office.stored() == NOTHING
    assert office.staging.objects == {}
    if field is not None:
        assert isinstance(caught.value, InputError)
        fields = [fault.field for fault in getattr(caught.value, "errors", [caught.value])]
        assert field in fields


def test_a_subscription_that_does_not_exist_is_refused(office: Planning) -> None:
    with pytest.raises(NotFoundError, match="united"):
        office.plan()
    assert office.stored() == NOTHING


def test_one_recipient_who_is_not_permitted_any_more_does_not_stop_the_others(office: Planning) -> None:
    office.subscribe(recipients=(ADA, EVE))
    office.settings = Settings(recipient_domains=("broadsheet.example",))
    office.plan()
    # `email` checks each address once more and records that it refused this one.
    assert office.recipients() == [ADA, EVE]


@pytest.mark.parametrize(
    ("state", "trigger", "reason"),
    [
        (SubscriptionState.PAUSED, Trigger.SCHEDULE, "paused"),
        (SubscriptionState.DELETED, Trigger.SCHEDULE, "deleted"),
        (SubscriptionState.DELETED, Trigger.MANUAL, "deleted"),
        (SubscriptionState.DELETED, Trigger.BACKFILL, "deleted"),
    ],
)
def test_a_slot_of_a_subscription_that_is_not_wanted_any_more_is_skipped_with_the_reason(
    office: Planning, state: SubscriptionState, trigger: Trigger, reason: str
) -> None:
    office.subscribe()
    office.move_to(state)
    assert office.plan(trigger) == []
    run = office.run()
    assert run is not None
    assert run.state is RunState.SKIPPED
    assert reason in (run.reason or "")
    assert office.recipients() == []


@pytest.mark.parametrize("trigger", [Trigger.MANUAL, Trigger.BACKFILL])
def test_a_paused_subscription_can_still_be_run_by_hand(office: Planning, trigger: Trigger) -> None:
    office.subscribe()
    office.move_to(SubscriptionState.PAUSED)
    assert len(office.plan(trigger)) == 1


def test_a_report_that_left_the_catalog_is_refused_before_anything_is_stored(office: Planning) -> None:
    office.subscribe()
    office.catalog = Catalog({}, {})
    with pytest.raises(NotFoundError):
        office.plan()
    assert office.stored() == NOTHING
