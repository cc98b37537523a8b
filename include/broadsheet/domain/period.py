"""Periods: the half-open interval ``[start, end)`` that a report describes.

A period is made of whole local days in the subscription's time zone. It is computed from the slot or named by
the caller (``2013-W12``, ``2013-03``, ``2013-03-18``), never taken from the clock.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, model_validator

from broadsheet.errors import InputError


class PeriodKind(StrEnum):
    """Lengths of time that a report can describe."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Period(BaseModel):
    """A half-open interval of whole local days in one time zone."""

    model_config = ConfigDict(frozen=True)

    kind: PeriodKind
    first_day: date
    """First local day that belongs to the period."""
    end_day: date
    """First local day that no longer belongs to it."""
    zone: str
    """IANA name of the time zone in which the days are counted."""

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.end_day <= self.first_day:
            raise ValueError(f"a period ends after it starts, got {self.first_day} to {self.end_day}")
        return self

    @property
    def start(self) -> AwareDatetime:
        """First instant of the period, in its own zone."""
        return local_midnight(self.first_day, self.zone)

    @property
    def end(self) -> AwareDatetime:
        """First instant after the period, in its own zone."""
        return local_midnight(self.end_day, self.zone)

    @property
    def last_day(self) -> date:
        """Last local day that belongs to the period."""
        return self.end_day - timedelta(days=1)

    @property
    def days(self) -> int:
        """Number of local days in the period."""
        return (self.end_day - self.first_day).days

    @property
    def name(self) -> str:
        """Short ISO name, which :func:`parse_period` reads back: ``2013-W12``, ``2013-03``, ``2013-Q1``."""
        match self.kind:
            case PeriodKind.DAY:
                return self.first_day.isoformat()
            case PeriodKind.WEEK:
                year, week, _ = self.first_day.isocalendar()
                return f"{year}-W{week:02d}"
            case PeriodKind.MONTH:
                return f"{self.first_day:%Y-%m}"
            case PeriodKind.QUARTER:
                return f"{self.first_day.year}-Q{(self.first_day.month + 2) // 3}"
            case PeriodKind.YEAR:
                return f"{self.first_day.year}"

    @property
    def label(self) -> str:
        """Words for a reader: ``Week 12, 18–24 March 2013``."""
        first, last = self.first_day, self.last_day
        match self.kind:
            case PeriodKind.DAY:
                return f"{first:%A}, {first.day} {first:%B %Y}"
            case PeriodKind.WEEK:
                return f"Week {first.isocalendar().week}, {day_range(first, last)}"
            case PeriodKind.MONTH:
                return f"{first:%B %Y}"
            case PeriodKind.QUARTER:
                return f"Quarter {(first.month + 2) // 3} of {first.year}"
            case PeriodKind.YEAR:
                return f"Year {first.year}"

    def previous(self) -> Period:
        """Return the period of the same kind that ends where this one starts."""
        return period_containing(self.first_day - timedelta(days=1), self.kind, zone=self.zone)

    def year_before(self) -> Period:
        """Return the same period a year earlier: the same date, month or quarter, or the week of that number.

        29 February has 28 February before it, and week 53 the last week of a year that has only 52.
        """
        first = self.first_day
        if self.kind is PeriodKind.WEEK:
            year, week, _ = first.isocalendar()
            # 28 December always lies in a year's last week.
            last = date(year - 1, 12, 28).isocalendar().week
            earlier = date.fromisocalendar(year - 1, min(week, last), 1)
        else:
            leap_day = first.month == 2 and first.day == 29
            earlier = first.replace(year=first.year - 1, day=28 if leap_day else first.day)
        return period_containing(earlier, self.kind, zone=self.zone)


def local_midnight(day: date, zone: str) -> datetime:
    """Return the first instant of a local day (after the gap, where midnight does not exist)."""
    naive = datetime.combine(day, time.min)
    # A round trip through UTC moves a wall time inside a gap to the same instant, written after the gap.
    return naive.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).astimezone(ZoneInfo(zone))


def day_range(first: date, last: date) -> str:
    """Write a closed range of days without repeating month or year: ``18–24 March 2013``."""
    if first.year != last.year:
        return f"{first.day} {first:%B %Y} – {last.day} {last:%B %Y}"
    if first.month != last.month:
        return f"{first.day} {first:%B} – {last.day} {last:%B %Y}"
    return f"{first.day}–{last.day} {last:%B %Y}"


def period_containing(day: date, kind: PeriodKind, *, zone: str) -> Period:
    """Return the period of a kind that holds a local day. Weeks are ISO weeks, Monday to Sunday."""
    match kind:
        case PeriodKind.DAY:
            first, end = day, day + timedelta(days=1)
        case PeriodKind.WEEK:
            first = day - timedelta(days=day.weekday())
            end = first + timedelta(days=7)
        case PeriodKind.MONTH:
            first = day.replace(day=1)
            end = _plus_months(first, 1)
        case PeriodKind.QUARTER:
            first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
            end = _plus_months(first, 3)
        case PeriodKind.YEAR:
            first, end = date(day.year, 1, 1), date(day.year + 1, 1, 1)
    return Period(kind=kind, first_day=first, end_day=end, zone=zone)


def latest_complete_period(slot: datetime, kind: PeriodKind, *, zone: str) -> Period:
    """Return the last period that is over at ``slot`` (an aware instant), counted in ``zone``."""
    local_day = slot.astimezone(ZoneInfo(zone)).date()
    return period_containing(local_day, kind, zone=zone).previous()


# Far enough from the ends of the calendar that zones, and the period before, can be computed.
_YEARS = range(1900, 2200)
_NAMES = {
    PeriodKind.DAY: re.compile(r"(\d{4})-(\d{2})-(\d{2})"),
    PeriodKind.WEEK: re.compile(r"(\d{4})-W(\d{2})"),
    PeriodKind.MONTH: re.compile(r"(\d{4})-(\d{2})"),
    PeriodKind.QUARTER: re.compile(r"(\d{4})-Q([1-4])"),
    PeriodKind.YEAR: re.compile(r"(\d{4})"),
}


def parse_period(text: str, *, zone: str) -> Period:
    """Read a period's name: ``2013-03-18``, ``2013-W12``, ``2013-03``, ``2013-Q1`` or ``2013``.

    Raises InputError when the text has none of these forms or names a date that does not exist.
    """
    for kind, pattern in _NAMES.items():
        if found := pattern.fullmatch(text):
            try:
                return period_containing(
                    _first_day(kind, [int(part) for part in found.groups()]), kind, zone=zone
                )
            except ValueError as error:
                raise InputError(f"period {text!r} does not exist: {error}", field="period") from error
    raise InputError(
        f"period {text!r} is not understood; write a day 2013-03-18, a week 2013-W12, a month 2013-03, "
        "a quarter 2013-Q1 or a year 2013",
        field="period",
    )


def _first_day(kind: PeriodKind, numbers: list[int]) -> date:
    if numbers[0] not in _YEARS:
        raise ValueError(f"give a year from {_YEARS.start} to {_YEARS.stop - 1}")
    match kind:
        case PeriodKind.DAY:
            return date(*numbers)
        case PeriodKind.WEEK:
            return date.fromisocalendar(numbers[0], numbers[1], 1)
        case PeriodKind.MONTH:
            return date(numbers[0], numbers[1], 1)
        case PeriodKind.QUARTER:
            return date(numbers[0], 3 * numbers[1] - 2, 1)
        case PeriodKind.YEAR:
            return date(numbers[0], 1, 1)


def _plus_months(first: date, months: int) -> date:
    index = first.year * 12 + first.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)
