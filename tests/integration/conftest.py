"""The embedded stack, started once for the session and driven through its public interfaces only."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from broadsheet.embedded.documents import load_documents
from broadsheet.embedded.flights import load_flights
from broadsheet.embedded.stack import Stack
from broadsheet.settings import STORAGE, connection_variable, parse_endpoint
from broadsheet.store.migrations import migrate
from broadsheet.store.objects import S3ObjectStore
from tests.integration.airflow_api import Airflow, wait_for

REPOSITORY = Path(__file__).resolve().parents[2]
OVERLAY = Path(__file__).parent / "catalog"
# All flights are loaded at their true dates, at an instant that the tests can expect in a document.
LOADED_AT = datetime(2014, 1, 2, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Broadsheet:
    """A running installation: the stack and the ways into it that people and programs have."""

    stack: Stack
    environment: dict[str, str]

    @property
    def url(self) -> str:
        """Address of Airflow's api-server."""
        return self.environment["AIRFLOW__API__BASE_URL"]

    def command(self, *arguments: str, program: str = "broadsheet") -> subprocess.CompletedProcess[str]:
        """Run a command as a person would, with the stack's environment."""
        path = Path(sys.executable).parent / program
        environment = {**os.environ, **self.environment}
        return subprocess.run(
            [path, *arguments], env=environment, capture_output=True, text=True, timeout=300, check=False
        )

    def bucket(self, name: str) -> S3ObjectStore:
        """Open a bucket of the stack."""
        return S3ObjectStore(parse_endpoint(self.environment[connection_variable(STORAGE)]), name)

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """Return what the ledger knows of a DAG run."""
        done = self.command("runs", "show", run_id, "--dag", dag_id, "--json")
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))

    def pdf(self, dag_id: str, run_id: str) -> bytes:
        """Return the one PDF of a DAG run as it lies in S3."""
        (artifact,) = (found for found in self.run(dag_id, run_id)["artifacts"] if found["format"] == "pdf")
        return self.bucket("broadsheet").get(artifact["key"])


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an installation's folder: the project's, with the reports of the tests added."""
    home = tmp_path_factory.mktemp("home")
    without = shutil.ignore_patterns("__pycache__", "broadsheet")
    for name in ("dags", "plugins", "deploy", "sql", "include"):
        shutil.copytree(REPOSITORY / name, home / name, ignore=without, symlinks=True)
    shutil.copytree(OVERLAY / "reports", home / "include" / "reports", dirs_exist_ok=True)
    shutil.copytree(OVERLAY / "templates", home / "include" / "templates", dirs_exist_ok=True)
    shutil.copytree(OVERLAY / "sql", home / "sql", dirs_exist_ok=True)
    return home


@pytest.fixture(scope="session")
def broadsheet(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Iterator[Broadsheet]:
    """Start the stack, migrate, load the flights of 2013 and the documents; remove it all at the end."""
    state = tmp_path_factory.mktemp("stack")
    with Stack(state, keep=False, home=home) as stack:
        stack.up_servers(tied=True)
        environment = stack.environment()
        migrate(environment["AIRFLOW_CONN_BROADSHEET_DB"])
        stack.up_airflow(wait=False)
        load_flights(
            stack.owner_dsn("flights"),
            shift_weeks=0,
            reader_password=stack.secrets.postgres_reader,
            loaded_at=LOADED_AT,
        )
        installation = Broadsheet(stack, environment)
        load_documents(installation.bucket("broadsheet-documents"))
        stack.wait_for_airflow()
        yield installation


@pytest.fixture(scope="session")
def airflow(broadsheet: Broadsheet) -> Iterator[Airflow]:
    """Return Airflow as its administrator sees it."""
    password = broadsheet.stack.secrets.user_admin
    with Airflow.log_in(broadsheet.url, username="admin", password=password) as airflow:
        yield airflow


class Inbox:
    """The mail sink's inbox, by its JSON API."""

    def __init__(self, stack: Stack) -> None:
        self.client = httpx.Client(
            base_url=f"http://127.0.0.1:{stack.ports.inbox}", auth=("inbox", stack.secrets.inbox), timeout=60
        )

    def to(self, address: str) -> list[dict[str, Any]]:
        """Return the mails that an address, or every address of a domain (``@…``), got, with their parts."""
        found = self.client.get("/api/messages").raise_for_status().json()
        messages = found["messages"] if isinstance(found, dict) else found
        ids = [
            message["id"]
            for message in messages
            for recipient in message["recipients"]
            if recipient == address or (address.startswith("@") and recipient.endswith(address))
        ]
        return [self.client.get(f"/api/messages/{one}").raise_for_status().json() for one in ids]

    def wait_for_one(self, address: str) -> dict[str, Any]:
        """Wait for the first mail of an address and return it."""
        return wait_for(lambda: self.to(address), what=f"a mail to {address}")[0]

    def faults(self, *faults: dict[str, Any]) -> None:
        """Let the mail server misbehave as told; nothing clears it."""
        self.client.put("/api/faults", json=list(faults)).raise_for_status()


@pytest.fixture(scope="session")
def inbox(broadsheet: Broadsheet) -> Iterator[Inbox]:
    """Return the inbox of the stack's mail server."""
    inbox = Inbox(broadsheet.stack)
    yield inbox
    inbox.client.close()
