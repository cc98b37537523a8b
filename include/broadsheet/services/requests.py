"""Ask for a report now: check everything and say everything that is wrong, then start it."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import uuid4

from pydantic import BaseModel, ConfigDict

from broadsheet.domain.access import Caller
from broadsheet.domain.period import latest_complete_period
from broadsheet.domain.pinning import (
    report_dag_id,
    requested_period,
    requested_spec,
    run_id_of,
    subscribed_spec,
)
from broadsheet.domain.presentation import Presentation, check_presentation
from broadsheet.domain.recipient import check_recipients
from broadsheet.domain.run import Deliver, RunSpec
from broadsheet.domain.subscription import Subscription, SubscriptionState
from broadsheet.errors import ConflictError, ForbiddenError, InputError, InputErrors, NotFoundError
from broadsheet.services.catalog import offered_report
from broadsheet.services.faults import gather
from broadsheet.services.installation import Installation
from broadsheet.services.job_views import Job
from broadsheet.services.jobs import get_job
from broadsheet.services.starting import Order, RequestName, check_key, start
from broadsheet.services.subscribe import SubscriptionDraft, check_terms


class ReportRequest(BaseModel):
    """What a person or a program asks for, as given: nothing in it is checked yet."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    report: str
    """Id of a report in the catalog."""
    parameters: dict[str, Any] = {}
    period: str = "latest"
    """``latest``, or a name: 2013-03-18, 2013-W12, 2013-03, 2013-Q1, 2013."""
    formats: tuple[str, ...] | None = None
    """Formats of the files; None: all that the report has. A PDF is always among them."""
    locale: str | None = None
    """Language of the document; None: the report's own."""
    theme: str | None = None
    """Theme of the document; None: the report's own."""
    recipients: tuple[str, ...] = ()
    """Mail addresses that get a link to the report; none: it is only stored."""


def request_report(
    inst: Installation, caller: Caller, request: ReportRequest, *, idempotency_key: str | None = None
) -> Job:
    """Start a report on demand and return its job.

    With an idempotency key a repeated call returns the first one's job. Raises InputErrors that lists every
    fault, NotFoundError for a report that is unknown or not the caller's, QuotaError, ConflictError while
    the first call with the same key is under way, InputError with field ``Idempotency-Key`` when the key was
    used for something else, and EngineUnavailableError when Airflow cannot take it.
    """
    order = _order(inst, caller, request)
    name = None
    if idempotency_key is not None:
        name = RequestName(key=check_key(idempotency_key), body_sha256=_digest(request))
    return get_job(inst, caller, start(inst, caller, order, name=name))


def send_test(inst: Installation, caller: Caller, draft: SubscriptionDraft) -> Job:
    """Mail the report of a draft to the caller alone, now, and return the job."""
    if caller.email is None:
        raise InputError("recipients: your account in Airflow has no mail address", field="recipients")
    report = offered_report(inst, caller, draft.report_id)
    # When it will be due, and for whom, is nothing to a test.
    tried = draft.model_copy(update={"recipients": (caller.email,), "cron": "0 0 * * *", "title": None})
    terms = check_terms(tried, report, settings=inst.settings(), themes=inst.catalog().theme_names)
    slot, ids = inst.clock(), _new_ids(report_dag_id(report.id))
    period = latest_complete_period(slot, terms.period_kind, zone=terms.zone)
    spec = requested_spec(
        report,
        run_id=run_id_of(*ids),
        parameters=terms.parameters,
        period=period,
        slot=slot,
        presentation=terms.presentation,
    )
    conf = _conf(spec, parameters=draft.parameters, recipients=terms.recipients)
    return get_job(inst, caller, start(inst, caller, Order(*ids, spec=spec, conf=conf)))


def open_subscription_run(inst: Installation, caller: Caller, subscription: Subscription) -> Job:
    """Run a subscription now, for all its recipients, and return the job.

    One that was asked for a moment ago and has not begun is returned instead of a second one. Raises
    NotFoundError for other people's, ConflictError for a deleted one, and ForbiddenError when the caller may
    not have the report any more.
    """
    if not caller.may_act_for(subscription.owner):
        raise NotFoundError(f"there is no subscription {subscription.slug!r}")
    if subscription.state is SubscriptionState.DELETED:
        raise ConflictError("the subscription is deleted; restore it to run it")
    report = inst.catalog().get(subscription.terms.report_id)
    if not caller.may_have(report):
        raise ForbiddenError("you may not have this report any more")
    slot, ids = inst.clock(), _new_ids(subscription.dag_id)
    spec = subscribed_spec(subscription, report, run_id=run_id_of(*ids), slot=slot)
    order = Order(*ids, spec=spec, conf={"deliver": Deliver.USUAL.value})
    return get_job(inst, caller, start(inst, caller, order))


def _order(inst: Installation, caller: Caller, request: ReportRequest) -> Order:
    """Check a request and return what to start; InputErrors lists every fault in it."""
    settings, slot = inst.settings(), inst.clock()
    report = offered_report(inst, caller, request.report)
    faults: list[InputError] = []

    gather(faults, lambda: report.validate_parameters(request.parameters))
    period = gather(faults, lambda: requested_period(report, request.period, slot=slot))
    wanted = Presentation(locale=request.locale, theme=request.theme, formats=request.formats)
    shown = gather(faults, lambda: check_presentation(wanted, report, themes=inst.catalog().theme_names))
    recipients, wrong = check_recipients(
        request.recipients, domains=settings.recipient_domains, limit=settings.max_recipients
    )
    faults.extend(wrong)
    if faults or period is None or shown is None:
        raise InputErrors(faults)
    ids = _new_ids(report_dag_id(report.id))
    spec = requested_spec(
        report,
        run_id=run_id_of(*ids),
        parameters=request.parameters,
        period=period,
        slot=slot,
        presentation=shown,
    )
    conf = _conf(spec, parameters=request.parameters, recipients=tuple(recipients))
    return Order(*ids, spec=spec, conf=conf)


def _conf(spec: RunSpec, *, parameters: dict[str, Any], recipients: tuple[str, ...]) -> dict[str, Any]:
    """Return the fields of the report's trigger form, filled in as asked."""
    return {
        **parameters,
        "period": spec.period.name,
        "recipients": list(recipients),
        "deliver": Deliver.USUAL.value,
        "locale": spec.locale,
        "theme": spec.theme,
        "formats": None if spec.formats is None else list(spec.formats),
    }


def _new_ids(dag_id: str) -> tuple[str, str]:
    return dag_id, f"api__{uuid4()}"


def _digest(request: ReportRequest) -> str:
    """Return the SHA-256 of a request as canonical JSON: the order of its fields says nothing."""
    text = json.dumps(request.model_dump(), sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()
