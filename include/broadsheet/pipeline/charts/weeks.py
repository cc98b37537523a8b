"""Weeks as the calendars of a language have them, and the names of days and months above them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from broadsheet.pipeline.charts import labels as words
from broadsheet.pipeline.formats import first_weekday, format_month, format_weekday


@dataclass(frozen=True)
class Weeks:
    """Weeks that begin on the day ``first``, 0 is Monday."""

    first: int

    def number(self, day: date) -> int:
        """Return a number that all days of one week share; it never leaves the calendar, as dates would."""
        return (day.toordinal() - 1 - self.first) // 7

    def place(self, day: date) -> int:
        """Return how many days after the week's first one a day is."""
        return (day.weekday() - self.first) % 7


def weeks_of(locale: str) -> Weeks:
    """Return the weeks of a language's calendars."""
    return Weeks(first_weekday(locale))


def weekday_names(room: float, locale: str) -> list[str]:
    """Return the names of a week's days in order; as letters where a language's short names are too wide."""
    first = first_weekday(locale)
    days = [*range(first, 7), *range(first)]
    names = [format_weekday(number, locale=locale) for number in days]
    if words.width_of(names, size=7.0) <= room:
        return names
    return [format_weekday(number, narrow=True, locale=locale) for number in days]


def month_names(room: float, locale: str) -> list[str]:
    """Return the names of the months, cut where a language's short names are too wide."""
    names = [format_month(date(2013, month, 1), year=False, locale=locale) for month in range(1, 13)]
    return [words.fitted(name, width=room, size=7.0) for name in names]
