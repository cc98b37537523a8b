"""Celery's workers, asked through the broker; a thread of its own renews what is known of them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from airflow.providers.celery.executors.celery_executor_utils import app as celery_app
from kombu.exceptions import KombuError

from broadsheet.errors import EngineUnavailableError
from broadsheet.services.engine import Worker

log = logging.getLogger(__name__)

# Workers answer a broadcast; without knowing how many there are, one listens for this long.
_LISTEN = 1.0
_EVERY = 5.0
# Nothing is known yet at the first question only.
_FIRST_WAIT = 3.5
_FORGET = timedelta(minutes=15)


class Inspection(Protocol):
    """What is asked of Celery: each a broadcast, answered with one entry per worker."""

    def stats(self) -> Mapping[str, Mapping[str, Any]] | None:
        """Return each worker's pool and counters."""

    def active(self) -> Mapping[str, Sequence[object]] | None:
        """Return the tasks that each worker works on."""

    def active_queues(self) -> Mapping[str, Sequence[Mapping[str, Any]]] | None:
        """Return the queues that each worker takes from."""


class WorkerWatch:
    """What the workers said last. Asking never waits for them, but for the very first time.

    A worker that stops answering is shown as dead for a quarter of an hour, and then forgotten.
    """

    def __init__(
        self,
        inspect: Callable[[int | None], Inspection] | None = None,
        *,
        every: float = _EVERY,
        first_wait: float = _FIRST_WAIT,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inspect = inspect or _inspect_celery
        self._every = every
        self._first_wait = first_wait
        self._clock = clock
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._asking = False
        self._asked_at: float | None = None
        self._workers: dict[str, Worker] = {}
        self._fault: str | None = None

    def workers(self) -> tuple[Worker, ...]:
        """Return the workers by name; EngineUnavailableError when the broker does not answer, or not yet."""
        self._renew()
        if not self._done.wait(self._first_wait):
            raise EngineUnavailableError("the workers were asked just now; ask again in a moment")
        with self._lock:
            if self._fault is not None:
                raise EngineUnavailableError(self._fault)
            return tuple(self._workers[name] for name in sorted(self._workers))

    def queues(self) -> frozenset[str]:
        """Return the queues that some worker took from when it answered last, without asking."""
        with self._lock:
            return frozenset(queue for worker in self._workers.values() for queue in worker.queues)

    def _renew(self) -> None:
        now = self._monotonic()
        with self._lock:
            is_due = self._asked_at is None or now - self._asked_at >= self._every
            if self._asking or not is_due:
                return
            self._asking = True
            self._asked_at = now
        threading.Thread(target=self._ask, name="broadsheet-workers", daemon=True).start()

    def _ask(self) -> None:
        try:
            said = self._look()
            with self._lock:
                self._workers, self._fault = said, None
        except (KombuError, OSError) as error:
            log.warning("the broker did not answer: %s", type(error).__name__)
            with self._lock:
                self._fault = "the broker did not answer"
        finally:
            with self._lock:
                self._asking = False
            self._done.set()

    def _look(self) -> dict[str, Worker]:
        stats = self._inspect(None).stats() or {}
        # Now that it is known how many there are, one need not listen longer than they take.
        rest = self._inspect(len(stats))
        active = (rest.active() or {}) if stats else {}
        queues = (rest.active_queues() or {}) if stats else {}
        at = self._clock()
        said = {
            name: Worker(
                name=name,
                is_alive=True,
                heartbeat_at=at,
                queues=tuple(sorted(str(queue["name"]) for queue in queues.get(name, ()))),
                slots=_slots(stats.get(name, {})),
                active=len(active.get(name, ())),
            )
            for name in stats
        }
        with self._lock:
            before = self._workers
        silent = {
            name: replace(worker, is_alive=False, active=0)
            for name, worker in before.items()
            if name not in said and worker.heartbeat_at is not None and at - worker.heartbeat_at < _FORGET
        }
        return {**silent, **said}


def _inspect_celery(limit: int | None) -> Inspection:
    found: Inspection = celery_app.control.inspect(timeout=_LISTEN, limit=limit)
    return found


def _slots(stats: Mapping[str, Any]) -> int:
    pool = stats.get("pool") or {}
    return int(pool.get("max-concurrency") or 0)
