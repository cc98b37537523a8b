"""Records of processes: nobody else's process is ever taken for ours."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from broadsheet.embedded.processes import find_recorded, record_this_process, stop_recorded

PARENT = """
import signal, subprocess
subprocess.Popen(["sleep", "300"])
print("up", flush=True)
signal.pause()
"""


@pytest.fixture
def parent() -> Iterator[subprocess.Popen[str]]:
    """Return a process with a child of its own."""
    process = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        yield process
        for member in family:
            if member.is_running():
                member.kill()


def write_record(folder: Path, process: psutil.Process, **changes: object) -> Path:
    record = {
        "program": "program",
        "pid": process.pid,
        "started": process.create_time(),
        "stop_signal": "TERM",
    }
    path = folder / "program.json"
    path.write_text(json.dumps({**record, **changes}))
    return path


def test_a_process_finds_itself_by_its_record(tmp_path: Path):
    path = tmp_path / "me.json"
    record_this_process(path, program="me", stop_signal="INT")
    found = find_recorded(path)
    assert found is not None
    assert found.pid == psutil.Process().pid


def test_a_pid_that_was_given_to_somebody_else_is_not_ours(tmp_path: Path):
    here = psutil.Process()
    path = write_record(tmp_path, here, started=here.create_time() - 60)
    assert find_recorded(path) is None


def test_a_process_that_is_gone_is_not_found(tmp_path: Path):
    process = subprocess.Popen(["true"])
    path = write_record(tmp_path, psutil.Process(process.pid))
    process.wait()
    assert find_recorded(path) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}'])
def test_a_record_that_cannot_be_read_describes_nobody(tmp_path: Path, text: str):
    path = tmp_path / "program.json"
    path.write_text(text)
    assert find_recorded(path) is None
    assert stop_recorded(tmp_path) == []
    assert not path.exists()


def test_leftovers_are_stopped_with_their_children(tmp_path: Path, parent: subprocess.Popen[str]):
    process = psutil.Process(parent.pid)
    (child,) = process.children()
    write_record(tmp_path, process)
    assert stop_recorded(tmp_path, timeout=0.2) == ["program"]
    # psutil has collected the parent's status before us.
    assert not process.is_running()
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    assert list(tmp_path.iterdir()) == []


def test_a_stranger_with_a_recorded_pid_is_left_alone(tmp_path: Path, parent: subprocess.Popen[str]):
    process = psutil.Process(parent.pid)
    write_record(tmp_path, process, started=process.create_time() - 60)
    assert stop_recorded(tmp_path) == []
    assert parent.poll() is None
