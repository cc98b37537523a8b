"""Subscribe to a report, and change a subscription: the form, its next dates, a preview, a test."""

from __future__ import annotations

import logging
from base64 import b64encode
from functools import cache
from http import HTTPStatus
from typing import Any
from zoneinfo import available_timezones

from fastapi import APIRouter, Depends, Request, Response

from broadsheet.domain.access import Caller
from broadsheet.errors import (
    BroadsheetError,
    ConflictError,
    InputError,
    InputErrors,
    QuotaError,
    RunFailedError,
    StaleError,
)
from broadsheet.portal.identity import CallerDep, InstallationDep, current_caller
from broadsheet.portal.pages.answers import form_again
from broadsheet.portal.pages.forms import (
    Fault,
    Sent,
    SentForm,
    SentQuery,
    faults_of,
    known_fields,
    read_parameters,
)
from broadsheet.portal.pages.presentation_fields import read_presentation
from broadsheet.portal.pages.rendering import go_to, page
from broadsheet.portal.pages.subscription_form import (
    NextDates,
    filled_form,
    latest_period,
    new_form,
    next_dates,
    read_draft,
)
from broadsheet.services.catalog import ReportCard, offered_report, report_card
from broadsheet.services.installation import Installation
from broadsheet.services.passwords import (
    OPEN_TEST,
    keeps_passwords,
    refuse_open_test,
    sealed_password,
)
from broadsheet.services.preview import preview_page
from broadsheet.services.requests import send_test
from broadsheet.services.subscribe import SubscriptionDraft
from broadsheet.services.subscriptions import (
    HistoryEntry,
    SubscriptionView,
    check_draft,
    create_subscription,
    edit_subscription,
    get_subscription,
    subscription_history,
)

log = logging.getLogger(__name__)
router = APIRouter(dependencies=[Depends(current_caller)])

_FORM = "subscription-form"
_NO_PREVIEW = "The preview could not be made with these settings. Try others, or ask an operator."


@router.get("/catalog/{report_id}/subscribe", response_class=Response)
def subscribe_page(request: Request, report_id: str, inst: InstallationDep, caller: CallerDep) -> Response:
    """Show the form of a new subscription."""
    card = report_card(offered_report(inst, caller, report_id))
    return page(request, "subscription_form", **_context(inst, card, new_form(card, caller)))


@router.post("/catalog/{report_id}/subscribe", response_class=Response)
def subscribe(
    request: Request, report_id: str, sent: SentForm, inst: InstallationDep, caller: CallerDep
) -> Response:
    """Store a subscription and lead to its page; or show the form again with everything that is wrong."""
    card = report_card(offered_report(inst, caller, report_id))
    try:
        draft, password = _checked(inst, caller, card, sent), _password(sent)
        secret = sealed_password(inst, password) if password else None
        view = create_subscription(inst, caller, draft, secret=secret)
    except InputError as error:
        return _again(request, _context(inst, card, sent, faults=faults_of([error])))
    return go_to(request, f"/subscriptions/{view.subscription.slug}?saved=new")


@router.get("/subscriptions/{slug}/edit", response_class=Response)
def edit_page(request: Request, slug: str, inst: InstallationDep, caller: CallerDep) -> Response:
    """Show the form of a subscription, filled in with its present terms."""
    view, card = _editable(inst, caller, slug)
    sent = filled_form(view.subscription, card, caller)
    return page(request, "subscription_form", **_context(inst, card, sent, view=view))


@router.post("/subscriptions/{slug}/edit", response_class=Response)
def edit(request: Request, slug: str, sent: SentForm, inst: InstallationDep, caller: CallerDep) -> Response:
    """Store an edit; or show the form again with what is wrong, or with what others changed meanwhile."""
    view, card = _editable(inst, caller, slug)
    revision = _revision(sent)
    try:
        draft = _checked(inst, caller, card, sent, slug=slug)
        edit_subscription(inst, caller, slug, draft, revision=revision)
    except StaleError:
        theirs = _changes_since(inst, caller, slug, revision)
        context = _context(inst, card, sent, view=get_subscription(inst, caller, slug), theirs=theirs)
        return _again(request, context, status=HTTPStatus.PRECONDITION_FAILED)
    except InputError as error:
        context = _context(inst, card, sent, view=view, revision=revision, faults=faults_of([error]))
        return _again(request, context)
    return go_to(request, f"/subscriptions/{slug}?saved=edit")


@router.get("/catalog/{report_id}/dates", response_class=Response)
def dates_part(
    request: Request, report_id: str, sent: SentQuery, inst: InstallationDep, caller: CallerDep
) -> Response:
    """Show what a schedule means, as it is being typed."""
    card = report_card(offered_report(inst, caller, report_id))
    dates, wrong = _dates(inst, card, sent)
    return page(request, "schedule_dates", dates=dates, wrong=wrong)


@router.post("/catalog/{report_id}/preview", response_class=Response)
def preview_part(
    request: Request, report_id: str, sent: SentForm, inst: InstallationDep, caller: CallerDep
) -> Response:
    """Show page one with the settings of a form; it is drawn at once and stored nowhere."""
    card = report_card(offered_report(inst, caller, report_id))
    return page(request, "preview", card=card, **_drawn(inst, caller, card, sent))


@router.post("/catalog/{report_id}/test", response_class=Response)
def test_part(
    request: Request, report_id: str, sent: SentForm, inst: InstallationDep, caller: CallerDep
) -> Response:
    """Mail the report to the caller alone, with the settings of a form; or say what is wrong with them."""
    card = report_card(offered_report(inst, caller, report_id))
    view = get_subscription(inst, caller, slug) if (slug := sent.text("subscription")) else None
    if view:
        refuse_open_test(inst, caller, slug)
    elif _password(sent):
        raise ConflictError(OPEN_TEST)
    try:
        job = send_test(inst, caller, _checked(inst, caller, card, sent, slug=slug or None))
    except InputError as error:
        revision = _revision(sent) if view else None
        faults = faults_of([error])
        return _again(request, _context(inst, card, sent, view=view, revision=revision, faults=faults))
    return page(request, "test_sent", job=job)


@router.get("/zones", response_class=Response)
def zones_part(request: Request) -> Response:
    """Return the time zones that a field offers while one types."""
    return page(request, "zones", zones=_zones())


@cache
def _zones() -> tuple[str, ...]:
    return tuple(sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC"))


def _editable(inst: Installation, caller: Caller, slug: str) -> tuple[SubscriptionView, ReportCard]:
    view = get_subscription(inst, caller, slug)
    return view, report_card(offered_report(inst, caller, view.subscription.terms.report_id))


def _checked(
    inst: Installation, caller: Caller, card: ReportCard, sent: Sent, *, slug: str | None = None
) -> SubscriptionDraft:
    """Return a form's draft; InputErrors lists everything that is wrong with it, its schedule first."""
    draft, faults = read_draft(sent, card, caller)
    if faults:
        raise InputErrors([*faults, *check_draft(inst, caller, draft, slug=slug)])
    return draft


def _password(sent: Sent) -> str:
    """Return the password of a form. Spaces at its ends are the person's, to be told of."""
    return next(iter(sent.texts("password")), "")


def _again(
    request: Request, context: dict[str, Any], *, status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY
) -> Response:
    return form_again(page(request, "subscription_form_part", **context), _FORM, status=status)


def _revision(sent: Sent) -> int:
    """Return the revision that a form was filled in from; a form without one is older than any."""
    text = sent.text("revision")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _changes_since(inst: Installation, caller: Caller, slug: str, revision: int) -> tuple[HistoryEntry, ...]:
    entries = subscription_history(inst, caller, slug)
    return tuple(entry for entry in entries if entry.revision is not None and entry.revision > revision)


def _drawn(inst: Installation, caller: Caller, card: ReportCard, sent: Sent) -> dict[str, Any]:
    """Return page one as base64 and what it covers, or why there is none."""
    parameters = read_parameters(card.parameters, sent)
    try:
        period = latest_period(sent, card, at=inst.clock())
        drawn = preview_page(
            inst,
            caller,
            card.id,
            parameters=parameters,
            kind=period.kind,
            zone=period.zone,
            presentation=read_presentation(sent, card),
        )
    except (InputError, QuotaError, ConflictError) as error:
        return {"picture": "", "label": "", "wrong": " ".join(one.message for one in _explained(error))}
    except RunFailedError as error:
        log.warning("%s", error)
        return {"picture": "", "label": "", "wrong": _NO_PREVIEW}
    return {"picture": b64encode(drawn).decode("ascii"), "label": period.label, "wrong": ""}


def _dates(inst: Installation, card: ReportCard, sent: Sent) -> tuple[NextDates | None, tuple[Fault, ...]]:
    try:
        return next_dates(sent, card, after=inst.clock()), ()
    except InputError as error:
        return None, faults_of([error])


def _explained(error: BroadsheetError) -> tuple[Fault, ...]:
    return faults_of([error]) if isinstance(error, InputError) else (Fault(None, str(error)),)


def _context(
    inst: Installation,
    card: ReportCard,
    sent: Sent,
    *,
    faults: tuple[Fault, ...] = (),
    view: SubscriptionView | None = None,
    revision: int | None = None,
    theirs: tuple[HistoryEntry, ...] = (),
) -> dict[str, Any]:
    settings = inst.settings()
    dates, wrong = _dates(inst, card, sent)
    return {
        "section": "subscriptions" if view else "reports",
        "card": card,
        "sent": sent,
        "faults": faults,
        "known": known_fields(card.parameters),
        "view": view,
        "revision": revision if revision is not None else (view.subscription.revision if view else None),
        "theirs": theirs,
        "themes": inst.catalog().theme_names,
        "dates": dates,
        "wrong": wrong,
        "domains": settings.recipient_domains,
        "most_recipients": settings.max_recipients,
        # One that is made already has a page for its password.
        "asks_password": view is None and keeps_passwords(inst),
    }
