"""Who our processes are, and how to stop them: records on disk that cannot be mistaken for a stranger's pid.

A record holds pid, start time and program. A pid alone may have been given to somebody else since; pid and
start time together are one process for ever.
"""

from __future__ import annotations

import json
import logging
import os
import signal
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

from broadsheet.embedded.state import write_private

logger = logging.getLogger(__name__)

MARK = "BROADSHEET_STACK"
"""Variable in the environment of a stack's programs, and so of all their descendants: the stack's name."""
_CLOCK_SLACK = 1.0
KILL_AFTER = 15.0


@dataclass(frozen=True)
class Record:
    """What a program noted about itself before it started."""

    program: str
    pid: int
    started: float
    stop_signal: str


def record_this_process(path: Path, *, program: str, stop_signal: str) -> None:
    """Note this process under a program's name; the note stays true when it becomes the program by exec."""
    here = psutil.Process()
    record = Record(program=program, pid=here.pid, started=here.create_time(), stop_signal=stop_signal)
    write_private(path, json.dumps(record.__dict__))


def find_recorded(path: Path) -> psutil.Process | None:
    """Return the process that a record describes; None when it is gone, or its pid is somebody else's now."""
    record = _read(path)
    if record is None:
        return None
    try:
        process = psutil.Process(record.pid)
        same = abs(process.create_time() - record.started) < _CLOCK_SLACK
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None


def stop_recorded(folder: Path, *, timeout: float = KILL_AFTER) -> list[str]:
    """Stop what a folder's records describe, children included, and remove them; return the programs."""
    found: list[tuple[psutil.Process, str]] = []
    programs: list[str] = []
    for path in sorted(folder.glob("*.json")):
        record, process = _read(path), find_recorded(path)
        if record is not None and process is not None and process.pid != os.getpid():
            found.append((process, record.stop_signal))
            programs.append(record.program)
    if found:
        logger.warning("stopping what an earlier stack left behind: %s", ", ".join(programs))
        stop_processes(found, timeout=timeout)
    for path in folder.glob("*.json"):
        path.unlink(missing_ok=True)
    return programs


def stop_marked(stack: str, *, timeout: float = KILL_AFTER) -> int:
    """Stop every process whose environment bears a stack's mark; return how many there were.

    It finds what no record tells of: a grandchild whose parents are gone. Some programs overwrite their
    environment with a title, but those have a record.
    """
    found = [process for process in psutil.process_iter() if _is_marked(process, stack)]
    stop_processes([(process, "TERM") for process in found], timeout=timeout)
    return len(found)


def stop_processes(processes: Iterable[tuple[psutil.Process, str]], *, timeout: float = KILL_AFTER) -> None:
    """Send each process its stop signal, wait, and kill what is left of them and of their children."""
    everyone: dict[int, psutil.Process] = {}
    for process, stop_signal in processes:
        for member in (process, *_descendants(process)):
            everyone[member.pid] = member
        _send(process, signal.Signals[f"SIG{stop_signal}"])
    _, alive = psutil.wait_procs(everyone.values(), timeout=timeout)
    for process in alive:
        for member in (process, *_descendants(process)):
            _send(member, signal.SIGKILL)
    psutil.wait_procs(alive, timeout=timeout)


def _is_marked(process: psutil.Process, stack: str) -> bool:
    try:
        return process.pid != os.getpid() and process.environ().get(MARK) == stack
    except (psutil.Error, OSError):
        # Somebody else's, or gone meanwhile.
        return False


def _descendants(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.children(recursive=True))
    except psutil.NoSuchProcess:
        return []


def _send(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return


def _read(path: Path) -> Record | None:
    try:
        return Record(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        # A record that cannot be read describes nobody; the preflight removes it.
        return None
