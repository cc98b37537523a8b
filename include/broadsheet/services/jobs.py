"""Jobs: list, show, cancel and repeat them, open their files, see and repeat their mails."""

from __future__ import annotations

from uuid import UUID

from broadsheet.domain.access import Caller
from broadsheet.services.installation import Installation
from broadsheet.services.job_views import (
    ArtifactView,
    DeliveryView,
    Job,
    JobPage,
    JobQuery,
    LinkView,
)
from broadsheet.store.objects import StoredStream

__all__ = [
    "ArtifactView",
    "DeliveryView",
    "Job",
    "JobPage",
    "JobQuery",
    "LinkView",
    "cancel_job",
    "get_job",
    "job_deliveries",
    "list_jobs",
    "open_artifact",
    "repeat_job",
    "resend",
    "revoke_job_link",
]


def list_jobs(inst: Installation, caller: Caller, query: JobQuery) -> JobPage:
    """Return a page of the jobs that a caller may see, newest first; InputError for a cursor not ours."""
    raise NotImplementedError


def get_job(inst: Installation, caller: Caller, job_id: UUID) -> Job:
    """Return a job with its stages; NotFoundError when there is none or it is not the caller's."""
    raise NotImplementedError


def cancel_job(inst: Installation, caller: Caller, job_id: UUID) -> Job:
    """Stop a job: no mail leaves after this returns. ConflictError when it is over already."""
    raise NotImplementedError


def repeat_job(inst: Installation, caller: Caller, job_id: UUID, *, whole: bool = False) -> Job:
    """Run a job that is over once more, from the stage that failed or, ``whole``, from the beginning."""
    raise NotImplementedError


def open_artifact(
    inst: Installation, caller: Caller, job_id: UUID, name: str
) -> tuple[ArtifactView, StoredStream]:
    """Open a job's file for reading; NotFoundError when it has none of that name."""
    raise NotImplementedError


def job_deliveries(inst: Installation, caller: Caller, job_id: UUID) -> tuple[DeliveryView, ...]:
    """Return a job's deliveries with the links of their mails."""
    raise NotImplementedError


def revoke_job_link(inst: Installation, caller: Caller, job_id: UUID, link_id: UUID) -> None:
    """Revoke one link of a job; a repeated call changes nothing."""
    raise NotImplementedError


def resend(inst: Installation, caller: Caller, job_id: UUID, delivery_id: UUID) -> None:
    """Mail a settled delivery once more, on purpose."""
    raise NotImplementedError
