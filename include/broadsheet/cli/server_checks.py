"""The checks of ``broadsheet doctor`` that ask servers: each returns what it found, or raises WrongError."""

from __future__ import annotations

import json
import os
import smtplib
import ssl
import subprocess
import sys
from contextlib import closing
from urllib.error import URLError
from urllib.request import urlopen
from uuid import uuid4

import psycopg
import redis
from celery import Celery
from kombu.exceptions import OperationalError

from broadsheet.catalog import installed_catalog
from broadsheet.cli.wrong import WrongError
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

_TIMEOUT = 5


def check_database() -> str:
    """Look whether the application database is there and migrated."""
    try:
        current, head = versions(connection_uri(DATABASE))
    except BroadsheetError as error:
        raise WrongError(str(error), "start Postgres, or correct AIRFLOW_CONN_BROADSHEET_DB") from error
    if current != head:
        raise WrongError(f"at version {current or 'none'}, not {head}", "run `broadsheet migrate`")
    return f"version {current}"


def check_sources() -> str:
    """Look whether each report's source can be read."""
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


def check_storage() -> str:
    """Store, read and delete an object."""
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


def check_mail() -> str:
    """Log in at the mail server."""
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


def check_broker() -> str:
    """Ask the broker."""
    url = os.environ.get("AIRFLOW__CELERY__BROKER_URL", "")
    try:
        with closing(redis.Redis.from_url(url, socket_timeout=_TIMEOUT)) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        raise WrongError(str(error), "start Valkey, or correct AIRFLOW__CELERY__BROKER_URL") from error
    return "answers"


def check_airflow_database() -> str:
    """Look whether Airflow's own database is there and migrated."""
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


def check_airflow() -> str:
    """Ask Airflow how its parts are."""
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


def check_worker() -> str:
    """Ask who works."""
    try:
        with Celery(broker=os.environ.get("AIRFLOW__CELERY__BROKER_URL", "")) as app:
            answers = app.control.ping(timeout=2.0)
    except (OSError, OperationalError) as error:
        raise WrongError(f"the broker cannot be asked: {error}", "see the broker above") from error
    if not answers:
        raise WrongError("no worker answers", "start a worker for each queue; see its log")
    return ", ".join(sorted(name for answer in answers for name in answer))
