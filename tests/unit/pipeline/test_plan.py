"""``plan``: what a request becomes, whom it mails, and what it refuses. On a real Postgres."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests.office import shipped_catalog

from broadsheet.catalog import Catalog
from broadsheet.domain.objects import MemoryObjectStore
from broadsheet.domain.period import PeriodKind
from broadsheet.domain.run import Deliver, RunSpec, RunState, Trigger
from broadsheet.domain.subscription import Subscription, SubscriptionState
from broadsheet.errors import InputError, NotFoundError, StorageUnavailableError
from broadsheet.pipeline.plan import RunRequest, WorkUnit, plan_run
from broadsheet.services.subscribe import SubscriptionDraft, subscribe
from broadsheet.settings import Settings
from broadsheet.store.database import transaction
from broadsheet.store.deliveries import deliveries_of_run
from broadsheet.store.ledger import RunRow, close_run, find_run
from broadsheet.store.subscriptions import revise_subscription, set_subscription_state, subscription_by_slug

ADA, BOB, EVE = "ada@broadsheet.example", "bob@broadsheet.example", "eve@elsewhere.example"
MADE_AT = datetime(2013, 1, 1, tzinfo=UTC)
# Monday, 07:00 in New York.
SLOT = datetime(2013, 3, 25, 11, 0, tzinfo=UTC)
DAG_ID = "subscription__united"


class Office:
    """A subscription to the shipped report, and what it takes to plan runs of it."""

    def __init__(self, dsn: str) -> None:
        self.dsn, self.catalog = dsn, shipped_catalog()
        self.staging = MemoryObjectStore()
        self.settings = Settings()

    def subscribe(self, **changes: Any) -> Subscription:
        draft = {
            "report_id": "airline_punctuality",
            "cron": "0 7 * * MON",
            "recipients": (ADA,),
            "parameters": {"carrier": "UA"},
            "name": "united",
            **changes,
        }
        return subscribe(
            SubscriptionDraft.model_validate(draft),
            self.catalog,
            dsn=self.dsn,
            owner="ada",
            settings=self.settings,
            at=MADE_AT,
        )

    def revise(self, **changes: Any) -> None:
        with transaction(self.dsn) as connection:
            found = subscription_by_slug(connection, "united")
            terms = found.terms.model_copy(update=changes)
            revise_subscription(connection, found, terms, by="ada", at=SLOT)

    def move_to(self, state: SubscriptionState) -> None:
        with transaction(self.dsn) as connection:
            set_subscription_state(connection, "united", state, at=SLOT)

    def plan(
        self, trigger: Trigger = Trigger.SCHEDULE, *, number: int = 1, slot: datetime = SLOT, **more: Any
    ) -> list[WorkUnit]:
        values = {"slug": "united", "dag_id": DAG_ID, **more}
        request = RunRequest(dag_run_id=f"run-{number}", trigger=trigger, slot=slot, **values)
        return plan_run(request, self.catalog, dsn=self.dsn, staging=self.staging, settings=self.settings)

    def ask(self, **more: Any) -> list[WorkUnit]:
        """Plan a report on demand."""
        return self.plan(
            Trigger.MANUAL,
            slug=None,
            dag_id="report__airline_punctuality",
            report_id=more.pop("report_id", "airline_punctuality"),
            **more,
        )

    def run(self, *, number: int = 1, dag_id: str = DAG_ID) -> RunRow | None:
        with transaction(self.dsn) as connection:
            return find_run(connection, dag_id, f"run-{number}")

    def recipients(self, *, number: int = 1, dag_id: str = DAG_ID) -> list[str]:
        run = self.run(number=number, dag_id=dag_id)
        assert run is not None
        with transaction(self.dsn) as connection:
            return [row.recipient for row in deliveries_of_run(connection, run.spec.run_id)]

    def stored(self) -> dict[str, int]:
        """Count the rows that a run leaves."""
        with transaction(self.dsn) as connection:
            counts = {}
            for table, statement in {
                "runs": "SELECT count(*) FROM runs",
                "variants": "SELECT count(*) FROM variants",
                "deliveries": "SELECT count(*) FROM deliveries",
            }.items():
                row = connection.execute(statement).fetchone()
                assert row is not None
                counts[table] = int(row["count"])
        return counts


NOTHING = {"runs": 0, "variants": 0, "deliveries": 0}


@pytest.fixture
def office(database_dsn: str) -> Office:
    return Office(database_dsn)


def spec_of(office: Office, units: list[WorkUnit]) -> RunSpec:
    return RunSpec.model_validate_json(office.staging.get(units[0].spec_key))


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
    office: Office, trigger: Trigger, deliver: Deliver, mailed: list[str]
) -> None:
    office.subscribe()
    (unit,) = office.plan(trigger, deliver=deliver)
    assert office.recipients() == mailed
    assert unit.deliver is bool(mailed)


def test_a_run_describes_the_last_period_that_is_over_at_its_slot(office: Office) -> None:
    office.subscribe()
    period = spec_of(office, office.plan()).period
    assert (period.first_day, period.end_day) == (date(2013, 3, 18), date(2013, 3, 25))
    assert period.zone == "America/New_York"


@pytest.mark.parametrize(
    ("kind", "name"), [("day", "2013-03-24"), ("week", "2013-W12"), ("month", "2013-02")]
)
def test_each_kind_of_period_is_counted_back_from_the_slot(office: Office, kind: str, name: str) -> None:
    office.subscribe(period_kind=kind)
    assert spec_of(office, office.plan()).period.name == name


@pytest.mark.parametrize(
    ("asked", "name"),
    [("latest", "2013-W12"), ("2013-W10", "2013-W10"), ("2013-02", "2013-02"), ("2013-03-18", "2013-03-18")],
)
def test_a_report_on_demand_describes_the_period_that_was_named(
    office: Office, asked: str, name: str
) -> None:
    assert spec_of(office, office.ask(period=asked)).period.name == name


def test_a_report_on_demand_mails_those_who_were_named_and_else_nobody(office: Office) -> None:
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
    office: Office, request_: dict[str, Any], error: type[Exception], field: str | None
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


def test_a_subscription_that_does_not_exist_is_refused(office: Office) -> None:
    with pytest.raises(NotFoundError, match="united"):
        office.plan()
    assert office.stored() == NOTHING


def test_one_recipient_who_is_not_permitted_any_more_does_not_stop_the_others(office: Office) -> None:
    office.subscribe(recipients=(ADA, EVE))
    office.settings = Settings(recipient_domains=("broadsheet.example",))
    office.plan()
    # `email` checks each address once more and records that it refused this one.
    assert office.recipients() == [ADA, EVE]


def test_a_retry_keeps_to_the_revision_that_was_pinned_whatever_was_edited_meanwhile(office: Office) -> None:
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


def test_tries_of_one_plan_that_overlap_agree_on_one_revision(office: Office) -> None:
    office.subscribe()
    barrier = threading.Barrier(2)

    def attempt(_number: int) -> RunSpec:
        barrier.wait(timeout=30)
        return spec_of(office, office.plan())

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(attempt, range(2))
    assert first == second
    assert office.stored() == {"runs": 1, "variants": 1, "deliveries": 1}


def test_of_two_dag_runs_for_one_slot_the_second_is_refused_and_names_the_first(office: Office) -> None:
    office.subscribe()
    office.plan()
    with pytest.raises(InputError, match="run-1") as caught:
        office.plan(Trigger.MANUAL, number=2)
    assert caught.value.field == "slot"
    assert office.stored()["runs"] == 1


def test_a_slot_whose_dag_run_airflow_has_forgotten_is_repeated_by_another_without_a_second_mail(
    office: Office,
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


def test_of_many_dag_runs_at_once_for_one_slot_one_gets_it(office: Office) -> None:
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
    office: Office, monkeypatch: pytest.MonkeyPatch
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


def test_a_cleared_run_is_active_again(office: Office) -> None:
    office.subscribe()
    office.plan()
    with transaction(office.dsn) as connection:
        connection.execute("UPDATE runs SET state = 'failed', reason = 'x', closed_at = now()")
    office.plan()
    run = office.run()
    assert run is not None
    assert (run.state, run.reason) == (RunState.ACTIVE, None)


def test_a_backfill_that_repeats_a_scheduled_run_mails_nobody(office: Office) -> None:
    office.subscribe()
    office.plan()
    # Airflow clears the run and makes it one of the backfill.
    (unit,) = office.plan(Trigger.BACKFILL)
    assert unit.deliver is False


def test_a_backfill_that_repeats_a_run_and_is_told_to_mail_mails_the_recipients_of_its_revision(
    office: Office,
) -> None:
    office.subscribe()
    office.plan(Trigger.BACKFILL)
    assert office.recipients() == []
    office.revise(recipients=(BOB,))
    (unit,) = office.plan(Trigger.BACKFILL, deliver=Deliver.YES)
    assert unit.deliver is True
    assert office.recipients() == [ADA]


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
    office: Office, state: SubscriptionState, trigger: Trigger, reason: str
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
def test_a_paused_subscription_can_still_be_run_by_hand(office: Office, trigger: Trigger) -> None:
    office.subscribe()
    office.move_to(SubscriptionState.PAUSED)
    assert len(office.plan(trigger)) == 1


def test_a_repeated_run_of_a_deleted_subscription_is_built_but_mails_nobody(office: Office) -> None:
    office.subscribe()
    office.plan()
    office.move_to(SubscriptionState.DELETED)
    (unit,) = office.plan()
    assert unit.deliver is False


def test_a_report_that_left_the_catalog_is_refused_before_anything_is_stored(office: Office) -> None:
    office.subscribe()
    office.catalog = Catalog({}, {})
    with pytest.raises(NotFoundError):
        office.plan()
    assert office.stored() == NOTHING
