"""Start the guard of a stack, in a process of its own that outlives the one which starts it."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from broadsheet.embedded.guard import GUARD
from broadsheet.embedded.processes import KILL_AFTER
from broadsheet.embedded.servers import tail
from broadsheet.embedded.state import StateFolder
from broadsheet.embedded.supervisor import Supervisor, SupervisorError, log_file

_TIMEOUT = 60.0
_POLL = 0.05
_KEPT_VARIABLES = ("PATH", "HOME", "TMPDIR", "LANG")
# Guards that this process started. Kept for good: they outlive the objects that started them, on purpose.
_guards: list[subprocess.Popen[bytes]] = []


def start_guard(state: StateFolder, claims: tuple[int, ...], *, tied: bool) -> int | None:
    """Start the guard, which starts the supervisor, and wait until that takes orders.

    The guard inherits the ``claims`` on the ports and so holds them as long as it runs. A ``tied`` one gets
    the read end of a pipe, and the write end is returned: the stack stops when it closes, be it by our death.
    """
    command = [sys.executable, "-m", "broadsheet.embedded.guard", str(state.root), str(KILL_AFTER)]
    inherited, write_end = list(claims), None
    if tied:
        read_end, write_end = os.pipe()
        command.append(str(read_end))
        inherited.append(read_end)
    with log_file(state, GUARD).open("ab") as log:
        guard = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Ctrl-C in the terminal is for whoever started the stack, which then stops it in good order.
            start_new_session=True,
            pass_fds=inherited,
            env={name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ},
            cwd="/",
        )
    _guards.append(guard)
    if tied:
        os.close(read_end)
    _wait(guard, state)
    return write_end


def reap_guards() -> None:
    """Collect the status of guards of this process that have ended, so that they are gone for good."""
    for guard in [guard for guard in _guards if guard.poll() is not None]:
        _guards.remove(guard)


def _wait(guard: subprocess.Popen[bytes], state: StateFolder) -> None:
    supervisor = Supervisor(state)
    deadline = time.monotonic() + _TIMEOUT
    while not supervisor.answers():
        if guard.poll() is not None or time.monotonic() > deadline:
            raise SupervisorError(
                f"the supervisor does not come up; the ends of its logs in {state.logs}:\n"
                f"{tail(state, GUARD)}\n{tail(state, 'supervisord')}"
            )
        time.sleep(_POLL)
