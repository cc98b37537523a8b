"""The catalog as cards, and a report on demand: "Get it now"."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Depends, Query, Request, Response

from broadsheet.domain.access import Caller
from broadsheet.domain.period import latest_complete_period, period_containing
from broadsheet.errors import InputError
from broadsheet.portal.identity import CallerDep, InstallationDep, current_caller
from broadsheet.portal.pages.answers import form_again
from broadsheet.portal.pages.forms import (
    Fault,
    Sent,
    SentForm,
    faults_of,
    known_fields,
    parameter_pairs,
    read_parameters,
)
from broadsheet.portal.pages.presentation_fields import presentation_pairs, read_presentation
from broadsheet.portal.pages.rendering import go_to, page
from broadsheet.portal.pages.subscribe import router as subscribe_router
from broadsheet.portal.pages.subscription_form import chosen_kind, read_recipients
from broadsheet.services.catalog import ReportCard, offered_report, report_card, report_cards
from broadsheet.services.installation import Installation
from broadsheet.services.requests import ReportRequest, request_report

router = APIRouter(dependencies=[Depends(current_caller)])

_FORM = "request-form"
LATEST, NAMED = "latest", "named"
_NO_DAY = "Give a day, such as 2013-03-18."


@router.get("/", response_class=Response)
def reports_page(
    request: Request, inst: InstallationDep, caller: CallerDep, q: str = Query("", max_length=200)
) -> Response:
    """Show the reports that the reader may have; ``q`` leaves those that say every word of it."""
    cards = report_cards(inst, caller, search=q)
    offered = len(cards) if not q else len(report_cards(inst, caller))
    return page(request, "reports", section="reports", cards=cards, q=q, offered=offered)


@router.get("/catalog/{report_id}/get", response_class=Response)
def request_page(request: Request, report_id: str, inst: InstallationDep, caller: CallerDep) -> Response:
    """Show the form that asks for a report now."""
    card = report_card(offered_report(inst, caller, report_id))
    kind = card.period_kinds[0]
    latest = latest_complete_period(inst.clock(), kind, zone=card.zone)
    filled = Sent(
        (
            *parameter_pairs(card.parameters),
            *presentation_pairs(card),
            ("period_kind", kind),
            ("which", LATEST),
            ("day", latest.last_day.isoformat()),
        )
    )
    return page(request, "report_get", **_context(inst, card, filled))


@router.post("/catalog/{report_id}/get", response_class=Response)
def ask_for_report(
    request: Request, report_id: str, sent: SentForm, inst: InstallationDep, caller: CallerDep
) -> Response:
    """Ask for a report and lead to its run; or show the form again with everything that is wrong."""
    card = report_card(offered_report(inst, caller, report_id))
    try:
        asked = _read_request(inst, caller, card, sent)
        job = request_report(inst, caller, asked, idempotency_key=sent.text("key") or None)
    except InputError as error:
        context = _context(inst, card, sent, faults=_faults(error))
        return form_again(page(request, "report_get_form", **context), _FORM)
    return go_to(request, f"/runs/{job.id}")


router.include_router(subscribe_router)


def _read_request(inst: Installation, caller: Caller, card: ReportCard, sent: Sent) -> ReportRequest:
    return ReportRequest(
        report=card.id,
        parameters=read_parameters(card.parameters, sent),
        period=_period_name(inst, card, sent),
        recipients=read_recipients(sent, caller),
        **read_presentation(sent, card).model_dump(),
    )


def _period_name(inst: Installation, card: ReportCard, sent: Sent) -> str:
    """Return the name of the period that a form asks for: the latest of a kind, or the one with a day.

    What is no day stays as it is, for the service to refuse beside everything else.
    """
    kind = chosen_kind(sent, card)
    if sent.text("which") != NAMED:
        return latest_complete_period(inst.clock(), kind, zone=card.zone).name
    day = sent.text("day")
    try:
        return period_containing(date.fromisoformat(day), kind, zone=card.zone).name
    except (ValueError, OverflowError):
        return f"({day})"


def _faults(error: InputError) -> tuple[Fault, ...]:
    """Return what is wrong; of the period, which the form asks for by a day, in the form's words."""
    return tuple(
        replace(fault, message=_NO_DAY) if fault.field == "period" and "(" in fault.message else fault
        for fault in faults_of([error])
    )


def _context(
    inst: Installation, card: ReportCard, sent: Sent, *, faults: tuple[Fault, ...] = ()
) -> dict[str, Any]:
    settings = inst.settings()
    latest = {
        kind.value: latest_complete_period(inst.clock(), kind, zone=card.zone).label
        for kind in card.period_kinds
    }
    return {
        "section": "reports",
        "card": card,
        "sent": sent,
        "faults": faults,
        "known": known_fields(card.parameters),
        "latest": latest,
        "themes": inst.catalog().theme_names,
        "key": uuid4().hex,
        "domains": settings.recipient_domains,
        "most_recipients": settings.max_recipients,
    }
