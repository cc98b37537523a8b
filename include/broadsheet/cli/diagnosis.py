"""What ``broadsheet doctor`` looks at: each check really tries the thing, and says how to mend it."""

from __future__ import annotations

import json
import os
import smtplib
import ssl
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from urllib.error import URLError
from urllib.request import urlopen
from uuid import uuid4

import psycopg
import redis
from celery import Celery
from kombu.exceptions import OperationalError
from packaging.version import Version

from broadsheet.catalog import installed_catalog
from broadsheet.cli.wording import counted
from broadsheet.errors import BroadsheetError
from broadsheet.settings import (
    DATABASE,
    MAIL,
    STORAGE,
    connection_uri,
    get_settings,
    parse_endpoint,
    source_connection,
)
from broadsheet.store.migrations import versions
from broadsheet.store.objects import S3ObjectStore
from broadsheet.store.quarantine import read_quarantine
from broadsheet.store.snapshot import refused_snapshot

_TIMEOUT = 5
_SIMPLE = "SimpleAuthManager"
_NEEDED = {
    "AIRFLOW__CORE__FERNET_KEY": 32,
    "AIRFLOW__API__SECRET_KEY": 32,
    "AIRFLOW__API_AUTH__JWT_SECRET": 64,
}
_MOST_SHOWN = 10
_FOLDER_UNKNOWN = "not looked at: BROADSHEET_SHARDS_DIR names no folder of generated DAG files here"
_LEAST_VERSIONS = {"apache-airflow": "3.3.2", "apache-airflow-providers-fab": "3.9", "pillow": "12.3"}


class WrongError(Exception):
    """A check found something wrong: the message says what, ``remedy`` what to do about it."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


@dataclass(frozen=True)
class Check:
    """One thing to look at; ``look`` returns what it found, or raises WrongError."""

    subject: str
    look: Callable[[], str]
    asks_servers: bool = True
    """Whether it needs servers, or variables that only their user has set."""


def checks() -> list[Check]:
    """Return all checks, in the order in which they help one another."""
    return [
        Check("Python", _python, asks_servers=False),
        Check("packages", _packages, asks_servers=False),
        Check("settings", _settings, asks_servers=False),
        Check("catalog", _catalog, asks_servers=False),
        Check("secrets", _secrets),
        Check("auth manager", _auth_manager),
        Check("application database", _database),
        Check("subscriptions", _snapshot),
        Check("quarantine", _quarantine),
        Check("source databases", _sources),
        Check("object store", _storage),
        Check("mail server", _mail),
        Check("broker", _broker),
        Check("Airflow's database", _airflow_database),
        Check("Airflow", _airflow),
        Check("worker", _worker),
    ]


def _python() -> str:
    found = ".".join(str(part) for part in sys.version_info[:3])
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        raise WrongError(f"{found} is not supported", "install with Python 3.11, 3.12 or 3.13")
    return found


def _packages() -> str:
    for name, least in _LEAST_VERSIONS.items():
        if Version(version(name)) < Version(least):
            raise WrongError(f"{name} {version(name)} is older than {least}", "install from requirements.txt")
    if Version(version("celery")) >= Version("5.7"):
        raise WrongError(
            f"celery {version('celery')} breaks Airflow's Celery provider", "install celery[redis]<5.7"
        )
    return f"Airflow {version('apache-airflow')}, Celery {version('celery')}"


def _settings() -> str:
    try:
        settings = get_settings()
    except BroadsheetError as error:
        raise WrongError(str(error), "correct the variables named above") from error
    return f"home {settings.home}"


def _catalog() -> str:
    try:
        catalog = installed_catalog(get_settings())
    except BroadsheetError as error:
        raise WrongError(str(error), "see `broadsheet check`") from error
    if catalog.problems:
        raise WrongError(
            "\n".join(str(problem) for problem in catalog.problems), "correct the lines named above"
        )
    return counted(len(catalog.reports), "report")


def _secrets() -> str:
    for name, least in _NEEDED.items():
        value = os.environ.get(name, "")
        if len(value.encode()) < least:
            what = "is not set" if not value else f"has fewer than {least} bytes"
            raise WrongError(
                f"{name} {what}; each process would make up one of its own",
                "give it the output of `python -c 'import secrets; print(secrets.token_urlsafe(64))'`, "
                "the Fernet key that of cryptography's Fernet.generate_key()",
            )
    return "all keys are set, and long enough"


def _auth_manager() -> str:
    name = os.environ.get("AIRFLOW__CORE__AUTH_MANAGER", _SIMPLE)
    if name.endswith(_SIMPLE):
        raise WrongError(
            "Airflow's SimpleAuthManager is not meant for production",
            "set AIRFLOW__CORE__AUTH_MANAGER as deploy/airflow.env does",
        )
    return name.rpartition(".")[2]


def _database() -> str:
    try:
        current, head = versions(connection_uri(DATABASE))
    except BroadsheetError as error:
        raise WrongError(str(error), "start Postgres, or correct AIRFLOW_CONN_BROADSHEET_DB") from error
    if current != head:
        raise WrongError(f"at version {current or 'none'}, not {head}", "run `broadsheet migrate`")
    return f"version {current}"


def _snapshot() -> str:
    folder = get_settings().shards_dir
    if folder is None:
        return _FOLDER_UNKNOWN
    refused = refused_snapshot(folder)
    if refused is not None:
        raise WrongError(
            f"{refused.refused} are left, or good, of {refused.accepted}: the last DAG files stay, and "
            "no change of any subscription takes effect",
            "`broadsheet subscriptions confirm-shrink` if so many were really removed; else restore the "
            "database, or mend what is in quarantine",
        )
    return "none are held back"


def _quarantine() -> str:
    folder = get_settings().shards_dir
    if folder is None:
        return _FOLDER_UNKNOWN
    faults = read_quarantine(folder)
    if faults:
        shown = [f"{slug}: {_in_one_line(faults[slug])}" for slug in sorted(faults)[:_MOST_SHOWN]]
        if len(faults) > _MOST_SHOWN:
            shown.append(f"and {len(faults) - _MOST_SHOWN} more")
        lines = "".join(f"\n       {line}" for line in shown)
        raise WrongError(
            f"{counted(len(faults), 'subscription')} cannot become a DAG and never run:{lines}",
            "correct each, or delete it (`broadsheet subscriptions delete NAME`) and make it anew",
        )
    return "empty"


def _in_one_line(fault: str) -> str:
    """Return a fault without its line breaks and pydantic's link to its manual."""
    lines = [line.strip() for line in fault.splitlines()]
    return " ".join(line for line in lines if not line.startswith("For further information"))


def _sources() -> str:
    catalog = installed_catalog(get_settings())
    sources = sorted({report.source for report in catalog})
    for source in sources:
        name = source_connection(source)
        remedy = f"start that server, or correct AIRFLOW_CONN_{name.upper()}"
        try:
            with psycopg.connect(connection_uri(name), connect_timeout=_TIMEOUT) as connection:
                connection.execute("SELECT 1")
        except (psycopg.Error, BroadsheetError) as error:
            raise WrongError(f"{source}: {error}", remedy) from error
    return ", ".join(sources) or "none needed"


def _storage() -> str:
    settings = get_settings()
    key, data = f"staging/doctor-{uuid4()}", b"broadsheet doctor"
    try:
        endpoint = parse_endpoint(connection_uri(STORAGE))
        store = S3ObjectStore(endpoint, settings.storage_bucket)
        store.put(key, data, content_type="text/plain")
        same = store.get(key) == data
        store.delete_prefix(key)
        next(iter(S3ObjectStore(endpoint, settings.documents_bucket).list("")), None)
    except BroadsheetError as error:
        raise WrongError(
            str(error), "start S3, make the buckets, or correct AIRFLOW_CONN_BROADSHEET_S3"
        ) from error
    if not same:
        raise WrongError("an object came back changed", "look at the S3 server; nothing stored there is safe")
    return (
        f"put, got and deleted an object in {settings.storage_bucket}; can list {settings.documents_bucket}"
    )


def _mail() -> str:
    try:
        endpoint = parse_endpoint(connection_uri(MAIL))
        tls = endpoint.options.get("tls", "starttls")
        context = ssl.create_default_context()
        port = endpoint.port or 0
        client = (
            smtplib.SMTP_SSL(endpoint.host, port, timeout=_TIMEOUT, context=context)
            if tls == "implicit"
            else smtplib.SMTP(endpoint.host, port, timeout=_TIMEOUT)
        )
        with client:
            if tls == "starttls":
                client.starttls(context=context)
            if endpoint.login:
                client.login(endpoint.login, endpoint.password)
            client.noop()
    except (OSError, smtplib.SMTPException, BroadsheetError) as error:
        raise WrongError(
            f"{error}", "start the mail server, or correct AIRFLOW_CONN_BROADSHEET_SMTP (log-in, port, tls=)"
        ) from error
    return f"logged in at {endpoint.host}:{port}"


def _broker() -> str:
    url = os.environ.get("AIRFLOW__CELERY__BROKER_URL", "")
    try:
        with closing(redis.Redis.from_url(url, socket_timeout=_TIMEOUT)) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        raise WrongError(str(error), "start Valkey, or correct AIRFLOW__CELERY__BROKER_URL") from error
    return "answers"


def _airflow_database() -> str:
    command = [sys.executable, "-m", "airflow", "db", "check-migrations", "--migration-wait-timeout", "0"]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    if result.returncode != 0:
        output = (result.stderr or result.stdout).strip().splitlines()
        # SQLAlchemy's last line is a link to its manual.
        lines = [line for line in output if not line.startswith("(Background")] or ["no message"]
        raise WrongError(
            lines[-1],
            "start Postgres and correct AIRFLOW__DATABASE__SQL_ALCHEMY_CONN, or run `airflow db migrate`",
        )
    return "migrations are at head"


def _airflow() -> str:
    url = os.environ.get("AIRFLOW__API__BASE_URL", "http://127.0.0.1:8080").rstrip("/")
    try:
        with urlopen(f"{url}/api/v2/monitor/health", timeout=_TIMEOUT) as answer:
            health = json.load(answer)
    except (URLError, OSError, ValueError) as error:
        raise WrongError(
            f"the api-server at {url} does not answer: {error}", "start it; see its log"
        ) from error
    ill = [part for part, found in health.items() if found and found.get("status") != "healthy"]
    if ill:
        raise WrongError(f"not healthy: {', '.join(ill)}", "see their logs")
    return f"{', '.join(health)} are healthy"


def _worker() -> str:
    try:
        with Celery(broker=os.environ.get("AIRFLOW__CELERY__BROKER_URL", "")) as app:
            answers = app.control.ping(timeout=2.0)
    except (OSError, OperationalError) as error:
        raise WrongError(f"the broker cannot be asked: {error}", "see the broker above") from error
    if not answers:
        raise WrongError("no worker answers", "start a worker for each queue; see its log")
    return ", ".join(sorted(name for answer in answers for name in answer))
