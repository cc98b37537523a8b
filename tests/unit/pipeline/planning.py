"""A subscription to the shipped report, whose runs are planned on a real Postgres."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.office import shipped_catalog

from broadsheet.domain.objects import MemoryObjectStore
from broadsheet.domain.run import RunSpec, Trigger
from broadsheet.domain.subscription import Subscription, SubscriptionState
from broadsheet.pipeline.plan import RunRequest, WorkUnit, plan_run
from broadsheet.services.subscribe import SubscriptionDraft, subscribe
from broadsheet.settings import Settings
from broadsheet.store.database import transaction
from broadsheet.store.deliveries import deliveries_of_run
from broadsheet.store.ledger import RunRow, find_run
from broadsheet.store.subscriptions import revise_subscription, set_subscription_state, subscription_by_slug

ADA, BOB, EVE = "ada@broadsheet.example", "bob@broadsheet.example", "eve@elsewhere.example"
MADE_AT = datetime(2013, 1, 1, tzinfo=UTC)
# Monday, 07:00 in New York.
SLOT = datetime(2013, 3, 25, 11, 0, tzinfo=UTC)
DAG_ID = "subscription__united"
NOTHING = {"runs": 0, "variants": 0, "deliveries": 0}


class Planning:
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


def spec_of(office: Planning, units: list[WorkUnit]) -> RunSpec:
    return RunSpec.model_validate_json(office.staging.get(units[0].spec_key))
