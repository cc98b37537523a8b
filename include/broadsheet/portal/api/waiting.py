"""Wait for a job without a thread: programs that ask for the result in one request (``Prefer: wait``)."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable

import anyio
from starlette.concurrency import run_in_threadpool

from broadsheet.domain.job import FINAL_STATES
from broadsheet.services.job_views import Job

LONGEST_WAIT = 60
"""Seconds that one request waits at most."""

_WAIT = re.compile(r"wait=(\d{1,6})", re.ASCII)


class Waiters:
    """The requests that wait now. Beyond ``most`` of them a request is answered at once, as it may be."""

    def __init__(self, *, most: int = 50, pause: float = 0.5) -> None:
        self._most = most
        self._pause = pause
        self._count = 0

    async def wait(
        self, look: Callable[[], Job], *, seconds: float, is_gone: Callable[[], Awaitable[bool]]
    ) -> Job | None:
        """Look at a job until it is over, the time is up or the caller is gone; None when too many wait.

        ``look`` runs in the thread pool, for as long as one look takes.
        """
        if self._count >= self._most:
            return None
        self._count += 1
        try:
            end = anyio.current_time() + seconds
            while (job := await run_in_threadpool(look)).state not in FINAL_STATES:
                left = end - anyio.current_time()
                if left <= 0 or await is_gone():
                    break
                await anyio.sleep(min(self._pause, left))
            return job
        finally:
            self._count -= 1


def preferred_wait(prefer: Iterable[str]) -> int:
    """Return the seconds that ``Prefer`` headers (RFC 7240) ask to wait, 60 at most; 0 without."""
    for preference in ",".join(prefer).split(","):
        if found := _WAIT.fullmatch(preference.split(";")[0].replace(" ", "").lower()):
            return min(int(found[1]), LONGEST_WAIT)
    return 0
