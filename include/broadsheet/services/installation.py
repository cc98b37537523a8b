"""What every use case works with: where the stores are, what the catalog holds, what time it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from broadsheet.catalog import Catalog
from broadsheet.services.engine import Engine
from broadsheet.settings import Settings
from broadsheet.store.objects import S3ObjectStore


@dataclass(frozen=True)
class Installation:
    """The parts of an installation; asked for at each use, so that a wrong setting stops no start."""

    dsn: Callable[[], str]
    """DSN of the application database."""
    catalog: Callable[[], Catalog]
    settings: Callable[[], Settings]
    artifacts: Callable[[], S3ObjectStore]
    """Bucket of artifacts."""
    engine: Engine
    clock: Callable[[], datetime]
    """The present instant, aware, in UTC."""
