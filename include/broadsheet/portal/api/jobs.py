"""Ask for a report, follow, cancel and repeat its job, fetch its files, see and repeat its mails."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from broadsheet.domain.job import FINAL_STATES
from broadsheet.portal.api.answers import (
    EVERYWHERE,
    WRITES,
    binary,
    file_answer,
    header,
    problems,
)
from broadsheet.portal.api.models.jobs import Delivery, DeliveryList, Job, JobList
from broadsheet.portal.api.models.requests import JobsQuery, RepeatQuery, ReportRequest
from broadsheet.portal.api.paths import ArtifactName, DeliveryId, JobId, LinkId, Root
from broadsheet.portal.api.waiting import Waiters, preferred_wait
from broadsheet.portal.identity import CallerDep, InstallationDep, current_caller
from broadsheet.services import jobs as use_cases
from broadsheet.services import requests
from broadsheet.store.objects import StoredStream

router = APIRouter(tags=["jobs"], dependencies=[Depends(current_caller)])

_LOCATION = header(
    "Location", "Path of the job.", "/reports/api/v1/jobs/3f8f3c1e-59bb-5a2f-9a0e-7f1f6f0f2d11"
)
_APPLIED = header("Preference-Applied", "The `Prefer` that was honoured.", "wait=30")


@router.post(
    "/reports/generate",
    status_code=HTTPStatus.ACCEPTED,
    summary="Ask for a report now",
    responses={
        200: {"model": Job, "description": "The job is over.", "headers": {**_LOCATION, **_APPLIED}},
        202: {"description": "The job is under way.", "headers": {**_LOCATION, **_APPLIED}},
        **problems(*EVERYWHERE, *WRITES, 404, 409, 422, 429),
    },
)
async def generate_report(
    body: ReportRequest,
    request: Request,
    response: Response,
    inst: InstallationDep,
    caller: CallerDep,
    root: Root,
    idempotency_key: Annotated[
        str | None,
        Header(
            pattern=r"^[\x21-\x7e]{1,200}$",
            description="Any text of the caller's own: a repeated request with the same key and body is "
            "answered with the same job, for 24 hours.",
            examples=["2026-03-23-morning"],
        ),
    ] = None,
    prefer: Annotated[
        list[str],
        Header(
            max_length=10,
            description="`wait=N`: answer when the job is over, after N seconds (60 at most) at the latest.",
            examples=[["wait=30"]],
        ),
    ] = [],  # noqa: B006 - FastAPI copies it
) -> Job:
    """Check everything, start the job, and answer at once or, with `Prefer: wait=N`, with its result."""
    asked = requests.ReportRequest(**body.model_dump())
    job = await run_in_threadpool(
        requests.request_report, inst, caller, asked, idempotency_key=idempotency_key
    )
    if seconds := preferred_wait(prefer):
        waiters: Waiters = request.app.state.waiters
        waited = await waiters.wait(
            lambda: use_cases.get_job(inst, caller, job.id), seconds=seconds, is_gone=request.is_disconnected
        )
        if waited is not None:
            job = waited
            response.headers["Preference-Applied"] = f"wait={seconds}"
    return _started(job, response, root)


@router.get(
    "/jobs",
    summary="List jobs, newest first",
    responses=problems(*EVERYWHERE, 422),
)
def list_jobs(
    query: Annotated[JobsQuery, Query()], inst: InstallationDep, caller: CallerDep, root: Root
) -> JobList:
    """Answer with a page of the jobs that are the caller's to see: those they asked for or own."""
    page = use_cases.list_jobs(inst, caller, query.asked())
    jobs = tuple(Job.of(job, root=root) for job in page.jobs)
    return JobList(jobs=jobs, next_cursor=page.next_cursor)


@router.get("/jobs/{job_id:uuid}", summary="Show a job", responses=problems(*EVERYWHERE, 404))
def show_job(job_id: JobId, inst: InstallationDep, caller: CallerDep, root: Root) -> Job:
    """Answer with state, progress, stages, error and files of a job."""
    return Job.of(use_cases.get_job(inst, caller, job_id), root=root)


@router.delete("/jobs/{job_id:uuid}", summary="Cancel a job", responses=problems(*EVERYWHERE, 403, 404, 409))
def cancel_job(job_id: JobId, inst: InstallationDep, caller: CallerDep, root: Root) -> Job:
    """Stop a job that is not over: no mail leaves after this is answered. Its record stays."""
    return Job.of(use_cases.cancel_job(inst, caller, job_id), root=root)


@router.post(
    "/jobs/{job_id:uuid}/repeat",
    status_code=HTTPStatus.ACCEPTED,
    summary="Run a job again",
    responses={
        202: {"description": "The job is under way again.", "headers": _LOCATION},
        **problems(*EVERYWHERE, 403, 404, 409, 422),
    },
)
def repeat_job(
    job_id: JobId,
    query: Annotated[RepeatQuery, Query()],
    response: Response,
    inst: InstallationDep,
    caller: CallerDep,
    root: Root,
) -> Job:
    """Run a job that is over again from the stage that failed, or whole. Nobody is mailed twice."""
    return _started(use_cases.repeat_job(inst, caller, job_id, whole=query.whole), response, root)


@router.head("/jobs/{job_id:uuid}/artifacts/{name:file_name}", include_in_schema=False)
@router.get(
    "/jobs/{job_id:uuid}/artifacts/{name:file_name}",
    summary="Download a file of a job",
    response_class=Response,
    responses={
        **binary("application/pdf", "The file."),
        206: {"description": "The part of the file that `Range` asked for."},
        304: {"description": "The file is the one that `If-None-Match` names."},
        **problems(*EVERYWHERE, 404, 416),
    },
)
def download_artifact(
    job_id: JobId, name: ArtifactName, request: Request, inst: InstallationDep, caller: CallerDep
) -> Response:
    """Send a file: its ETag is its SHA-256, ranges and conditions are honoured, HEAD tells the headers."""
    artifact = use_cases.find_artifact(inst, caller, job_id, name)

    def open_file(bounds: tuple[int, int] | None) -> StoredStream:
        return use_cases.open_artifact(inst, caller, job_id, name, bounds=bounds)[1]

    return file_answer(request, artifact, open_file)


@router.get(
    "/jobs/{job_id:uuid}/deliveries",
    summary="Show who got a job's report",
    responses=problems(*EVERYWHERE, 404),
)
def list_deliveries(job_id: JobId, inst: InstallationDep, caller: CallerDep) -> DeliveryList:
    """Answer with the mails of a job, what became of each, and how often its link was opened."""
    found = use_cases.job_deliveries(inst, caller, job_id)
    return DeliveryList(deliveries=tuple(Delivery.of(one) for one in found))


@router.post(
    "/jobs/{job_id:uuid}/deliveries/{delivery_id:uuid}/resend",
    status_code=HTTPStatus.ACCEPTED,
    summary="Mail a report to one recipient again",
    response_class=Response,
    responses={
        202: {"description": "The mail will be sent."},
        **problems(*EVERYWHERE, 403, 404, 409),
    },
)
def resend_delivery(
    job_id: JobId, delivery_id: DeliveryId, inst: InstallationDep, caller: CallerDep
) -> Response:
    """Send one recipient a new mail with a new link, on purpose."""
    use_cases.resend(inst, caller, job_id, delivery_id)
    return Response(status_code=HTTPStatus.ACCEPTED)


@router.delete(
    "/jobs/{job_id:uuid}/links/{link_id:uuid}",
    status_code=HTTPStatus.NO_CONTENT,
    summary="Revoke a mailed link",
    responses=problems(*EVERYWHERE, 403, 404),
)
def revoke_link(job_id: JobId, link_id: LinkId, inst: InstallationDep, caller: CallerDep) -> None:
    """Make a link lead nowhere from now on; a repeated call changes nothing."""
    use_cases.revoke_job_link(inst, caller, job_id, link_id)


def _started(job: use_cases.Job, response: Response, root: str) -> Job:
    told = Job.of(job, root=root)
    response.headers["Location"] = told.url
    response.status_code = HTTPStatus.OK if job.state in FINAL_STATES else HTTPStatus.ACCEPTED
    return told
