"""How often one remote address may ask: a token bucket each, in this process's memory."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable


class RateLimiter:
    """Allows each address a burst, and then a steady rate.

    Safe to share between threads. Every process counts for itself, so the true limit grows with their number.
    """

    def __init__(
        self,
        *,
        burst: int = 60,
        per_second: float = 2.0,
        most_addresses: int = 10_000,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._burst = float(burst)
        self._per_second = per_second
        self._most_addresses = most_addresses
        self._monotonic = monotonic
        self._lock = threading.Lock()
        # Tokens left and when they were counted, the address that asked longest ago first.
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, address: str) -> float:
        """Count one request; return 0 when it may go on, else the seconds after which it could."""
        key = _network(address)
        with self._lock:
            now = self._monotonic()
            left, counted_at = self._buckets.pop(key, (self._burst, now))
            left = min(self._burst, left + (now - counted_at) * self._per_second)
            allowed = left >= 1
            self._buckets[key] = (left - 1 if allowed else left, now)
            if len(self._buckets) > self._most_addresses:
                self._buckets.popitem(last=False)
            return 0.0 if allowed else (1 - left) / self._per_second


def _network(address: str) -> str:
    """Return what one party holds: an IPv4 address, or a whole /64 of IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    return str(parsed) if parsed.version == 4 else str(ipaddress.ip_network((parsed, 64), strict=False))
