"""What the five fields of a cron line stand for, as cronsim reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cronsim import CronSim

from broadsheet.domain.schedule import check_cron

LAST = -1
"""The last one in the month, of days and of weekdays."""


class Weekday(StrEnum):
    """A day of the week, as cron lines name it; weeks begin on Monday."""

    MON = "MON"
    TUE = "TUE"
    WED = "WED"
    THU = "THU"
    FRI = "FRI"
    SAT = "SAT"
    SUN = "SUN"

    @property
    def cron_number(self) -> int:
        """Number of the day in cron lines: Sunday is 0."""
        return (WEEK.index(self) + 1) % 7

    @property
    def words(self) -> str:
        """Name of the day for readers."""
        return _NAMES[WEEK.index(self)]


WEEK = tuple(Weekday)
_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class CronFields:
    """A cron line taken apart."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    """Days of the month in order; ``LAST`` is the last day."""
    last_workday: bool
    """Whether the last day of Monday to Friday in the month is one of the days, too."""
    months: tuple[int, ...]
    weekdays: tuple[Weekday, ...]
    """Days of the week that are due in every week, Monday first."""
    nth_weekdays: tuple[tuple[int, Weekday], ...]
    """Days of the week that are due once in a month: which one, 1 to 5 or ``LAST``."""
    every_day: bool
    """Whether the day of the month does not matter."""
    every_weekday: bool
    """Whether the day of the week does not matter."""
    both: bool
    """Whether day of month and day of week must both fit; otherwise one of them is enough."""
    texts: tuple[str, str, str, str, str]
    """The fields as they are written, in capitals."""


def read_cron(cron: str) -> CronFields:
    """Take a cron line apart; InputError when it is not valid."""
    minute, hour, day, month, weekday = check_cron(cron).upper().split(" ")
    # The instant is of no account: only what the line was read as is looked at.
    read = CronSim(f"{minute} {hour} {day} {month} {weekday}", datetime(2024, 1, 1))  # noqa: DTZ001
    days = {LAST if one == CronSim.LAST else one for one in read.days} - {CronSim.LAST_WEEKDAY}
    plain = {one % 7 for one in read.weekdays if isinstance(one, int)}
    nth = {one for one in read.weekdays if not isinstance(one, int)}
    return CronFields(
        minutes=tuple(sorted(read.minutes)),
        hours=tuple(sorted(read.hours)),
        days=tuple(sorted(days - {LAST})) + ((LAST,) if LAST in days else ()),
        last_workday=CronSim.LAST_WEEKDAY in read.days,
        months=tuple(sorted(read.months)),
        weekdays=tuple(one for one in WEEK if one.cron_number in plain),
        nth_weekdays=tuple(
            sorted(((LAST if which == CronSim.LAST else which), _weekday(number)) for number, which in nth)
        ),
        every_day=days >= set(range(1, 32)),
        every_weekday=len(plain) == len(WEEK),
        both=bool(read.day_and),
        texts=(minute, hour, day, month, weekday),
    )


def _weekday(number: int) -> Weekday:
    return next(day for day in WEEK if day.cron_number == number % 7)
