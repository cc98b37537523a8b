"""An installation with two reports, one not for everybody, at which subscriptions are made and changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.fakes import FakeEngine
from tests.office import shipped_catalog
from tests.seed import run_spec

from broadsheet.catalog import Catalog
from broadsheet.domain.access import Caller
from broadsheet.domain.run import RunState, Trigger
from broadsheet.services import subscriptions as use_cases
from broadsheet.services.installation import Installation
from broadsheet.services.subscribe import SubscriptionDraft
from broadsheet.services.subscriptions import SubscriptionView
from broadsheet.settings import Settings
from broadsheet.store.database import transaction
from broadsheet.store.ledger import close_run, open_run
from broadsheet.store.objects import S3ObjectStore

NOW = datetime(2013, 3, 20, 12, 0, tzinfo=UTC)
ADA = Caller(name="ada", email="ada@broadsheet.example", roles=frozenset({"subscriber"}))
EVE = Caller(name="eve", email="Eve@broadsheet.example", roles=frozenset({"subscriber"}))
OPERATOR = Caller(name="root", email="root@broadsheet.example", is_operator=True)


def catalog_with_a_secret() -> Catalog:
    """A report for subscribers, and one that is not."""
    given = shipped_catalog().get("airline_punctuality")
    secret = given.model_copy(update={"id": "cash", "title": "Cash", "audience": ("finance",)})
    return Catalog({given.id: given, secret.id: secret}, {})


class Desk:
    """An installation whose clock and Airflow a test moves."""

    def __init__(self, dsn: str) -> None:
        self.dsn, self.now = dsn, NOW
        self.catalog = catalog_with_a_secret()
        self.engine = FakeEngine()
        self.settings = Settings(recipient_domains=("broadsheet.example",))
        self.inst = Installation(
            dsn=lambda: self.dsn,
            catalog=lambda: self.catalog,
            settings=lambda: self.settings,
            artifacts=_no_artifacts,
            engine=self.engine,
            clock=lambda: self.now,
        )

    def make(self, caller: Caller = ADA, **changes: Any) -> SubscriptionView:
        return use_cases.create_subscription(self.inst, caller, draft(**changes))

    def edit(self, caller: Caller = ADA, *, revision: int, **changes: Any) -> SubscriptionView:
        return use_cases.edit_subscription(self.inst, caller, "united", draft(**changes), revision=revision)

    def listed(self, caller: Caller, **which: Any) -> list[str]:
        found = use_cases.list_subscriptions(self.inst, caller, **which)
        return [view.subscription.slug for view in found]

    def add_run(self, view: SubscriptionView, slot: datetime, state: RunState | None = None) -> str:
        made = view.subscription
        spec = run_spec().model_copy(
            update={"subscription_id": made.subscription_id, "revision": 1, "slot": slot}
        )
        with transaction(self.dsn) as connection:
            open_run(
                connection,
                spec,
                dag_id=made.dag_id,
                dag_run_id=f"scheduled__{slot.isoformat()}",
                trigger=Trigger.SCHEDULE,
                at=slot,
            )
            if state is not None:
                close_run(connection, spec.run_id, state=state, reason=None, at=slot)
        return str(spec.run_id)


def _no_artifacts() -> S3ObjectStore:
    raise NotImplementedError


def draft(**changes: Any) -> SubscriptionDraft:
    given = {
        "report_id": "airline_punctuality",
        "cron": "0 7 * * MON",
        "recipients": ("ada@broadsheet.example",),
        "title": "United",
        **changes,
    }
    return SubscriptionDraft.model_validate(given)


ACTS: dict[str, Callable[[Installation, Caller, str], object]] = {
    "get": use_cases.get_subscription,
    "pause": use_cases.pause_subscription,
    "resume": use_cases.resume_subscription,
    "delete": use_cases.delete_subscription,
    "restore": use_cases.restore_subscription,
    "run": use_cases.run_subscription,
    "history": use_cases.subscription_history,
    "edit": lambda inst, caller, slug: use_cases.edit_subscription(inst, caller, slug, draft(), revision=1),
    "check": lambda inst, caller, slug: use_cases.check_draft(inst, caller, draft(), slug=slug),
    "unsubscribe": use_cases.unsubscribe_me,
    "resubscribe": use_cases.resubscribe_me,
}
