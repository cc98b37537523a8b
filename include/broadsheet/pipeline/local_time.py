"""Instants in a zone. At the ends of the calendar a zone has no wall time, as after the year 9999."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def local_instant(instant: datetime, zone: str) -> datetime:
    """Return an instant in a zone, or in UTC where the zone's clocks would leave the calendar."""
    # Python's own, for those of pandas go on where the calendar ends, and cannot be written then.
    plain = datetime.combine(instant.date(), instant.timetz())
    try:
        return plain.astimezone(ZoneInfo(zone))
    except OverflowError:
        return plain.astimezone(UTC)


def local_day(instant: datetime, zone: str) -> date:
    """Return the day that an instant lies in; of a wall time, which has no zone, its own."""
    return instant.date() if instant.tzinfo is None else local_instant(instant, zone).date()
