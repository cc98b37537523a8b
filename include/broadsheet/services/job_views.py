"""What the use cases around jobs take and return. A job is a run of the ledger, as its reader sees it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from broadsheet.domain.delivery import DeliveryState
from broadsheet.domain.job import Progress, Stage
from broadsheet.domain.period import Period
from broadsheet.domain.run import RunState, Trigger

MOST_JOBS = 200
"""Jobs that one page of a list holds at most."""


class ArtifactView(BaseModel):
    """A stored file of a job."""

    model_config = ConfigDict(frozen=True)

    name: str
    """File name; unique within the job."""
    format: str
    size_bytes: int
    pages: int | None
    sha256: str
    media_type: str
    created_at: AwareDatetime
    is_protected: bool
    """Whether it opens with a password only."""
    key: str = Field(exclude=True)
    """Key in the storage bucket: for the portal, never for its readers."""


class Job(BaseModel):
    """A run as people and programs see it."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    dag_id: str
    dag_run_id: str
    report_id: str
    title: str
    """The subscription's title, or the report's."""
    subscription: str | None
    """Slug of the subscription, or None for a report on demand."""
    owner: str | None
    """Owner of the subscription."""
    requested_by: str | None
    """Who asked for it; None for what a schedule asked for."""
    trigger: Trigger
    state: RunState
    reason: str | None
    """In words, why the state is not ``completed``."""
    slot: AwareDatetime
    period: Period
    parameters: dict[str, Any]
    created_at: AwareDatetime
    closed_at: AwareDatetime | None
    progress: Progress
    stages: tuple[Stage, ...]
    """Empty when Airflow was not asked, does not know the run (any more), or does not answer."""
    artifacts: tuple[ArtifactView, ...]
    accepted: int
    """Deliveries that the mail server has accepted."""
    deliveries_total: int


class JobQuery(BaseModel):
    """Which jobs to list. What is not given restricts nothing; the texts are checked when they are used."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    states: frozenset[RunState] = frozenset()
    report: str | None = None
    subscription: str | None = None
    """Slug."""
    since: AwareDatetime | None = None
    """Only jobs that were opened at this instant or later."""
    requested_by: str | None = None
    text: str | None = None
    """Part of the title, the report's id, the slug or the reason, in any case."""
    limit: int = Field(50, ge=1, le=MOST_JOBS)
    cursor: str | None = None
    """``next_cursor`` of the page before."""


class JobPage(BaseModel):
    """A page of jobs, newest first."""

    model_config = ConfigDict(frozen=True)

    jobs: tuple[Job, ...]
    next_cursor: str | None
    """Where the next page starts; None on the last one."""


class LinkView(BaseModel):
    """A link that was mailed, without its token."""

    model_config = ConfigDict(frozen=True)

    link_id: UUID
    created_at: AwareDatetime
    expires_at: AwareDatetime
    revoked_at: AwareDatetime | None
    opened: int
    """How often it was fetched and served."""
    last_opened_at: AwareDatetime | None


class DeliveryView(BaseModel):
    """A delivery of a job, and the links of its mails, newest first."""

    model_config = ConfigDict(frozen=True)

    delivery_id: UUID
    recipient: str
    state: DeliveryState
    words: str
    """The state in a reader's words."""
    settled_at: AwareDatetime | None
    links: tuple[LinkView, ...]
