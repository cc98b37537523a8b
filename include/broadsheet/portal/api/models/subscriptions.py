"""Subscriptions: who wants which report, when, about what, for whom."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import AwareDatetime, Field, JsonValue, SecretStr

from broadsheet.domain import subscription as domain
from broadsheet.domain.period import PeriodKind
from broadsheet.domain.run import RunState
from broadsheet.domain.subscription import SubscriptionState
from broadsheet.portal.api.models.base import Answer, Input, Line, Short, Slug
from broadsheet.portal.api.models.choices import (
    OwnFormats,
    OwnLocale,
    OwnTheme,
    Recipients,
    Report,
    ReportParameters,
)
from broadsheet.services.subscribe import SubscriptionDraft
from broadsheet.services.subscription_views import EventKind, HistoryEntry, SubscriptionView

_NAME = "punctuality-of-united-3f9a1c"
_AT = "2026-03-23T11:00:00Z"
_JOB = "3f8f3c1e-59bb-5a2f-9a0e-7f1f6f0f2d11"


class SubscriptionTerms(Input):
    """What a subscription says; an edit replaces all of it."""

    report: Report
    parameters: ReportParameters = Field(default={})
    cron: Short = Field(
        description="When: minute, hour, day of month, month and day of week, read in the time zone.",
        examples=["0 7 * * MON"],
    )
    zone: Short | None = Field(
        None, description="IANA time zone; null is the report's own.", examples=["America/New_York"]
    )
    period_kind: PeriodKind | None = Field(
        None,
        description="Length of time that each report is about; null is the report's usual one.",
        examples=["week"],
    )
    recipients: Recipients = Field(
        description="Mail addresses that get a link to each report.", examples=[["ada@broadsheet.example"]]
    )
    title: Line | None = Field(
        None,
        description="Title for its readers; null is the report's own.",
        examples=["Punctuality of United"],
    )
    resend_unknown: bool = Field(
        True,
        description="Whether a mail whose fate is unknown is sent once more; false: never twice.",
        examples=[True],
    )
    locale: OwnLocale = None
    theme: OwnTheme = None
    formats: OwnFormats = None

    def draft(self, *, name: str | None = None) -> SubscriptionDraft:
        """Return what the use cases take, nothing in it checked yet."""
        return SubscriptionDraft(
            report_id=self.report, name=name, **self.model_dump(exclude={"report", "name", "password"})
        )


class SubscriptionDraftTerms(SubscriptionTerms):
    """What a subscription would say."""

    name: Slug | None = Field(
        None,
        description="Its name in paths and of its DAG, for good; null: made from the title.",
        examples=[_NAME],
    )


class NewSubscription(SubscriptionDraftTerms):
    """What a new subscription says."""

    password: SecretStr | None = Field(
        None,
        max_length=500,
        description="What its documents open with, from the first one on: 8 characters or more, 127 bytes at "
        "most; it is never told again. Null: nothing. `PUT …/password` replaces it.",
        examples=[None],
    )


class SubscriptionsQuery(Input):
    """Which subscriptions to list."""

    deleted: bool = Field(False, description="Whether to list deleted ones, too.", examples=[False])
    received: bool = Field(
        False,
        description="Only those of others that mail the caller, instead of the caller's own.",
        examples=[False],
    )


class SlotsQuery(Input):
    """How many slots to tell."""

    count: int = Field(5, ge=1, le=50, description="How many slots to tell.", examples=[5])


class Schedule(SlotsQuery):
    """When something is due."""

    cron: Short = Field(
        description="Minute, hour, day of month, month and day of week.", examples=["0 7 * * MON"]
    )
    zone: Short = Field(description="IANA time zone that it is read in.", examples=["America/New_York"])


class PreviewQuery(Input):
    """Which period to draw the first page of."""

    period: Short = Field(
        "latest", description="`latest`, or a period by name, as in a request.", examples=["2013-W12"]
    )


class PreviewRequest(PreviewQuery):
    """What to draw the first page of."""

    report: Report
    parameters: ReportParameters = Field(default={})
    period_kind: PeriodKind | None = Field(
        None,
        description="Length of time of `latest`; null is the report's usual one.",
        examples=["week"],
    )
    zone: Short | None = Field(
        None,
        description="IANA time zone in which days are counted; null is the report's own.",
        examples=["America/New_York"],
    )
    locale: OwnLocale = None
    theme: OwnTheme = None


class LastRun(Answer):
    """The run of a subscription's latest slot."""

    job: UUID | None = Field(
        description="Id of its job; null where that is not the caller's to see.", examples=[_JOB]
    )
    state: RunState = Field(description="How it stands.", examples=["completed"])
    words: str = Field(description="The same in words.", examples=["Done"])
    slot: AwareDatetime = Field(description="When it was due or asked for.", examples=[_AT])
    at: AwareDatetime = Field(
        description="When it ended or, while it is under way, when it began.", examples=[_AT]
    )


class Subscription(Answer):
    """A subscription at its current revision. Its ETag is the revision."""

    name: str = Field(description="Its name, for good.", examples=[_NAME])
    url: str = Field(description="Its path.", examples=[f"/reports/api/v1/subscriptions/{_NAME}"])
    revision: int = Field(description="Counts its edits, from 1.", examples=[3])
    state: SubscriptionState = Field(description="Whether it is due.", examples=["active"])
    owner: str = Field(description="Whose it is.", examples=["ada"])
    title: str = Field(description="Its title.", examples=["Punctuality of United"])
    report: str = Field(description="Id of its report.", examples=["airline_punctuality"])
    report_title: str = Field(description="Title of its report.", examples=["Airline punctuality"])
    parameters: dict[str, JsonValue] = Field(
        description="Values of the report's parameters.", examples=[{"carrier": "UA", "origin": "all"}]
    )
    cron: str = Field(description="When it is due.", examples=["0 7 * * MON"])
    zone: str = Field(description="Time zone that this is read in.", examples=["America/New_York"])
    schedule: str = Field(
        description="The same in words.", examples=["Every Monday at 07:00 (New York time)"]
    )
    period_kind: PeriodKind = Field(
        description="Length of time that each report is about.", examples=["week"]
    )
    recipients: tuple[str, ...] = Field(
        description="Who gets a link to each report; for somebody who only gets it, that person alone.",
        examples=[["ada@broadsheet.example"]],
    )
    unsubscribed: tuple[str, ...] = Field(
        description="Recipients who have left: they get no mail.", examples=[[]]
    )
    resend_unknown: bool = Field(
        description="Whether a mail whose fate is unknown is sent once more.", examples=[True]
    )
    locale: str | None = Field(
        description="Language of the documents; null is the report's own.", examples=[None]
    )
    theme: str | None = Field(
        description="Theme of the documents; null is the report's own.", examples=[None]
    )
    formats: tuple[str, ...] | None = Field(
        description="Files that are made; null is all that the report has.", examples=[["pdf"]]
    )
    next_slots: tuple[AwareDatetime, ...] = Field(
        description="When it is due next; empty while it is paused or deleted.", examples=[[_AT]]
    )
    last_run: LastRun | None = Field(description="The run of its latest slot.", examples=[None])
    may_edit: bool = Field(description="Whether the caller may change it.", examples=[True])
    dag_id: str = Field(description="Its DAG in Airflow.", examples=[f"subscription__{_NAME}"])
    is_ready: bool = Field(
        description="Whether Airflow has that DAG; a new one appears within seconds.", examples=[True]
    )
    created_at: AwareDatetime = Field(description="When it was made.", examples=[_AT])

    @classmethod
    def of(cls, view: SubscriptionView, *, root: str) -> Subscription:
        """Return a subscription as the API tells it; ``root`` is the path that the API is mounted at."""
        told = view.subscription
        terms = told.terms.model_dump(exclude={"report_id"})
        last = view.last_run
        return cls(
            name=told.slug,
            url=f"{root}/subscriptions/{told.slug}",
            report=told.terms.report_id,
            report_title=view.report_title,
            schedule=view.words,
            unsubscribed=view.unsubscribed,
            next_slots=view.next_slots,
            last_run=LastRun(job=last.job_id, **last.model_dump(exclude={"job_id"})) if last else None,
            may_edit=view.may_edit,
            dag_id=told.dag_id,
            is_ready=view.dag_known,
            **told.model_dump(include={"revision", "state", "owner", "created_at"}),
            **terms,
        )


class SubscriptionList(Answer):
    """Subscriptions, newest first."""

    subscriptions: tuple[Subscription, ...] = Field(description="The subscriptions.", examples=[[]])


def draft_of(subscription: domain.Subscription) -> SubscriptionDraft:
    """Return a draft with the terms that a subscription has."""
    return SubscriptionDraft(**subscription.terms.model_dump())


class Slots(Answer):
    """When a schedule is due next."""

    slots: tuple[AwareDatetime, ...] = Field(description="The next slots, in UTC.", examples=[[_AT]])


class TermChange(Answer):
    """One term that an edit changed."""

    field: str = Field(description="Name of the term.", examples=["parameters.carrier"])
    label: str = Field(description="Its name for readers.", examples=["Airline"])
    before: str = Field(description="What it said before.", examples=["United Air Lines"])
    after: str = Field(description="What it says now.", examples=["Delta Air Lines"])


class Change(Answer):
    """One thing that happened to a subscription."""

    kind: EventKind = Field(description="What happened.", examples=["edited"])
    words: str = Field(description="The same in words.", examples=["Edited"])
    by: str = Field(description="Who did it.", examples=["ada"])
    at: datetime = Field(description="When.", examples=[_AT])
    revision: int | None = Field(description="The revision that it made, if any.", examples=[3])
    changes: tuple[TermChange, ...] = Field(description="What an edit changed.", examples=[[]])

    @classmethod
    def of(cls, entry: HistoryEntry) -> Change:
        """Return a history's entry as the API tells it."""
        return cls.model_validate(entry.model_dump())


class History(Answer):
    """Everything that happened to a subscription, newest first."""

    history: tuple[Change, ...] = Field(description="What happened.", examples=[[]])
