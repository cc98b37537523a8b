"""``plan``: find slot and period, check the request once more, open the run in the ledger, cut the work.

What it pins in the run's spec is all that later stages know: an edit of the subscription in mid-run changes
the next run, not this one.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from broadsheet.catalog import Catalog
from broadsheet.domain.delivery import computed_id
from broadsheet.domain.objects import ObjectStore
from broadsheet.domain.period import Period, PeriodKind, latest_complete_period, parse_period
from broadsheet.domain.recipient import check_recipients
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.run import Deliver, RunSpec, Trigger, VariantSpec
from broadsheet.domain.subscription import Subscription, SubscriptionState
from broadsheet.errors import InputError, InputErrors
from broadsheet.settings import Settings
from broadsheet.store.database import Connection, transaction
from broadsheet.store.deliveries import plan_deliveries
from broadsheet.store.ledger import RunRow, adopt_run, find_run, open_run, reopen_run, withdraw_run
from broadsheet.store.subscriptions import subscription_at_revision, subscription_by_slug

log = logging.getLogger(__name__)

LATEST = "latest"


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
        found = _find(request, connection)
        if found is None:
            spec = _open_new(request, catalog, connection, settings=settings)
            if (reason := _unwanted(request, spec, connection)) is not None:
                withdraw_run(connection, spec.run_id, reason=reason)
                log.info("run %s of %s is skipped: %s", spec.run_id, request.dag_id, reason)
                return []
        else:
            spec = found.spec
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


def _find(request: RunRequest, connection: Connection) -> RunRow | None:
    """Return the run that this DAG run has opened, or one before it that Airflow has forgotten."""
    found = find_run(connection, request.dag_id, request.dag_run_id)
    if found is not None or request.slug is None:
        return found
    return adopt_run(
        connection,
        slug=request.slug,
        slot=request.slot,
        dag_id=request.dag_id,
        dag_run_id=request.dag_run_id,
    )


def _open_new(
    request: RunRequest, catalog: Catalog, connection: Connection, *, settings: Settings
) -> RunSpec:
    if request.slug is not None:
        spec = _subscribed_spec(request, subscription_by_slug(connection, request.slug), catalog=catalog)
    else:
        spec = _requested_spec(request, catalog=catalog)
        _named_recipients(request, settings=settings)
    opened = open_run(
        connection, spec, dag_id=request.dag_id, dag_run_id=request.dag_run_id, trigger=request.trigger
    )
    return opened.spec


def _unwanted(request: RunRequest, spec: RunSpec, connection: Connection) -> str | None:
    """Return why a new run of a subscription is not to be built, or None.

    Airflow knows of a pause or a deletion only after its next look at the generated files, and runs that wait
    in its queue were made before.
    """
    if spec.subscription_id is None or spec.revision is None:
        return None
    state = subscription_at_revision(connection, spec.subscription_id, spec.revision).state
    if state is SubscriptionState.DELETED:
        return "the subscription was deleted"
    if state is SubscriptionState.PAUSED and request.trigger is Trigger.SCHEDULE:
        return "the subscription is paused"
    return None


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


def _subscribed_spec(request: RunRequest, subscription: Subscription, *, catalog: Catalog) -> RunSpec:
    terms = subscription.terms
    report = catalog.get(terms.report_id)
    parameters = report.validate_parameters(terms.parameters)
    period = latest_complete_period(request.slot, terms.period_kind, zone=terms.zone)
    return RunSpec(
        run_id=computed_id("run", request.dag_id, request.dag_run_id),
        report_id=report.id,
        slot=request.slot,
        period=period,
        parameters=parameters,
        variants=_plain_variant(parameters),
        subscription_id=subscription.subscription_id,
        revision=subscription.revision,
    )


def _requested_spec(request: RunRequest, *, catalog: Catalog) -> RunSpec:
    report = catalog.get(request.report_id or "")
    parameters = report.validate_parameters(request.parameters)
    return RunSpec(
        run_id=computed_id("run", request.dag_id, request.dag_run_id),
        report_id=report.id,
        slot=request.slot,
        period=requested_period(report, request.period, slot=request.slot),
        parameters=parameters,
        variants=_plain_variant(parameters),
    )


def requested_period(report: ReportDefinition, text: str, *, slot: datetime) -> Period:
    """Return the period that a name or ``latest`` means for a report.

    Raises InputError when the name is not understood, or names a kind of period that the report does not
    offer.
    """
    if text == LATEST:
        return latest_complete_period(slot, report.period_kinds[0], zone=report.zone)
    period = parse_period(text, zone=report.zone)
    check_period_kind(report, period.kind)
    return period


def check_period_kind(report: ReportDefinition, kind: PeriodKind) -> None:
    """Raise InputError when a report does not offer a kind of period."""
    if kind not in report.period_kinds:
        offered = ", ".join(offer.value for offer in report.period_kinds)
        raise InputError(f"report {report.id!r} describes a {offered}, not a {kind.value}", field="period")


def _plain_variant(parameters: Mapping[str, Any]) -> tuple[VariantSpec, ...]:
    return (VariantSpec(name="main", parameters=dict(parameters)),)
