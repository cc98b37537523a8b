"""Drawings of charts: what they show, and that no data can break them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from broadsheet.pipeline.charts.kinds import SIZES, make_drawing, size_of
from broadsheet.pipeline.charts.scales import bounds_of, tick_texts
from broadsheet.pipeline.document.drawing import Drawing, PathMark, TextMark
from broadsheet.pipeline.document.fonts import load_fonts, text_width
from broadsheet.pipeline.document.theme import load_theme
from broadsheet.pipeline.payload import ChartPart
from broadsheet.settings import Settings

THEME = load_theme(Settings().themes_dir, "broadsheet")
KINDS = ("line", "bar", "hbar", "stacked", "histogram", "scatter")
DATA: dict[str, dict[str, Any]] = {
    "usual": {},
    "one point": {"x": ["Mon"]},
    "negative": {"series": [{"name": "Now", "values": [-0.5, -0.2, 0.1], "role": "current"}]},
    "all equal": {"series": [{"name": "Now", "values": [5, 5, 5], "role": "current"}]},
    "zeros": {"series": [{"name": "Now", "values": [0, 0, 0], "role": "current"}]},
    "huge": {"series": [{"name": "Now", "values": [1e300, -1e300, 1], "role": "current"}]},
    "tiny": {"series": [{"name": "Now", "values": [1e-12, 2e-12, 3e-12], "role": "current"}]},
    "too few values": {"series": [{"name": "Now", "values": [1.0], "role": "current"}]},
    "too many values": {"series": [{"name": "Now", "values": [1.0] * 9, "role": "current"}]},
    "only the period before": {"series": [{"name": "Before", "values": [1, 2, 3], "role": "previous"}]},
    "long names": {"x": ["word " * 40, "W" * 400, "x"], "x_label": "x" * 400, "y_label": "y" * 400},
    "many categories": {
        "x": [f"category {number}" for number in range(90)],
        "series": [{"name": "Now", "values": list(range(90)), "role": "current"}],
    },
    "many series": {
        "series": [{"name": f"Series {n}", "values": [n, n + 1, n + 2], "role": "other"} for n in range(14)]
    },
    "reference": {"references": [{"value": 0.9, "label": "target of the whole year, said at length"}]},
}


@pytest.fixture(autouse=True)
def _fonts() -> None:
    load_fonts(Settings().static_dir)


def _draw(chart: dict[str, Any], size: str = "half") -> Drawing:
    return make_drawing(ChartPart.model_validate(chart), size=size, theme=THEME)


def _texts(drawing: Drawing) -> list[str]:
    return [mark.text for mark in drawing.marks if isinstance(mark, TextMark)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("kind", KINDS)
def test_every_text_is_readable_and_inside_the_drawing(
    chart: Callable[..., dict[str, Any]], kind: str, data: str, size: str
) -> None:
    drawing = _draw(chart(kind, **DATA[data]), size)
    assert drawing.width == pytest.approx(size_of(size, THEME)[0], abs=0.01)
    for mark in drawing.marks:
        if isinstance(mark, TextMark):
            assert mark.size >= 7
            assert mark.x >= -0.6
            assert mark.x + text_width(mark.text, mark.face, mark.size) <= drawing.width + 0.6
            assert 0 <= mark.y <= drawing.height - 4


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("values", [[None, None], [], [math.nan, math.inf]])
def test_a_chart_without_numbers_says_so(
    chart: Callable[..., dict[str, Any]], kind: str, values: list[Any]
) -> None:
    empty = chart(kind, x=["a", "b"], series=[{"name": "Now", "values": values, "role": "current"}])
    assert _texts(_draw(empty)) == ["No data for this chart in this period"]
    assert _texts(_draw(chart(kind, x=[], series=[]))) == ["No data for this chart in this period"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_drawing_is_the_same_each_time(chart: Callable[..., dict[str, Any]], kind: str) -> None:
    assert _draw(chart(kind)).model_dump_json() == _draw(chart(kind)).model_dump_json()


def test_a_missing_value_is_a_gap_in_a_line(chart: Callable[..., dict[str, Any]]) -> None:
    series = [{"name": "Now", "values": [1, 2, None, 4, 5], "role": "current"}]
    drawing = _draw(chart("line", x=list("abcde"), series=series))
    lines = [mark for mark in drawing.marks if isinstance(mark, PathMark) and mark.width == 1.7]
    assert ["".join(filter(str.isalpha, line.path)) for line in lines] == ["mlml"]


def test_bars_start_at_zero() -> None:
    assert bounds_of([90, 95, 100], "integer", from_zero=True).low == 0
    assert bounds_of([90, 95, 100], "integer", from_zero=False).low > 80
    assert bounds_of([-5, -3], "integer", from_zero=True).high == 0


def test_ticks_have_just_the_decimals_they_need() -> None:
    assert tick_texts([0.6, 0.7, 0.8, 0.9], "percent") == ["60 %", "70 %", "80 %", "90 %"]
    assert tick_texts([0, 2.5, 5], "decimal1") == ["0.0", "2.5", "5.0"]
    assert tick_texts([0, 1000, 2000], "integer") == ["0", "1,000", "2,000"]
    assert tick_texts([-10, 0, 10], "decimal1") == ["−10", "0", "10"]


def test_sideways_bars_beyond_a_page_are_counted(chart: Callable[..., dict[str, Any]]) -> None:
    assert "36 of 90 shown" in _texts(_draw(chart("hbar", **DATA["many categories"])))


def test_a_dollar_sign_is_a_dollar_sign(chart: Callable[..., dict[str, Any]]) -> None:
    assert r"$\frac{a}$" in _texts(_draw(chart("bar", x=[r"$\frac{a}$", "b", "c"]), "full"))


def test_the_level_to_compare_with_makes_way_for_the_values(chart: Callable[..., dict[str, Any]]) -> None:
    def lines_at(level: float) -> int:
        series = [{"name": "Now", "values": [0.9, 0.5, 0.1], "role": "current"}]
        reference = {"value": level, "label": "all"}
        drawing = _draw(chart("hbar", series=series, references=[reference]))
        return sum(isinstance(mark, PathMark) and bool(mark.dash) for mark in drawing.marks)

    # Through all three rows; and not through the row whose value is written just there.
    assert lines_at(0.3) == 3
    assert lines_at(0.55) == 2
