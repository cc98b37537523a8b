"""Charts in Arabic and Hebrew: rows, keys, notes and calendars begin at the right; time runs to the right."""

from __future__ import annotations

import re
from typing import Any

import pytest

from broadsheet.pipeline.charts.kinds import make_drawing
from broadsheet.pipeline.document.cell_marks import bar_operators
from broadsheet.pipeline.document.drawing import Drawing, TextMark
from broadsheet.pipeline.document.fonts import load_fonts
from broadsheet.pipeline.document.theme import Theme, load_theme
from broadsheet.pipeline.payload import ChartPart
from broadsheet.settings import Settings


@pytest.fixture(autouse=True)
def _fonts() -> None:
    load_fonts(Settings().static_dir)


def theme(language: str) -> Theme:
    return load_theme(Settings().themes_dir, "broadsheet").in_language(language)


def chart(kind: str, **changes: Any) -> ChartPart:
    series = [{"name": "first", "values": [5.0, 9.0], "role": "other"}]
    part = {"kind": kind, "title": "A", "x": ["Oslo", "Rome"], "series": series, "format": "integer"}
    return ChartPart.model_validate(
        {**part, "unit": "", "subtitle": "", "x_label": "", "y_label": "", **changes}
    )


def place(drawing: Drawing, text: str) -> float:
    """Return where a text starts, as a share of the drawing's width."""
    return next(m.x for m in drawing.marks if isinstance(m, TextMark) and m.text == text) / drawing.width


@pytest.mark.parametrize("kind", ["hbar", "heatmap", "sparkline", "box"])
def test_names_of_rows_stand_at_the_right(kind: str) -> None:
    part = chart(kind)
    if kind == "box":
        spread = {"low": 1.0, "lower": 2.0, "median": 3.0, "upper": 4.0, "high": 5.0, "count": 9}
        part = chart(kind, spreads=[spread, spread])
    name = "Oslo" if kind in ("hbar", "box") else "first"
    assert place(make_drawing(part, size="full", theme=theme("en-GB")), name) < 0.2
    assert place(make_drawing(part, size="full", theme=theme("he")), name) > 0.8


def test_bars_grow_to_the_left_and_are_as_long_as_everywhere() -> None:
    english, arabic = (make_drawing(chart("hbar"), size="full", theme=theme(one)) for one in ("en-GB", "ar"))
    assert place(english, "9") > place(english, "5")
    assert place(arabic, "9") < place(arabic, "5")
    assert len(english.marks) == len(arabic.marks)


@pytest.mark.parametrize("kind", ["line", "bar"])
def test_time_runs_from_left_to_right_in_every_language(kind: str) -> None:
    drawing = make_drawing(chart(kind), size="full", theme=theme("ar"))
    assert place(drawing, "Oslo") < place(drawing, "Rome")


def test_notes_and_keys_begin_at_the_right() -> None:
    two = [{"name": one, "values": [5.0, 9.0], "role": "other"} for one in ("first", "second")]
    drawing = make_drawing(chart("bar", series=two, note="A note"), size="full", theme=theme("he"))
    assert place(drawing, "A note") > 0.8
    assert place(drawing, "first") > place(drawing, "second") > 0.5


def test_calendars_begin_on_the_languages_day_and_at_its_side() -> None:
    days = [f"2013-03-{day:02d}" for day in range(1, 32)]
    part = chart(
        "calendar", x=days, series=[{"name": "A", "values": [float(n) for n in range(31)], "role": "other"}]
    )
    # The 3rd of March 2013 is a Sunday, the 4th a Monday.
    first, last = {}, {}
    for language in ("en-GB", "ja", "he"):
        drawing = make_drawing(part, size="full", theme=theme(language))
        first[language], last[language] = place(drawing, "4"), place(drawing, "3")
    assert first["en-GB"] < last["en-GB"]
    assert first["ja"] > last["ja"]
    assert first["he"] < last["he"]


def test_bars_in_cells_grow_to_where_lines_end() -> None:
    starts = []
    for language in ("en-GB", "ar"):
        drawn = bar_operators(
            [0.5], [0.0, -10.0], left=100, width=50, middle=5, reach=(0, 1), theme=theme(language)
        )
        starts.append(float(re.findall(r"([\d.]+) -?[\d.]+ [\d.]+ [\d.]+ re", drawn)[0]))
    assert starts == [100.0, 125.0]


def test_large_numbers_on_hindi_charts_have_lakhs() -> None:
    part = chart("hbar", series=[{"name": "A", "values": [1234567.0, 12.0], "role": "other"}])
    drawing = make_drawing(part, size="full", theme=theme("hi"))
    assert "12,34,567" in [mark.text for mark in drawing.marks if isinstance(mark, TextMark)]
