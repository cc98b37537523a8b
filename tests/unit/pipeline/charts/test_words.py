"""The words that charts write by themselves, in the document's language."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from broadsheet.pipeline.charts.kinds import make_drawing
from broadsheet.pipeline.document.drawing import TextMark
from broadsheet.pipeline.document.fonts import load_fonts, text_width
from broadsheet.pipeline.document.theme import load_theme
from broadsheet.pipeline.payload import ChartPart, SeriesPart
from broadsheet.settings import Settings

ENGLISH = {"Mon", "Tue", "Sun", "Jul 2013", "Jul", "no value"}


def _labels(chart: ChartPart, locale: str) -> list[TextMark]:
    load_fonts(Settings().static_dir, language=locale)
    theme = load_theme(Settings().themes_dir, "broadsheet").in_language(locale)
    drawing = make_drawing(chart, size="full", theme=theme)
    return [mark for mark in drawing.marks if isinstance(mark, TextMark)]


def _calendar(days: int) -> ChartPart:
    places = tuple((date(2013, 7, 1) + timedelta(days=number)).isoformat() for number in range(days))
    values = (None, *(float(number) for number in range(days - 1)))
    return ChartPart(kind="calendar", title="Days", x=places, series=(SeriesPart(name="a", values=values),))


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en-GB", {"Mon", "Jul 2013", "no value"}),
        ("de", {"Mo", "Juli 2013", "kein Wert"}),
        ("ja", {"月", "2013年7月", "値なし"}),
        ("ar", {"ن", "يوليو 2013", "لا قيمة"}),
    ],
)
def test_a_calendar_has_the_weekdays_and_months_of_its_language(locale: str, words: set[str]) -> None:
    texts = {mark.text for mark in _labels(_calendar(92), locale)}
    assert words <= texts
    assert locale == "en-GB" or not texts & ENGLISH


@pytest.mark.parametrize("locale", ["de", "fr", "es", "hi", "ja", "zh-Hans", "ar"])
@pytest.mark.parametrize("days", [92, 365])
def test_no_names_of_days_or_months_touch_each_other(locale: str, days: int) -> None:
    marks = _labels(_calendar(days), locale)
    assert not {mark.text for mark in marks} & ENGLISH - {"Jul"}
    for row in {mark.y for mark in marks}:
        line = sorted((mark for mark in marks if mark.y == row), key=lambda mark: mark.x)
        for one, two in pairwise(line):
            assert one.x + text_width(one.text, one.face, one.size) <= two.x, (one.text, two.text)


@pytest.mark.parametrize(
    ("locale", "words"), [("de", "kein Wert"), ("hi", "कोई मान नहीं"), ("fr", "aucune valeur")]
)
def test_a_heatmap_says_in_its_language_where_values_lack(locale: str, words: str) -> None:
    chart = ChartPart(
        kind="heatmap", title="t", x=("a", "b"), series=(SeriesPart(name="n", values=(1.0, None)),)
    )
    assert words in {mark.text for mark in _labels(chart, locale)}
