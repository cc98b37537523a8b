"""A program of the stack, as the supervisor sees it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Program:
    """What runs, on what it waits, and how it is stopped."""

    name: str
    command: tuple[str, ...]
    priority: int
    """Lower starts earlier and stops later."""
    autostart: bool = True
    """Whether the supervisor starts it at once; Airflow's programs wait for the migrated database."""
    stop_signal: str = "TERM"
    death_signal: str | None = None
    """Signal sent by the kernel when the supervisor dies; the stop signal unless given."""
    stop_seconds: int = 20
    user: str | None = None
    directory: str = "/"
    wait_for: tuple[int, ...] = ()
    environment: dict[str, str] = field(default_factory=dict, repr=False)
