"""The bundle that turns subscriptions into DAG files.

Parsing never touches the database. ``refresh`` reads the subscriptions and writes *shards*: files of up to
100 subscriptions each, whose position is fixed by the subscription's number. A shard whose text is the same
keeps its modification time, so that only what changed is parsed again.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from airflow.dag_processing.bundles.base import BaseDagBundle
from pydantic import ValidationError

from broadsheet.domain.schedule import check_cron, check_zone
from broadsheet.domain.subscription import DagDefinition, SubscriptionState
from broadsheet.errors import DatabaseUnavailableError, InputError
from broadsheet.orchestration.connections import task_connection_uri
from broadsheet.orchestration.dag_builder import generated_file
from broadsheet.settings import DATABASE, get_settings
from broadsheet.store.quarantine import write_quarantine
from broadsheet.store.snapshot import accept_snapshot, write_if_changed

log = logging.getLogger(__name__)

SHARD_SIZE = 100


class SubscriptionDagBundle(BaseDagBundle):
    """Airflow's view of the subscriptions: a folder of generated DAG files."""

    supports_versioning = False

    @property
    def path(self) -> Path:
        """The folder of the shards; dag-processor and workers share it."""
        return get_settings().shards_dir or self.base_dir

    def initialize(self) -> None:
        """Make the folder, and fill it where the dag-processor does not.

        A worker with a folder of its own calls this for every task, and one that comes after the last look
        may need a shard that is not there yet.
        """
        with self.lock():
            self.path.mkdir(parents=True, exist_ok=True)
        if get_settings().shards_dir is None or not any(self.path.glob("shard_*.py")):
            self.refresh()
        super().initialize()

    def get_current_version(self) -> None:
        """Return None: shards are not versioned, a run pins its subscription's revision instead."""

    def refresh(self) -> None:
        """Write the shards anew from the database; with the database down the last good ones stay.

        Airflow calls this often, where its own database can be read: it is also the moment to look at who its
        users are, and which runs it has lost.
        """
        # psycopg, which workers that only parse need not load.
        from broadsheet.orchestration.lost_runs import close_lost_runs_if_due
        from broadsheet.orchestration.people import take_over_people_if_due
        from broadsheet.store.database import transaction
        from broadsheet.store.subscriptions import rows_for_dags

        take_over_people_if_due()
        close_lost_runs_if_due()
        try:
            with transaction(task_connection_uri(DATABASE)) as connection:
                rows = rows_for_dags(connection)
        except DatabaseUnavailableError as error:
            log.warning("subscriptions cannot be read, the last good DAG files stay: %s", error)
            return
        with self.lock():
            write_shards(self.path, rows)


def write_shards(folder: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write subscriptions to shards in a folder; a bad row is quarantined, the others go on.

    Each file is written beside its place and moved there, so that no reader sees half of it. A shard that
    lost all its subscriptions stays as an empty one: a queued run of a deleted subscription still finds its
    file. Nothing but the quarantine is written when too many subscriptions are gone at once.
    """
    shards: dict[int, list[DagDefinition]] = defaultdict(list)
    quarantined: dict[str, str] = {}
    good = 0
    for row in sorted(rows, key=lambda row: int(row["number"])):
        try:
            shards[row["number"] // SHARD_SIZE].append(_definition(row))
            good += 1
        except (ValidationError, InputError) as error:
            quarantined[str(row["slug"])] = str(error)
    if write_quarantine(folder, quarantined):
        for slug, fault in quarantined.items():
            log.error("subscription %s cannot become a DAG and is left out: %s", slug, fault)
    if not accept_snapshot(folder, good):
        return
    texts = {f"shard_{index:05d}.py": generated_file(definitions) for index, definitions in shards.items()}
    for existing in folder.glob("shard_*.py"):
        texts.setdefault(existing.name, generated_file([]))
    for name, text in texts.items():
        write_if_changed(folder / name, text)


def _definition(row: Mapping[str, Any]) -> DagDefinition:
    active = row["state"] == SubscriptionState.ACTIVE.value
    return DagDefinition(
        slug=row["slug"],
        title=row["title"],
        report_id=row["report_id"],
        owner=row["owner"],
        cron=check_cron(row["cron"]) if active else None,
        zone=check_zone(row["zone"]),
        due_from=row["due_from"],
    )
