"""Settings from the environment: ``BROADSHEET_*`` variables and the connections that Airflow knows too.

A leaf: any layer may import it. Values are read once, at the first call of :func:`get_settings`, never at
import. Secrets live in Airflow connections only. In every shape the connections are given as
``AIRFLOW_CONN_<ID>`` variables, so that the command line and the portal read the same ones as the tasks; a
task falls back on Airflow's other secrets backends (``orchestration.connections``).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import EmailStr, Field, HttpUrl, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from broadsheet.errors import ConfigurationError

DATABASE = "broadsheet_db"
STORAGE = "broadsheet_s3"
MAIL = "broadsheet_smtp"


class Settings(BaseSettings):
    """Everything that can be set, each by ``BROADSHEET_`` and its name in capitals."""

    model_config = SettingsConfigDict(env_prefix="BROADSHEET_", frozen=True)

    home: Path = Path(__file__).resolve().parents[2]
    """The folder that holds ``include/``, ``sql/``, ``dags/`` and ``plugins/``."""
    shards_dir: Path | None = None
    """Where the subscription bundle writes its generated DAG files; shared by dag-processor and workers."""
    public_url: HttpUrl = HttpUrl("http://127.0.0.1:8080/")
    """Address under which people reach Airflow's api-server; the links in mails start with it."""
    storage_bucket: str = "broadsheet"
    """Bucket of artifacts and of the staging prefix."""
    documents_bucket: str = "broadsheet-documents"
    """Bucket that images and PDF documents of reports are read from."""
    mail_from: EmailStr = "reports@broadsheet.example"
    mail_from_name: str = "Broadsheet"
    mail_timeout: float = Field(60.0, gt=0, le=600)
    """Seconds to wait for an answer of the mail server, its last one after DATA included.

    A sender's lease, and the wait before another one tries, follow from it.
    """
    recipient_domains: tuple[str, ...] = ()
    """Domains that reports may be mailed to, as a JSON list; empty allows every domain."""
    link_days: int = Field(30, ge=1, le=365)
    """Days until a mailed link expires."""
    max_recipients: int = Field(200, ge=1)
    """Most recipients that one subscription or request may have."""
    max_subscriptions: int = Field(200, ge=1)
    """Most subscriptions, deleted ones not counted, that one person may have."""
    operator_roles: tuple[str, ...] = ("Admin", "Op")
    """Airflow roles that see and may act on everybody's runs and subscriptions, as a JSON list."""
    author_roles: tuple[str, ...] = ("User",)
    """Airflow roles that may have every report."""
    requests_per_hour: int = Field(60, ge=1)
    """Most reports that one person or program may ask for in an hour, beside what is scheduled."""
    requests_at_once: int = Field(10, ge=1)
    """Most asked-for reports of one person or program that may be waiting or active at a time."""
    secret_key: SecretStr | None = None
    """Fernet keys that the passwords of documents are kept with, separated by commas; the first encrypts."""
    statement_timeout: int = Field(300, ge=1)
    """Seconds that a report's query may take; below the fetch task's timeout."""

    @property
    def catalog_dir(self) -> Path:
        """Folder of the report definitions."""
        return self.home / "include" / "reports"

    @property
    def templates_dir(self) -> Path:
        """Folder of the templates of reports, mails and pages."""
        return self.home / "include" / "templates"

    @property
    def static_dir(self) -> Path:
        """Folder of fonts and page assets."""
        return self.home / "include" / "static"

    @property
    def themes_dir(self) -> Path:
        """Folder of the documents' themes."""
        return self.home / "include" / "themes"

    @property
    def sql_dir(self) -> Path:
        """Folder of migrations and of the reports' queries."""
        return self.home / "sql"

    @property
    def link_lifetime(self) -> timedelta:
        """Time until a mailed link expires."""
        return timedelta(days=self.link_days)


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Return the settings; ConfigurationError names each variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"BROADSHEET_{'.'.join(str(part) for part in fault['loc']).upper()}: {fault['msg']}"
            for fault in error.errors()
        ]
        raise ConfigurationError("wrong settings in the environment:\n" + "\n".join(lines)) from error


@dataclass(frozen=True)
class Endpoint:
    """Where a server is and how to log in, read from a connection's URI."""

    scheme: str
    host: str
    port: int | None
    login: str
    password: str = field(repr=False)
    path: str
    options: dict[str, str]


def connection_variable(conn_id: str) -> str:
    """Return the environment variable that holds a connection: ``AIRFLOW_CONN_BROADSHEET_DB``."""
    return f"AIRFLOW_CONN_{conn_id.upper()}"


def connection_uri(conn_id: str) -> str:
    """Return a connection's URI from the environment; ConfigurationError names a missing variable."""
    variable = connection_variable(conn_id)
    uri = os.environ.get(variable)
    if not uri:
        raise ConfigurationError(
            f"connection {conn_id!r} is not set: start the embedded stack, which commands find by themselves "
            f"(`make demo` or `broadsheet stack up`), or give a URI in {variable}{_others(conn_id)}"
        )
    return uri


def _others(conn_id: str) -> str:
    """Return which sources are set, for who has misspelt the name of one."""
    start = source_connection("")
    if not conn_id.startswith(start):
        return ""
    prefix = connection_variable(start)
    names = sorted(name.removeprefix(prefix).lower() for name in os.environ if name.startswith(prefix))
    return f"; the sources that are set: {', '.join(names)}" if names else ""


def parse_endpoint(uri: str) -> Endpoint:
    """Take a connection URI apart; ConfigurationError, without the URI's secrets, when it cannot be read."""
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError as error:
        raise ConfigurationError(f"a connection URI cannot be read: {error}") from error
    return Endpoint(
        scheme=parts.scheme,
        host=unquote(parts.hostname or ""),
        port=port,
        login=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        path=unquote(parts.path.lstrip("/")),
        options=dict(parse_qsl(parts.query)),
    )


def source_connection(source: str) -> str:
    """Return the connection id of a report's source database: ``broadsheet_source_flights``."""
    return f"broadsheet_source_{source}"
