"""Charts from a handful of rows, whose values can be counted by hand; and from rows that are no use."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from broadsheet.domain.chart import Chart
from broadsheet.domain.measure import Measure
from broadsheet.domain.period import parse_period
from broadsheet.domain.report import Dataset, Email, ReportDefinition
from broadsheet.pipeline.chart_data import chart_part
from broadsheet.pipeline.charts.kinds import SIZES, make_drawing
from broadsheet.pipeline.document.fonts import load_fonts
from broadsheet.pipeline.document.theme import load_theme
from broadsheet.pipeline.payload import ChartPart
from broadsheet.pipeline.rows import Rows
from broadsheet.settings import Settings

PERIOD = parse_period("2013-W12", zone="America/New_York")
COLUMNS = {
    "day": "date",
    "at": "timestamp",
    "place": "text",
    "kind": "text",
    "size": "integer",
    "cost": "number",
    "late": "boolean",
}
MEASURES = {
    "rows": {"take": "count", "label": "Rows", "format": "integer"},
    "cost": {"take": "sum", "column": "cost", "label": "Cost", "format": "decimal2", "unit": "EUR"},
    "mean": {"take": "mean", "column": "cost", "label": "Mean cost"},
    "median": {"take": "median", "column": "cost", "label": "Median cost"},
    "size": {"take": "mean", "column": "size", "label": "Mean size"},
    "late": {"take": "share", "column": "late", "label": "Late", "format": "percent"},
}
# Day, hour in UTC, place, kind, size, cost, late; Monday 18 to Sunday 24 March 2013, and the week before.
ROWS = [
    ("2013-03-11", 12, "Rome", "a", 1, 10.0, True),
    ("2013-03-12", 12, "Oslo", "a", 2, 20.0, False),
    ("2013-03-18", 12, "Rome", "a", 1, 5.0, True),
    ("2013-03-18", 14, "Rome", "b", 3, 7.0, False),
    ("2013-03-20", 12, "Oslo", "b", 5, 30.0, True),
    ("2013-03-20", 16, "Bern", "a", 8, None, None),
    ("2013-03-24", 12, None, "b", None, 4.0, False),
]


def frame(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    """Return rows as ``load_rows`` does."""
    days = pd.Series([row[0] for row in rows], dtype="datetime64[s]")
    at = [f"{row[0]} {row[1]:02d}:30" for row in rows]
    return pd.DataFrame(
        {
            "day": days,
            "at": pd.Series(at, dtype="datetime64[s]").dt.tz_localize("UTC"),
            "place": pd.Series([row[2] for row in rows], dtype="object"),
            "kind": pd.Series([row[3] for row in rows], dtype="object"),
            "size": pd.Series([row[4] for row in rows], dtype="Int64"),
            "cost": pd.Series([row[5] for row in rows], dtype="float64"),
            "late": pd.Series([row[6] for row in rows], dtype="boolean"),
        }
    )


def make(kind: str, *, rows: list[tuple[Any, ...]] | None = None, **options: Any) -> ChartPart:
    """Return a chart of some rows."""
    options = {"measures": ["rows"], "title": "A title"} | options
    report = ReportDefinition(
        id="probe",
        version="1",
        title="Probe",
        summary="Probe",
        audience=("subscriber",),
        source="probe",
        zone=PERIOD.zone,
        period_kinds=(PERIOD.kind,),
        datasets={
            "rows": Dataset.model_validate(
                {"sql": "rows.sql", "primary": True, "day": "day", "columns": COLUMNS}
            )
        },
        measures={name: Measure.model_validate({"dataset": "rows", **one}) for name, one in MEASURES.items()},
        charts={"it": Chart.model_validate({"kind": kind, **options})},
        email=Email(subject="Probe"),
    )
    whole = frame(ROWS if rows is None else rows)

    def within(period: Any) -> pd.DataFrame:
        return whole[
            (whole["day"] >= pd.Timestamp(period.first_day)) & (whole["day"] < pd.Timestamp(period.end_day))
        ]

    found = Rows(whole, within(PERIOD), within(PERIOD.previous()), "")
    context = {"period": {"kind": "week", "first_day": "2013-03-18"}, "values": {}, "displays": {}}
    return chart_part(report, "it", period=PERIOD, rows={"rows": found}, context=context)


def values(part: ChartPart) -> dict[str, tuple[float | None, ...]]:
    return {one.name: one.values for one in part.series}


def test_days_of_the_period_are_all_there_and_a_mean_of_none_is_a_gap() -> None:
    part = make("line", measures=["mean"], group="day", compare=True)
    assert part.x == ("Mon 18", "Tue 19", "Wed 20", "Thu 21", "Fri 22", "Sat 23", "Sun 24")
    assert values(part) == {
        "Week 12": (6.0, None, 30.0, None, None, None, 4.0),
        "Week 11": (10.0, 20.0, None, None, None, None, None),
    }


def test_dates_are_counted_by_units_of_the_calendar() -> None:
    assert values(make("bar", group="day", by="weekday"))["Rows"] == (2, 0, 2, 0, 0, 0, 1)
    weeks = make("bar", group="day", by="week", span="all")
    assert (weeks.x, values(weeks)["Rows"]) == (("W11", "W12"), (2, 5))
    assert make("bar", group="day", by="month").x == ("Mar",)
    assert make("bar", group="day", by="quarter").x == ("Q1 2013",)
    assert make("bar", group="day", by="year").x == ("2013",)


def test_hours_are_those_of_the_reports_zone() -> None:
    part = make("bar", group="at", by="hour")
    # 12:30 in UTC is 8:30 in New York in summer time; 9 o'clock is between, and so is 11.
    assert part.x == ("8", "9", "10", "11", "12")
    assert values(part)["Rows"] == (3, 0, 1, 0, 1)


def test_what_is_beyond_the_top_is_left_out_or_taken_together() -> None:
    part = make("hbar", measures=["cost"], group="place", top=1)
    assert (part.x, values(part)["Cost"]) == (("Oslo",), (30.0,))
    part = make("hbar", measures=["mean"], group="place", top=1, other="All others")
    # The mean of the others' rows, not of their means.
    assert (part.x, values(part)["Mean cost"]) == (("Oslo", "All others"), (30.0, 6.0))


def test_too_many_layers_are_gathered_as_one_and_that_is_said() -> None:
    rows = [("2013-03-18", 12, f"p{n:02d}", "a", 1, 1.0 + n, False) for n in range(12)]
    part = make("stacked", rows=rows, measures=["cost"], group="kind", split="place")
    assert len(part.series) == 8
    assert part.note == "Other: 5 of 12 taken together"
    assert sum(one.values[0] or 0 for one in part.series) == sum(1.0 + n for n in range(12))


def test_a_heatmap_has_gaps_where_there_are_no_rows() -> None:
    part = make("heatmap", measures=["mean"], group="place", split="day", split_by="weekday")
    assert part.x == ("Oslo", "Rome")
    assert len(part.series) == 7
    assert values(part)["Mon"] == (None, 6.0)
    assert values(part)["Wed"] == (30.0, None)


def test_a_calendar_keeps_days_without_rows_apart_from_those_with_none_counted() -> None:
    part = make("calendar", measures=["rows"])
    assert part.x[0] == "2013-03-18"
    assert part.series[0].values == (2, None, 2, None, None, None, 1)


def test_a_box_has_the_quartiles_of_the_measures_column() -> None:
    rows = [("2013-03-18", 12, "Rome", "a", 1, float(n), False) for n in range(1, 102)]
    spread = make("box", rows=rows, measures=["mean"], group="place").spreads[0]
    assert (spread.low, spread.lower, spread.median, spread.upper, spread.high) == (6, 26, 51, 76, 96)
    assert (spread.mark, spread.count) == (51, 101)
    assert make("box", rows=rows, measures=["median"], group="place").spreads[0].mark is None


def test_a_scatter_has_a_point_per_group_or_per_row() -> None:
    part = make("scatter", measures=["size", "mean"], group="place")
    one = part.series[0]
    assert dict(zip(one.names, zip(one.x_values, one.values, strict=True), strict=True)) == {
        "Oslo": (5.0, 30.0),
        "Rome": (2.0, 6.0),
    }
    part = make("scatter", measures=["size", "mean"], split="kind")
    assert {one.name: (one.x_values, one.values) for one in part.series} == {
        "a": ((1.0,), (5.0,)),
        "b": ((3.0, 5.0), (7.0, 30.0)),
    }


def test_points_are_thinned_out_and_that_is_said() -> None:
    rows = [("2013-03-18", 12, "Rome", "a", n, float(n), False) for n in range(5000)]
    part = make("scatter", rows=rows, measures=["size", "mean"])
    assert len(part.series[0].values) == 2000
    assert part.note == "2,000 of 5,000 points drawn, evenly picked"
    assert part.series[0].values[-1] == 4999


def test_a_waterfall_adds_up_to_the_total_with_rows_that_have_no_group() -> None:
    part = make("waterfall", measures=["cost"], group="place")
    assert dict(zip(part.x, part.series[0].values, strict=True)) == {
        "Oslo": 30.0,
        "Rome": 12.0,
        "Other": 4.0,
        "Total": 46.0,
    }
    assert part.totals == (3,)
    part = make("waterfall", measures=["cost"], group="place", compare=True)
    assert dict(zip(part.x, part.series[0].values, strict=True)) == {
        "Week 11": 30.0,
        "Oslo": 10.0,
        "Rome": 2.0,
        "Other": 4.0,
        "Week 12": 46.0,
    }


def test_a_slope_needs_a_period_before() -> None:
    assert values(make("slope", measures=["cost"], group="place"))["Rome"] == (10.0, 12.0)
    part = make("slope", rows=ROWS[2:], measures=["cost"], group="place")
    assert part.empty == "No data of the period before to compare with"
    assert part.alt.endswith("No data of the period before to compare with.")


def test_rows_without_a_group_are_counted_and_said_below_the_chart() -> None:
    assert make("hbar", measures=["cost"], group="place").note == "1 without place not listed"
    assert make("hbar", measures=["cost"], group="place", rows=ROWS[:3]).note == ""
    assert make("histogram", measures=["cost"], group="cost").note == ""


def test_small_charts_have_one_axis_and_say_how_many_there_are() -> None:
    part = make("multiples", measures=["cost"], group="day", split="place", top=1, compare=True)
    assert [panel.title for panel in part.panels] == ["Oslo"]
    assert [one.role for one in part.panels[0].series] == ["current", "previous"]
    assert part.note == "1 of 2 shown, those with the highest values · 1 without place not listed"
    assert len(part.x) == 7


def test_bins_come_by_themselves_and_hold_every_value() -> None:
    rows = [("2013-03-18", 12, "Rome", "a", n, float(n), False) for n in range(-50, 300)]
    part = make("histogram", rows=rows, group="cost")
    assert 8 <= len(part.x) <= 20
    assert sum(part.series[0].values) == 350  # type: ignore[arg-type]
    assert (part.x[0][:1], part.x[-1][:1]) == ("<", "≥")  # type: ignore[index]


def test_annotations_stand_where_their_groups_are() -> None:
    part = make(
        "line",
        group="day",
        annotations=[
            {"at": "2013-03-20", "text": "A {{ period.kind }}'s middle"},
            {"at": "2013-03-01", "to": "2013-03-19", "text": "Cut to what is shown"},
            {"at": "2014-01-01", "text": "Not shown"},
            {"at": "2013-03-21", "text": "{% if false %}Never{% endif %}"},
            {"at": "{{ period.first_day }}", "text": "First"},
        ],
    )
    assert [(one.text, one.start, one.end) for one in part.annotations] == [
        ("A week's middle", 2, None),
        ("Cut to what is shown", -0.5, 1.5),
        ("First", 0, None),
    ]
    part = make("bar", group="place", annotations=[{"at": "Rome", "text": "Here"}])
    assert [one.start for one in part.annotations] == [2]
    part = make("histogram", group="cost", edges=[0, 10, 20], annotations=[{"at": 15, "text": "Here"}])
    assert [one.start for one in part.annotations] == [2]


def test_targets_are_values_or_measures_and_one_without_a_value_is_not_drawn() -> None:
    targets = [{"value": 3, "label": "target"}, {"measure": "mean", "label": "mean of the {{ period.kind }}"}]
    part = make(
        "bar", measures=["mean"], group="place", reference={"value": 1, "label": "least"}, targets=targets
    )
    assert [(one.value, one.label) for one in part.references] == [
        (1, "least"),
        (3, "target"),
        (11.5, "mean of the week"),
    ]
    rows = [(*ROWS[2][:5], None, None)]
    assert make("bar", rows=rows, group="place", targets=[targets[1]]).references == ()


def test_words_for_screen_readers_come_from_the_data() -> None:
    assert make("line", measures=["mean"], group="day").alt == (
        "Line chart: A title. Mean cost: highest 30.0 at Wednesday, 20\N{NO-BREAK SPACE}March, "
        "lowest 4.0 at Sunday, 24\N{NO-BREAK SPACE}March, falling from 6.0 to 4.0."
    )
    assert "Week 11: highest 20.0 at Tuesday, 12\N{NO-BREAK SPACE}March, lowest 10.0 at Monday, 11" in (
        make("line", measures=["mean"], group="day", compare=True).alt
    )
    assert make("bar", measures=["late"], group="place", min_rows=1).alt == (
        "Bar chart: A title. Late: highest 100.0\N{NO-BREAK SPACE}% at Oslo, "
        "lowest 50.0\N{NO-BREAK SPACE}% at Rome."
    )
    assert make("slope", measures=["late"], group="place").alt == (
        "Slope chart: A title. From Week 11 to Week 12: 1 of 2 up, 1 down; "
        "the largest rise is 100.0\N{NO-BREAK SPACE}points, Oslo; "
        "the largest fall is 50.0\N{NO-BREAK SPACE}points, Rome."
    )
    long = "a very long name of a place that no chart has room for"
    rows = [("2013-03-18", 12, long, "a", 1, 2.0, False)]
    assert f"In full: {long}." in make("bar", rows=rows, group="place").alt


BAD: dict[str, list[tuple[Any, ...]]] = {
    "none": [],
    "one": ROWS[2:3],
    "nothing known": [("2013-03-18", 12, None, None, None, None, None)] * 3,
    "no values": [("2013-03-18", 12, "Rome", "a", None, None, None)] * 3,
    "infinite": [("2013-03-18", 12, "Rome", "a", 1, float("inf"), True), *ROWS[2:]],
    "500 groups": [("2013-03-18", 12, f"place {n}", f"kind {n}", n, 1.5 * n, False) for n in range(500)],
    "ends of time": [
        ("1677-09-21", 1, "Rome", "a", 1, 1.0, True),
        ("9999-12-31", 1, "Oslo", "b", 2, 2.0, True),
    ],
    "huge": [
        ("2013-03-18", 12, "Rome", "a", 2**60, 1e300, True),
        ("2013-03-19", 12, "Oslo", "b", 1, -1e300, True),
    ],
    "constant": [("2013-03-18", 12, "Rome", "a", 1, 2.0, True)] * 9,
}
CHARTS: dict[str, dict[str, Any]] = {
    "line": {"measures": ["mean"], "group": "day", "compare": True, "span": "period"},
    "area": {"measures": ["cost"], "group": "day", "split": "place"},
    "bar": {"measures": ["cost"], "group": "place", "compare": True},
    "hbar": {
        "measures": ["cost"],
        "group": "place",
        "top": 5,
        "other": "Rest",
        "split": "kind",
        "layers": "percent",
    },
    "stacked": {"measures": ["cost"], "group": "day", "by": "week", "split": "kind", "span": "all"},
    "combo": {"measures": ["rows", "mean"], "lines": ["mean"], "second_axis": "cost", "group": "place"},
    "histogram": {"measures": ["rows"], "group": "cost"},
    "scatter": {"measures": ["size", "mean"], "split": "kind"},
    "box": {"measures": ["mean"], "group": "place"},
    "heatmap": {"measures": ["mean"], "group": "at", "by": "hour", "split": "place"},
    "calendar": {"measures": ["mean"], "group": "day", "span": "all"},
    "slope": {"measures": ["cost"], "group": "place"},
    "waterfall": {"measures": ["cost"], "group": "place", "compare": True},
    "multiples": {"measures": ["mean"], "group": "day", "by": "month", "split": "place", "span": "all"},
    "sparkline": {"measures": ["mean"], "group": "day", "by": "year", "span": "all", "split": "kind"},
}


@pytest.mark.parametrize("rows", BAD)
@pytest.mark.parametrize("kind", CHARTS)
def test_no_rows_break_a_chart_or_silence_it(kind: str, rows: str) -> None:
    settings = Settings()
    load_fonts(settings.static_dir)
    theme = load_theme(settings.themes_dir, "broadsheet")
    part = make(kind, rows=BAD[rows], **CHARTS[kind])
    assert part.alt.endswith(".")
    for size in SIZES:
        assert make_drawing(part, size=size, theme=theme).marks


@pytest.mark.parametrize("kind", CHARTS)
def test_words_kept_once_and_exact_decimals_make_the_same_chart(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = make(kind, **CHARTS[kind])
    as_objects = frame

    def as_read(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
        found = as_objects(rows)
        exact = [None if value is None else Decimal(str(value)) for *_, value, _ in rows]
        cost = pd.Series(exact, dtype=pd.ArrowDtype(pa.decimal128(12, 2)))
        return found.astype({"place": "category", "kind": "category"}).assign(cost=cost)

    monkeypatch.setitem(globals(), "frame", as_read)
    assert make(kind, **CHARTS[kind]) == plain


def test_a_box_says_what_its_mark_is_where_it_has_one() -> None:
    rows = [("2013-03-18", 12, "Rome", "a", 1, float(n), False) for n in range(1, 12)]
    notes = [make("box", rows=rows, measures=[one], group="place").note for one in ("mean", "median")]
    assert ["Diamond: mean." in note for note in notes] == [True, False]
