"""What a program asks for: a report now, or a list of jobs."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, Field

from broadsheet.domain.run import RunState
from broadsheet.portal.api.models.base import Input, Line, ReportId, Short, Slug
from broadsheet.portal.api.models.choices import (
    OwnFormats,
    OwnLocale,
    OwnTheme,
    Recipients,
    Report,
    ReportParameters,
)
from broadsheet.services.job_views import MOST_JOBS, JobQuery


class ReportRequest(Input):
    """Which report to make now, about what, and who is to get it."""

    report: Report
    parameters: ReportParameters = Field(default={})
    period: Short = Field(
        "latest",
        description="`latest`, the last one that is over; or one by name: a day `2013-03-18`, a week "
        "`2013-W12`, a month `2013-03`, a quarter `2013-Q1`, a year `2013`.",
        examples=["2013-W12"],
    )
    formats: OwnFormats = None
    locale: OwnLocale = None
    theme: OwnTheme = None
    recipients: Recipients = Field(
        (),
        description="Mail addresses that get a link to the report; none: it is only stored.",
        examples=[["ada@broadsheet.example"]],
    )


class JobsQuery(Input):
    """Which jobs to list. What is not given restricts nothing."""

    state: Annotated[list[RunState], Field(max_length=len(RunState))] = Field(
        [], description="Only jobs in this state; repeat it for several.", examples=[["completed", "partial"]]
    )
    report: ReportId | None = Field(
        None, description="Only jobs of this report.", examples=["airline_punctuality"]
    )
    subscription: Slug | None = Field(
        None,
        description="Only jobs of the subscription of this name.",
        examples=["punctuality-of-united-3f9a1c"],
    )
    since: AwareDatetime | None = Field(
        None,
        description="Only jobs that were opened at this instant or later; with an offset or Z.",
        examples=["2026-03-01T00:00:00Z"],
    )
    requested_by: Line | None = Field(
        None, description="Only jobs that this user asked for.", examples=["ada"]
    )
    text: Line | None = Field(
        None,
        max_length=200,
        description="Only jobs with this in their title, report, subscription or reason.",
        examples=["punctuality"],
    )
    limit: int = Field(50, ge=1, le=MOST_JOBS, description="Most jobs to answer at once.", examples=[20])
    cursor: Short | None = Field(
        None,
        max_length=200,
        description="`next_cursor` of the page before.",
        examples=["MjAyNi0wMy0yM1QxMTowMDowN1osM2Y4ZjNjMWU"],
    )

    def asked(self) -> JobQuery:
        """Return what the use case takes."""
        return JobQuery(states=frozenset(self.state), **self.model_dump(exclude={"state"}))


class RepeatQuery(Input):
    """How much of a job to run again."""

    whole: bool = Field(
        False,
        description="Whether to run all of it again, instead of from the stage that failed.",
        examples=[True],
    )
