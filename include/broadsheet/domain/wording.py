"""Schedules in a reader's words: ``Every Monday at 07:00 (New York time)``."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from functools import lru_cache

from cron_descriptor import ExpressionDescriptor, Options

from broadsheet.domain.cron_fields import LAST, WEEK, CronFields, Weekday, read_cron
from broadsheet.domain.schedule_form import (
    ScheduleForm,
    ScheduleKind,
    form_of_cron,
    read_schedule_form,
)

__all__ = [
    "LAST",
    "WEEK",
    "ScheduleForm",
    "ScheduleKind",
    "Weekday",
    "form_of_cron",
    "form_words",
    "listed",
    "nth_words",
    "read_schedule_form",
    "schedule_words",
    "zone_words",
]

_NTH = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", LAST: "last"}
_WORKDAYS = WEEK[:5]
_STEP = re.compile(r"\*/(\d+)")
# Days that some months do not have.
_RARE_DAY = 29


@lru_cache(maxsize=8192)
def schedule_words(cron: str, zone: str) -> str:
    """Return a schedule in words, with its time zone; InputError for a cron line that is not valid."""
    return f"{form_words(form_of_cron(cron))} ({zone_words(zone)})"


def zone_words(zone: str) -> str:
    """Return a time zone in words: ``New York time``; a zone that is named after no place as it is."""
    area, _, place = zone.rpartition("/")
    if not area or area == "Etc":
        return zone
    return f"{place.replace('_', ' ')} time"


def form_words(form: ScheduleForm) -> str:
    """Return a schedule in words, without a time zone: ``Every Monday at 07:00``."""
    at = f"at {form.at:%H:%M}"
    match form.kind:
        case ScheduleKind.DAILY:
            return f"Every day {at}"
        case ScheduleKind.WEEKDAYS:
            return f"Every weekday {at}"
        case ScheduleKind.WEEKLY:
            return f"Every {_days_words(form.days)} {at}"
        case ScheduleKind.MONTHLY_DAY if form.day >= _RARE_DAY:
            return f"On the {_ordinal(form.day)} of every month that has one {at}"
        case ScheduleKind.MONTHLY_DAY:
            return f"On the {_ordinal(form.day)} of every month {at}"
        case ScheduleKind.MONTHLY_LAST_DAY:
            return f"On the last day of every month {at}"
        case ScheduleKind.MONTHLY_WEEKDAY:
            rare = " that has one" if form.nth == 5 else ""
            return f"On the {nth_words(form.nth)} {form.weekday.words} of every month{rare} {at}"
        case ScheduleKind.CRON:
            return _cron_words(read_cron(form.cron))


def nth_words(nth: int) -> str:
    """Return which one in a month: ``first`` to ``fifth``, or ``last``."""
    return _NTH[nth]


def listed(items: Sequence[str], conjunction: str = "and") -> str:
    """Return items as a list for readers: ``a, b and c``."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {conjunction} {items[-1]}"


def _cron_words(fields: CronFields) -> str:
    """Return a line that no form says in words: its times by cron-descriptor, its days by ourselves.

    What cron-descriptor says of days differs, in rare lines, from when they are due: of ``*/2`` together with
    a weekday, of steps over weekdays, and of lists with ``#`` in them.
    """
    # Its language is given, since it would take the process's otherwise, and warn where there is none.
    options = Options(use_24hour_time_format=True, locale_code="en_US")
    minute, hour = fields.texts[:2]
    times = ExpressionDescriptor(f"{minute} {hour} * * *", options).get_description()
    return ", ".join(part for part in (times, _when(fields), _months_words(fields)) if part)


def _when(fields: CronFields) -> str:
    """Return on which days a line is due; nothing for every day."""
    day = "" if fields.every_day else f"on {_month_days(fields)} of the month"
    weekday = "" if fields.every_weekday else _week_days(fields)
    if fields.both:
        return (
            f"{day}, and only if that is {weekday.removeprefix('on ')}" if day and weekday else day + weekday
        )
    # One of the two is enough, so that a field with every day in it makes the other of no account.
    return f"{day}, or {weekday}" if day and weekday else ""


def _month_days(fields: CronFields) -> str:
    if step := _STEP.fullmatch(fields.texts[2]):
        return f"every {_ordinal(int(step[1]))} day from the 1st"
    numbers = [day for day in fields.days if day != LAST]
    parts = [f"{'day' if len(numbers) == 1 else 'days'} {listed(_runs(numbers))}"] if numbers else []
    if LAST in fields.days:
        parts.append("the last day")
    if fields.last_workday:
        parts.append("the last workday")
    return listed(parts)


def _runs(numbers: Sequence[int]) -> list[str]:
    """Return ascending numbers with three or more in a row as one item: ``1 to 7``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    items: list[str] = []
    for run in runs:
        items.extend([f"{run[0]} to {run[-1]}"] if len(run) > 2 else [str(number) for number in run])
    return items


def _week_days(fields: CronFields) -> str:
    plain = [f"a {day.words}" for day in fields.weekdays]
    if fields.weekdays == _WORKDAYS:
        plain = ["a weekday"]
    nth = [f"the {nth_words(which)} {day.words} of the month" for which, day in fields.nth_weekdays]
    return f"on {listed([*plain, *nth], 'or')}"


def _months_words(fields: CronFields) -> str:
    if len(fields.months) == 12:
        return ""
    return f"in {listed([calendar.month_name[month] for month in fields.months])}"


def _days_words(days: tuple[Weekday, ...]) -> str:
    if days == WEEK:
        return "day"
    if days == _WORKDAYS:
        return "weekday"
    return listed([day.words for day in days])


def _ordinal(number: int) -> str:
    suffix = "th" if number in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"
