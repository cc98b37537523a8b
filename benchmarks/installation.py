"""An embedded stack for measuring: started, filled, and removed again."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from broadsheet.embedded.documents import load_documents
from broadsheet.embedded.flights import load_flights
from broadsheet.embedded.stack import Stack
from broadsheet.settings import STORAGE, connection_variable, parse_endpoint
from broadsheet.store.migrations import migrate
from broadsheet.store.objects import S3ObjectStore

REPOSITORY = Path(__file__).resolve().parents[1]


def machine() -> str:
    """Return what the figures were measured on: cores, memory, system, Python."""
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return (
        f"{os.cpu_count()} cores, {pages * size / 2**30:.0f} GiB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at the start"
    )


@contextmanager
def installation(
    *,
    data: bool = True,
    airflow: bool = True,
    shift_weeks: int = 0,
    settings: Mapping[str, str | None] | None = None,
    dags: Path | None = None,
) -> Iterator[tuple[Stack, dict[str, str]]]:
    """Start a stack, with the flights of 2013 or without, and yield it with its environment.

    The flights can be moved by ``shift_weeks``, as the demo does it. Without ``airflow`` only the
    servers below it are started.

    ``settings`` replaces lines of ``deploy/airflow.env``, or removes them where the value is None, so that
    Airflow's own default holds. ``dags`` is a folder of DAG files that is added to the project's.
    """
    folder = Path(tempfile.mkdtemp(prefix="broadsheet-bench-"))
    try:
        home = _home(folder / "home", settings or {}, dags)
        with Stack(folder / "state", keep=False, home=home) as stack:
            stack.up_servers(tied=True)
            environment = stack.environment()
            migrate(environment["AIRFLOW_CONN_BROADSHEET_DB"])
            if data:
                load_flights(
                    stack.owner_dsn("flights"),
                    shift_weeks=shift_weeks,
                    reader_password=stack.secrets.postgres_reader,
                    loaded_at=datetime.now(UTC) if shift_weeks else datetime(2014, 1, 2, 12, tzinfo=UTC),
                )
                endpoint = parse_endpoint(environment[connection_variable(STORAGE)])
                load_documents(S3ObjectStore(endpoint, "broadsheet-documents"))
            if airflow:
                stack.up_airflow()
            yield stack, environment
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _home(home: Path, settings: Mapping[str, str | None], dags: Path | None) -> Path:
    for name in ("dags", "plugins", "deploy", "sql", "include"):
        shutil.copytree(REPOSITORY / name, home / name, ignore=shutil.ignore_patterns("__pycache__"))
    if dags is not None:
        shutil.copytree(dags, home / "dags", dirs_exist_ok=True)
    path = home / "deploy" / "airflow.env"
    lines = [line for line in path.read_text().splitlines() if line.partition("=")[0] not in settings]
    lines += [f"{name}={value}" for name, value in settings.items() if value is not None]
    path.write_text("\n".join(lines) + "\n")
    return home
