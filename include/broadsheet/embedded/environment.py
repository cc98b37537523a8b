"""The embedded Airflow's environment: the settings that both shapes share, and what this machine decides."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from urllib.parse import urlencode

from broadsheet.embedded import broker, objects, postgres
from broadsheet.embedded.ports import LOOPBACK
from broadsheet.embedded.servers import SMTP_USER, Site
from broadsheet.errors import ConfigurationError
from broadsheet.settings import DATABASE, MAIL, STORAGE, connection_variable, source_connection

SOURCE = "flights"
# What a program needs of the environment of whoever starts the stack. Nothing else gets through: an
# AIRFLOW_HOME or a proxy that is set there would lead the stack astray.
_KEPT = ("PATH", "HOME", "USER", "LANG", "TMPDIR", "BROADSHEET_STATE")
_FEWEST_SLOTS = 4
_MOST_SLOTS = 16


def shared_settings(path: Path) -> dict[str, str]:
    """Read the KEY=VALUE file of the settings that the embedded stack and the containers share."""
    settings: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, sign, value = text.partition("=")
        if not sign or not name.replace("_", "").isalnum():
            raise ConfigurationError(f"{path}:{number}: expected KEY=VALUE, found {text!r}")
        if name in settings:
            raise ConfigurationError(f"{path}:{number}: {name} is set twice")
        settings[name] = value
    return settings


def worker_slots(cores: int) -> int:
    """Return how many tasks run at once: more than there are cores, since tasks wait much."""
    return max(_FEWEST_SLOTS, min(2 * cores, _MOST_SLOTS))


def base_environment() -> dict[str, str]:
    """Return what programs take over from the environment of whoever starts the stack."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    # Settings and sources given by the user count here too; what the stack itself decides replaces them.
    prefixes = ("BROADSHEET_", connection_variable(source_connection("")))
    own = {name: value for name, value in os.environ.items() if name.startswith(prefixes)}
    return {"LANG": "C.UTF-8", **kept, **own}


def stack_environment(site: Site) -> dict[str, str]:
    """Return every variable that Airflow, the command line and the tests need to use the stack."""
    return {
        **shared_settings(site.home / "deploy" / "airflow.env"),
        **_paths(site),
        **_addresses(site),
        **_secrets(site),
        **_connections(site),
        **_platform(),
    }


def airflow_url(site: Site) -> str:
    """Return the address of Airflow's api-server, without a slash at its end."""
    return f"http://{LOOPBACK}:{site.ports.airflow}"


def inbox_url(site: Site) -> str:
    """Return the address of the inbox, without a slash at its end."""
    return f"http://{LOOPBACK}:{site.ports.inbox}"


def _paths(site: Site) -> dict[str, str]:
    state = site.state
    return {
        "AIRFLOW_HOME": str(state.airflow_home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(site.home / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(site.home / "plugins"),
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(state.airflow_home / "logs"),
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(
            state.airflow_home / "logs" / "dag_processor"
        ),
        # By default below /tmp, where another user's folder of the same name would be in the way.
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH": str(state.airflow_home / "bundles"),
        # By default in the home folder; matplotlib keeps its list of fonts there.
        "MPLCONFIGDIR": str(state.airflow_home / "matplotlib"),
        "BROADSHEET_HOME": str(site.home),
        "BROADSHEET_SHARDS_DIR": str(state.shards),
    }


def _addresses(site: Site) -> dict[str, str]:
    slots = str(worker_slots(os.cpu_count() or 1))
    return {
        "AIRFLOW__API__HOST": LOOPBACK,
        "AIRFLOW__API__PORT": str(site.ports.airflow),
        "AIRFLOW__API__BASE_URL": airflow_url(site),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{airflow_url(site)}/execution/",
        "AIRFLOW__CELERY__WORKER_CONCURRENCY": slots,
        # As many as there are slots, so that the others wait as `scheduled`, where nothing times out.
        "AIRFLOW__CORE__PARALLELISM": slots,
        "AIRFLOW__CORE__DEFAULT_POOL_TASK_SLOT_COUNT": slots,
        # Our set-up has brought roles and permissions up to date; the api-server would take 5 s to do it
        # again.
        "AIRFLOW__FAB__UPDATE_FAB_PERMS": "False",
        "BROADSHEET_PUBLIC_URL": f"{airflow_url(site)}/",
        # Requests to the servers of the stack must not go through a proxy that the machine has for the
        # outside.
        "NO_PROXY": f"{LOOPBACK},localhost",
        "no_proxy": f"{LOOPBACK},localhost",
    }


def _secrets(site: Site) -> dict[str, str]:
    secrets = site.credentials
    metadata = _database_uri(site, "airflow", secrets.postgres_airflow).replace("://", "+psycopg://", 1)
    return {
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": metadata,
        "AIRFLOW__CELERY__RESULT_BACKEND": f"db+{metadata}",
        "AIRFLOW__CELERY__BROKER_URL": broker.url(site.ports, secrets),
        "AIRFLOW__CORE__FERNET_KEY": secrets.airflow_fernet_key,
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.airflow_jwt_secret,
        "BROADSHEET_SECRET_KEY": secrets.broadsheet_secret_key,
        "AIRFLOW__API__SECRET_KEY": secrets.airflow_api_secret_key,
    }


def _connections(site: Site) -> dict[str, str]:
    secrets = site.credentials
    s3 = urlencode({"endpoint_url": objects.endpoint_url(site.ports), "region_name": objects.REGION})
    uris = {
        DATABASE: _database_uri(site, "broadsheet", secrets.postgres_broadsheet),
        source_connection(SOURCE): _database_uri(site, SOURCE, secrets.postgres_reader, user=postgres.READER),
        STORAGE: f"aws://{secrets.s3_access_key}:{secrets.s3_secret_key}@/?{s3}",
        MAIL: f"smtp://{SMTP_USER}:{secrets.smtp}@{LOOPBACK}:{site.ports.smtp}/?tls=none",
    }
    return {connection_variable(name): uri for name, uri in uris.items()}


def _database_uri(site: Site, database: str, password: str, *, user: str | None = None) -> str:
    return postgres.dsn(site.ports, user=user or database, password=password, database=database)


def _platform() -> dict[str, str]:
    if sys.platform != "darwin":
        return {}
    # Apple's runtime kills a process that forks once its frameworks are loaded, as every task does.
    return {"OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES"}
