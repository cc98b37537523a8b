"""Nothing outlives a stack: a real guard and a real supervisor, over programs that would like to stay."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from broadsheet.embedded.guard import LOCKED
from broadsheet.embedded.programs import Program
from broadsheet.embedded.state import StateFolder
from broadsheet.embedded.supervisor import Supervisor, write_configuration

# Deaf to the polite signals, with one child that it detaches, as a task's process could be.
STUBBORN = """
import signal, subprocess, sys, time
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
subprocess.Popen(["sleep", "300"], start_new_session=True)
open(sys.argv[1], "w").close()
time.sleep(300)
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems cannot adopt orphans")


def wait_until(check: Callable[[], bool], *, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


class Running:
    """A guard that runs, and everybody below it."""

    def __init__(self, state: StateFolder, *, pipe: int | None = None) -> None:
        arguments = [sys.executable, "-m", "broadsheet.embedded.guard", str(state.root), "1"]
        self.process = subprocess.Popen(
            arguments + ([] if pipe is None else [str(pipe)]),
            pass_fds=() if pipe is None else (pipe,),
            stderr=subprocess.DEVNULL,
        )
        self.state = state
        self.supervisor = Supervisor(state)

    def wait_until_up(self) -> list[psutil.Process]:
        """Wait until the stubborn program has a child, and return the whole family."""
        wait_until(lambda: (self.state.root / "up").exists())
        return [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    state = StateFolder(tmp_path / "state")
    state.create()
    program = Program(
        name="stubborn",
        command=(sys.executable, "-c", STUBBORN, str(state.root / "up")),
        priority=10,
        stop_seconds=1,
    )
    write_configuration(state, [program])
    return state


@pytest.fixture
def running(state: StateFolder) -> Iterator[Running]:
    guard = Running(state)
    yield guard
    guard.process.kill()
    guard.process.wait()


def all_gone(family: list[psutil.Process]) -> bool:
    return not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in family)


def test_kill_9_of_the_supervisor_leaves_nothing(running: Running):
    family = running.wait_until_up()
    (supervisor,) = [one for one in family if "supervisor.supervisord" in one.cmdline()]
    supervisor.kill()
    assert running.process.wait(timeout=60) == 0
    assert all_gone(family)
    assert list(running.state.records.iterdir()) == []


def test_a_polite_stop_leaves_nothing(running: Running):
    family = running.wait_until_up()
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(timeout=60) == 0
    assert all_gone(family)


def test_a_second_guard_of_the_same_stack_gives_way(running: Running):
    running.wait_until_up()
    second = Running(running.state)
    assert second.process.wait(timeout=30) == LOCKED
    assert running.process.poll() is None


def test_the_stack_ends_with_whoever_holds_its_pipe(state: StateFolder):
    read_end, write_end = os.pipe()
    guard = Running(state, pipe=read_end)
    os.close(read_end)
    family = guard.wait_until_up()
    os.close(write_end)
    assert guard.process.wait(timeout=60) == 0
    assert all_gone(family)


def test_what_a_killed_guard_left_is_stopped_at_the_next_start(running: Running):
    family = running.wait_until_up()
    running.process.kill()
    running.process.wait()
    (running.state.root / "up").unlink()
    again = Running(running.state)
    again.wait_until_up()
    assert all_gone(family)
    again.process.terminate()
    assert again.process.wait(timeout=60) == 0
