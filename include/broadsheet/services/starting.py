"""Start a run that somebody asks for: open it in the ledger, then hand it to Airflow.

The ledger is committed first. A call that dies in between leaves a run that waits; repeated with the same
idempotency key, it is handed over then, under the same ids, so that there is never a second one.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from broadsheet.domain.access import Caller
from broadsheet.domain.run import RunSpec, RunState, Trigger
from broadsheet.errors import (
    BroadsheetError,
    ConflictError,
    EngineUnavailableError,
    InputError,
    NotFoundError,
    QuotaError,
)
from broadsheet.services.installation import Installation
from broadsheet.store.database import Connection, transaction
from broadsheet.store.jobs import find_job, move_job
from broadsheet.store.ledger import open_run
from broadsheet.store.requests import (
    add_key,
    asked_since,
    find_key,
    forget_old_keys,
    hold_key,
    one_at_a_time,
    runs_under_way,
    waiting_run,
)

log = logging.getLogger(__name__)

_KEYS_KEPT = timedelta(hours=24)
# How long a call may take to hand a run to Airflow before another with the same key does it instead.
_HANDOVER = timedelta(seconds=30)
_HOUR = timedelta(hours=1)
# A run that is open for longer was lost by Airflow, and should not count for ever.
_LONGEST_OPEN = timedelta(hours=24)
# A report takes about so long; nobody knows when the first of those under way is over.
_AT_ONCE_RETRY = 15
_LONGEST_KEY = 255
# A run that was asked for and has not begun within this time is not coming.
_SOON = timedelta(minutes=10)


@dataclass(frozen=True)
class Order:
    """A run that is to be started: checked, and pinned."""

    dag_id: str
    dag_run_id: str
    spec: RunSpec
    conf: Mapping[str, Any]
    """What Airflow shows of the request, and ``plan`` reads the recipients from."""


@dataclass(frozen=True)
class RequestName:
    """An idempotency key with the digest of what it stands for."""

    key: str
    body_sha256: str


def check_key(key: str) -> str:
    """Return an idempotency key as given; InputError for one that is no short line of ASCII."""
    if not (0 < len(key) <= _LONGEST_KEY and key.isascii() and key.isprintable()):
        raise InputError(
            f"Idempotency-Key must have 1 to {_LONGEST_KEY} printable ASCII characters",
            field="Idempotency-Key",
        )
    return key


def start(inst: Installation, caller: Caller, order: Order, *, name: RequestName | None = None) -> UUID:
    """Start an ordered run and return its id, or that of the run that the same request has started before.

    A subscription whose run was asked for a moment ago, and has not begun, is not run a second time. Raises
    QuotaError, ConflictError while another call with the same key is under way, InputError when the key was
    used for something else, and EngineUnavailableError when Airflow could not take the run: it is closed as
    failed then.
    """
    at = inst.clock()
    with transaction(inst.dsn()) as connection:
        one_at_a_time(connection, caller.name)
        if (waiting := _waiting_run(connection, order, at=at)) is not None:
            return waiting
        handover = None
        if name is not None:
            forget_old_keys(connection, before=at - _KEYS_KEPT)
            known, handover = _known_run(connection, caller, name, order, at=at)
            if known is not None and handover is None:
                return known
        if handover is None:
            _check_quota(inst, caller, connection, at=at)
            _open(inst, caller, order, connection, at=at)
            if name is not None:
                add_key(
                    connection,
                    caller.name,
                    name.key,
                    body_sha256=name.body_sha256,
                    run_id=order.spec.run_id,
                    at=at,
                    busy_until=at + _HANDOVER,
                )
            handover = order
    _hand_over(inst, caller, handover, name=name, at=at)
    log.info("run %s of %s was asked for by %s", handover.spec.run_id, handover.dag_id, caller.name)
    return handover.spec.run_id


def _waiting_run(connection: Connection, order: Order, *, at: datetime) -> UUID | None:
    """Return the run of the order's subscription that waits to begin, or None."""
    subscription_id = order.spec.subscription_id
    if subscription_id is None:
        return None
    # Looked at under a lock: of two who ask at once, the second finds the run of the first. Each run of a
    # subscription mails all its recipients.
    one_at_a_time(connection, str(subscription_id))
    return waiting_run(connection, subscription_id, since=at - _SOON)


def _known_run(
    connection: Connection, caller: Caller, name: RequestName, order: Order, *, at: datetime
) -> tuple[UUID | None, Order | None]:
    """Return the run of a key that was used before, and the order to repeat if Airflow never got it."""
    found = find_key(connection, caller.name, name.key)
    if found is None:
        return None, None
    if found.body_sha256 != name.body_sha256:
        raise InputError(
            "Idempotency-Key was used for another request within 24 hours; use a new one",
            field="Idempotency-Key",
        )
    row = find_job(connection, found.run_id)
    if found.busy_until is None or row is None:
        return found.run_id, None
    if found.busy_until > at:
        raise ConflictError("the first request with this Idempotency-Key is still being taken; ask again")
    if not move_job(connection, row.run_id, RunState.WAITING, allowed=[RunState.WAITING, RunState.FAILED]):
        # Airflow had it after all, and works on it.
        hold_key(connection, caller.name, name.key, busy_until=None)
        return row.run_id, None
    hold_key(connection, caller.name, name.key, busy_until=at + _HANDOVER)
    first = Order(
        dag_id=row.dag_id,
        dag_run_id=row.dag_run_id,
        spec=order.spec.model_copy(update={"run_id": row.run_id, "slot": row.slot}),
        conf={**order.conf, "period": row.period.name},
    )
    return row.run_id, first


def _open(inst: Installation, caller: Caller, order: Order, connection: Connection, *, at: datetime) -> None:
    if not inst.engine.knows(order.dag_id):
        raise _not_there_yet()
    try:
        open_run(
            connection,
            order.spec,
            dag_id=order.dag_id,
            dag_run_id=order.dag_run_id,
            trigger=Trigger.MANUAL,
            state=RunState.WAITING,
            requested_by=caller.name,
            at=at,
        )
    except InputError as error:
        raise ConflictError("the subscription is being run at this very moment; ask again") from error


def _hand_over(
    inst: Installation, caller: Caller, order: Order, *, name: RequestName | None, at: datetime
) -> None:
    taken, reason = False, "Airflow could not take it; ask again"
    try:
        inst.engine.trigger(
            order.dag_id, dag_run_id=order.dag_run_id, conf=order.conf, at=order.spec.slot, by=caller.name
        )
        taken = True
    except NotFoundError as error:
        raise _not_there_yet() from error
    except InputError as error:
        reason = str(error)
        raise
    finally:
        with transaction(inst.dsn()) as connection:
            if not taken:
                move_job(
                    connection,
                    order.spec.run_id,
                    RunState.FAILED,
                    allowed=[RunState.WAITING],
                    reason=reason,
                    closed_at=at,
                )
            if name is not None:
                hold_key(connection, caller.name, name.key, busy_until=None if taken else at)


def _check_quota(inst: Installation, caller: Caller, connection: Connection, *, at: datetime) -> None:
    """Raise QuotaError when a person asks for too much, with when to ask again."""
    settings = inst.settings()
    asked = asked_since(connection, caller.name, since=at - _HOUR, limit=settings.requests_per_hour)
    if len(asked) >= settings.requests_per_hour:
        raise QuotaError(
            f"{settings.requests_per_hour} reports an hour are permitted, and you have asked for as many",
            retry_after=max(1, math.ceil((asked[-1] + _HOUR - at).total_seconds())),
        )
    under_way = runs_under_way(connection, caller.name, since=at - _LONGEST_OPEN)
    if under_way >= settings.requests_at_once:
        raise QuotaError(
            f"{under_way} of the reports that you asked for are under way, and {settings.requests_at_once} "
            "at a time are permitted",
            retry_after=_AT_ONCE_RETRY,
        )


def _not_there_yet() -> BroadsheetError:
    return EngineUnavailableError("Airflow does not have this report's DAG yet; ask again in a minute")
