"""What the use cases around subscriptions return, beside the subscription itself."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from broadsheet.domain.changes import TermChange
from broadsheet.domain.run import RunState
from broadsheet.domain.subscription import Subscription


class LastRun(BaseModel):
    """The run of a subscription's latest slot that has one."""

    model_config = ConfigDict(frozen=True)

    job_id: UUID | None
    """None where the run is not the caller's to see."""
    state: RunState
    words: str
    """The state in a reader's words."""
    slot: AwareDatetime
    """When it was due or asked for."""
    at: AwareDatetime
    """When it ended or, while it is under way, when it began."""


class SubscriptionView(BaseModel):
    """A subscription as its reader sees it."""

    model_config = ConfigDict(frozen=True)

    subscription: Subscription
    """For somebody who only gets its mails, the recipients are that person's address alone."""
    report_title: str
    """Title of the report; its id where the catalog has it no more."""
    words: str
    """The schedule in words: ``Every Monday at 07:00 (New York time)``."""
    state_words: str
    """The state in words: ``Active``."""
    next_slots: tuple[AwareDatetime, ...]
    """The next five slots; none while it is paused or deleted."""
    last_run: LastRun | None
    dag_known: bool
    """Whether Airflow has its DAG; False, too, while Airflow does not answer."""
    may_edit: bool
    unsubscribed: tuple[str, ...] = ()
    """Recipients who have left: they stay in the list, and get no mail."""


class EventKind(StrEnum):
    """What happened to a subscription."""

    MADE = "made"
    EDITED = "edited"
    PAUSED = "paused"
    RESUMED = "resumed"
    DELETED = "deleted"
    RESTORED = "restored"


class HistoryEntry(BaseModel):
    """One thing that happened to a subscription."""

    model_config = ConfigDict(frozen=True)

    kind: EventKind
    words: str
    """What happened: ``Paused``."""
    by: str
    at: AwareDatetime
    revision: int | None
    """The revision that it made, or None for what changed no terms."""
    changes: tuple[TermChange, ...] = ()
    """What an edit changed, in words."""
