"""Work that is called for more often than it is worth doing."""

from __future__ import annotations

import math
import threading
import time


class Timer:
    """Says when it is time again; threads may share it."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._next = -math.inf

    def is_due(self) -> bool:
        """Whether the time has passed since this was last true."""
        with self._lock:
            now = time.monotonic()
            due = now >= self._next
            if due:
                self._next = now + self._seconds
            return due
