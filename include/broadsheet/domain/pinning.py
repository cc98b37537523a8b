"""What a run is pinned to when it is opened: one rule for ``plan`` and for whoever asks for a report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from broadsheet.domain.delivery import computed_id
from broadsheet.domain.period import Period, PeriodKind, latest_complete_period, parse_period
from broadsheet.domain.presentation import Presentation, check_presentation, offered_locales
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.run import RunSpec, VariantSpec
from broadsheet.domain.subscription import Subscription
from broadsheet.errors import InputError

LATEST = "latest"
"""The name of the last period that is over."""

_AS_THE_REPORT = Presentation()


def run_id_of(dag_id: str, dag_run_id: str) -> UUID:
    """Return the id of the run that a DAG run is."""
    return computed_id("run", dag_id, dag_run_id)


def report_dag_id(report_id: str) -> str:
    """Return the id of the DAG that makes a report on demand."""
    return f"report__{report_id}"


def subscribed_spec(
    subscription: Subscription, report: ReportDefinition, *, run_id: UUID, slot: datetime
) -> RunSpec:
    """Return what a run of a subscription is pinned to: its present terms, and the period over at ``slot``.

    Raises InputErrors when the report does not take the subscription's parameters any more, or does not come
    in its language or formats.
    """
    terms = subscription.terms
    parameters = report.validate_parameters(terms.parameters)
    shown = check_presentation(terms.presentation, report)
    return RunSpec(
        run_id=run_id,
        report_id=report.id,
        slot=slot,
        period=latest_complete_period(slot, terms.period_kind, zone=terms.zone),
        parameters=parameters,
        variants=_plain_variant(parameters),
        subscription_id=subscription.subscription_id,
        revision=subscription.revision,
        locale=shown.locale or offered_locales(report)[0],
        theme=shown.theme,
        formats=shown.formats,
    )


def requested_spec(
    report: ReportDefinition,
    *,
    run_id: UUID,
    parameters: Mapping[str, Any],
    period: Period,
    slot: datetime,
    presentation: Presentation = _AS_THE_REPORT,
) -> RunSpec:
    """Return what a report on demand is pinned to; InputErrors lists every wrong parameter."""
    checked = report.validate_parameters(parameters)
    shown = check_presentation(presentation, report)
    return RunSpec(
        run_id=run_id,
        report_id=report.id,
        slot=slot,
        period=period,
        parameters=checked,
        variants=_plain_variant(checked),
        locale=shown.locale or offered_locales(report)[0],
        theme=shown.theme,
        formats=shown.formats,
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
