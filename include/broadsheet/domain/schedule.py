"""When a subscription is due: cron lines read in a time zone, with one stated rule for daylight saving.

A cron line names local wall times. A wall time that does not exist (the clock jumps over it) is due at the
first instant after the gap. A wall time that occurs twice (the clock is set back) is due once, at its first
occurrence. Two wall times that fall on one instant make one slot.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from pydantic import BaseModel, ConfigDict

from broadsheet.errors import InputError

LEAST_MINUTES = 5
"""A subscription is not due more often."""

_MINUTE = timedelta(minutes=1)
# Wall times near a slot can lie this far from it in local time; no zone has ever moved its clock by more.
_LARGEST_SHIFT = timedelta(hours=26)


class Schedule(BaseModel):
    """A cron line of five fields and the IANA time zone in which it is read."""

    model_config = ConfigDict(frozen=True)

    cron: str
    zone: str

    def next_slot(self, after: datetime) -> datetime:
        """Return the first slot later than an aware instant, in UTC.

        Raises InputError when the cron line is never due again.
        """
        for slot in self._slots_from(after):
            if slot > after:
                return slot
        raise InputError(f"cron line {self.cron!r} is never due after {after.isoformat()}", field="cron")

    def slot_at_or_before(self, instant: datetime) -> datetime:
        """Return the last slot that is not later than an aware instant, in UTC.

        Raises InputError when the cron line was not due in the 50 years before.
        """
        local = _wall_time(instant, self.zone) + _LARGEST_SHIFT
        for wall in CronSim(self.cron, local, reverse=True):
            slot = resolve_wall_time(wall, self.zone)
            if slot <= instant:
                return slot
        raise InputError(f"cron line {self.cron!r} was never due before {instant.isoformat()}", field="cron")

    def slots_between(self, start: datetime, end: datetime) -> list[datetime]:
        """Return the slots in the half-open interval ``[start, end)``, in UTC."""
        slots = []
        for slot in self._slots_from(start - _MINUTE):
            if slot >= end:
                break
            if slot >= start:
                slots.append(slot)
        return slots

    def next_slots(self, after: datetime, count: int) -> list[datetime]:
        """Return the next ``count`` slots later than an aware instant, in UTC."""
        slots: list[datetime] = []
        for slot in self._slots_from(after):
            if slot > after:
                slots.append(slot)
            if len(slots) == count:
                break
        return slots

    def _slots_from(self, instant: datetime) -> Iterator[datetime]:
        """Yield slots in order, each once, beginning somewhat before an instant."""
        last: datetime | None = None
        for wall in CronSim(self.cron, _wall_time(instant, self.zone) - _LARGEST_SHIFT):
            slot = resolve_wall_time(wall, self.zone)
            if last is None or slot > last:
                yield slot
                last = slot


def resolve_wall_time(wall: datetime, zone: str) -> datetime:
    """Return the UTC instant of a naive local wall time by the rule in the module's docstring."""
    local = wall.replace(tzinfo=ZoneInfo(zone), fold=0)
    instant = local.astimezone(UTC)
    if instant.astimezone(local.tzinfo).replace(tzinfo=None) == wall:
        return instant
    # In a gap, fold=0 applies the offset before the change: the instant lies after the gap by as much as the
    # wall time lies inside it. Walk back to the change itself.
    return _end_of_gap(instant, ZoneInfo(zone))


def _end_of_gap(instant: datetime, zone: ZoneInfo) -> datetime:
    """Return the end of the gap before ``instant``: bisect for where the UTC offset changes."""
    late, early = instant, instant - _LARGEST_SHIFT
    offset = late.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            late = middle
        else:
            early = middle
    return late.replace(microsecond=0)


def check_zone(zone: str) -> str:
    """Return a time zone's name as given; InputError when the IANA database does not know it."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(
            f"time zone {zone!r} does not exist; use an IANA name such as Europe/Vienna or America/New_York",
            field="zone",
        ) from error
    return zone


def check_cron(cron: str) -> str:
    """Return a cron line with single spaces; InputError when it is none, or can never be due."""
    line = " ".join(cron.split())
    if len(line.split(" ")) != 5:
        raise InputError(
            f"cron line {cron!r} must have five fields: minute, hour, day of month, month, day of week "
            "(0 7 * * MON is every Monday at 07:00)",
            field="cron",
        )
    try:
        next(CronSim(line, _wall_time(datetime(2024, 1, 1, tzinfo=UTC), "UTC")))
    except CronSimError as error:
        raise InputError(f"cron line {cron!r} is not valid: {error}", field="cron") from error
    except StopIteration as error:
        raise InputError(f"cron line {cron!r} names a date that never comes", field="cron") from error
    return line


def check_often(cron: str) -> str:
    """Return a good cron line; InputError when it is due again within less than five minutes."""
    times = CronSim(cron, _wall_time(datetime(2024, 1, 1, tzinfo=UTC), "UTC"))
    first = before = next(times)
    # What comes too often does so on the first day that has any times, or from it to the next.
    for at in takewhile(lambda one: one - first < timedelta(days=2), times):
        if at - before < timedelta(minutes=LEAST_MINUTES):
            raise InputError(
                f"cron: a report comes every {LEAST_MINUTES} minutes at most; this line is due at "
                f"{before:%H:%M} and again at {at:%H:%M}",
                field="cron",
            )
        before = at
    return cron


def _wall_time(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
