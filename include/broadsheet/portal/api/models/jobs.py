"""Jobs: one report being made or made, with its files and mails."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from pydantic import AwareDatetime, Field, JsonValue

from broadsheet.domain.delivery import DeliveryState
from broadsheet.domain.job import FINAL_STATES, StageState
from broadsheet.domain.period import Period as DomainPeriod
from broadsheet.domain.period import PeriodKind
from broadsheet.domain.run import RunState, Trigger
from broadsheet.portal.api.models.base import Answer
from broadsheet.services import job_views

_JOB = "3f8f3c1e-59bb-5a2f-9a0e-7f1f6f0f2d11"
_AT = "2026-03-23T11:00:07.514000Z"
_SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


class Period(Answer):
    """The days that a report is about."""

    kind: PeriodKind = Field(description="Its length.", examples=["week"])
    name: str = Field(description="Its short name, which a request takes.", examples=["2026-W12"])
    label: str = Field(description="Its name in words.", examples=["Week 12, 16–22 March 2026"])
    start: AwareDatetime = Field(
        description="First instant that belongs to it.", examples=["2026-03-16T00:00:00-04:00"]
    )
    end: AwareDatetime = Field(
        description="First instant that no longer belongs to it.", examples=["2026-03-23T00:00:00-04:00"]
    )
    zone: str = Field(description="Time zone in which its days are counted.", examples=["America/New_York"])

    @classmethod
    def of(cls, period: DomainPeriod) -> Period:
        """Return a period as the API tells it."""
        return cls(
            kind=period.kind,
            name=period.name,
            label=period.label,
            start=period.start,
            end=period.end,
            zone=period.zone,
        )


class Stage(Answer):
    """One step of a job."""

    name: str = Field(description="Its name, which is the task's in Airflow.", examples=["build_pdf"])
    words: str = Field(description="What it does.", examples=["Laying out pages"])
    state: StageState = Field(description="How it stands.", examples=["active"])
    done: int = Field(description="Parts of it that are over.", examples=[1])
    total: int = Field(description="Parts that it has.", examples=[2])
    tries: int = Field(description="Tries of the part that was tried most often.", examples=[1])
    started_at: datetime | None = Field(description="When it began.", examples=[_AT])
    ended_at: datetime | None = Field(description="When all of it was over.", examples=[None])


class Artifact(Answer):
    """A file that a job has made."""

    name: str = Field(
        description="Its file name, unique within the job.", examples=["Airline punctuality 2026-W12.pdf"]
    )
    url: str = Field(
        description="Path to download it from, on this server.",
        examples=[f"/reports/api/v1/jobs/{_JOB}/artifacts/Airline%20punctuality%202026-W12.pdf"],
    )
    format: str = Field(description="`pdf`, `xlsx` or `csv`.", examples=["pdf"])
    media_type: str = Field(description="Its type on the web.", examples=["application/pdf"])
    size_bytes: int = Field(description="Its size.", examples=[184213])
    pages: int | None = Field(description="Pages of a PDF; null for other files.", examples=[6])
    sha256: str = Field(description="SHA-256 of its bytes, and its ETag.", examples=[_SHA256])
    created_at: datetime = Field(description="When it was stored.", examples=[_AT])
    is_protected: bool = Field(description="Whether it opens with a password only.", examples=[False])


class Deliveries(Answer):
    """How many mails a job has to send, and how many the mail server took."""

    accepted: int = Field(description="Mails that the mail server accepted.", examples=[2])
    total: int = Field(description="Mails in all.", examples=[3])


class Job(Answer):
    """A report that is being made or was made."""

    id: UUID = Field(description="Id of the job.", examples=[_JOB])
    url: str = Field(description="Its path on this server.", examples=[f"/reports/api/v1/jobs/{_JOB}"])
    report: str = Field(description="Id of its report.", examples=["airline_punctuality"])
    title: str = Field(
        description="Title of the subscription or, without one, of the report.",
        examples=["Airline punctuality"],
    )
    state: RunState = Field(description="How it stands.", examples=["active"])
    is_over: bool = Field(
        description="Whether the state is a final one: it changes only when the job is repeated.",
        examples=[False],
    )
    progress: int = Field(ge=0, le=100, description="How far it is, in percent.", examples=[64])
    stage: str | None = Field(
        description="The stage that is under way or next; null before the first and after the last.",
        examples=["build_pdf"],
    )
    words: str = Field(description="State and stage in words.", examples=["Laying out pages"])
    error: str | None = Field(
        description="Why it is not completed, in words, with the id to look for in the log.", examples=[None]
    )
    stages: tuple[Stage, ...] = Field(
        description="Its stages in order; empty when Airflow was not asked or does not know it any more.",
        examples=[[]],
    )
    period: Period = Field(description="What it is about.")
    parameters: dict[str, JsonValue] = Field(
        description="Values of the report's parameters.", examples=[{"carrier": "UA", "origin": "all"}]
    )
    subscription: str | None = Field(
        description="Name of its subscription; null when it was asked for by itself.",
        examples=["punctuality-of-united-3f9a1c"],
    )
    owner: str | None = Field(description="Owner of that subscription.", examples=["ada"])
    requested_by: str | None = Field(
        description="Who asked for it; null when a schedule did.", examples=["ada"]
    )
    trigger: Trigger = Field(description="What asked for it.", examples=["manual"])
    slot: AwareDatetime = Field(description="The instant that it was due.", examples=["2026-03-23T11:00:00Z"])
    created_at: AwareDatetime = Field(description="When it was opened.", examples=[_AT])
    closed_at: datetime | None = Field(description="When it was over.", examples=[None])
    artifacts: tuple[Artifact, ...] = Field(description="Its files.", examples=[[]])
    deliveries: Deliveries = Field(description="Its mails, counted.")
    dag_id: str = Field(description="Its DAG in Airflow.", examples=["report__airline_punctuality"])
    dag_run_id: str = Field(
        description="Its DAG run in Airflow.", examples=["api__6a1c3f58-5f5e-4a75-b9a6-1e2c44ff0a0e"]
    )

    @classmethod
    def of(cls, job: job_views.Job, *, root: str) -> Job:
        """Return a job as the API tells it; ``root`` is the path that the API is mounted at."""
        url = f"{root}/jobs/{job.id}"
        return cls(
            url=url,
            report=job.report_id,
            is_over=job.state in FINAL_STATES,
            progress=job.progress.percent,
            stage=job.progress.stage,
            words=job.progress.words,
            error=job.reason,
            stages=tuple(Stage(words=stage.words, **stage.model_dump()) for stage in job.stages),
            period=Period.of(job.period),
            artifacts=tuple(artifact_of(artifact, url=url) for artifact in job.artifacts),
            deliveries=Deliveries(accepted=job.accepted, total=job.deliveries_total),
            **job.model_dump(
                include={
                    "id",
                    "title",
                    "state",
                    "parameters",
                    "subscription",
                    "owner",
                    "requested_by",
                    "trigger",
                    "slot",
                    "created_at",
                    "closed_at",
                    "dag_id",
                    "dag_run_id",
                }
            ),
        )


class JobList(Answer):
    """A page of jobs, newest first."""

    jobs: tuple[Job, ...] = Field(description="The jobs.", examples=[[]])
    next_cursor: str | None = Field(
        description="`cursor` of the next page; null on the last one.", examples=[None]
    )


class Link(Answer):
    """A link that was mailed. Its token is known to the reader of the mail alone."""

    id: UUID = Field(description="Id of the link, to revoke it by.", examples=[_JOB])
    created_at: AwareDatetime = Field(description="When it was made.", examples=[_AT])
    expires_at: AwareDatetime = Field(description="Until when it leads to the file.", examples=[_AT])
    revoked_at: datetime | None = Field(description="When it was revoked.", examples=[None])
    opened: int = Field(description="How often it was opened.", examples=[2])
    last_opened_at: datetime | None = Field(description="When it was opened last.", examples=[_AT])


class Delivery(Answer):
    """One mail of a job."""

    id: UUID = Field(description="Id of the delivery, to send it again by.", examples=[_JOB])
    recipient: str = Field(description="Whom it is for.", examples=["ada@broadsheet.example"])
    state: DeliveryState = Field(description="What became of it.", examples=["accepted"])
    words: str = Field(description="The same in words.", examples=["Accepted by the mail server"])
    settled_at: datetime | None = Field(description="When that was settled.", examples=[_AT])
    links: tuple[Link, ...] = Field(description="Links that were mailed, newest first.", examples=[[]])

    @classmethod
    def of(cls, delivery: job_views.DeliveryView) -> Delivery:
        """Return a delivery as the API tells it."""
        links = tuple(
            Link(id=link.link_id, **link.model_dump(exclude={"link_id"})) for link in delivery.links
        )
        told = delivery.model_dump(include={"recipient", "state", "words", "settled_at"})
        return cls(id=delivery.delivery_id, links=links, **told)


class DeliveryList(Answer):
    """The mails of a job."""

    deliveries: tuple[Delivery, ...] = Field(description="The mails.", examples=[[]])


def artifact_of(artifact: job_views.ArtifactView, *, url: str) -> Artifact:
    """Return a file of the job at a path as the API tells it."""
    told = artifact.model_dump(exclude={"key"})
    return Artifact(url=f"{url}/artifacts/{quote(artifact.name, safe='')}", **told)
