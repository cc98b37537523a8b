"""Runs in the ledger, ready to be mailed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from broadsheet.domain.delivery import Delivery
from broadsheet.domain.letter import Headline, Letter
from broadsheet.domain.period import Period, PeriodKind
from broadsheet.domain.run import RunSpec, Trigger, VariantSpec
from broadsheet.domain.subscription import Subscription, SubscriptionTerms
from broadsheet.store.database import transaction
from broadsheet.store.deliveries import deliveries_of_run, plan_deliveries
from broadsheet.store.ledger import add_artifact, open_run
from broadsheet.store.subscriptions import add_subscription, subscription_by_slug

NOW = datetime(2013, 3, 25, 11, 0, tzinfo=UTC)
PDF = b"%PDF-1.7 a report\n" * 1000

LETTER = Letter(
    subject="Airline punctuality: Week 12, 18 to 24 March 2013",
    title="Airline punctuality",
    period="Week 12, 18 to 24 March 2013",
    zone="America/New_York",
    reason="You get this mail because the demo user subscribed you.",
    headlines=(Headline(label="On-time arrivals", value="78.1 %", change="+4.3 points", good=True),),
    parameters=(("Airline", "United Air Lines"),),
)


def subscribe(dsn: str, *recipients: str, slug: str = "united") -> Subscription:
    """Store a subscription and return it."""
    terms = SubscriptionTerms(
        title="United, weekly",
        report_id="airline_punctuality",
        parameters={"carrier": "UA"},
        cron="0 7 * * MON",
        zone="America/New_York",
        period_kind=PeriodKind.WEEK,
        recipients=recipients,
    )
    with transaction(dsn) as connection:
        add_subscription(connection, terms, subscription_id=uuid4(), slug=slug, owner="ada", at=NOW)
        return subscription_by_slug(connection, slug)


def run_spec(*, variants: Sequence[str] = ("main",), subscription: Subscription | None = None) -> RunSpec:
    """Return the spec of a run for one week of March 2013, on demand or of a subscription."""
    period = Period(
        kind=PeriodKind.WEEK,
        first_day=date(2013, 3, 18),
        end_day=date(2013, 3, 25),
        zone="America/New_York",
    )
    return RunSpec(
        run_id=uuid4(),
        report_id="airline_punctuality",
        slot=NOW,
        period=period,
        parameters={},
        variants=tuple(VariantSpec(name=name, parameters={}) for name in variants),
        subscription_id=subscription.subscription_id if subscription else None,
        revision=subscription.revision if subscription else None,
    )


def store_run(dsn: str, spec: RunSpec, *, key: str | None = None, file_name: str = "report.pdf") -> UUID:
    """Record a run with one artifact per variant; return the last artifact's id."""
    with transaction(dsn) as connection:
        open_run(
            connection, spec, dag_id="report__x", dag_run_id=f"manual__{spec.run_id}", trigger=Trigger.MANUAL
        )
        for variant in spec.variants:
            artifact_id = add_artifact(
                connection,
                spec.run_id,
                variant=variant.name,
                artifact_format="pdf",
                key=key or f"artifacts/{spec.run_id}/{variant.name}.pdf",
                file_name=file_name,
                sha256=hashlib.sha256(PDF).hexdigest(),
                size_bytes=len(PDF),
                pages=1,
            )
    return artifact_id


def plan(
    dsn: str, spec: RunSpec, *recipients: str, variant: str = "main", resend_unknown: bool = True
) -> list[Delivery]:
    """Plan deliveries of a stored run and return all that it has."""
    with transaction(dsn) as connection:
        plan_deliveries(
            connection,
            spec.run_id,
            variant=variant,
            recipients=recipients,
            resend_unknown=resend_unknown,
            mail_domain="broadsheet.example",
        )
        return deliveries_of_run(connection, spec.run_id)
