"""The parent of the supervisor: ``python -m broadsheet.embedded.guard STATE PATIENCE [PIPE]``.

It exists so that nothing outlives a stack. Whatever loses its parent below it becomes its child (Linux), so
when the supervisor ends, even by kill -9, everything that is left can be found and stopped. Given the read
end of a pipe, it stops the stack when the other end closes: when the demo or the tests that started it die,
however they die.
"""

from __future__ import annotations

import ctypes
import fcntl
import logging
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import FrameType

import psutil

from broadsheet.embedded.launch import die_with_parent
from broadsheet.embedded.processes import record_this_process, stop_marked, stop_processes, stop_recorded
from broadsheet.embedded.state import StateFolder

logger = logging.getLogger("broadsheet.guard")

_PR_SET_CHILD_SUBREAPER = 36
GUARD = "guard"
LOCKED = 3


def run(state: StateFolder, *, patience: float, pipe: int | None) -> int:
    """Run the supervisor until it ends or this process is told to stop; then leave nothing behind.

    ``patience`` is how many seconds what is left may take to stop before it is killed.
    """
    lock = os.open(state.root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return LOCKED
    adopt_orphans()
    stop_recorded(state.records, timeout=patience)
    stop_marked(state.ident, timeout=patience)
    record_this_process(state.records / f"{GUARD}.json", program=GUARD, stop_signal="TERM")
    supervisor = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "supervisor.supervisord",
            "--nodaemon",
            "-c",
            str(state.config / "supervisord.conf"),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        preexec_fn=_tie_to_guard,
    )
    _forward_signals(supervisor)
    if pipe is not None:
        threading.Thread(target=_stop_at_end_of, args=(pipe,), daemon=True).start()
    status = _reap_until_gone(supervisor.pid)
    logger.info("the supervisor ended with status %s", status)
    _stop_the_rest(state, patience)
    return 0


def adopt_orphans() -> None:
    """Become the parent of every descendant that loses its own. Linux only; elsewhere the records must do."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _tie_to_guard() -> None:
    die_with_parent(signal.SIGTERM)


def _forward_signals(supervisor: subprocess.Popen[bytes]) -> None:
    def forward(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature of a handler
        try:
            os.kill(supervisor.pid, signal.SIGTERM)
        except ProcessLookupError:
            return

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, forward)


def _stop_at_end_of(pipe: int) -> None:
    while os.read(pipe, 1):
        pass
    logger.info("whoever started the stack is gone")
    os.kill(os.getpid(), signal.SIGTERM)


def _reap_until_gone(supervisor: int) -> int:
    """Collect every child that ends, adopted ones too, until the supervisor is among them."""
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == supervisor:
            return status


def _stop_the_rest(state: StateFolder, patience: float) -> None:
    """Stop every process below this one, and what records and marks tell of on systems that cannot adopt."""
    stop_recorded(state.records, timeout=patience)
    stop_marked(state.ident, timeout=patience)
    while children := psutil.Process().children(recursive=True):
        stop_processes([(child, "TERM") for child in children], timeout=patience)


if __name__ == "__main__":
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    folder, seconds, *rest = sys.argv[1:]
    sys.exit(run(StateFolder(Path(folder)), patience=float(seconds), pipe=int(rest[0]) if rest else None))
