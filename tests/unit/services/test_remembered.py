"""What is dear to find out is found out once for all who ask meanwhile."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from broadsheet.services.remembered import Remembered


class Clock:
    """A monotonic clock that the test moves."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_a_value_is_kept_for_its_time_and_no_longer() -> None:
    clock, calls = Clock(), iter(range(10))
    remembered: Remembered[int] = Remembered(seconds=5, monotonic=clock)
    assert [remembered.get("a", lambda: next(calls)) for _ in range(3)] == [0, 0, 0]
    assert remembered.get("b", lambda: next(calls)) == 1
    clock.at = 5.0
    assert remembered.get("a", lambda: next(calls)) == 2


def test_those_who_ask_together_wait_for_one_answer() -> None:
    remembered: Remembered[int] = Remembered(seconds=60)
    begun, go_on, calls = threading.Event(), threading.Event(), []

    def find_out() -> int:
        calls.append(1)
        begun.set()
        go_on.wait(30)
        return 7

    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(remembered.get, "a", find_out) for _ in range(4)]
        begun.wait(30)
        go_on.set()
        assert [answer.result(30) for answer in answers] == [7, 7, 7, 7]
    assert calls == [1]


def test_a_failure_is_not_kept() -> None:
    remembered: Remembered[int] = Remembered(seconds=60)

    def fail() -> int:
        raise RuntimeError("once")

    with pytest.raises(RuntimeError, match="once"):
        remembered.get("a", fail)
    assert remembered.get("a", lambda: 1) == 1


def test_the_oldest_is_forgotten_when_there_are_too_many() -> None:
    remembered: Remembered[int] = Remembered(seconds=60, most=2)
    for number, key in enumerate("abc"):
        remembered.get(key, lambda number=number: number)  # type: ignore[misc]
    assert remembered.get("a", lambda: 9) == 9
    assert remembered.get("c", lambda: 9) == 2
