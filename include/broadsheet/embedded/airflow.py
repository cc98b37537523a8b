"""Airflow's processes in the embedded stack: which they are, their set-up, and when they are ready."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from importlib.metadata import version
from urllib.request import ProxyHandler, Request, build_opener

from broadsheet.embedded import broker
from broadsheet.embedded.environment import airflow_url, base_environment, stack_environment
from broadsheet.embedded.programs import Program
from broadsheet.embedded.servers import Site
from broadsheet.errors import ConfigurationError

API_SERVER = "api-server"
SCHEDULER = "scheduler"
DAG_PROCESSOR = "dag-processor"
TRIGGERER = "triggerer"
WORKER = "worker"
QUEUES = ("default", "fetch", "aggregate", "render", "deliver")
PROGRAMS = (API_SERVER, SCHEDULER, DAG_PROCESSOR, TRIGGERER, WORKER)
_HEALTH = {"scheduler": SCHEDULER, "dag_processor": DAG_PROCESSOR}
_DISTRIBUTIONS = (
    "apache-airflow",
    "apache-airflow-core",
    "apache-airflow-providers-celery",
    "apache-airflow-providers-fab",
)
# Straight to the loopback interface, whatever proxy the machine has.
_OPENER = build_opener(ProxyHandler({}))


def programs(site: Site) -> list[Program]:
    """Describe Airflow's processes to the supervisor, which starts them when told to."""
    environment = program_environment(site)
    arguments = {
        API_SERVER: ("api-server",),
        SCHEDULER: ("scheduler",),
        DAG_PROCESSOR: ("dag-processor",),
        # Logs are read from the folder that all share; a server for them would be one process more.
        TRIGGERER: ("triggerer", "--skip-serve-logs"),
        # One worker needs no news of others.
        WORKER: (
            *("celery", "worker", "--queues", ",".join(QUEUES), "--skip-serve-logs"),
            *("--without-mingle", "--without-gossip"),
        ),
    }
    return [
        Program(
            name=name,
            command=(sys.executable, "-m", "broadsheet.embedded.airflow_start", *arguments[name]),
            priority=30 if name == WORKER else 20,
            autostart=False,
            # A cold shutdown: whoever killed the supervisor will not wait for tasks.
            death_signal="QUIT" if name == WORKER else "TERM",
            stop_seconds=15,
            directory=str(site.state.airflow_home),
            wait_for=(
                site.ports.postgres,
                site.ports.broker,
                # Nothing waits for the triggerer, and a start is short of cores, not of time: the others
                # first.
                *((site.ports.airflow,) if name == TRIGGERER else ()),
            ),
            environment=environment,
        )
        for name in PROGRAMS
    ]


def program_environment(site: Site) -> dict[str, str]:
    """Return the whole environment of a program of Airflow's, and of commands that talk to it."""
    return {**base_environment(), **stack_environment(site), "PYTHONUNBUFFERED": "1"}


def set_up(site: Site) -> None:
    """Migrate Airflow's database and make roles and users, unless these very versions did that before.

    One Python process does it all, since the start of one costs seconds.
    """
    secrets = site.credentials
    users = {
        "admin": ("Admin", secrets.user_admin),
        "operator": ("Op", secrets.user_operator),
        "author": ("User", secrets.user_author),
        "subscriber": ("Subscriber", secrets.user_subscriber),
    }
    environment = program_environment(site)
    key = _set_up_key(users, environment["AIRFLOW__FAB__CUSTOM_ROLES"])
    if site.state.stamped("airflow", key):
        return
    log = site.state.logs / "airflow-setup.log"
    with log.open("ab") as output:
        result = subprocess.run(
            [sys.executable, "-m", "broadsheet.embedded.airflow_setup"],
            input=json.dumps(users).encode(),
            stdout=output,
            stderr=output,
            env={**environment, "AIRFLOW__FAB__UPDATE_FAB_PERMS": "True"},
            cwd=site.state.airflow_home,
            check=False,
        )
    if result.returncode != 0:
        end = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:])
        raise ConfigurationError(f"Airflow's database could not be set up; the end of {log}:\n{end}")
    site.state.stamp("airflow", key)


def check_health(site: Site) -> None:
    """Ask the api-server how it, the scheduler and the dag-processor are; OSError says which one is not well.

    The workers' side of the api-server is asked too: its first answer takes 5 s, which no task then has to
    wait.
    """
    with _OPENER.open(f"{airflow_url(site)}/execution/health", timeout=30):
        pass
    health = _health(site)
    if health["metadatabase"]["status"] != "healthy":
        raise OSError("Airflow does not reach its database")
    for part, program in _HEALTH.items():
        if health[part]["status"] != "healthy":
            raise OSError(f"{program} is {health[part]['status']}")


def check_triggerer(site: Site) -> None:
    """Ask the api-server how the triggerer is; OSError when it is not well."""
    status = _health(site)["triggerer"]["status"]
    if status != "healthy":
        raise OSError(f"{TRIGGERER} is {status}")


def _health(site: Site) -> dict[str, dict[str, str]]:
    with _OPENER.open(f"{airflow_url(site)}/api/v2/monitor/health", timeout=5) as answer:
        return dict(json.load(answer))


def check_log_in(site: Site) -> None:
    """Log in as the administrator; OSError when that fails, as when another stack answers on our port."""
    body = json.dumps({"username": "admin", "password": site.credentials.user_admin}).encode()
    request = Request(f"{airflow_url(site)}/auth/token", body, {"Content-Type": "application/json"})
    with _OPENER.open(request, timeout=10):
        pass


def check_worker(site: Site) -> None:
    """Ask the worker for an answer over the broker; OSError when none comes."""
    # Slow to import; only a start needs it.
    from celery import Celery
    from kombu.exceptions import OperationalError

    try:
        with Celery(broker=broker.url(site.ports, site.credentials)) as app:
            answers = app.control.ping(timeout=1.0, limit=1)
    except OperationalError as error:
        raise OSError(str(error)) from error
    if not answers:
        raise OSError("the worker does not answer over the broker")


def _set_up_key(users: dict[str, tuple[str, str]], roles: str) -> str:
    parts = [
        *(f"{name} {version(name)}" for name in _DISTRIBUTIONS),
        json.dumps(users, sort_keys=True),
        roles,
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
