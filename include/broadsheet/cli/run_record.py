"""A run with all that the ledger knows of it, for ``broadsheet runs show``."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from broadsheet.domain.delivery import DeliveryState
from broadsheet.domain.period import PeriodKind
from broadsheet.domain.run import RunState, Trigger
from broadsheet.errors import NotFoundError
from broadsheet.store.database import Connection
from broadsheet.store.deliveries import deliveries_of_run
from broadsheet.store.jobs import deliveries_of_job, find_job, links_of_job
from broadsheet.store.ledger import artifacts_of_run, find_run
from broadsheet.store.links import accesses_of_run


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class PeriodRecord(_Record):
    """What a run describes: local days of a zone, the last one not included."""

    name: str
    kind: PeriodKind
    first_day: date
    end_day: date
    zone: str


class ArtifactRecord(_Record):
    """A stored file; ``key`` is its place in the storage bucket."""

    artifact_id: UUID
    variant: str
    format: str
    file_name: str
    key: str
    sha256: str
    size_bytes: int
    pages: int | None
    created_at: AwareDatetime


class AccessRecord(_Record):
    """One request for a link, and how it was answered."""

    accessed_at: AwareDatetime
    method: str
    outcome: str


class LinkRecord(_Record):
    """A mailed link, without its token."""

    link_id: UUID
    created_at: AwareDatetime
    expires_at: AwareDatetime
    revoked_at: AwareDatetime | None
    accesses: tuple[AccessRecord, ...] = ()


class DeliveryRecord(_Record):
    """An artifact on its way to one recipient, and the links of its mails."""

    delivery_id: UUID
    variant: str
    recipient: str
    state: DeliveryState
    attempts: int
    settled_at: AwareDatetime | None = None
    smtp_reply: str | None = None
    """The mail server's last word on it."""
    links: tuple[LinkRecord, ...] = ()


class RunRecord(_Record):
    """A run, and everything that came of it."""

    run_id: UUID
    dag_id: str
    dag_run_id: str
    report_id: str
    subscription: str | None
    """Slug of the subscription, or None for a report on demand."""
    revision: int | None
    """Revision of the subscription that was pinned."""
    trigger: Trigger
    requested_by: str | None
    state: RunState
    reason: str | None
    slot: AwareDatetime
    period: PeriodRecord
    parameters: dict[str, Any]
    opened_at: AwareDatetime
    closed_at: AwareDatetime | None
    artifacts: tuple[ArtifactRecord, ...]
    deliveries: tuple[DeliveryRecord, ...]


def read_run(connection: Connection, run_id: UUID) -> RunRecord:
    """Return a run by its id; NotFoundError when the ledger has none."""
    job = find_job(connection, run_id)
    pinned = find_run(connection, job.dag_id, job.dag_run_id) if job else None
    if job is None or pinned is None:
        raise NotFoundError(f"the ledger has no run {run_id}; `broadsheet runs` lists the newest")
    return RunRecord(
        run_id=run_id,
        dag_id=job.dag_id,
        dag_run_id=job.dag_run_id,
        report_id=job.report_id,
        subscription=job.slug,
        revision=pinned.spec.revision,
        trigger=job.trigger,
        requested_by=job.requested_by,
        state=job.state,
        reason=job.reason,
        slot=job.slot,
        period=PeriodRecord.model_validate(job.period),
        parameters=job.parameters,
        opened_at=job.opened_at,
        closed_at=job.closed_at,
        artifacts=tuple(ArtifactRecord.model_validate(one) for one in artifacts_of_run(connection, run_id)),
        deliveries=_deliveries(connection, run_id),
    )


def read_dag_run(connection: Connection, dag_id: str, dag_run_id: str) -> RunRecord:
    """Return the run that a DAG run of Airflow's is; NotFoundError when the ledger has none."""
    run = find_run(connection, dag_id, dag_run_id)
    if run is None:
        raise NotFoundError(f"the ledger has no run {dag_run_id!r} of DAG {dag_id!r}")
    return read_run(connection, run.spec.run_id)


def _deliveries(connection: Connection, run_id: UUID) -> tuple[DeliveryRecord, ...]:
    accesses: dict[UUID, list[AccessRecord]] = defaultdict(list)
    for row in accesses_of_run(connection, run_id):
        accesses[row["link_id"]].append(AccessRecord.model_validate(row))
    links = {
        delivery_id: tuple(
            LinkRecord.model_validate(link).model_copy(update={"accesses": tuple(accesses[link.link_id])})
            for link in found
        )
        for delivery_id, found in links_of_job(connection, run_id).items()
    }
    verdicts = {one.delivery_id: one for one in deliveries_of_job(connection, run_id)}
    return tuple(
        DeliveryRecord.model_validate(one).model_copy(
            update={
                "settled_at": verdicts[one.delivery_id].settled_at,
                "smtp_reply": verdicts[one.delivery_id].smtp_reply,
                "links": links.get(one.delivery_id, ()),
            }
        )
        for one in deliveries_of_run(connection, run_id)
    )
