"""Keeps the table of people up to date with who uses the portal, for the check of rights at every run."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import partial

from broadsheet.domain.access import Caller
from broadsheet.errors import ConfigurationError, DatabaseUnavailableError
from broadsheet.services.installation import Installation
from broadsheet.store.database import transaction
from broadsheet.store.people import note_person

log = logging.getLogger(__name__)

_SECONDS = 60.0
_MOST = 10_000


class People:
    """Writes down each caller at most once a minute, and at once when their rights have changed."""

    def __init__(self, inst: Installation, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._inst = inst
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._seen: dict[str, tuple[float, Caller]] = {}

    def saw(self, caller: Caller) -> Callable[[], None] | None:
        """Take note of a caller; return what writes them down, in a thread, if they are news."""
        return partial(self._write_down, caller) if self._is_news(caller) else None

    def _write_down(self, caller: Caller) -> None:
        # A database that does not answer is no reason to turn anybody away.
        try:
            with transaction(self._inst.dsn()) as connection:
                note_person(connection, caller, at=self._inst.clock())
        except (ConfigurationError, DatabaseUnavailableError) as error:
            log.warning("%s could not be written down: %s", caller.name, error)

    def _is_news(self, caller: Caller) -> bool:
        now = self._monotonic()
        with self._lock:
            at, before = self._seen.get(caller.name, (0.0, None))
            if before == caller and now - at < _SECONDS:
                return False
            if len(self._seen) >= _MOST:
                self._seen.clear()
            self._seen[caller.name] = (now, caller)
            return True
