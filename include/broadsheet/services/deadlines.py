"""Ask several parts at once, and give up on each after a deadline."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from broadsheet.errors import BroadsheetError
from broadsheet.services.engine import PartHealth

log = logging.getLogger(__name__)

Check = Callable[[], PartHealth | Sequence[PartHealth]]
"""Tries a part, and says what came of it; raises BroadsheetError or OSError when it does not work."""


class Deadlines:
    """Runs checks in parallel. A check that hung is not begun again before it has come to its end.

    Threads may share it. The threads of the checks keep no process from ending.
    """

    def __init__(self, *, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._hung: set[str] = set()

    def run(self, checks: Mapping[str, Check]) -> tuple[PartHealth, ...]:
        """Return what each check says, in the order given; one without an answer in time is not healthy."""
        answers: dict[str, tuple[PartHealth, ...]] = {}
        threads = [
            threading.Thread(
                target=self._ask, args=(name, check, answers), name=f"health-{name}", daemon=True
            )
            for name, check in checks.items()
            if self._begin(name)
        ]
        for thread in threads:
            thread.start()
        end = time.monotonic() + self._seconds
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))
        return tuple(part for name in checks for part in answers.get(name, (self._silent(name),)))

    def _begin(self, name: str) -> bool:
        with self._lock:
            if name in self._hung:
                return False
            self._hung.add(name)
            return True

    def _ask(self, name: str, check: Check, answers: dict[str, tuple[PartHealth, ...]]) -> None:
        try:
            said = check()
            answers[name] = (said,) if isinstance(said, PartHealth) else tuple(said)
        except (BroadsheetError, OSError) as error:
            # The text may name hosts and users: that is for the log.
            log.warning("%s is not healthy: %s: %s", name, type(error).__name__, error)
            code = error.code if isinstance(error, BroadsheetError) else type(error).__name__
            answers[name] = (PartHealth(name=name, is_healthy=False, words=code.replace("_", " ")),)
        finally:
            with self._lock:
                self._hung.discard(name)

    def _silent(self, name: str) -> PartHealth:
        return PartHealth(name=name, is_healthy=False, words=f"no answer within {self._seconds:g} s")
