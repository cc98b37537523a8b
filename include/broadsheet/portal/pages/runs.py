"""The list of runs, kept fresh without a reload, and the way from a DAG run in Airflow to its page."""

from __future__ import annotations

from http import HTTPStatus
from types import ModuleType
from typing import Annotated, TypedDict
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from broadsheet.domain.access import Caller
from broadsheet.errors import NotFoundError
from broadsheet.portal.identity import CallerDep, InstallationDep, current_caller
from broadsheet.portal.pages import run_words
from broadsheet.portal.pages.rendering import page, portal_root, reader_zone
from broadsheet.portal.pages.run import router as run_router
from broadsheet.portal.pages.run_filter import GROUPS, ON_PAGE, RunFilter
from broadsheet.services.catalog import offered_reports
from broadsheet.services.dag_runs import job_of_dag_run
from broadsheet.services.installation import Installation
from broadsheet.services.jobs import Job, JobQuery, get_job, list_jobs

router = APIRouter(dependencies=[Depends(current_caller)])


class Rows(TypedDict):
    """What the templates of the list show."""

    jobs: tuple[Job, ...]
    next_cursor: str | None
    chosen: RunFilter
    words: ModuleType


Ids = Annotated[tuple[UUID, ...], Query(alias="id", max_length=ON_PAGE)]


@router.get("/runs", response_class=Response)
def runs_page(
    request: Request, inst: InstallationDep, caller: CallerDep, chosen: Annotated[RunFilter, Query()]
) -> Response:
    """Show the runs that a filter leaves; htmx gets the list alone, or the rows after a cursor."""
    found = list_jobs(inst, caller, chosen.query(reader_zone(request).key))
    rows = Rows(jobs=found.jobs, next_cursor=found.next_cursor, chosen=chosen, words=run_words)
    if "hx-request" not in request.headers or "hx-history-restore-request" in request.headers:
        return page(request, "runs", section="runs", groups=GROUPS, reports=_reports(inst, caller), **rows)
    if chosen.cursor:
        return page(request, "runs_rows", **rows)
    answer = page(request, "runs_list", **rows)
    answer.headers["HX-Push-Url"] = f"{portal_root(request)}/runs{chosen.address()}"
    return answer


@router.get("/runs/rows", response_class=Response)
def fresh_rows(request: Request, inst: InstallationDep, caller: CallerDep, ids: Ids = ()) -> Response:
    """Show those runs anew that were under way when they were shown."""
    return page(request, "runs_fresh", jobs=_jobs_of(inst, caller, ids), words=run_words)


@router.get("/of-run", response_class=Response)
def page_of_dag_run(
    request: Request, inst: InstallationDep, caller: CallerDep, dag_id: str, run_id: str
) -> Response:
    """Lead from a DAG run in Airflow to the page of its run."""
    try:
        job = job_of_dag_run(inst, caller, dag_id, run_id)
    except NotFoundError:
        return page(request, "run_unknown", status=HTTPStatus.NOT_FOUND, section="runs", dag_id=dag_id)
    return RedirectResponse(f"{portal_root(request)}/runs/{job.id}", HTTPStatus.SEE_OTHER)


router.include_router(run_router)


def _jobs_of(inst: Installation, caller: Caller, ids: tuple[UUID, ...]) -> list[Job]:
    """Return runs by their ids: those under way by one question to Airflow, and those that just ended."""
    if not ids:
        return []
    still = {
        job.id: job for job in list_jobs(inst, caller, JobQuery(states=GROUPS["open"][1], limit=200)).jobs
    }
    jobs = []
    for job_id in ids:
        try:
            jobs.append(still.get(job_id) or get_job(inst, caller, job_id))
        except NotFoundError:
            continue  # gone, or no longer the caller's to see: the row stays as it is
    return jobs


def _reports(inst: Installation, caller: Caller) -> list[tuple[str, str]]:
    return [(report.id, report.title) for report in offered_reports(inst, caller)]
