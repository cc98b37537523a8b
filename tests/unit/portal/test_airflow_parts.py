"""What the portal makes of Airflow's task instances and of Celery's answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from kombu.exceptions import OperationalError

from broadsheet.domain.job import StageState
from broadsheet.errors import EngineUnavailableError
from broadsheet.portal.airflow_stages import Instance, stage_of
from broadsheet.portal.airflow_workers import WorkerWatch

AT = datetime(2013, 3, 25, 11, 0, tzinfo=UTC)
WAITING, ACTIVE, RETRYING, DONE, FAILED, SKIPPED = StageState


def instance(state: StageState, *, minute: int = 0, tries: int = 1) -> Instance:
    begun = state is not WAITING
    over = state in (DONE, FAILED, SKIPPED)
    start = AT + timedelta(minutes=minute)
    end = start + timedelta(minutes=1)
    return Instance(state, tries if begun else 0, start if begun else None, end if over else None)


@pytest.mark.parametrize(
    ("states", "together"),
    [
        ([WAITING], WAITING),
        ([WAITING, WAITING], WAITING),
        ([DONE, WAITING], ACTIVE),
        ([FAILED, ACTIVE], ACTIVE),
        ([RETRYING, ACTIVE], ACTIVE),
        ([RETRYING, DONE], RETRYING),
        ([RETRYING, WAITING], RETRYING),
        ([DONE, DONE], DONE),
        ([DONE, SKIPPED], DONE),
        ([DONE, FAILED, SKIPPED], FAILED),
        ([SKIPPED, SKIPPED], SKIPPED),
    ],
)
def test_the_instances_of_a_stage_are_taken_together(states: list[StageState], together: StageState) -> None:
    stage = stage_of("fetch", [instance(state) for state in states])
    assert stage.state is together
    assert stage.total == len(states)
    assert stage.done == sum(state in (DONE, FAILED, SKIPPED) for state in states)


def test_a_stage_lasts_from_its_first_start_to_its_last_end() -> None:
    stage = stage_of("fetch", [instance(DONE, minute=3, tries=2), instance(DONE, minute=1)])
    assert (stage.started_at, stage.ended_at) == (AT + timedelta(minutes=1), AT + timedelta(minutes=4))
    assert stage.tries == 2
    assert stage_of("fetch", [instance(DONE), instance(ACTIVE)]).ended_at is None


class Broker:
    """Celery's workers as a test wants them to answer."""

    def __init__(self) -> None:
        self.names: tuple[str, ...] = ("celery@one",)
        self.fault: Exception | None = None
        self.asked: list[int | None] = []
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, limit: int | None) -> Broker:
        self.asked.append(limit)
        self.gate.wait(30)
        if self.fault:
            raise self.fault
        return self

    def stats(self) -> Mapping[str, Mapping[str, Any]] | None:
        return {name: {"pool": {"max-concurrency": 4}} for name in self.names} or None

    def active(self) -> Mapping[str, Sequence[object]] | None:
        return {name: [{}] for name in self.names}

    def active_queues(self) -> Mapping[str, Sequence[Mapping[str, Any]]] | None:
        return {name: [{"name": "render"}, {"name": "fetch"}] for name in self.names}


class Watched:
    """A watch with clocks that the test moves."""

    def __init__(self, broker: Broker, *, first_wait: float = 30) -> None:
        self.seconds = 0.0
        self.watch = WorkerWatch(
            broker,
            every=5,
            first_wait=first_wait,
            clock=lambda: AT + timedelta(seconds=self.seconds),
            monotonic=lambda: self.seconds,
        )


@pytest.fixture
def broker() -> Iterator[Broker]:
    broker = Broker()
    yield broker
    broker.gate.set()


def until(check: Callable[[], bool]) -> None:
    """Poll for what another thread does."""
    done = threading.Event()
    for _ in range(3000):
        if check():
            return
        done.wait(0.01)
    pytest.fail("it never came about")


def test_workers_are_asked_and_remembered_for_a_while(broker: Broker) -> None:
    watched = Watched(broker)
    (worker,) = watched.watch.workers()
    assert (worker.name, worker.is_alive, worker.heartbeat_at) == ("celery@one", True, AT)
    assert (worker.queues, worker.slots, worker.active) == (("fetch", "render"), 4, 1)
    assert watched.watch.queues() == {"fetch", "render"}
    watched.seconds = 4.9
    watched.watch.workers()
    # How many answered first is how many are listened for then.
    assert broker.asked == [None, 1]


def test_nobody_waits_for_what_is_being_renewed(broker: Broker) -> None:
    watched = Watched(broker)
    watched.watch.workers()
    broker.gate.clear()
    watched.seconds = 6
    (worker,) = watched.watch.workers()
    assert worker.heartbeat_at == AT
    broker.gate.set()
    until(lambda: watched.watch.workers()[0].heartbeat_at == AT + timedelta(seconds=6))


def test_a_worker_that_falls_silent_is_dead_and_later_forgotten(broker: Broker) -> None:
    watched = Watched(broker)
    watched.watch.workers()
    broker.names = ("celery@two",)
    watched.seconds = 10
    until(lambda: len(watched.watch.workers()) == 2)
    one, two = watched.watch.workers()
    assert (one.name, one.is_alive, one.active, one.heartbeat_at) == ("celery@one", False, 0, AT)
    assert two.is_alive
    watched.seconds = 20 * 60
    until(lambda: [worker.name for worker in watched.watch.workers()] == ["celery@two"])


def test_a_broker_that_is_down_is_said_until_it_answers_again(broker: Broker) -> None:
    broker.fault = OperationalError("redis://:password@host is down")
    watched = Watched(broker)
    with pytest.raises(EngineUnavailableError, match=r"^the broker did not answer$"):
        watched.watch.workers()
    broker.fault = None
    watched.seconds = 6

    def answers() -> bool:
        try:
            return len(watched.watch.workers()) == 1
        except EngineUnavailableError:
            return False

    until(answers)


def test_not_known_yet_is_not_none(broker: Broker) -> None:
    broker.gate.clear()
    with pytest.raises(EngineUnavailableError, match="asked just now"):
        Watched(broker, first_wait=0.01).watch.workers()
