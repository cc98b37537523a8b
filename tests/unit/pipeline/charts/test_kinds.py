"""Every kind of chart, drawn from usual and from bad data: readable, inside of its drawing, never silent."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from reportlab.pdfgen.canvas import Canvas

from broadsheet.pipeline.charts.kinds import NOTHING, SIZES, make_drawing, size_of
from broadsheet.pipeline.charts.labels import apart
from broadsheet.pipeline.charts.sparkline import sparkline
from broadsheet.pipeline.document.drawing import Drawing, PathMark, TextMark, draw
from broadsheet.pipeline.document.figures import tallest_drawing
from broadsheet.pipeline.document.fonts import load_fonts, text_width
from broadsheet.pipeline.document.theme import load_theme
from broadsheet.pipeline.payload import ChartPart
from broadsheet.settings import Settings

THEME = load_theme(Settings().themes_dir, "broadsheet")
LONG = "a name that is much longer than any place for it, " * 5

VALUES: dict[str, list[float | None]] = {
    "usual": [3.0, 5.0, 2.5, 4.0],
    "one": [3.0],
    "gaps": [None, 3.0, None, 5.0],
    "constant": [5.0, 5.0, 5.0],
    "zeros": [0.0, 0.0, 0.0],
    "negative": [-3.0, -1.0, -2.0],
    "mixed": [-3.0, 4.0, -2.0],
    "huge": [1e308, -1e308, 1e307],
    "tiny": [1e-300, 2e-300, 0.0],
    "not finite": [math.nan, math.inf, 2.0],
    "many": [float(number % 17) for number in range(500)],
}


def _series(values: list[float | None], **more: Any) -> dict[str, Any]:
    return {"name": "Now", "values": values, "role": "other"} | more


def _chart(kind: str, values: list[float | None], *, name: str = "group", **more: Any) -> dict[str, Any]:
    """Return a chart of a kind with values for as many groups."""
    x = [f"{name} {number}" for number in range(len(values))]
    chart: dict[str, Any] = {
        "kind": kind,
        "title": "A title",
        "x": x,
        "series": [_series(values)],
        "y_label": "y",
    }
    other = [None if value is None else -value / 2 for value in values]
    match kind:
        case "calendar":
            chart["x"] = [
                (date(2013, 1, 1) + timedelta(days=number)).isoformat() for number in range(len(values))
            ]
        case "box":
            whole = [value if value is None or math.isfinite(value) else None for value in values]
            chart["series"] = []
            chart["spreads"] = [
                dict.fromkeys(("low", "lower", "median", "upper", "high"), value) for value in whole
            ]
        case "multiples":
            chart["series"] = []
            chart["panels"] = [
                {"title": f"{name} {number}", "series": [_series(values)]} for number in range(5)
            ]
        case "scatter":
            chart["series"] = [_series(values, x_values=list(reversed(values)), names=x)]
        case "slope":
            chart |= {"x": ["before", "after"]}
            chart["series"] = [
                {"name": f"{name} {number}", "values": [value, values[0]]}
                for number, value in enumerate(values)
            ]
        case "waterfall":
            chart["totals"] = [len(values) - 1]
        case "heatmap":
            chart["series"] = [_series(values), {"name": name * 2, "values": other}]
        case "combo":
            chart["series"] = [_series(values), _series(other, shape="line", second=True)]
            chart["second_label"] = "right"
        case "bar_stacked" | "hbar_percent" | "area_percent" | "bar_percent" | "hbar_stacked":
            kind, layers = kind.split("_")
            chart |= {
                "kind": kind,
                "layers": layers,
                "series": [_series(values), _series(other), _series(values)],
            }
    return chart | more


KINDS = (
    "line", "area", "bar", "hbar", "stacked", "combo", "histogram", "scatter", "box", "heatmap", "calendar",
    "slope", "waterfall", "multiples", "sparkline", "bar_stacked", "bar_percent", "hbar_stacked",
    "hbar_percent", "area_percent",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _fonts() -> None:
    load_fonts(Settings().static_dir)


def _draw(chart: dict[str, Any], size: str = "half") -> Drawing:
    return make_drawing(ChartPart.model_validate(chart), size=size, theme=THEME)


def _texts(drawing: Drawing) -> list[str]:
    return [mark.text for mark in drawing.marks if isinstance(mark, TextMark)]


def _assert_sound(drawing: Drawing, size: str) -> None:
    assert drawing.width == pytest.approx(size_of(size, THEME)[0], abs=0.01)
    assert 20 < drawing.height < THEME.content_height
    for mark in drawing.marks:
        if isinstance(mark, TextMark):
            assert mark.size >= 7
            assert mark.x >= -0.6, mark.text
            assert mark.x + text_width(mark.text, mark.face, mark.size) <= drawing.width + 0.6, mark.text
            assert 0 <= mark.y <= drawing.height - 4, mark.text
    draw(drawing, Canvas(BytesIO()))


@pytest.mark.parametrize("values", VALUES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_survives_all_values_and_stays_inside(kind: str, values: str) -> None:
    for size in SIZES:
        _assert_sound(_draw(_chart(kind, VALUES[values]), size), size)


@pytest.mark.parametrize("kind", KINDS)
def test_long_names_are_cut_wrapped_or_thinned_out(kind: str) -> None:
    for size in SIZES:
        chart = _chart(kind, VALUES["usual"], name=LONG, x_label=LONG, y_label=LONG, note=LONG)
        _assert_sound(_draw(chart, size), size)


@pytest.mark.parametrize("kind", KINDS)
def test_a_chart_without_a_value_says_so(kind: str) -> None:
    for values in ([], [None, None], [math.nan]):
        assert _texts(_draw(_chart(kind, list(values)))) == [NOTHING]
    assert _texts(_draw(_chart(kind, [1.0], empty="Nothing to compare with"))) == ["Nothing to compare with"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_drawing_is_the_same_each_time(kind: str) -> None:
    chart = _chart(kind, VALUES["gaps"])
    assert _draw(chart).model_dump_json() == _draw(chart).model_dump_json()


@pytest.mark.parametrize("kind", KINDS)
def test_levels_and_annotations_stay_inside(kind: str) -> None:
    chart = _chart(
        kind,
        VALUES["usual"],
        references=[
            {"value": 9.0, "label": LONG},
            {"value": -4.0, "label": "low"},
            {"value": 9.01, "label": "b"},
        ],
        annotations=[
            {"text": LONG, "start": 0},
            {"text": "b", "start": 0.2},
            {"text": "c", "start": -2, "end": 1.5},
        ],
    )
    for size in SIZES:
        _assert_sound(_draw(chart, size), size)


@pytest.mark.parametrize("kind", ["line", "area", "bar", "stacked", "combo", "histogram", "scatter"])
def test_words_never_crowd_out_the_plot(kind: str) -> None:
    series = [_series([1.0, 3.0], name=f"{number} {LONG}", x_values=[1, 2]) for number in range(8)]
    notes = [{"text": LONG, "start": 0} for _ in range(6)]
    drawing = _draw(_chart(kind, [1.0, 3.0], series=series, annotations=notes, x_label="x", note=LONG[:200]))
    _assert_sound(drawing, "half")
    grid = [mark for mark in drawing.marks if isinstance(mark, PathMark) and mark.stroke == THEME.colors.grid]
    heights = [float(y) for mark in grid for y in mark.path.split()[1::3]]
    assert max(heights) - min(heights) >= 30


@pytest.mark.parametrize(
    ("kind", "half", "full"),
    [("hbar", 36, 36), ("box", 36, 36), ("sparkline", 28, 28), ("multiples", 12, 24), ("heatmap", 40, 40)],
)
def test_what_a_page_has_no_room_for_is_counted(kind: str, half: int, full: int) -> None:
    chart = _chart(kind, VALUES["many"])
    if kind in ("sparkline", "heatmap"):
        chart["series"] = [{"name": f"s{number}", "values": [1.0, 2.0]} for number in range(500)]
    if kind == "multiples":
        chart["panels"] = [{"title": f"p{number}", "series": [_series([1.0, 2.0])]} for number in range(500)]
    for size, shown in (("half", half), ("full", full)):
        drawing = _draw(chart, size)
        assert re.search(rf"^{shown} of 500 (rows )?shown$", "\n".join(_texts(drawing)), re.MULTILINE)
        assert drawing.height <= tallest_drawing(THEME)


@pytest.mark.parametrize("size", SIZES)
def test_charts_of_many_rows_fit_a_page_with_their_titles(size: str) -> None:
    rows = [{"name": f"s{number}", "values": [float(number)] * 60} for number in range(8)]
    levels = [{"value": 3.0, "label": "level"}]
    grouped = _chart("hbar", [1.0] * 60, series=rows, references=levels, note=LONG, x_label=LONG)
    days = [date(2000, 1, 1) + timedelta(days=number) for number in range(3_600)]
    years = _chart("calendar", [1.0] * 3_600, x=[day.isoformat() for day in days], note=LONG)
    months = _chart("calendar", [1.0] * 80, x=[f"{1900 + number}-03-18" for number in range(80)], note=LONG)
    margins = {"margin_top": 160.0, "margin_bottom": 160.0}
    for theme in (THEME, replace(THEME, **margins)):
        for chart in (grouped, years, months):
            drawing = make_drawing(ChartPart.model_validate(chart), size=size, theme=theme)
            assert drawing.height <= tallest_drawing(theme)
            texts = " ".join(_texts(drawing))
            assert "years shown" in texts or "of 60 shown" in texts


def test_an_axis_that_does_not_start_at_zero_says_so() -> None:
    said = [text for text in _texts(_draw(_chart("line", [90.0, 92.0, 95.0]))) if "zero" in text]
    assert said == ["y (axis does not start at zero)"]
    assert not [text for text in _texts(_draw(_chart("bar", [90.0, 92.0, 95.0]))) if "zero" in text]


def test_small_charts_share_their_axis() -> None:
    chart = _chart("multiples", [1.0, 2.0])
    chart["panels"][1]["series"][0]["values"] = [100.0, 200.0]
    drawing = _draw(chart, "full")
    # The ticks of all panels are written once per row of them.
    heights = [mark.y for mark in drawing.marks if isinstance(mark, TextMark) and mark.text == "200"]
    assert len(heights) == len(set(heights)) > 0


def test_layers_of_shares_fill_the_axis() -> None:
    chart = _chart("bar_percent", [1.0, 3.0])
    chart["series"] = [_series([1.0, 0.0]), _series([3.0, 0.0])]
    fills = [mark for mark in _draw(chart).marks if isinstance(mark, PathMark) and mark.fill]
    heights = [[float(number) for number in mark.path.split()[1::3]] for mark in fills]
    tops = [max(one) - min(one) for one in heights if max(one) - min(one) > 12]
    assert len(tops) == 2
    assert tops[1] / tops[0] == pytest.approx(3, rel=0.05)


def test_a_calendar_has_years_apart_and_takes_the_ends_of_time() -> None:
    days = [date(1677, 9, 21), date(1677, 9, 22), date(9999, 12, 30), date(9999, 12, 31)]
    for chosen in (days[:2], days[2:], days):
        chart = _chart("calendar", [1.0] * len(chosen), x=[day.isoformat() for day in chosen])
        _assert_sound(_draw(chart), "half")
    many = [date(2012, 7, 1) + timedelta(days=number) for number in range(400)]
    chart = _chart("calendar", [float(number) for number in range(400)], x=[day.isoformat() for day in many])
    assert {"2012", "2013", "Jul"} <= set(_texts(_draw(chart, "full")))


def test_a_waterfalls_steps_start_where_the_one_before_ended() -> None:
    chart = _chart("waterfall", [10.0, -4.0, 6.0], totals=[0, 2])
    marks = [mark for mark in _draw(chart, "full").marks if isinstance(mark, PathMark) and mark.fill]
    spans = {}
    for mark in marks:
        for box in mark.path.split(" h"):
            numbers = [float(one) for one in box.split() if one not in "mlh"]
            if numbers:
                spans[round(min(numbers[::2]))] = (min(numbers[1::2]), max(numbers[1::2]))
    start, change, total = (spans[place] for place in sorted(spans)[-3:])
    assert change[1] == pytest.approx(start[1])
    assert change[0] == pytest.approx(total[1])


@pytest.mark.parametrize(
    "values", [[], [None], [1.0], [1.0, None, 3.0], [2.0, 2.0], [1e308, -1e308], [math.nan, 1.0, math.inf]]
)
def test_a_sparkline_takes_anything_and_stays_inside(values: list[float | None]) -> None:
    drawing = sparkline(values, THEME, width=60, height=12)
    assert (drawing.width, drawing.height) == (60, 12)
    assert drawing.marks
    for mark in drawing.marks:
        assert isinstance(mark, PathMark)
        numbers = [float(one) for one in mark.path.split() if one not in "mlch"]
        assert all(0 <= x <= 60 for x in numbers[::2])
        assert all(0 <= y <= 12 for y in numbers[1::2])


def test_names_move_apart_by_as_little_as_can_be() -> None:
    assert apart([10, 50, 90], distance=9, top=100) == [10, 50, 90]
    assert apart([50, 50], distance=10, top=100) == [45, 55]
    moved = apart([95, 96, 97], distance=9, top=100)
    assert moved[-1] <= 100
    assert all(two - one >= 9 - 1e-9 for one, two in itertools.pairwise(moved))


def _fills(chart: dict[str, Any]) -> set[str | None]:
    return {mark.fill for mark in _draw(chart, "full").marks if isinstance(mark, PathMark)}


@pytest.mark.parametrize("count", [3, 30], ids=["standing", "lying"])
def test_a_rise_has_the_colour_of_good_news_only_where_more_is_better(count: int) -> None:
    colors = THEME.colors
    steps: list[float | None] = [10.0, *([1.0] * (count - 2)), 8.0 + count]
    found = {
        better: _fills(_chart("waterfall", steps, totals=[0, count - 1], better=better))
        for better in ("up", "down", "neither")
    }
    assert [found["up"] & {colors.good, colors.bad}, found["down"] & {colors.good, colors.bad}] == [
        {colors.good},
        {colors.bad},
    ]
    assert colors.series[0] in found["neither"]


def test_tones_colour_series_and_others_take_the_palette() -> None:
    chart = _chart("bar_stacked", [1.0, 2.0])
    for series, tone in zip(chart["series"], ("bad", "", "dark"), strict=True):
        series["tone"] = tone
    colors = THEME.colors
    assert {colors.bad, colors.series[1], colors.quiet} <= _fills(chart)
    assert colors.series[0] not in _fills(chart)


@pytest.mark.parametrize("kind", ["hbar", "slope"])
def test_one_name_is_set_off_from_the_others(kind: str) -> None:
    accent = THEME.colors.series[0]

    def accents(name: str) -> int:
        drawing = _draw(_chart(kind, [float(one) for one in range(1, 9)], highlight=name), "full")
        paths = [mark for mark in drawing.marks if isinstance(mark, PathMark)]
        lines = sum(mark.stroke == accent for mark in paths)
        boxes = sum(mark.path.count(" h") for mark in paths if mark.fill == accent)
        return boxes if kind == "hbar" else lines

    everyone, one, nobody = accents(""), accents("group 3"), accents("no such group")
    assert nobody == everyone
    assert one == 1
    slope = _draw(_chart("slope", [1.0, 2.0, 3.0], highlight="group 1"), "full")
    names = [mark for mark in slope.marks if isinstance(mark, TextMark) and mark.text.startswith("group")]
    bold = {mark.text for mark in names if "BOLD" in mark.face.name}
    assert bold == {"group 1"}


def test_zero_is_the_base_of_lines_that_cross_it() -> None:
    def bases(values: list[float | None]) -> list[float]:
        marks = _draw(_chart("line", values), "full").marks
        ink = [
            m for m in marks if isinstance(m, PathMark) and m.stroke == THEME.colors.ink and m.width == 0.7
        ]
        return [float(mark.path.split()[1]) for mark in ink]

    labels = [
        m.y
        for m in _draw(_chart("line", [-3.0, 3.0]), "full").marks
        if isinstance(m, TextMark) and m.text == "0"
    ]
    assert bases([-3.0, 3.0]) == pytest.approx([labels[0] + 2.5], abs=1.0)
    assert bases([40.0, 41.0])[0] < bases([-3.0, 3.0])[0]
