"""The schedules that a form offers, and the cron line that each one is.

A form and its cron line say the same in both directions: :func:`form_of_cron` reads back what
:attr:`ScheduleForm.cron_line` wrote, and reads every other line that means one of the forms.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from broadsheet.domain.cron_fields import LAST, WEEK, CronFields, Weekday, read_cron
from broadsheet.errors import InputError, InputErrors


class ScheduleKind(StrEnum):
    """The forms that a schedule can have."""

    DAILY = "daily"
    WEEKDAYS = "weekdays"
    """Monday to Friday."""
    WEEKLY = "weekly"
    MONTHLY_DAY = "monthly_day"
    MONTHLY_LAST_DAY = "monthly_last_day"
    MONTHLY_WEEKDAY = "monthly_weekday"
    """The first, second, third, fourth, fifth or last Monday of the month."""
    CRON = "cron"


_USED = {
    ScheduleKind.DAILY: {"at"},
    ScheduleKind.WEEKDAYS: {"at"},
    ScheduleKind.WEEKLY: {"at", "days"},
    ScheduleKind.MONTHLY_DAY: {"at", "day"},
    ScheduleKind.MONTHLY_LAST_DAY: {"at"},
    ScheduleKind.MONTHLY_WEEKDAY: {"at", "nth", "weekday"},
    ScheduleKind.CRON: {"cron"},
}
_CLOCK = re.compile(r"\d{2}:\d{2}(:\d{2})?")
_REMEDIES = {
    "kind": "choose how often",
    "at": "give the time of day as hours and minutes, such as 07:00",
    "days": "choose at least one day of the week",
    "day": "give a day of the month from 1 to 31",
    "nth": "choose which one in the month: first to fifth, or last",
    "weekday": "choose a day of the week",
}


class ScheduleForm(BaseModel):
    """A schedule as a form shows it. What the kind does not use is left at its default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ScheduleKind
    at: time = time(7, 0)
    """Local time of day, in whole minutes."""
    days: tuple[Weekday, ...] = (Weekday.MON,)
    """Days of a weekly schedule, Monday first, without repeats."""
    day: int = Field(1, ge=1, le=31)
    """Day of the month; a month that does not have it is left out."""
    nth: int = Field(1, ge=LAST, le=5)
    """Which ``weekday`` of the month: 1 to 5, or -1 for the last."""
    weekday: Weekday = Weekday.MON
    cron: str = ""
    """The line itself, where no other form says it."""

    @model_validator(mode="before")
    @classmethod
    def _forget_what_is_not_used(cls, values: Any) -> Any:
        # A form sends the fields of every kind; two that mean the same must be equal.
        if not isinstance(values, Mapping) or values.get("kind") not in list(ScheduleKind):
            return values
        used = _USED[ScheduleKind(values["kind"])] | {"kind"}
        return {name: value for name, value in values.items() if name in used or name not in cls.model_fields}

    @field_validator("at", mode="before")
    @classmethod
    def _not_a_number(cls, at: Any) -> Any:
        # pydantic would take 25200, or "25200", for 07:00.
        if isinstance(at, time) or (isinstance(at, str) and _CLOCK.fullmatch(at)):
            return at
        raise ValueError("a time of day is hours and minutes")

    @field_validator("at")
    @classmethod
    def _whole_minutes(cls, at: time) -> time:
        if at.second or at.microsecond or at.tzinfo is not None:
            raise ValueError("a schedule knows hours and minutes alone")
        return at

    @field_validator("days")
    @classmethod
    def _in_order(cls, days: tuple[Weekday, ...]) -> tuple[Weekday, ...]:
        if not days:
            raise ValueError("a weekly schedule has at least one day")
        return tuple(day for day in WEEK if day in days)

    @field_validator("nth")
    @classmethod
    def _not_the_zeroth(cls, nth: int) -> int:
        if nth == 0:
            raise ValueError("the first one is number 1")
        return nth

    @property
    def cron_line(self) -> str:
        """The cron line that says this schedule."""
        clock = f"{self.at.minute} {self.at.hour}"
        match self.kind:
            case ScheduleKind.DAILY:
                return f"{clock} * * *"
            case ScheduleKind.WEEKDAYS:
                return f"{clock} * * MON-FRI"
            case ScheduleKind.WEEKLY:
                return f"{clock} * * {','.join(self.days)}"
            case ScheduleKind.MONTHLY_DAY:
                return f"{clock} {self.day} * *"
            case ScheduleKind.MONTHLY_LAST_DAY:
                return f"{clock} L * *"
            case ScheduleKind.MONTHLY_WEEKDAY if self.nth == LAST:
                return f"{clock} * * {self.weekday.cron_number}L"
            case ScheduleKind.MONTHLY_WEEKDAY:
                return f"{clock} * * {self.weekday}#{self.nth}"
            case ScheduleKind.CRON:
                return self.cron


def form_of_cron(cron: str) -> ScheduleForm:
    """Return the form that says a cron line; one of kind ``cron`` where no other does.

    Raises InputError for a line that is not valid.
    """
    return _plain_form(read_cron(cron)) or ScheduleForm(kind=ScheduleKind.CRON, cron=" ".join(cron.split()))


def read_schedule_form(fields: Mapping[str, object]) -> ScheduleForm:
    """Read a form's fields as they were sent, texts or lists of texts.

    Raises InputErrors with fields ``schedule.<name>``, and InputError with field ``cron`` for a line that is
    not valid.
    """
    try:
        form = ScheduleForm.model_validate(dict(fields))
    except ValidationError as error:
        names = dict.fromkeys(str(fault["loc"][0]) if fault["loc"] else "kind" for fault in error.errors())
        faults = [
            InputError(f"schedule: {_REMEDIES.get(name, 'no such field')}", field=f"schedule.{name}")
            for name in names
        ]
        raise InputErrors(faults) from error
    return form_of_cron(form.cron) if form.kind is ScheduleKind.CRON else form


def _plain_form(fields: CronFields) -> ScheduleForm | None:
    """Return the form, other than ``cron``, that says a line; None without one."""
    if len(fields.minutes) != 1 or len(fields.hours) != 1 or len(fields.months) != 12 or not fields.both:
        return None
    at = time(fields.hours[0], fields.minutes[0])
    weekday_text = fields.texts[4]
    if fields.every_weekday and weekday_text.startswith("*"):
        return _monthly_form(fields, at)
    if not fields.every_day or (fields.weekdays and fields.nth_weekdays):
        return None
    if fields.weekdays == WEEK[:5] and "," not in weekday_text:
        return ScheduleForm(kind=ScheduleKind.WEEKDAYS, at=at)
    if fields.weekdays:
        return ScheduleForm(kind=ScheduleKind.WEEKLY, at=at, days=fields.weekdays)
    if len(fields.nth_weekdays) == 1:
        ((nth, weekday),) = fields.nth_weekdays
        return ScheduleForm(kind=ScheduleKind.MONTHLY_WEEKDAY, at=at, nth=nth, weekday=weekday)
    return None


def _monthly_form(fields: CronFields, at: time) -> ScheduleForm | None:
    if fields.every_day:
        return ScheduleForm(kind=ScheduleKind.DAILY, at=at)
    if len(fields.days) != 1 or fields.last_workday:
        return None
    if fields.days == (LAST,):
        return ScheduleForm(kind=ScheduleKind.MONTHLY_LAST_DAY, at=at)
    return ScheduleForm(kind=ScheduleKind.MONTHLY_DAY, at=at, day=fields.days[0])
