"""The form of a subscription: from its fields to a draft, and from a subscription to its fields."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from broadsheet.domain.access import Caller
from broadsheet.domain.period import Period, PeriodKind, latest_complete_period
from broadsheet.domain.schedule import check_zone
from broadsheet.domain.subscription import Subscription
from broadsheet.domain.wording import ScheduleForm, form_of_cron, read_schedule_form, schedule_words
from broadsheet.errors import InputError, InputErrors
from broadsheet.portal.pages.forms import Sent, parameter_pairs, read_addresses, read_parameters
from broadsheet.portal.pages.presentation_fields import presentation_pairs, read_presentation
from broadsheet.services.catalog import ReportCard
from broadsheet.services.subscribe import SubscriptionDraft
from broadsheet.services.subscriptions import next_slots

_SCHEDULE = "schedule."
# Stands for a schedule that is wrong, so that everything else can be checked beside it.
_ANY_CRON = "0 7 * * *"
_USUAL = form_of_cron("0 7 * * MON")


@dataclass(frozen=True)
class NextDates:
    """What a schedule means: in words, and by its next dates with the period that each describes."""

    words: str
    zone: str
    dates: tuple[tuple[datetime, str], ...]
    """Each slot in the schedule's zone, and the label of its period."""


def new_form(card: ReportCard, caller: Caller) -> Sent:
    """Return the fields of a new subscription to a report."""
    return Sent(
        (
            *parameter_pairs(card.parameters),
            *_schedule_pairs(_USUAL),
            ("zone", card.zone),
            ("period_kind", card.period_kinds[0]),
            ("title", card.title),
            ("resend_unknown", "yes"),
            *presentation_pairs(card),
            *([("me", "yes")] if caller.email else []),
        )
    )


def filled_form(subscription: Subscription, card: ReportCard, caller: Caller) -> Sent:
    """Return the fields of a subscription's present terms."""
    terms = subscription.terms
    mine = (caller.email or "").lower()
    others = [address for address in terms.recipients if address.lower() != mine]
    return Sent(
        (
            *parameter_pairs(card.parameters, terms.parameters),
            *_schedule_pairs(form_of_cron(terms.cron)),
            ("zone", terms.zone),
            ("period_kind", terms.period_kind),
            ("title", terms.title),
            ("recipients", "\n".join(others)),
            *presentation_pairs(card, terms.presentation),
            *([("resend_unknown", "yes")] if terms.resend_unknown else []),
            *([("me", "yes")] if len(others) < len(terms.recipients) else []),
        )
    )


def read_draft(sent: Sent, card: ReportCard, caller: Caller) -> tuple[SubscriptionDraft, list[InputError]]:
    """Return the draft that a form gives, and what is wrong with its schedule, which a draft cannot say."""
    faults: list[InputError] = []
    cron = _ANY_CRON
    try:
        cron = read_schedule(sent).cron_line
    except InputErrors as error:
        faults.extend(error.errors)
    except InputError as error:
        faults.append(error)
    draft = SubscriptionDraft(
        report_id=card.id,
        cron=cron,
        recipients=read_recipients(sent, caller),
        parameters=read_parameters(card.parameters, sent),
        zone=sent.text("zone") or None,
        period_kind=sent.text("period_kind") or None,
        title=sent.text("title") or None,
        resend_unknown=sent.has("resend_unknown"),
        **read_presentation(sent, card).model_dump(),
    )
    return draft, faults


def read_recipients(sent: Sent, caller: Caller) -> tuple[str, ...]:
    """Return the addresses that a form names: the caller's own, if ticked, and those of others."""
    me = (caller.email,) if caller.email and sent.has("me") else ()
    return (*me, *read_addresses(sent.text("recipients")))


def read_schedule(sent: Sent) -> ScheduleForm:
    """Return the schedule that a form gives; InputErrors names fields ``schedule.<name>`` or ``cron``."""
    single = {name: sent.text(f"{_SCHEDULE}{name}") for name in ("kind", "at", "day", "nth", "weekday")}
    return read_schedule_form(
        {**single, "days": list(sent.texts(f"{_SCHEDULE}days")), "cron": sent.text("cron")}
    )


def next_dates(sent: Sent, card: ReportCard, *, after: datetime) -> NextDates:
    """Return what the schedule of a form means from an instant on; InputErrors names what is wrong."""
    cron = read_schedule(sent).cron_line
    zone = check_zone(sent.text("zone") or card.zone)
    slots = next_slots(cron, zone, after=after)
    kind = chosen_kind(sent, card)
    return NextDates(
        words=schedule_words(cron, zone),
        zone=zone,
        dates=tuple((slot, latest_complete_period(slot, kind, zone=zone).label) for slot in slots),
    )


def chosen_kind(sent: Sent, card: ReportCard) -> PeriodKind:
    """Return the kind of period that a form names, or the report's first for one that it does not have."""
    text = sent.text("period_kind")
    return next((kind for kind in card.period_kinds if kind == text), card.period_kinds[0])


def latest_period(sent: Sent, card: ReportCard, *, at: datetime) -> Period:
    """Return the last period that is over at an instant, of the kind and in the zone that a form names."""
    zone = check_zone(sent.text("zone") or card.zone)
    return latest_complete_period(at, chosen_kind(sent, card), zone=zone)


def _schedule_pairs(form: ScheduleForm) -> list[tuple[str, str]]:
    return [
        (f"{_SCHEDULE}kind", form.kind),
        (f"{_SCHEDULE}at", f"{form.at:%H:%M}"),
        *((f"{_SCHEDULE}days", day) for day in form.days),
        (f"{_SCHEDULE}day", str(form.day)),
        (f"{_SCHEDULE}nth", str(form.nth)),
        (f"{_SCHEDULE}weekday", form.weekday),
        ("cron", form.cron or form.cron_line),
    ]
