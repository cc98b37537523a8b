"""Free ports on the loopback interface, kept so that a stack's addresses stay the same."""

from __future__ import annotations

import errno
import json
import random
import socket
from contextlib import ExitStack
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from broadsheet.embedded.state import write_private
from broadsheet.errors import ConfigurationError

LOOPBACK = "127.0.0.1"
# Below the range that Linux and macOS hand out to outgoing connections, so that none of them takes a kept port.
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


def assign_ports(path: Path) -> Ports:
    """Return the kept ports, replacing those that somebody else has taken meanwhile, and keep the result."""
    kept = _read(path)
    chosen: dict[str, int] = {}
    with ExitStack() as held:
        for name in PORT_NAMES:
            wanted = kept.get(name) or _PREFERRED.get(name)
            chosen[name] = _hold(wanted, held)
    ports = Ports(**chosen)
    if chosen != kept:
        write_private(path, json.dumps(asdict(ports), indent=2) + "\n")
    return ports


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


def _hold(wanted: int | None, held: ExitStack) -> int:
    """Bind the wanted port or, when it is taken, a free one, and keep it bound until all are chosen."""
    candidates = [wanted] if wanted else []
    candidates += random.sample(_RANGE, 200)
    for port in candidates:
        if is_listening(port):
            # macOS lets a bind to one address pass while another program listens on all of them.
            continue
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        # As the servers do: a connection of the last run that lingers in TIME_WAIT is no hindrance.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
            listener.listen(1)
        except OSError as error:
            listener.close()
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                continue
            raise
        held.callback(listener.close)
        return port
    raise ConfigurationError(f"no free port on {LOOPBACK} between {_RANGE.start} and {_RANGE.stop}")
