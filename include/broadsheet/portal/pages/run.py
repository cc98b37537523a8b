"""The page of one run: its progress while it is under way; then its document, its mails, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Annotated, TypedDict
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request, Response

from broadsheet.domain.access import Caller
from broadsheet.domain.delivery import DeliveryState
from broadsheet.domain.parameters import display_parameter
from broadsheet.errors import ConflictError
from broadsheet.portal.identity import CallerDep, InstallationDep, current_caller
from broadsheet.portal.pages import run_words
from broadsheet.portal.pages.rendering import page, say
from broadsheet.portal.pictures import picture_of
from broadsheet.services.installation import Installation
from broadsheet.services.jobs import (
    DeliveryView,
    Job,
    cancel_job,
    get_job,
    job_deliveries,
    repeat_job,
    resend,
    revoke_job_link,
)

router = APIRouter(prefix="/runs/{job_id:uuid}", dependencies=[Depends(current_caller)])

AT_ONCE = 20
"""Mails and files that the page shows before it is asked for more; a burst has a thousand."""

# What needs a look comes first.
_ORDER = {
    DeliveryState.REFUSED: 0,
    DeliveryState.UNKNOWN: 1,
    DeliveryState.SENDING: 2,
    DeliveryState.PLANNED: 3,
}


class Mails(TypedDict):
    """A part of a run's deliveries, for a template."""

    deliveries: list[DeliveryView]
    deliveries_next: int | None
    deliveries_total: int
    deliveries_opened: int


class Shown(Mails):
    """What the templates of a run's page show."""

    job: Job
    words: ModuleType
    at_once: int
    report_title: str
    settings: list[tuple[str, str]]
    """Parameters in words: title and value."""
    site: str
    """Where people reach Airflow, for addresses that are copied out of its frame."""


Start = Annotated[int, Query(ge=0, le=1_000_000)]


@router.get("", response_class=Response)
def run_page(request: Request, inst: InstallationDep, caller: CallerDep, job_id: UUID) -> Response:
    """Show a run."""
    job = get_job(inst, caller, job_id)
    return page(request, "run", section="runs", **_context(inst, caller, job))


@router.get("/progress", response_class=Response)
def run_progress(
    request: Request,
    inst: InstallationDep,
    caller: CallerDep,
    job_id: UUID,
    said: Annotated[str, Query(max_length=200)] = "",
    files: Start = 0,
) -> Response:
    """Show how far a run is. Once it is over, or has a document more, everything below the title is new."""
    job = get_job(inst, caller, job_id)
    if run_words.is_open(job) and len(job.artifacts) == files:
        return page(request, "run_progress", job=job, words=run_words, said=said, partial=True)
    return _whole(page(request, "run_body", said=said, **_context(inst, caller, job)))


@router.get("/picture.png", response_class=Response)
def run_picture(inst: InstallationDep, caller: CallerDep, job_id: UUID) -> Response:
    """Show page one of a run's document as a picture."""
    return picture_of(inst, get_job(inst, caller, job_id))


@router.get("/deliveries", response_class=Response)
def more_deliveries(
    request: Request, inst: InstallationDep, caller: CallerDep, job_id: UUID, start: Start = 0
) -> Response:
    """Show who else got the report."""
    job = get_job(inst, caller, job_id)
    return page(request, "run_deliveries", job=job, words=run_words, **_mails(inst, caller, job, start))


@router.get("/files", response_class=Response)
def more_files(
    request: Request, inst: InstallationDep, caller: CallerDep, job_id: UUID, start: Start = 0
) -> Response:
    """Show more of a run's files."""
    job = get_job(inst, caller, job_id)
    return page(request, "run_files", job=job, words=run_words, start=start, at_once=AT_ONCE)


@router.post("/cancel", response_class=Response)
def cancel(request: Request, inst: InstallationDep, caller: CallerDep, job_id: UUID) -> Response:
    """Stop a run."""
    return _act(
        request, inst, caller, job_id, lambda: cancel_job(inst, caller, job_id), done="The run is stopped."
    )


@router.post("/repeat", response_class=Response)
def repeat(
    request: Request,
    inst: InstallationDep,
    caller: CallerDep,
    job_id: UUID,
    whole: Annotated[bool, Form()] = False,
) -> Response:
    """Run once more, from the failed stage or from the beginning."""

    def again() -> None:
        repeat_job(inst, caller, job_id, whole=whole)

    return _act(request, inst, caller, job_id, again, done="It runs again.")


@router.post("/deliveries/{delivery_id:uuid}/resend", response_class=Response)
def send_again(
    request: Request, inst: InstallationDep, caller: CallerDep, job_id: UUID, delivery_id: UUID
) -> Response:
    """Mail one recipient once more."""

    def again() -> None:
        resend(inst, caller, job_id, delivery_id)

    return _act(request, inst, caller, job_id, again, done="The mail is on its way again.")


@router.post("/links/{link_id:uuid}/revoke", response_class=Response)
def revoke(
    request: Request, inst: InstallationDep, caller: CallerDep, job_id: UUID, link_id: UUID
) -> Response:
    """Revoke a mailed link."""

    def undo() -> None:
        revoke_job_link(inst, caller, job_id, link_id)

    return _act(request, inst, caller, job_id, undo, done="The link is revoked: it opens nothing any more.")


def _act(
    request: Request,
    inst: Installation,
    caller: Caller,
    job_id: UUID,
    action: Callable[[], object],
    *,
    done: str,
) -> Response:
    """Do something to a run and show it as it is now, also when it came too late."""
    try:
        action()
        message, failed = done, False
    except ConflictError as error:
        # The run moved on since the page was shown: its present state is the better answer.
        message, failed = str(error), True
    context = _context(inst, caller, get_job(inst, caller, job_id))
    answer = page(request, "run_body", said="", **context)
    return say(_whole(answer), message, tone="bad" if failed else "good")


def _whole(answer: Response) -> Response:
    """Let htmx replace everything below the page's title, whichever part asked."""
    answer.headers["HX-Retarget"] = "#run"
    answer.headers["HX-Reswap"] = "outerHTML"
    return answer


def _context(inst: Installation, caller: Caller, job: Job) -> Shown:
    report = inst.catalog().reports.get(job.report_id)
    schemas = report.parameter_schemas if report else {}
    public = urlsplit(str(inst.settings().public_url))
    return {
        "job": job,
        "words": run_words,
        "at_once": AT_ONCE,
        "report_title": report.title if report else job.report_id,
        "settings": [
            (str(schemas.get(name, {}).get("title") or name), display_parameter(schemas.get(name, {}), value))
            for name, value in job.parameters.items()
        ],
        "site": f"{public.scheme}://{public.netloc}",
        **_mails(inst, caller, job, 0),
    }


def _mails(inst: Installation, caller: Caller, job: Job, start: int) -> Mails:
    found = job_deliveries(inst, caller, job.id)
    ranked: list[DeliveryView] = sorted(found, key=lambda one: (_ORDER.get(one.state, 9), one.recipient))
    return {
        "deliveries": ranked[start : start + AT_ONCE],
        "deliveries_next": start + AT_ONCE if len(ranked) > start + AT_ONCE else None,
        "deliveries_total": len(ranked),
        "deliveries_opened": sum(1 for one in found if any(link.opened for link in one.links)),
    }
