"""Jobs: list and show them, open their files, cancel and repeat them. Their mails: ``services.job_mails``."""

from __future__ import annotations

import logging
from uuid import UUID

from broadsheet.domain.access import Caller
from broadsheet.domain.job import FINAL_STATES, STAGES, StageState
from broadsheet.domain.run import RunState
from broadsheet.errors import ConflictError, IntegrityError, NotFoundError
from broadsheet.services.installation import Installation
from broadsheet.services.job_mails import job_deliveries, resend, revoke_job_link
from broadsheet.services.job_reading import (
    artifact_view,
    check_right,
    check_sought,
    cursor_after,
    is_open,
    place_of_cursor,
    read_job,
    read_jobs,
    stages_of,
    visible_job,
)
from broadsheet.services.job_views import (
    ArtifactView,
    DeliveryView,
    Job,
    JobPage,
    JobQuery,
    LinkView,
)
from broadsheet.store.database import transaction
from broadsheet.store.jobs import JobFilter, JobRow, files_of_jobs, move_job, page_of_jobs
from broadsheet.store.objects import StoredStream

__all__ = [
    "ArtifactView",
    "DeliveryView",
    "Job",
    "JobPage",
    "JobQuery",
    "LinkView",
    "cancel_job",
    "find_artifact",
    "get_job",
    "job_deliveries",
    "list_jobs",
    "open_artifact",
    "repeat_job",
    "resend",
    "revoke_job_link",
]

log = logging.getLogger(__name__)


def list_jobs(inst: Installation, caller: Caller, query: JobQuery) -> JobPage:
    """Return a page of the jobs that a caller may see, newest first.

    Airflow is asked for the stages of jobs that are not over. Raises InputError for a cursor that is not ours
    and for a text that is none.
    """
    wanted = _filter(inst, caller, query)
    with transaction(inst.dsn()) as connection:
        # One more than asked for says whether there is another page.
        found = page_of_jobs(connection, wanted, limit=query.limit + 1)
        rows = found[: query.limit]
        files = files_of_jobs(connection, [row.run_id for row in rows])
    jobs = read_jobs(inst, rows, files, staged=filter(is_open, rows))
    return JobPage(jobs=jobs, next_cursor=cursor_after(rows[-1]) if len(found) > query.limit else None)


def get_job(inst: Installation, caller: Caller, job_id: UUID) -> Job:
    """Return a job with its stages; NotFoundError when there is none or it is not the caller's."""
    with transaction(inst.dsn()) as connection:
        row = visible_job(connection, caller, job_id)
        files = files_of_jobs(connection, [job_id])
    return read_job(inst, row, files)


def cancel_job(inst: Installation, caller: Caller, job_id: UUID) -> Job:
    """Stop a job: no mail is begun after this. ConflictError when it is over already.

    The ledger knows first. When Airflow could not be told (EngineUnavailableError), a second call tells it.
    """
    at = inst.clock()
    with transaction(inst.dsn()) as connection:
        row = visible_job(connection, caller, job_id)
        cancelled = move_job(
            connection,
            job_id,
            RunState.CANCELLED,
            allowed=frozenset(RunState) - FINAL_STATES,
            reason=f"cancelled by {caller.name}",
            closed_at=at,
        )
        row = visible_job(connection, caller, job_id)
    if not cancelled and row.state is not RunState.CANCELLED:
        raise ConflictError(f"the job is over: {row.state.value}")
    stopped = inst.engine.cancel((row.dag_id, row.dag_run_id))
    if not cancelled and not stopped:
        raise ConflictError("the job is cancelled already")
    log.info("job %s was cancelled by %s", job_id, caller.name)
    return get_job(inst, caller, job_id)


def repeat_job(inst: Installation, caller: Caller, job_id: UUID, *, whole: bool = False) -> Job:
    """Run a job that is over once more, from the stage that failed or, ``whole``, from the beginning.

    What was mailed is not mailed again. A job of which no stage failed, but that failed or was cancelled, is
    run as a whole. Raises ConflictError when it is not over, when nothing in it failed, and when Airflow has
    forgotten it, and ForbiddenError when the caller may not have the report any more.
    """
    with transaction(inst.dsn()) as connection:
        row = visible_job(connection, caller, job_id)
    check_right(inst, caller, row)
    if is_open(row):
        raise ConflictError(f"the job is not over: {row.state.value}")
    whole = whole or _nothing_to_resume(inst, row)
    try:
        with transaction(inst.dsn()) as connection:
            # Of two who repeat at once, one finds it running.
            state = RunState.WAITING if whole else RunState.ACTIVE
            if not move_job(connection, job_id, state, allowed=[row.state]):
                raise ConflictError("somebody else has just done something with the job; look at it again")
            # Inside the transaction: what Airflow refuses leaves nothing behind here, and nobody finds a job
            # that is open while Airflow still calls it over: it would be taken for a lost one.
            inst.engine.repeat((row.dag_id, row.dag_run_id), stages=("plan",) if whole else None)
    except NotFoundError as error:
        raise ConflictError("Airflow has forgotten this run; ask for the report again") from error
    log.info("job %s is repeated by %s, %s", job_id, caller.name, "whole" if whole else "what failed")
    return get_job(inst, caller, job_id)


def find_artifact(inst: Installation, caller: Caller, job_id: UUID, name: str) -> ArtifactView:
    """Return a job's file of a name; NotFoundError when it has none."""
    with transaction(inst.dsn()) as connection:
        visible_job(connection, caller, job_id)
        files = files_of_jobs(connection, [job_id]).get(job_id, [])
    for file in files:
        if file.file_name == name:
            return artifact_view(file)
    raise NotFoundError(f"job {job_id} has no file {name[:100]!r}")


def open_artifact(
    inst: Installation, caller: Caller, job_id: UUID, name: str, *, bounds: tuple[int, int] | None = None
) -> tuple[ArtifactView, StoredStream]:
    """Open a job's file for reading; NotFoundError when it has none of that name.

    ``bounds`` are the first and the last byte to read, both included; the file must have them. Raises
    IntegrityError when the bucket has not what the ledger says.
    """
    artifact = find_artifact(inst, caller, job_id, name)
    expected = artifact.size_bytes if bounds is None else bounds[1] - bounds[0] + 1
    try:
        stream = inst.artifacts().stream(artifact.key, bounds=bounds)
    except NotFoundError as error:
        # The ledger has it: that the bucket has not is not the caller's mistake.
        raise IntegrityError(f"file {artifact.key} of job {job_id} is gone") from error
    if stream.size_bytes != expected:
        stream.close()
        raise IntegrityError(f"file {artifact.key} gave {stream.size_bytes} bytes, not {expected}")
    return artifact, stream


def _nothing_to_resume(inst: Installation, row: JobRow) -> bool:
    """Whether a job can only be repeated as a whole; ConflictError when there is no reason to."""
    key = (row.dag_id, row.dag_run_id)
    stages = stages_of(inst, [key]).get(key, ())
    failed = {stage.name for stage in stages if stage.state is StageState.FAILED}
    if row.state is RunState.CANCELLED:
        # The last stage fails of every cancelled job that Airflow went on with: what it left out is before.
        failed.discard(STAGES[-1])
    if failed:
        return False
    if row.state in (RunState.FAILED, RunState.CANCELLED):
        return True
    raise ConflictError("no stage of the job failed; repeat it as a whole")


def _filter(inst: Installation, caller: Caller, query: JobQuery) -> JobFilter:
    for field in ("report", "subscription", "requested_by", "text", "cursor"):
        check_sought(getattr(query, field), field)
    text = query.text.strip() if query.text else ""
    titled = (report.id for report in inst.catalog() if text.lower() in report.title.lower())
    return JobFilter(
        sees_all=caller.is_operator,
        caller=caller.name,
        states=tuple(state.value for state in query.states) or None,
        report_id=query.report,
        slug=query.subscription,
        since=query.since,
        requested_by=query.requested_by,
        text=text or None,
        report_ids=tuple(titled) if text else (),
        below=place_of_cursor(query.cursor) if query.cursor else None,
    )
