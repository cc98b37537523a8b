"""Subscriptions: who wants which report, with which parameters, when, in which time zone, for whom."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from broadsheet.domain.period import PeriodKind
from broadsheet.domain.presentation import Presentation
from broadsheet.domain.schedule import Schedule
from broadsheet.errors import InputError

_DAG_PREFIX = "subscription__"
_SLUG = re.compile(r"^[a-z0-9][a-z0-9_-]{0,99}$")


class SubscriptionState(StrEnum):
    """Whether a subscription is due."""

    ACTIVE = "active"
    PAUSED = "paused"
    DELETED = "deleted"


class SubscriptionTerms(BaseModel):
    """What a revision says. The values are checked: a draft from outside goes through
    ``services.subscribe`` first."""

    model_config = ConfigDict(frozen=True)

    title: str
    report_id: str
    parameters: dict[str, Any]
    cron: str
    zone: str
    period_kind: PeriodKind
    recipients: tuple[str, ...]
    resend_unknown: bool = True
    locale: str | None = None
    """Language of the documents; None: the report's own."""
    theme: str | None = None
    """Theme of the documents; None: the report's own."""
    formats: tuple[str, ...] | None = None
    """Formats of the files, ``pdf`` among them; None: all that the report has."""

    @property
    def presentation(self) -> Presentation:
        """How the documents are wanted."""
        return Presentation(locale=self.locale, theme=self.theme, formats=self.formats)

    @property
    def schedule(self) -> Schedule:
        """When the subscription is due."""
        return Schedule(cron=self.cron, zone=self.zone)


class Subscription(BaseModel):
    """A subscription at its current revision."""

    model_config = ConfigDict(frozen=True)

    subscription_id: UUID
    number: int
    slug: str
    owner: str
    state: SubscriptionState
    revision: int
    created_at: AwareDatetime
    terms: SubscriptionTerms

    @property
    def dag_id(self) -> str:
        """Id of the DAG that this subscription becomes."""
        return subscription_dag_id(self.slug)


class DagDefinition(BaseModel):
    """The part of a subscription that its DAG is built from: nothing else may change a generated file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # As long as Airflow takes them: an id of a DAG, its display name, a tag, an owner.
    slug: str = Field(pattern=_SLUG.pattern)
    title: str = Field(min_length=1, max_length=2000)
    report_id: str = Field(min_length=1, max_length=100)
    owner: str = Field(min_length=1, max_length=250)
    cron: str | None
    """The cron line, or None while the subscription is paused or deleted."""
    zone: str
    due_from: AwareDatetime
    """No slot before this instant is run by itself."""

    @property
    def dag_id(self) -> str:
        """Id of the DAG built from this definition."""
        return subscription_dag_id(self.slug)


def subscription_dag_id(slug: str) -> str:
    """Return the DAG id of a subscription."""
    return _DAG_PREFIX + slug


def slug_of_dag(dag_id: str) -> str | None:
    """Return the subscription's slug from a DAG id, or None when the DAG is not one of a subscription."""
    return dag_id.removeprefix(_DAG_PREFIX) if dag_id.startswith(_DAG_PREFIX) else None


def is_slug(text: str) -> bool:
    """Whether a text would do as a subscription's name."""
    return _SLUG.fullmatch(text) is not None


def check_slug(text: str) -> str:
    """Return a slug as given; InputError when it would not do as part of a DAG id and a URL."""
    if not is_slug(text):
        raise InputError(
            f"name {text[:80]!a} must be lower-case letters, digits, dashes and underscores, "
            "100 at most, and start with a letter or digit",
            field="name",
        )
    return text


def slug_from_title(title: str, *, suffix: str) -> str:
    """Make a slug of lower-case letters, digits and dashes from a title; ``suffix`` makes it unique."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")
    return f"{words}-{suffix}" if words else suffix
