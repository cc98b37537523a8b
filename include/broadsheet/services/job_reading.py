"""From rows of the ledger and Airflow's stages to jobs, and who may see which."""

from __future__ import annotations

import base64
import binascii
import logging
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from broadsheet.catalog import Catalog
from broadsheet.domain.access import Caller
from broadsheet.domain.job import FINAL_STATES, Stage, progress_of
from broadsheet.errors import EngineUnavailableError, ForbiddenError, InputError, NotFoundError
from broadsheet.services.engine import RunKey
from broadsheet.services.installation import Installation
from broadsheet.services.job_views import ArtifactView, Job
from broadsheet.store.database import Connection
from broadsheet.store.jobs import JobRow, StoredFile, find_job

log = logging.getLogger(__name__)

_LONGEST_SOUGHT = 200
_MEDIA_TYPES = {
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def is_visible(caller: Caller, row: JobRow) -> bool:
    """Whether a caller may see a job, and do with it what can be done."""
    return caller.may_act_for(row.owner) or caller.may_act_for(row.requested_by)


def visible_job(connection: Connection, caller: Caller, job_id: UUID) -> JobRow:
    """Return a job; NotFoundError when there is none, and the same one when it is not the caller's."""
    row = find_job(connection, job_id)
    if row is None or not is_visible(caller, row):
        raise NotFoundError(f"there is no job {job_id}")
    return row


def check_right(inst: Installation, caller: Caller, row: JobRow) -> None:
    """Raise ForbiddenError when a caller's roles do not grant them a job's report any more."""
    report = inst.catalog().reports.get(row.report_id)
    if report is not None and not caller.may_have(report):
        raise ForbiddenError("you may not have this report any more")


def read_jobs(
    inst: Installation,
    rows: Sequence[JobRow],
    files: dict[UUID, list[StoredFile]],
    *,
    staged: Iterable[JobRow],
) -> tuple[Job, ...]:
    """Return the jobs of rows; Airflow is asked for the stages of those in ``staged`` only."""
    stages = stages_of(inst, [(row.dag_id, row.dag_run_id) for row in staged])
    catalog = inst.catalog()
    return tuple(
        _job(row, files.get(row.run_id, []), catalog, stages=stages.get((row.dag_id, row.dag_run_id), ()))
        for row in rows
    )


def read_job(inst: Installation, row: JobRow, files: dict[UUID, list[StoredFile]]) -> Job:
    """Return the job of a row, with its stages."""
    (job,) = read_jobs(inst, [row], files, staged=[row])
    return job


def is_open(row: JobRow) -> bool:
    """Whether a job is not over."""
    return row.state not in FINAL_STATES


def stages_of(inst: Installation, keys: Sequence[RunKey]) -> dict[RunKey, tuple[Stage, ...]]:
    """Return what Airflow knows of the stages of runs: nothing while it does not answer."""
    if not keys:
        return {}
    try:
        return inst.engine.stages(keys)
    except EngineUnavailableError as error:
        # The ledger alone still says what became of each run.
        log.warning("the stages of %d runs are not known: %s", len(keys), error)
        return {}


def artifact_view(file: StoredFile) -> ArtifactView:
    """Return a stored file as its reader sees it."""
    return ArtifactView(
        name=file.file_name,
        format=file.format,
        size_bytes=file.size_bytes,
        pages=file.pages,
        sha256=file.sha256,
        media_type=_MEDIA_TYPES.get(file.format, "application/octet-stream"),
        created_at=file.created_at,
        is_protected=file.is_protected,
        key=file.key,
    )


def check_sought(text: str | None, field: str) -> None:
    """Raise InputError for a text that nothing stored can hold: Postgres would refuse to look for it."""
    if text is None:
        return
    if len(text) > _LONGEST_SOUGHT or any(unicodedata.category(one) in ("Cc", "Cs") for one in text):
        raise InputError(
            f"{field} must have at most {_LONGEST_SOUGHT} characters, and no control character", field=field
        )


def cursor_after(row: JobRow) -> str:
    """Return the cursor of the page after the one that ends with a row."""
    text = f"{row.opened_at.isoformat()} {row.run_id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place_of_cursor(cursor: str) -> tuple[datetime, UUID]:
    """Return where a page starts; InputError for what is no cursor of ours."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        at, _, run_id = text.partition(" ")
        place = datetime.fromisoformat(at), UUID(run_id)
    except (binascii.Error, UnicodeError, ValueError) as error:
        raise _no_cursor() from error
    if place[0].tzinfo is None:
        raise _no_cursor()
    return place


def _no_cursor() -> InputError:
    return InputError("cursor: this is no cursor from an answer of this list; start without", field="cursor")


def _job(row: JobRow, files: Iterable[StoredFile], catalog: Catalog, *, stages: tuple[Stage, ...]) -> Job:
    return Job(
        id=row.run_id,
        dag_id=row.dag_id,
        dag_run_id=row.dag_run_id,
        report_id=row.report_id,
        title=row.title or title_of_report(catalog, row.report_id),
        subscription=row.slug,
        owner=row.owner,
        requested_by=row.requested_by,
        trigger=row.trigger,
        state=row.state,
        reason=row.reason,
        slot=row.slot,
        period=row.period,
        parameters=row.parameters,
        created_at=row.opened_at,
        closed_at=row.closed_at,
        progress=progress_of(row.state, stages),
        stages=stages,
        artifacts=tuple(artifact_view(file) for file in files),
        accepted=row.accepted,
        deliveries_total=row.deliveries,
    )


def title_of_report(catalog: Catalog, report_id: str) -> str:
    """Return a report's title, or its id when the catalog has no good one of it."""
    report = catalog.reports.get(report_id)
    return report.title if report is not None else report_id
