"""The four servers below Airflow: which programs they are, and when they are ready to work."""

from __future__ import annotations

import smtplib
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis

from broadsheet.embedded import broker, objects, postgres
from broadsheet.embedded.credentials import Credentials
from broadsheet.embedded.mail.__main__ import MailConfig
from broadsheet.embedded.ports import LOOPBACK, Ports
from broadsheet.embedded.programs import Program
from broadsheet.embedded.state import StateFolder, write_private
from broadsheet.embedded.supervisor import Supervisor, SupervisorError, log_file

MAIL = "mail"
SMTP_USER = "broadsheet"
_POLL = 0.1
_LOG_TAIL = 20


@dataclass(frozen=True)
class Site:
    """What every part of one stack needs to know about it."""

    state: StateFolder
    ports: Ports
    credentials: Credentials
    home: Path
    """Folder that holds the project's dags, plugins, templates and SQL."""
    buckets: tuple[str, ...]


def server_programs(site: Site) -> list[Program]:
    """Describe the four servers to the supervisor."""
    return [
        postgres.program(site.state, site.ports),
        broker.program(site.state, site.ports, site.credentials),
        objects.program(site.state, site.ports, site.credentials, buckets=site.buckets),
        _mail_program(site),
    ]


def wait_for_servers(site: Site, supervisor: Supervisor, *, timeout: float) -> None:
    """Wait until each server really works: log-in, ping, put and get; SupervisorError when one does not."""
    deadline = time.monotonic() + timeout
    probes: dict[str, Callable[[], None]] = {
        postgres.PROGRAM: lambda: postgres.ping(site.ports, site.credentials),
        broker.PROGRAM: lambda: broker.ping(site.ports, site.credentials),
        MAIL: lambda: ping_mail(site),
        objects.PROGRAM: lambda: ping_storage(site),
    }
    for program, probe in probes.items():
        wait_until(probe, site, supervisor, program=program, deadline=deadline)


def wait_until(
    probe: Callable[[], None], site: Site, supervisor: Supervisor, *, program: str, deadline: float
) -> None:
    """Repeat a probe until it raises nothing; SupervisorError with the end of the log at the deadline."""
    while True:
        try:
            probe()
            return
        except (OSError, psycopg.Error, redis.RedisError, smtplib.SMTPException, SupervisorError) as error:
            reason = str(error)
        state = supervisor.states().get(program)
        if state == "FATAL" or time.monotonic() > deadline:
            raise SupervisorError(
                f"{program} does not come up ({state}): {reason}\n"
                f"the end of {log_file(site.state, program)}:\n{tail(site.state, program)}"
            )
        time.sleep(_POLL)


def tail(state: StateFolder, program: str, *, lines: int = _LOG_TAIL) -> str:
    """Return the last lines that a program printed."""
    path = log_file(state, program)
    if not path.exists():
        return "(no log)"
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 64 * 1024))
        return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-lines:])


def ping_storage(site: Site) -> None:
    """Put and get an object in every bucket; OSError when that fails."""
    # Slow to import; only a start needs it.
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        client = objects.connect(site.ports, site.credentials)
        for bucket in site.buckets:
            objects.probe(client, bucket)
    except (BotoCoreError, ClientError) as error:
        raise OSError(str(error)) from error


def ping_mail(site: Site) -> None:
    """Log in to the mail server; OSError or SMTPException when that fails."""
    with smtplib.SMTP(LOOPBACK, site.ports.smtp, timeout=2) as client:
        client.login(SMTP_USER, site.credentials.smtp)


def _mail_program(site: Site) -> Program:
    config = MailConfig(
        folder=str(site.state.mail),
        home=str(site.home),
        smtp_port=site.ports.smtp,
        smtp_user=SMTP_USER,
        smtp_password=site.credentials.smtp,
        inbox_port=site.ports.inbox,
        inbox_password=site.credentials.inbox,
    )
    path = site.state.config / "mail.json"
    write_private(path, config.dumps())
    return Program(
        name=MAIL,
        command=(sys.executable, "-m", "broadsheet.embedded.mail", str(path)),
        priority=10,
        environment={"PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1"},
    )
