"""What is dear to find out and may be some seconds old, found out once for all who ask meanwhile."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """Keeps values for some seconds. What raises is not kept.

    Threads may share it: of those who ask at the same time, one finds out and the others wait.
    """

    def __init__(
        self, *, seconds: float, most: int = 64, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._most = most
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._values: OrderedDict[Hashable, tuple[float, T]] = OrderedDict()
        self._asking: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable, find_out: Callable[[], T]) -> T:
        """Return what is known of a key, or find it out."""
        with self._lock:
            found = self._fresh(key)
            if found is not None:
                return found[1]
            asking = self._asking.setdefault(key, threading.Lock())
        with asking:
            with self._lock:
                found = self._fresh(key)
            if found is not None:
                return found[1]
            try:
                value = find_out()
            finally:
                with self._lock:
                    self._asking.pop(key, None)
            with self._lock:
                self._values[key] = (self._monotonic(), value)
                while len(self._values) > self._most:
                    self._values.popitem(last=False)
            return value

    def _fresh(self, key: Hashable) -> tuple[float, T] | None:
        found = self._values.get(key)
        if found is None or self._monotonic() - found[0] < self._seconds:
            return found
        del self._values[key]
        return None
