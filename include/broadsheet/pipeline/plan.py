"""``plan``: find slot and period, check the request once more, open the run in the ledger, cut the work.

What it pins in the run's spec is all that later stages know: an edit of the subscription in mid-run changes
the next run, not this one.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from broadsheet.catalog import Catalog
from broadsheet.domain.objects import ObjectStore
from broadsheet.domain.pinning import LATEST, requested_period, requested_spec, run_id_of, subscribed_spec
from broadsheet.domain.presentation import Presentation
from broadsheet.domain.recipient import check_recipients
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.run import Deliver, RunSpec, RunState, Trigger
from broadsheet.domain.subscription import SubscriptionState
from broadsheet.errors import InputErrors
from broadsheet.settings import Settings
from broadsheet.store.database import Connection, transaction
from broadsheet.store.deliveries import plan_deliveries
from broadsheet.store.ledger import RunRow, adopt_run, find_run, open_run, reopen_run, withdraw_run
from broadsheet.store.people import find_person
from broadsheet.store.subscriptions import subscription_at_revision, subscription_by_slug

log = logging.getLogger(__name__)


class RunRequest(BaseModel):
    """What a DAG run asks for: a subscription's report, or one on demand."""

    model_config = ConfigDict(frozen=True)

    dag_id: str
    dag_run_id: str
    trigger: Trigger
    slot: datetime
    """When the report was due, or asked for; aware."""
    slug: str | None = None
    """The subscription, or None for a report on demand."""
    report_id: str | None = None
    parameters: dict[str, Any] = {}
    period: str = LATEST
    recipients: tuple[str, ...] = ()
    deliver: Deliver = Deliver.USUAL
    presentation: Presentation = Presentation()
    """How a report on demand is wanted; a subscription says so itself."""
    requested_by: str | None = None
    """Who started it by hand, as Airflow knows them."""
    cleared_at: datetime | None = None
    """When the DAG run was last cleared, to be done again."""

    @property
    def delivers(self) -> bool:
        """Whether this run mails anybody."""
        if self.deliver is Deliver.USUAL:
            return self.trigger is not Trigger.BACKFILL
        return self.deliver is Deliver.YES


class WorkUnit(BaseModel):
    """What one instance of each mapped task does. Small: it travels by XCom, from stage to stage."""

    model_config = ConfigDict(frozen=True)

    run_id: UUID
    spec_key: str
    """Key of the run's spec in staging."""
    report_id: str
    deliver: bool
    """Whether the unit's mails are sent; those that a run left open may be none of this repeat's."""
    datasets: tuple[str, ...] = ()
    """Datasets that the unit's fetch copies; the stages after it read those of every unit."""
    documents: tuple[str, ...] = ()
    """Document sets that the unit's fetch copies."""
    variants: tuple[str, ...] = ()
    """Documents that the unit builds and delivers."""


def plan_run(
    request: RunRequest, catalog: Catalog, *, dsn: str, staging: ObjectStore, settings: Settings
) -> list[WorkUnit]:
    """Open the run of a request, or find it again, store its spec in staging and return how the work is cut.

    No work is returned for a slot that is not wanted any more: the ledger says why. Raises InputError,
    NotFoundError or DefinitionError when the request cannot be met: nothing is stored then.
    """
    with transaction(dsn) as connection:
        run = _opened(request, catalog, connection, settings=settings)
        spec = run.spec
        if _stays_cancelled(run, request):
            log.info("run %s of %s stays cancelled: %s", spec.run_id, request.dag_id, run.reason)
            return []
        if (reason := _unwanted(request, run, connection, catalog=catalog, settings=settings)) is not None:
            withdraw_run(connection, spec.run_id, reason=reason)
            log.info("run %s of %s is skipped: %s", spec.run_id, request.dag_id, reason)
            return []
        reopen_run(connection, spec.run_id)
        deliver = _plan_mails(request, spec, connection, settings=settings)
    report = catalog.get(spec.report_id)
    staging.put(spec.key, spec.model_dump_json().encode(), content_type="application/json")
    log.info(
        "run %s of %s describes %s (%s)", spec.run_id, request.dag_id, spec.period.name, spec.period.zone
    )
    return cut_work(spec, report, deliver=deliver)


def cut_work(spec: RunSpec, report: ReportDefinition, *, deliver: bool) -> list[WorkUnit]:
    """Cut a run into units that are worth a task instance each.

    Sources are dealt out over as many units as the documents need: a plain report is one unit, so that it
    costs eight task instances and not one more per query.
    """
    chunks = [[variant.name] for variant in spec.variants]
    width = len(chunks)
    datasets, documents = list(report.datasets), list(report.documents)
    return [
        WorkUnit(
            run_id=spec.run_id,
            spec_key=spec.key,
            report_id=spec.report_id,
            deliver=deliver,
            datasets=tuple(datasets[index::width]),
            documents=tuple(documents[index::width]),
            variants=tuple(chunk),
        )
        for index, chunk in enumerate(chunks)
    ]


def _opened(request: RunRequest, catalog: Catalog, connection: Connection, *, settings: Settings) -> RunRow:
    """Return the run that this DAG run is, or one before it that Airflow has forgotten, or a new one."""
    found = find_run(connection, request.dag_id, request.dag_run_id, lock=True)
    if found is None and request.slug is not None:
        found = adopt_run(
            connection,
            slug=request.slug,
            slot=request.slot,
            dag_id=request.dag_id,
            dag_run_id=request.dag_run_id,
        )
    if found is not None:
        return found
    return open_run(
        connection,
        _new_spec(request, catalog, connection, settings=settings),
        dag_id=request.dag_id,
        dag_run_id=request.dag_run_id,
        trigger=request.trigger,
        # Not told from one that a person asked for and that waits to be looked at for the first time.
        state=RunState.WAITING,
        requested_by=request.requested_by,
    )


def _new_spec(
    request: RunRequest, catalog: Catalog, connection: Connection, *, settings: Settings
) -> RunSpec:
    run_id = run_id_of(request.dag_id, request.dag_run_id)
    if request.slug is not None:
        subscription = subscription_by_slug(connection, request.slug)
        report = catalog.get(subscription.terms.report_id)
        return subscribed_spec(subscription, report, run_id=run_id, slot=request.slot)
    report = catalog.get(request.report_id or "")
    spec = requested_spec(
        report,
        run_id=run_id,
        parameters=request.parameters,
        period=requested_period(report, request.period, slot=request.slot),
        slot=request.slot,
        presentation=request.presentation,
    )
    _named_recipients(request, settings=settings)
    return spec


def _stays_cancelled(run: RunRow, request: RunRequest) -> bool:
    """Whether a run was cancelled, and not cleared in Airflow since."""
    if run.state is not RunState.CANCELLED:
        return False
    return request.cleared_at is None or run.closed_at is None or request.cleared_at <= run.closed_at


def _unwanted(
    request: RunRequest, run: RunRow, connection: Connection, *, catalog: Catalog, settings: Settings
) -> str | None:
    """Return why a run is not to be built, or None.

    Airflow knows of a pause or a deletion only after its next look at the generated files, and runs that wait
    in its queue were made before. What was begun once is built again whatever became of its subscription.
    """
    spec = run.spec
    report = catalog.get(spec.report_id)
    if spec.subscription_id is None or spec.revision is None:
        if _lost_right(run.requested_by, report, connection, settings=settings):
            return "whoever asked for it may not have this report any more"
        return None
    subscription = subscription_at_revision(connection, spec.subscription_id, spec.revision)
    if run.state is RunState.WAITING and request.cleared_at is None:
        if subscription.state is SubscriptionState.DELETED:
            return "the subscription was deleted"
        if subscription.state is SubscriptionState.PAUSED and request.trigger is Trigger.SCHEDULE:
            return "the subscription is paused"
    if _lost_right(subscription.owner, report, connection, settings=settings):
        return "the owner may not have this report any more"
    return None


def _lost_right(
    name: str | None, report: ReportDefinition, connection: Connection, *, settings: Settings
) -> bool:
    """Whether a person is known, and is not let in any more or has no role that the report is for."""
    person = find_person(connection, name) if name is not None else None
    return person is not None and not person.may_have(report, settings=settings)


def _plan_mails(request: RunRequest, spec: RunSpec, connection: Connection, *, settings: Settings) -> bool:
    """Plan the deliveries of a run that is to mail anybody, and return whether it is.

    Those that exist stay as they are. A subscription's recipients were checked when it was made; `email`
    checks each once more, so that one who is not permitted any more stops nobody else.
    """
    if not request.delivers:
        return False
    if spec.subscription_id is not None and spec.revision is not None:
        subscription = subscription_at_revision(connection, spec.subscription_id, spec.revision)
        if subscription.state is SubscriptionState.DELETED:
            return False
        recipients = list(subscription.terms.recipients)
        resend_unknown = subscription.terms.resend_unknown
    else:
        recipients, resend_unknown = _named_recipients(request, settings=settings), True
    for variant in spec.variants:
        plan_deliveries(
            connection,
            spec.run_id,
            variant=variant.name,
            recipients=recipients,
            resend_unknown=resend_unknown,
            mail_domain=settings.mail_from.rpartition("@")[2],
        )
    return True


def _named_recipients(request: RunRequest, *, settings: Settings) -> list[str]:
    addresses, faults = check_recipients(
        request.recipients, domains=settings.recipient_domains, limit=settings.max_recipients
    )
    if faults:
        raise InputErrors(faults)
    return addresses
