"""Commands act on the use cases as an operator does: whoever has the database's password may do anything."""

from __future__ import annotations

import getpass
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn

from broadsheet.catalog import Catalog, installed_catalog
from broadsheet.domain.access import Caller
from broadsheet.domain.job import Stage
from broadsheet.errors import EngineUnavailableError
from broadsheet.services.engine import PartHealth, QueueLoad, RunKey, Worker
from broadsheet.services.installation import Installation
from broadsheet.settings import DATABASE, STORAGE, connection_uri, get_settings, parse_endpoint
from broadsheet.store.objects import S3ObjectStore


def operator() -> Caller:
    """Return who runs the command, as an operator; the ledger keeps the name."""
    return Caller(name=getpass.getuser(), is_operator=True)


def installation() -> Installation:
    """Return the installation that the environment names, without its Airflow."""
    return Installation(
        dsn=lambda: connection_uri(DATABASE),
        catalog=_catalog,
        settings=get_settings,
        artifacts=lambda: S3ObjectStore(
            parse_endpoint(connection_uri(STORAGE)), get_settings().storage_bucket
        ),
        engine=NoEngine(),
        clock=lambda: datetime.now(UTC),
    )


class NoEngine:
    """Stands where Airflow would be: commands cannot reach it, so it knows nothing and starts nothing."""

    def knows(self, dag_id: str) -> bool:
        """Return False: nothing is known."""
        del dag_id
        return False

    def known(self, dag_ids: Collection[str]) -> frozenset[str]:
        """Return nothing: nothing is known."""
        del dag_ids
        return frozenset()

    def trigger(
        self, dag_id: str, *, dag_run_id: str, conf: Mapping[str, Any], at: datetime, by: str
    ) -> None:
        """Raise EngineUnavailableError."""
        del dag_run_id, conf, at, by
        _refuse(f"`airflow dags trigger {dag_id}`")

    def cancel(self, key: RunKey) -> bool:
        """Raise EngineUnavailableError."""
        del key
        _refuse("the portal, or Airflow's page")

    def repeat(self, key: RunKey, *, stages: Sequence[str] | None = None) -> None:
        """Raise EngineUnavailableError."""
        del stages
        _refuse(f"`airflow tasks clear {key[0]}`")

    def stages(self, keys: Sequence[RunKey]) -> dict[RunKey, tuple[Stage, ...]]:
        """Return nothing: nothing is known."""
        del keys
        return {}

    def workers(self) -> tuple[Worker, ...]:
        """Raise EngineUnavailableError."""
        _refuse("`airflow celery list-workers`")

    def queues(self) -> tuple[QueueLoad, ...]:
        """Raise EngineUnavailableError."""
        _refuse("the portal's page of operations")

    def stage_times(self, *, since: datetime) -> Mapping[str, Sequence[float]]:
        """Raise EngineUnavailableError."""
        del since
        _refuse("the portal's page of operations")

    def health(self) -> tuple[PartHealth, ...]:
        """Raise EngineUnavailableError."""
        _refuse("`broadsheet doctor`")


def _refuse(instead: str) -> NoReturn:
    raise EngineUnavailableError(f"this command does not reach Airflow; use {instead}")


def _catalog() -> Catalog:
    return installed_catalog(get_settings())
