"""Schedules in words and as forms: what is said is what is due."""

from __future__ import annotations

from datetime import datetime, time
from itertools import islice

import pytest
from cronsim import CronSim
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.domain.schedule import check_cron
from broadsheet.domain.wording import (
    WEEK,
    ScheduleForm,
    ScheduleKind,
    form_of_cron,
    form_words,
    listed,
    read_schedule_form,
    schedule_words,
    zone_words,
)
from broadsheet.errors import InputError, InputErrors

NEW_YORK = "America/New_York"
START = datetime(2024, 1, 1)

FORMS = st.builds(
    ScheduleForm,
    kind=st.sampled_from([kind for kind in ScheduleKind if kind is not ScheduleKind.CRON]),
    at=st.times().map(lambda at: time(at.hour, at.minute)),
    days=st.sets(st.sampled_from(WEEK), min_size=1).map(tuple),
    day=st.integers(1, 31),
    nth=st.sampled_from([1, 2, 3, 4, 5, -1]),
    weekday=st.sampled_from(WEEK),
)


def fields(low: int, high: int, *names: str) -> st.SearchStrategy[str]:
    """Fields of a cron line: numbers, names, ranges, steps and lists of them."""
    numbers = st.integers(low, high)
    one = st.one_of(numbers.map(str), st.sampled_from(names) if names else st.nothing())
    span = st.tuples(numbers, numbers).map(lambda pair: f"{min(pair)}-{max(pair)}")
    step = st.tuples(st.one_of(st.just("*"), span), st.integers(1, 8)).map(
        lambda pair: f"{pair[0]}/{pair[1]}"
    )
    return st.one_of(st.just("*"), step, st.lists(st.one_of(one, span), min_size=1, max_size=3).map(",".join))


def is_valid(line: str) -> bool:
    try:
        check_cron(line)
    except InputError:
        return False
    return True


LINES = st.builds(
    lambda *parts: " ".join(parts),
    fields(0, 59),
    fields(0, 23),
    fields(1, 31, "L", "LW"),
    fields(1, 12, "JAN", "dec"),
    fields(0, 7, "MON", "sun", "FRI#2", "1#5", "5L"),
).filter(is_valid)


def due(line: str) -> list[datetime]:
    return list(islice(CronSim(line, START), 30))


@given(form=FORMS)
def test_a_form_that_became_a_cron_line_is_read_back_as_it_was(form: ScheduleForm) -> None:
    assert form_of_cron(form.cron_line) == form


@given(form=FORMS)
def test_the_words_of_a_form_say_its_time(form: ScheduleForm) -> None:
    words = schedule_words(form.cron_line, NEW_YORK)
    assert f"at {form.at:%H:%M} (New York time)" in words
    assert words[0].isupper()


@given(line=LINES)
def test_a_line_that_a_form_says_is_due_when_the_form_s_own_line_is(line: str) -> None:
    assert due(form_of_cron(line).cron_line) == due(line)


@given(line=LINES)
def test_every_valid_line_has_words(line: str) -> None:
    words = schedule_words(line, "UTC")
    assert words.endswith("(UTC)")
    assert not any(character in words for character in "*#/")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("0 7 * * *", "Every day at 07:00"),
        ("00 07 * * *", "Every day at 07:00"),
        ("0 7 * * 1-5", "Every weekday at 07:00"),
        ("0 7 * * MON,TUE,WED,THU,FRI", "Every weekday at 07:00"),
        ("0 7 * * 0-6", "Every day at 07:00"),
        ("30 18 * * mon", "Every Monday at 18:30"),
        ("0 7 * * 7", "Every Sunday at 07:00"),
        ("0 7 * * 3,1", "Every Monday and Wednesday at 07:00"),
        ("0 7 * * 5/2", "Every Friday and Sunday at 07:00"),
        ("0 7 1 * *", "On the 1st of every month at 07:00"),
        ("0 7 22 * *", "On the 22nd of every month at 07:00"),
        ("0 7 13 * *", "On the 13th of every month at 07:00"),
        ("0 7 31 * *", "On the 31st of every month that has one at 07:00"),
        ("0 7 L * *", "On the last day of every month at 07:00"),
        ("0 7 * * 2#1", "On the first Tuesday of every month at 07:00"),
        ("0 7 * * FRI#5", "On the fifth Friday of every month that has one at 07:00"),
        ("0 7 * * 5L", "On the last Friday of every month at 07:00"),
        ("*/15 8-17 * * 1-5", "Every 15 minutes, between 08:00 and 17:59, on a weekday"),
        ("0 7 1,15 * *", "At 07:00, on days 1 and 15 of the month"),
        ("0 7 1-7 * MON", "At 07:00, on days 1 to 7 of the month, or on a Monday"),
        (
            "0 7 */2 * SUN",
            "At 07:00, on every 2nd day from the 1st of the month, and only if that is a Sunday",
        ),
        ("0 7 15,L * *", "At 07:00, on day 15 and the last day of the month"),
        ("0 7 LW * *", "At 07:00, on the last workday of the month"),
        ("0 7 * */3 *", "At 07:00, in January, April, July and October"),
        ("0 7 * * MON#2,THU", "At 07:00, on a Thursday or the second Monday of the month"),
        # Every day is in one of the two fields, and one of the two is enough.
        ("0 7 1-31 * MON", "At 07:00"),
    ],
)
def test_what_a_line_is_called(line: str, words: str) -> None:
    assert schedule_words(line, NEW_YORK) == f"{words} (New York time)"


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("America/New_York", "New York time"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires time"),
        ("UTC", "UTC"),
        ("Etc/GMT+5", "Etc/GMT+5"),
    ],
)
def test_a_zone_is_called_after_its_place(zone: str, words: str) -> None:
    assert zone_words(zone) == words


def test_a_line_that_is_not_valid_has_no_words() -> None:
    with pytest.raises(InputError) as caught:
        schedule_words("0 7 * *", "UTC")
    assert caught.value.field == "cron"


def test_what_a_kind_does_not_use_is_forgotten() -> None:
    sent = {"kind": "daily", "at": "06:30", "days": [], "day": "", "nth": "7", "weekday": "", "cron": "x"}
    form = read_schedule_form(sent)
    assert form == ScheduleForm(kind=ScheduleKind.DAILY, at=time(6, 30))
    assert form_words(form) == "Every day at 06:30"


def test_a_form_s_texts_are_read() -> None:
    weekly = read_schedule_form({"kind": "weekly", "at": "07:00", "days": ["FRI", "MON", "FRI"]})
    assert weekly.cron_line == "0 7 * * MON,FRI"
    monthly = read_schedule_form({"kind": "monthly_weekday", "at": "07:00", "nth": "-1", "weekday": "FRI"})
    assert monthly.cron_line == "0 7 * * 5L"


@pytest.mark.parametrize(
    ("sent", "names"),
    [
        ({}, ["kind"]),
        ({"kind": "hourly"}, ["kind"]),
        ({"kind": "daily", "at": "25:00"}, ["at"]),
        ({"kind": "daily", "at": ""}, ["at"]),
        ({"kind": "daily", "at": "25200"}, ["at"]),
        ({"kind": "daily", "at": "07:00Z"}, ["at"]),
        ({"kind": "daily", "at": "07:00:30"}, ["at"]),
        ({"kind": "weekly", "at": "7", "days": []}, ["at", "days"]),
        ({"kind": "weekly", "at": "07:00", "days": ["MON", "FREITAG"]}, ["days"]),
        ({"kind": "monthly_day", "at": "07:00", "day": "32"}, ["day"]),
        ({"kind": "monthly_weekday", "at": "07:00", "nth": "0", "weekday": "MO"}, ["nth", "weekday"]),
        ({"kind": "daily", "at": "07:00", "colour": "red"}, ["colour"]),
    ],
)
def test_every_fault_of_a_form_is_told_at_once(sent: dict[str, object], names: list[str]) -> None:
    with pytest.raises(InputErrors) as caught:
        read_schedule_form(sent)
    assert [fault.field for fault in caught.value.errors] == [f"schedule.{name}" for name in names]


def test_a_cron_line_that_a_form_says_becomes_that_form() -> None:
    assert read_schedule_form({"kind": "cron", "cron": "0 7 * * 1"}).kind is ScheduleKind.WEEKLY
    kept = read_schedule_form({"kind": "cron", "cron": " */5  * * * * "})
    assert (kept.kind, kept.cron_line) == (ScheduleKind.CRON, "*/5 * * * *")
    with pytest.raises(InputError) as caught:
        read_schedule_form({"kind": "cron", "cron": "every day"})
    assert caught.value.field == "cron"


@pytest.mark.parametrize(
    ("items", "words"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_a_list_reads_as_one(items: list[str], words: str) -> None:
    assert listed(items) == words
