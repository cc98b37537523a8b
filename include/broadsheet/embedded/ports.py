"""Free ports on the loopback interface, kept so that a stack's addresses stay the same.

A port is chosen long before its server binds it, and another stack may start meanwhile. So each chosen port
is *claimed*: a lock on a file that all stacks of a user share, held by the stack's guard as long as it
runs.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import random
import socket
import tempfile
from contextlib import ExitStack
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from broadsheet.embedded.state import make_private, write_private
from broadsheet.errors import ConfigurationError

LOOPBACK = "127.0.0.1"
# Below the range that Linux and macOS hand out to outgoing connections, so that none of them takes a kept
# port.
_RANGE = range(20_000, 32_000)
_PREFERRED = {"airflow": 8080, "inbox": 8025}


@dataclass(frozen=True)
class Ports:
    """The port of every server of one stack."""

    postgres: int
    broker: int
    s3: int
    s3_grpc: int
    s3_master: int
    s3_master_grpc: int
    s3_volume: int
    s3_volume_grpc: int
    s3_filer: int
    s3_filer_grpc: int
    s3_admin: int
    s3_admin_grpc: int
    smtp: int
    inbox: int
    airflow: int


PORT_NAMES = tuple(entry.name for entry in fields(Ports))


@dataclass(frozen=True)
class Assignment:
    """Chosen ports, and the open files whose locks claim them until they are closed."""

    ports: Ports
    claims: tuple[int, ...]

    def release(self) -> None:
        """Close this process's copies of the claims; a process that inherited them keeps them."""
        for claim in self.claims:
            os.close(claim)


def assign_ports(path: Path) -> Assignment:
    """Return the kept ports, replacing those that somebody else has taken meanwhile, and keep the result."""
    kept = _read(path)
    chosen: dict[str, int] = {}
    claims: list[int] = []
    with ExitStack() as held:
        for name in PORT_NAMES:
            wanted = kept.get(name) or _PREFERRED.get(name)
            chosen[name], claim = _hold(wanted, held)
            claims.append(claim)
    ports = Ports(**chosen)
    if chosen != kept:
        write_private(path, json.dumps(asdict(ports), indent=2) + "\n")
    return Assignment(ports, tuple(claims))


def read_ports(path: Path) -> Ports | None:
    """Return the kept ports without looking whether they are free; None when there are none yet."""
    kept = _read(path)
    return Ports(**kept) if set(kept) == set(PORT_NAMES) else None


def is_listening(port: int) -> bool:
    """Tell whether something accepts connections on a loopback port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0


def _read(path: Path) -> dict[str, int]:
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {name: int(found[name]) for name in PORT_NAMES if name in found}
    except (ValueError, TypeError) as error:
        raise ConfigurationError(f"{path} is damaged: {error}. Remove it to have new ports chosen") from error


def _hold(wanted: int | None, held: ExitStack) -> tuple[int, int]:
    """Claim and bind the wanted port or, when that is taken, a free one; bound until all are chosen."""
    candidates = [wanted] if wanted else []
    candidates += random.sample(_RANGE, 200)
    for port in candidates:
        claim = _claim(port)
        if claim is None:
            continue
        # First a look: macOS binds to one address beside a program that listens on all.
        listener = None if is_listening(port) else _bind(port)
        if listener is None:
            os.close(claim)
            continue
        held.callback(listener.close)
        return port, claim
    raise ConfigurationError(f"no free port on {LOOPBACK} between {_RANGE.start} and {_RANGE.stop}")


def _bind(port: int) -> socket.socket | None:
    """Listen on a port; None when it is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # As the servers do: a connection of the last run that lingers in TIME_WAIT is no hindrance.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen(1)
    except OSError as error:
        listener.close()
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            return None
        raise
    return listener


def _claim(port: int) -> int | None:
    """Lock a port's file in the folder that all stacks of a user share; None when another stack holds it."""
    folder = Path(tempfile.gettempdir()) / f"broadsheet-{os.getuid()}-ports"
    make_private(folder)
    descriptor = os.open(folder / str(port), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
