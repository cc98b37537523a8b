"""The installation that the environment describes; its catalog is that of the files as they are now."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from broadsheet.catalog import Catalog, load_catalog
from broadsheet.services.engine import Engine
from broadsheet.services.installation import Installation
from broadsheet.settings import DATABASE, STORAGE, Settings, connection_uri, get_settings, parse_endpoint
from broadsheet.store.database import use_pool
from broadsheet.store.objects import S3ObjectStore

# Path, time of change and size of every file that a definition is made of.
Fingerprint = frozenset[tuple[str, int, int]]


def installation_from_environment(engine: Engine) -> Installation:
    """Return the installation; nothing is connected to before it is used, and then connections are kept."""
    use_pool()

    @cache
    def artifacts() -> S3ObjectStore:
        return S3ObjectStore(parse_endpoint(connection_uri(STORAGE)), get_settings().storage_bucket)

    return Installation(
        dsn=lambda: connection_uri(DATABASE),
        catalog=FreshCatalog(get_settings),
        settings=get_settings,
        artifacts=artifacts,
        engine=engine,
        clock=lambda: datetime.now(UTC),
    )


class FreshCatalog:
    """The catalog, loaded again when one of its files has changed; threads may share it.

    The files are looked at once a second at most: a page asks for the catalog several times.
    """

    def __init__(
        self,
        settings: Callable[[], Settings],
        *,
        seconds: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._seconds = seconds
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._catalog: Catalog | None = None
        self._fingerprint: Fingerprint = frozenset()
        self._looked_at = 0.0

    def __call__(self) -> Catalog:
        """Return the catalog as its files are; DefinitionError without its folder."""
        with self._lock:
            now = self._monotonic()
            if self._catalog is not None and now - self._looked_at < self._seconds:
                return self._catalog
            settings = self._settings()
            found = frozenset(_files(settings))
            if self._catalog is None or found != self._fingerprint:
                self._catalog = load_catalog(
                    settings.catalog_dir,
                    sql_dir=settings.sql_dir,
                    templates_dir=settings.templates_dir,
                    themes_dir=settings.themes_dir,
                )
                self._fingerprint = found
            self._looked_at = now
            return self._catalog


def _files(settings: Settings) -> Iterator[tuple[str, int, int]]:
    folders = (
        settings.catalog_dir,
        settings.sql_dir / "reports",
        settings.templates_dir / "reports",
        settings.themes_dir,
    )
    for folder in folders:
        for path in folder.rglob("*"):
            yield from _stamp(path)


def _stamp(path: Path) -> Iterator[tuple[str, int, int]]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return  # an editor has just moved it
    yield str(path), found.st_mtime_ns, found.st_size
