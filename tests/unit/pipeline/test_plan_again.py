"""``plan`` once more: retries, cleared runs, backfills and others for the same slot. On a real Postgres."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from tests.unit.pipeline.planning import ADA, BOB, SLOT, Planning, spec_of

from broadsheet.domain.period import PeriodKind
from broadsheet.domain.run import Deliver, RunSpec, RunState, Trigger
from broadsheet.domain.subscription import SubscriptionState
from broadsheet.errors import InputError, StorageUnavailableError
from broadsheet.store.database import transaction
from broadsheet.store.ledger import close_run


@pytest.fixture
def office(database_dsn: str) -> Planning:
    return Planning(database_dsn)


def test_a_retry_keeps_to_the_revision_that_was_pinned_whatever_was_edited_meanwhile(
    office: Planning,
) -> None:
    office.subscribe()
    first = spec_of(office, office.plan())
    office.revise(recipients=(BOB,), parameters={"carrier": "DL"}, period_kind=PeriodKind.MONTH)
    again = spec_of(office, office.plan())
    assert again == first
    assert (again.revision, again.parameters["carrier"]) == (1, "UA")
    assert office.recipients() == [ADA]
    fresh = spec_of(office, office.plan(number=2, slot=datetime(2013, 4, 1, 11, tzinfo=UTC)))
    assert (fresh.revision, fresh.parameters["carrier"], fresh.period.name) == (2, "DL", "2013-03")
    assert office.recipients(number=2) == [BOB]


def test_tries_of_one_plan_that_overlap_agree_on_one_revision(office: Planning) -> None:
    office.subscribe()
    barrier = threading.Barrier(2)

    def attempt(_number: int) -> RunSpec:
        barrier.wait(timeout=30)
        return spec_of(office, office.plan())

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(attempt, range(2))
    assert first == second
    assert office.stored() == {"runs": 1, "variants": 1, "deliveries": 1}


def test_of_two_dag_runs_for_one_slot_the_second_is_refused_and_names_the_first(
    office: Planning,
) -> None:
    office.subscribe()
    office.plan()
    with pytest.raises(InputError, match="run-1") as caught:
        office.plan(Trigger.MANUAL, number=2)
    assert caught.value.field == "slot"
    assert office.stored()["runs"] == 1


def test_a_slot_whose_dag_run_airflow_has_forgotten_is_repeated_by_another_without_a_second_mail(
    office: Planning,
) -> None:
    office.subscribe()
    first = spec_of(office, office.plan())
    with transaction(office.dsn) as connection:
        close_run(connection, first.run_id, state=RunState.COMPLETED, reason=None, at=SLOT)
    (unit,) = office.plan(Trigger.BACKFILL, number=2)
    assert unit.deliver is False
    assert spec_of(office, [unit]) == first
    run = office.run(number=2)
    assert run is not None
    assert run.state is RunState.ACTIVE
    assert office.stored() == {"runs": 1, "variants": 1, "deliveries": 1}


def test_of_many_dag_runs_at_once_for_one_slot_one_gets_it(office: Planning) -> None:
    office.subscribe()
    barrier = threading.Barrier(6)

    def attempt(number: int) -> bool:
        barrier.wait(timeout=30)
        try:
            office.plan(number=number)
        except InputError:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(attempt, range(6))) == 1
    assert office.stored() == {"runs": 1, "variants": 1, "deliveries": 1}


def test_a_plan_that_could_not_store_its_spec_is_taken_up_by_the_retry(
    office: Planning, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.subscribe()

    def away(*_: object, **__: object) -> None:
        raise StorageUnavailableError("S3 is away")

    with monkeypatch.context() as patched:
        patched.setattr(office.staging, "put", away)
        with pytest.raises(StorageUnavailableError):
            office.plan()
    office.plan()
    assert office.stored() == {"runs": 1, "variants": 1, "deliveries": 1}


def test_a_cleared_run_is_active_again(office: Planning) -> None:
    office.subscribe()
    office.plan()
    with transaction(office.dsn) as connection:
        connection.execute("UPDATE runs SET state = 'failed', reason = 'x', closed_at = now()")
    office.plan()
    run = office.run()
    assert run is not None
    assert (run.state, run.reason) == (RunState.ACTIVE, None)


def test_a_backfill_that_repeats_a_scheduled_run_mails_nobody(office: Planning) -> None:
    office.subscribe()
    office.plan()
    # Airflow clears the run and makes it one of the backfill.
    (unit,) = office.plan(Trigger.BACKFILL)
    assert unit.deliver is False


def test_a_backfill_that_repeats_a_run_and_is_told_to_mail_mails_the_recipients_of_its_revision(
    office: Planning,
) -> None:
    office.subscribe()
    office.plan(Trigger.BACKFILL)
    assert office.recipients() == []
    office.revise(recipients=(BOB,))
    (unit,) = office.plan(Trigger.BACKFILL, deliver=Deliver.YES)
    assert unit.deliver is True
    assert office.recipients() == [ADA]


def test_a_repeated_run_of_a_deleted_subscription_is_built_but_mails_nobody(office: Planning) -> None:
    office.subscribe()
    office.plan()
    office.move_to(SubscriptionState.DELETED)
    (unit,) = office.plan()
    assert unit.deliver is False
