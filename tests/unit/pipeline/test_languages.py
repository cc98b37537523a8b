"""Languages: numbers, dates and periods as Babel has them, the product's words, whole documents."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, date, datetime

import pytest
from babel.messages.pofile import read_po

from broadsheet.domain.parts import Format
from broadsheet.domain.period import parse_period
from broadsheet.pipeline.formats import (
    format_instant,
    format_month,
    format_number,
    format_short_day,
    period_label,
    period_short,
)
from broadsheet.pipeline.languages import LOCALES, is_rtl, say, say_many
from broadsheet.pipeline.units import with_unit

WEEK = parse_period("2013-W12", zone="UTC")
FILES = sorted(LOCALES.glob("*.po"))


@pytest.mark.parametrize(
    ("locale", "number", "share"),
    [
        ("en-GB", "−1,234,567.9", "78.1 %"),
        ("en-US", "−1,234,567.9", "78.1%"),
        ("de", "−1.234.567,9", "78,1 %"),
        ("fr", "−1 234 567,9", "78,1 %"),
        ("ja", "−1,234,567.9", "78.1%"),
        ("hi", "−12,34,567.9", "78.1%"),
        ("tr", "−1.234.567,9", "%78,1"),
        ("ar", "\u200e−1,234,567.9", "78.1%"),
    ],
)
def test_numbers_are_written_as_the_language_has_them(locale: str, number: str, share: str) -> None:
    assert format_number(-1234567.891, Format.DECIMAL1, locale=locale).replace("\xa0", " ") == number
    words = with_unit(format_number(0.781, Format.PERCENT, locale=locale), "%", locale=locale)
    assert words.replace("\xa0", " ") == share


def test_spanish_groups_only_from_five_digits_on() -> None:
    assert format_number(4112, Format.INTEGER, locale="es") == "4112"
    assert format_number(14112, Format.INTEGER, locale="es") == "14.112"


@pytest.mark.parametrize(
    ("locale", "label", "short"),
    [
        ("en-GB", "Week 12, 18–24 March 2013", "Week 12"),
        ("de", "KW 12, 18.–24. März 2013", "KW 12"),
        ("fr", "Semaine 12, 18–24 mars 2013", "Semaine 12"),
        ("ja", "第12週（2013年3月18日～24日）", "第12週"),
        ("ar", "الأسبوع 12، 18–24 مارس 2013", "الأسبوع 12"),
    ],
)
def test_periods_are_named_in_the_language(locale: str, label: str, short: str) -> None:
    assert period_label(WEEK, locale=locale) == label
    assert period_short(WEEK, locale=locale) == short


def test_days_and_instants_are_written_in_the_language() -> None:
    instant = datetime(2026, 11, 22, 13, 5, tzinfo=UTC)
    assert format_short_day(date(2013, 3, 18), year=False, locale="de") == "Mo., 18. März"
    assert format_instant(instant, "Europe/Berlin", locale="de") == "22. November 2026, 14:05 CET"
    assert format_instant(instant, "Asia/Tokyo", locale="ja") == "2026年11月22日 22:05 JST"


@pytest.mark.parametrize(
    ("locale", "month"), [("en-GB", "Mar"), ("de", "Mär"), ("ja", "3月"), ("ar", "مارس")]
)
def test_months_of_one_year_are_written_without_it(locale: str, month: str) -> None:
    assert format_month(date(2013, 3, 18), year=False, locale=locale) == month


def test_words_have_the_forms_that_a_language_counts_with() -> None:
    forms = {
        say_many("ar", "{count} row", "{count} rows", count, count=count) for count in (1, 2, 3, 11, 100)
    }
    assert len(forms) == 5
    assert say_many("de", "{count} row", "{count} rows", 1, count=1) == "1 Zeile"


def test_a_region_has_the_words_of_its_language_and_an_unknown_one_english() -> None:
    assert say("de-AT", "Total") == "Summe"
    assert say("zh-CN", "Total") == say("zh-Hans", "Total") == "合计"
    assert say("xx", "Total") == "Total"
    assert is_rtl("ar-EG")
    assert not is_rtl("de")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_language_has_every_message_with_its_placeholders(path: object) -> None:
    catalogs = {}
    for file in FILES:
        with file.open("rb") as source:
            catalogs[file] = read_po(source, locale=file.stem)
    everything = {message.id for catalog in catalogs.values() for message in catalog if message.id}
    mine = {message.id: message for message in catalogs[path] if message.id}  # type: ignore[index]
    assert set(mine) == everything
    for identity, message in mine.items():
        wanted = set(re.findall(r"\{\w+\}", identity if isinstance(identity, str) else identity[1]))
        forms = [message.string] if isinstance(message.string, str) else list(message.string)
        assert all(forms)
        assert all(set(re.findall(r"\{\w+\}", form)) <= wanted for form in forms)
        if isinstance(identity, str):
            assert set(re.findall(r"\{\w+\}", forms[0])) == wanted


def test_a_language_keeps_its_names_of_months_and_days_after_another_one() -> None:
    fresh = """
from datetime import date
from broadsheet.pipeline.formats import format_month, format_weekday
for one in ("ja", "ar", "ko", "he", "ru", "ja"):
    print(format_month(date(2013, 3, 18), year=False, locale=one), format_weekday(2, locale=one))
"""
    done = subprocess.run([sys.executable, "-c", fresh], capture_output=True, text=True, check=True)
    found = done.stdout.splitlines()
    assert found[:5] == ["3月 水", "مارس الأربعاء", "3월 수", "מרץ יום ד׳", "март ср"]
    assert found[5] == found[0]
