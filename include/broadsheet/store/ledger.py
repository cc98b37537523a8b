"""Runs, variants and artifacts: what was due, built and stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from broadsheet.domain.delivery import DeliveryState, computed_id
from broadsheet.domain.period import Period
from broadsheet.domain.run import RunSpec, RunState, Trigger, VariantSpec
from broadsheet.errors import InputError, IntegrityError, NotFoundError
from broadsheet.store.database import Connection, fetch_all, fetch_one, statements


@dataclass(frozen=True)
class Artifact:
    """A stored file of a run."""

    artifact_id: UUID
    variant: str
    format: str
    key: str
    file_name: str
    sha256: str
    size_bytes: int
    pages: int | None
    created_at: datetime


@dataclass(frozen=True)
class RunRow:
    """A run as the ledger has it, with what was pinned when it was opened."""

    spec: RunSpec
    trigger: Trigger
    state: RunState
    reason: str | None
    requested_by: str | None = None
    closed_at: datetime | None = None


def open_run(
    connection: Connection,
    spec: RunSpec,
    *,
    dag_id: str,
    dag_run_id: str,
    trigger: Trigger,
    state: RunState = RunState.ACTIVE,
    requested_by: str | None = None,
    at: datetime | None = None,
) -> RunRow:
    """Open a run with what is pinned in its spec, or return it as it was opened first.

    ``state`` is ``waiting`` for a run that Airflow has yet to start; ``at`` is when it was opened, by default
    the database's present. Raises InputError when another DAG run has the subscription's slot already.
    """
    values = {
        "run_id": spec.run_id,
        "dag_id": dag_id,
        "dag_run_id": dag_run_id,
        "subscription_id": spec.subscription_id,
        "revision": spec.revision,
        "report_id": spec.report_id,
        "trigger": trigger.value,
        "slot": spec.slot,
        "period_kind": spec.period.kind.value,
        "first_day": spec.period.first_day,
        "end_day": spec.period.end_day,
        "zone": spec.period.zone,
        "parameters": Jsonb(spec.parameters),
        "state": state.value,
        "requested_by": requested_by,
        "at": at,
        "locale": spec.locale,
        "theme": spec.theme,
        "formats": None if spec.formats is None else list(spec.formats),
    }
    if connection.execute(statements("ledger")["open_run"], values).rowcount == 0:
        found = find_run(connection, dag_id, dag_run_id)
        if found is not None:
            return found
        other = fetch_one(connection, statements("ledger")["run_of_slot"], values)
        raise InputError(
            f"slot {spec.slot.isoformat()} of {dag_id} belongs to run "
            f"{other['dag_run_id'] if other else '?'} already; clear that run to repeat it",
            field="slot",
        )
    for variant in spec.variants:
        pinned = {"run_id": spec.run_id, "name": variant.name, "parameters": Jsonb(variant.parameters)}
        connection.execute(statements("ledger")["add_variant"], pinned)
    return RunRow(spec=spec, trigger=trigger, state=state, reason=None, requested_by=requested_by)


def withdraw_run(connection: Connection, run_id: UUID, *, reason: str) -> None:
    """Mark an open run as skipped, with the reason in words: nothing is built for it."""
    connection.execute(statements("ledger")["withdraw_run"], {"run_id": run_id, "reason": reason})


def reopen_run(connection: Connection, run_id: UUID) -> None:
    """Mark a run active again: its plan was retried, or an operator cleared it."""
    connection.execute(statements("ledger")["reopen_run"], {"run_id": run_id})


def find_run(connection: Connection, dag_id: str, dag_run_id: str, *, lock: bool = False) -> RunRow | None:
    """Return the run that a DAG run is, or None; ``lock`` keeps others from changing its state meanwhile."""
    name = "lock_run_of_dag_run" if lock else "run_of_dag_run"
    row = fetch_one(connection, statements("ledger")[name], {"dag_id": dag_id, "dag_run_id": dag_run_id})
    if row is None:
        return None
    variants = fetch_all(connection, statements("ledger")["variants_of_run"], {"run_id": row["run_id"]})
    return RunRow(
        spec=_spec(row, variants),
        trigger=Trigger(row["trigger"]),
        state=RunState(row["state"]),
        reason=row["reason"],
        requested_by=row["requested_by"],
        closed_at=row["closed_at"],
    )


def run_is_cancelled(connection: Connection, run_id: UUID) -> bool:
    """Return whether somebody cancelled a run."""
    row = fetch_one(connection, statements("ledger")["state_of_run"], {"run_id": run_id})
    return row is not None and row["state"] == RunState.CANCELLED.value


def adopt_run(
    connection: Connection, *, slug: str, slot: datetime, dag_id: str, dag_run_id: str
) -> RunRow | None:
    """Give the closed run of a subscription's slot to another DAG run and return it; None without one.

    Airflow makes a second DAG run for a slot only after the first was deleted or pruned from its database.
    """
    values = {"slug": slug, "slot": slot, "dag_id": dag_id, "dag_run_id": dag_run_id}
    if connection.execute(statements("ledger")["adopt_run"], values).rowcount == 0:
        return None
    return find_run(connection, dag_id, dag_run_id)


def close_run(
    connection: Connection, run_id: UUID, *, state: RunState, reason: str | None, at: datetime
) -> None:
    """Set a run's final state and, in words, why it is not ``completed``."""
    values = {"run_id": run_id, "state": state.value, "reason": reason, "at": at}
    if connection.execute(statements("ledger")["close_run"], values).rowcount != 1:
        raise NotFoundError(f"there is no run {run_id} to close")


def add_artifact(
    connection: Connection,
    run_id: UUID,
    *,
    variant: str,
    artifact_format: str,
    key: str,
    file_name: str,
    sha256: str,
    size_bytes: int,
    pages: int | None,
    part: str = "",
) -> UUID:
    """Record a stored file and return its id; a repeated record of the same file changes nothing.

    ``part`` tells files of one format apart: the name of the table whose rows a CSV holds.
    """
    artifact_id = computed_id(run_id, variant, artifact_format, sha256, *([part] if part else []))
    values = {
        "artifact_id": artifact_id,
        "run_id": run_id,
        "variant": variant,
        "format": artifact_format,
        "part": part,
        "key": key,
        "file_name": file_name,
        "sha256": sha256,
        "size_bytes": size_bytes,
        "pages": pages,
    }
    connection.execute(statements("ledger")["add_artifact"], values)
    return artifact_id


def artifacts_of_run(connection: Connection, run_id: UUID) -> list[Artifact]:
    """Return a run's stored files, newest first."""
    return [
        Artifact(**row)
        for row in fetch_all(connection, statements("ledger")["artifacts_of_run"], {"run_id": run_id})
    ]


def artifact_of_variant(connection: Connection, run_id: UUID, variant: str) -> Artifact:
    """Return the newest stored PDF of a variant; IntegrityError when there is none."""
    for artifact in artifacts_of_run(connection, run_id):
        if artifact.variant == variant and artifact.format == "pdf":
            return artifact
    raise IntegrityError(
        f"run {run_id} has no stored document for variant {variant!r}; clear the run from `plan`"
    )


def delivery_counts(connection: Connection, run_id: UUID) -> dict[DeliveryState, int]:
    """Return how many deliveries of a run are in each state; states that do not occur are absent."""
    rows = fetch_all(connection, statements("ledger")["delivery_counts"], {"run_id": run_id})
    return {DeliveryState(row["state"]): row["deliveries"] for row in rows}


def recent_runs(
    connection: Connection, *, dag_id: str | None = None, limit: int = 20
) -> list[dict[str, Any]]:
    """Return the newest runs with the numbers of their artifacts, deliveries and accepted deliveries."""
    return fetch_all(connection, statements("ledger")["recent_runs"], {"dag_id": dag_id, "limit": limit})


def _spec(row: DictRow, variants: list[DictRow]) -> RunSpec:
    period = Period(
        kind=row["period_kind"], first_day=row["first_day"], end_day=row["end_day"], zone=row["zone"]
    )
    return RunSpec(
        run_id=row["run_id"],
        report_id=row["report_id"],
        slot=row["slot"],
        period=period,
        parameters=row["parameters"],
        variants=tuple(VariantSpec(**variant) for variant in variants),
        subscription_id=row["subscription_id"],
        revision=row["revision"],
        locale=row["locale"],
        theme=row["theme"],
        formats=row["formats"],
    )
