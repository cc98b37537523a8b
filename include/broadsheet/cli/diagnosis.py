"""What ``broadsheet doctor`` looks at: each check really tries the thing, and says how to mend it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

from packaging.version import Version

from broadsheet.catalog import installed_catalog
from broadsheet.cli.server_checks import (
    check_airflow,
    check_airflow_database,
    check_broker,
    check_database,
    check_mail,
    check_sources,
    check_storage,
    check_worker,
)
from broadsheet.cli.wording import counted
from broadsheet.cli.wrong import WrongError
from broadsheet.errors import BroadsheetError
from broadsheet.settings import get_settings
from broadsheet.store.quarantine import read_quarantine
from broadsheet.store.snapshot import refused_snapshot

_SIMPLE = "SimpleAuthManager"
_NEEDED = {
    "AIRFLOW__CORE__FERNET_KEY": 32,
    "AIRFLOW__API__SECRET_KEY": 32,
    "AIRFLOW__API_AUTH__JWT_SECRET": 64,
}
_MOST_SHOWN = 10
_FOLDER_UNKNOWN = "not looked at: BROADSHEET_SHARDS_DIR names no folder of generated DAG files here"
_LEAST_VERSIONS = {"apache-airflow": "3.3.2", "apache-airflow-providers-fab": "3.9", "pillow": "12.3"}


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
        Check("application database", check_database),
        Check("subscriptions", _snapshot),
        Check("quarantine", _quarantine),
        Check("source databases", check_sources),
        Check("object store", check_storage),
        Check("mail server", check_mail),
        Check("broker", check_broker),
        Check("Airflow's database", check_airflow_database),
        Check("Airflow", check_airflow),
        Check("worker", check_worker),
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
