"""Become a program of the stack: ``python -m broadsheet.embedded.launch SPEC``.

The step between the supervisor and a program, which does what supervisord cannot: it asks the kernel to
stop the program when the supervisor dies (Linux), waits for what the program needs, drops root's rights,
notes who it is, and then becomes the program by exec.
"""

from __future__ import annotations

import ctypes
import json
import os
import pwd
import signal
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from broadsheet.embedded.ports import is_listening
from broadsheet.embedded.processes import record_this_process

_PR_SET_PDEATHSIG = 1
_POLL = 0.1


@dataclass(frozen=True)
class LaunchSpec:
    """How one program is started. Kept in a private file, since the environment holds secrets."""

    program: str
    command: tuple[str, ...]
    record: str
    stop_signal: str = "TERM"
    death_signal: str = "TERM"
    user: str | None = None
    directory: str = "/"
    wait_for: tuple[int, ...] = ()
    """Loopback ports that must accept connections first."""
    environment: dict[str, str] = field(default_factory=dict, repr=False)

    def dumps(self) -> str:
        """Return the spec as JSON."""
        return json.dumps(asdict(self), indent=2)


def load_spec(path: Path) -> LaunchSpec:
    """Read a spec that :meth:`LaunchSpec.dumps` wrote."""
    values = json.loads(path.read_text(encoding="utf-8"))
    values["command"] = tuple(values["command"])
    values["wait_for"] = tuple(values["wait_for"])
    return LaunchSpec(**values)


def die_with_parent(number: signal.Signals) -> None:
    """Have the kernel send a signal to this process when its parent dies. Linux only; elsewhere nothing."""
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:
        # The parent died before the kernel knew of our wish.
        os.kill(os.getpid(), number)


def wait_for_ports(ports: tuple[int, ...]) -> None:
    """Wait, without end, until every loopback port accepts connections."""
    for port in ports:
        while not is_listening(port):
            time.sleep(_POLL)


def launch(spec: LaunchSpec) -> None:
    """Prepare this process as the spec says and become the program; never returns."""
    record_this_process(Path(spec.record), program=spec.program, stop_signal=spec.stop_signal)
    if spec.user is not None:
        account = pwd.getpwnam(spec.user)
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
    # After the change of user, which clears the wish.
    die_with_parent(signal.Signals[f"SIG{spec.death_signal}"])
    wait_for_ports(spec.wait_for)
    os.chdir(spec.directory)
    os.umask(0o077)
    os.execvpe(spec.command[0], list(spec.command), spec.environment)


if __name__ == "__main__":
    launch(load_spec(Path(sys.argv[1])))
