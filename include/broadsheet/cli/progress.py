"""Progress of a long command: a line per step with the time since the start, and a sign of life between."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import typer

_SILENCE = 5.0


class Progress:
    """Prints steps. While a step takes long, a line every few seconds says which one it is."""

    def __init__(self, started: float) -> None:
        """Count from ``started``, in seconds since the epoch."""
        self._started = started
        self._lock = threading.Lock()
        self._step = ""
        self._last = time.monotonic()
        self.phases: dict[str, float] = {}

    def elapsed(self) -> float:
        """Return the seconds since the start."""
        return time.time() - self._started

    def say(self, text: str) -> None:
        """Print a step that begins."""
        with self._lock:
            self._step = text
            self._print(text)

    def note(self, text: str) -> None:
        """Print what happened within a step."""
        with self._lock:
            self._print(text)

    @contextmanager
    def phase(self, name: str, text: str) -> Iterator[None]:
        """Print a step that begins, and keep the seconds that it takes."""
        self.say(text)
        started = time.monotonic()
        yield
        self.phases[name] = time.monotonic() - started

    @contextmanager
    def signs_of_life(self) -> Iterator[None]:
        """Print the current step again whenever nothing was printed for a while."""
        done = threading.Event()
        ticker = threading.Thread(target=self._tick, args=(done,), daemon=True)
        ticker.start()
        try:
            yield
        finally:
            done.set()
            ticker.join()

    def _tick(self, done: threading.Event) -> None:
        while not done.wait(0.5):
            with self._lock:
                if time.monotonic() - self._last >= _SILENCE:
                    self._print(f"... {self._step}")

    def _print(self, text: str) -> None:
        self._last = time.monotonic()
        typer.echo(f"[{self.elapsed():6.1f} s] {text}")
