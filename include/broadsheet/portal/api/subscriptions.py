"""Make, show, edit, pause, resume, delete, restore and run subscriptions; leave those of others."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response

from broadsheet.portal.api.answers import EVERYWHERE, WRITES, Responses, header, problems
from broadsheet.portal.api.conditions import expected_revision, revision_tag
from broadsheet.portal.api.models.jobs import Job
from broadsheet.portal.api.models.subscriptions import (
    Change,
    History,
    NewSubscription,
    Schedule,
    Slots,
    SlotsQuery,
    Subscription,
    SubscriptionDraftTerms,
    SubscriptionList,
    SubscriptionsQuery,
    SubscriptionTerms,
    draft_of,
)
from broadsheet.portal.api.paths import Root, SubscriptionName
from broadsheet.portal.identity import CallerDep, InstallationDep, current_caller
from broadsheet.services import requests
from broadsheet.services import subscriptions as use_cases
from broadsheet.services.job_views import Job as StartedJob
from broadsheet.services.passwords import refuse_open_test, sealed_password

router = APIRouter(prefix="/subscriptions", tags=["subscriptions"], dependencies=[Depends(current_caller)])

_ONE = "/{name:slug}"
_ETAG = header("ETag", "The revision, for `If-Match`.", '"3"')
_SHOWN: Responses = {200: {"description": "The subscription.", "headers": _ETAG}}
_STARTED: Responses = {
    202: {"description": "The job is under way.", "headers": header("Location", "Path of the job.", "…")}
}

IfMatch = Annotated[
    str | None,
    Header(
        max_length=200,
        description="ETag of the subscription as it was read.",
        examples=['"3"'],
    ),
]


@router.get("", summary="List subscriptions", responses=problems(*EVERYWHERE, 422))
def list_subscriptions(
    query: Annotated[SubscriptionsQuery, Query()], inst: InstallationDep, caller: CallerDep, root: Root
) -> SubscriptionList:
    """Answer with the caller's subscriptions, newest first; an operator's are everybody's."""
    if query.received:
        found = use_cases.received_subscriptions(inst, caller)
    else:
        found = use_cases.list_subscriptions(inst, caller, include_deleted=query.deleted)
    return SubscriptionList(subscriptions=tuple(Subscription.of(view, root=root) for view in found))


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    summary="Subscribe",
    responses={
        201: {
            "description": "The subscription; Airflow has its DAG within seconds.",
            "headers": {
                **_ETAG,
                **header("Location", "Path of the subscription.", "/reports/api/v1/subscriptions/x"),
            },
        },
        **problems(*EVERYWHERE, *WRITES, 404, 409, 422),
    },
)
def create_subscription(
    body: NewSubscription, response: Response, inst: InstallationDep, caller: CallerDep, root: Root
) -> Subscription:
    """Store a subscription of the caller's own, telling every fault at once. 409: no key for a password."""
    secret = sealed_password(inst, body.password.get_secret_value()) if body.password else None
    view = use_cases.create_subscription(inst, caller, body.draft(name=body.name), secret=secret)
    told = _told(view, response, root)
    response.headers["Location"] = told.url
    return told


@router.get(_ONE, summary="Show a subscription", responses={**_SHOWN, **problems(*EVERYWHERE, 404)})
def show_subscription(
    name: SubscriptionName, response: Response, inst: InstallationDep, caller: CallerDep, root: Root
) -> Subscription:
    """Answer with a subscription at its current revision, which is its ETag."""
    return _told(use_cases.get_subscription(inst, caller, name), response, root)


@router.put(
    _ONE,
    summary="Edit a subscription",
    responses={**_SHOWN, **problems(*EVERYWHERE, *WRITES, 404, 409, 412, 422, 428)},
)
def edit_subscription(
    name: SubscriptionName,
    body: SubscriptionTerms,
    response: Response,
    inst: InstallationDep,
    caller: CallerDep,
    root: Root,
    if_match: IfMatch = None,
) -> Subscription:
    """Replace all terms by a new revision. Without `If-Match` nothing is changed (428)."""
    current = use_cases.get_subscription(inst, caller, name).subscription.revision
    revision = expected_revision(if_match, current)
    view = use_cases.edit_subscription(inst, caller, name, body.draft(), revision=revision)
    return _told(view, response, root)


@router.delete(
    _ONE,
    summary="Delete a subscription",
    responses={**_SHOWN, **problems(*EVERYWHERE, 403, 404, 409, 412, 422)},
)
def delete_subscription(
    name: SubscriptionName,
    response: Response,
    inst: InstallationDep,
    caller: CallerDep,
    root: Root,
    if_match: IfMatch = None,
) -> Subscription:
    """Delete a subscription, if `If-Match` is given only as it was read. It can be restored."""
    if if_match is not None:
        current = use_cases.get_subscription(inst, caller, name).subscription.revision
        expected_revision(if_match, current)
    return _told(use_cases.delete_subscription(inst, caller, name), response, root)


@router.post(_ONE + "/pause", summary="Pause", responses={**_SHOWN, **problems(*EVERYWHERE, 403, 404, 409)})
def pause_subscription(
    name: SubscriptionName, response: Response, inst: InstallationDep, caller: CallerDep, root: Root
) -> Subscription:
    """Stop the schedule until it is resumed; pausing twice changes nothing."""
    return _told(use_cases.pause_subscription(inst, caller, name), response, root)


@router.post(_ONE + "/resume", summary="Resume", responses={**_SHOWN, **problems(*EVERYWHERE, 403, 404, 409)})
def resume_subscription(
    name: SubscriptionName, response: Response, inst: InstallationDep, caller: CallerDep, root: Root
) -> Subscription:
    """Start the schedule again, from its next slot on."""
    return _told(use_cases.resume_subscription(inst, caller, name), response, root)


@router.post(
    _ONE + "/restore",
    summary="Undo a deletion",
    responses={**_SHOWN, **problems(*EVERYWHERE, 403, 404, 409)},
)
def restore_subscription(
    name: SubscriptionName, response: Response, inst: InstallationDep, caller: CallerDep, root: Root
) -> Subscription:
    """Make a deleted subscription what it was before, active or paused."""
    return _told(use_cases.restore_subscription(inst, caller, name), response, root)


@router.get(_ONE + "/history", summary="Show what happened", responses=problems(*EVERYWHERE, 404))
def show_history(name: SubscriptionName, inst: InstallationDep, caller: CallerDep) -> History:
    """Answer with every revision and change of state, newest first."""
    entries = use_cases.subscription_history(inst, caller, name)
    return History(history=tuple(Change.of(entry) for entry in entries))


@router.get(
    _ONE + "/next-slots", summary="Tell when it is due next", responses=problems(*EVERYWHERE, 404, 422)
)
def show_next_slots(
    name: SubscriptionName, query: Annotated[SlotsQuery, Query()], inst: InstallationDep, caller: CallerDep
) -> Slots:
    """Answer with the next slots of a subscription's schedule, also while it is paused."""
    terms = use_cases.get_subscription(inst, caller, name).subscription.terms
    found = use_cases.next_slots(terms.cron, terms.zone, count=query.count, after=inst.clock())
    return Slots(slots=found)


@router.post(
    "/next-slots",
    summary="Tell when a schedule would be due",
    responses=problems(*EVERYWHERE, *WRITES, 422),
)
def find_next_slots(body: Schedule, inst: InstallationDep) -> Slots:
    """Answer with the next slots of any schedule; nothing is stored."""
    return Slots(slots=use_cases.next_slots(body.cron, body.zone, count=body.count, after=inst.clock()))


@router.post(
    _ONE + "/run",
    status_code=HTTPStatus.ACCEPTED,
    response_model=Job,
    summary="Run now, for all recipients",
    responses={**_STARTED, **problems(*EVERYWHERE, 403, 404, 409, 422, 429)},
)
def run_subscription(
    name: SubscriptionName, response: Response, inst: InstallationDep, caller: CallerDep, root: Root
) -> Job:
    """Run a subscription once, beside its schedule, and mail its recipients."""
    return _job(use_cases.run_subscription(inst, caller, name), response, root)


@router.post(
    _ONE + "/test",
    status_code=HTTPStatus.ACCEPTED,
    summary="Send its report to the caller alone",
    responses={**_STARTED, **problems(*EVERYWHERE, 403, 404, 409, 422, 429)},
)
def test_subscription(
    name: SubscriptionName, response: Response, inst: InstallationDep, caller: CallerDep, root: Root
) -> Job:
    """Make the report of a subscription now and mail it to nobody but the caller. 409 for a protected one."""
    refuse_open_test(inst, caller, name)
    draft = draft_of(use_cases.get_subscription(inst, caller, name).subscription)
    return _job(requests.send_test(inst, caller, draft), response, root)


@router.post(
    "/test",
    status_code=HTTPStatus.ACCEPTED,
    summary="Send a draft's report to the caller alone",
    responses={**_STARTED, **problems(*EVERYWHERE, *WRITES, 404, 409, 422, 429)},
)
def test_draft(
    body: SubscriptionDraftTerms, response: Response, inst: InstallationDep, caller: CallerDep, root: Root
) -> Job:
    """Make the report of a draft now and mail it to nobody but the caller; the draft is not stored."""
    return _job(requests.send_test(inst, caller, body.draft(name=body.name)), response, root)


@router.post(
    _ONE + "/unsubscribe",
    status_code=HTTPStatus.NO_CONTENT,
    summary="Leave a subscription",
    responses=problems(*EVERYWHERE, 403, 404),
)
def unsubscribe(name: SubscriptionName, inst: InstallationDep, caller: CallerDep) -> None:
    """Stop a subscription's mails to the caller's own address."""
    use_cases.unsubscribe_me(inst, caller, name)


def _told(view: use_cases.SubscriptionView, response: Response, root: str) -> Subscription:
    response.headers["ETag"] = revision_tag(view.subscription.revision)
    return Subscription.of(view, root=root)


def _job(job: StartedJob, response: Response, root: str) -> Job:
    told = Job.of(job, root=root)
    response.headers["Location"] = told.url
    return told
