"""How often one remote address may ask: a token bucket each, in this process's memory.

What is limited is guessing. A whole company may open its mails from behind one address, so a request whose
token turns out to be one of ours gets most of its price back.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable


class RateLimiter:
    """Allows each address a burst, and then a steady rate, of requests that lead nowhere.

    ``known_cost`` is what is left of the price of 1 for a request that :meth:`welcome` was called for: with
    the defaults 1,200 of them pass at once, and 40 in a second after that. Safe to share between threads.
    Every process counts for itself, so the true limit grows with their number.
    """

    def __init__(
        self,
        *,
        burst: int = 60,
        per_second: float = 2.0,
        known_cost: float = 0.05,
        most_addresses: int = 10_000,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._burst = float(burst)
        self._per_second = per_second
        self._known_cost = known_cost
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

    def welcome(self, address: str) -> None:
        """Give back most of what the address's last request cost: its token was one of ours."""
        key = _network(address)
        with self._lock:
            if (bucket := self._buckets.get(key)) is not None:
                left, counted_at = bucket
                self._buckets[key] = (min(self._burst, left + 1 - self._known_cost), counted_at)


def _network(address: str) -> str:
    """Return what one party holds: an IPv4 address, or a whole /64 of IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    return str(parsed) if parsed.version == 4 else str(ipaddress.ip_network((parsed, 64), strict=False))
