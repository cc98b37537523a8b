"""Tables: what they show, what they sum up, and what they say of the rest."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from tests.unit.pipeline.table_data.conftest import Cells, MakeTable, make_report, make_rows

from broadsheet.domain.parts import Format, Rounding
from broadsheet.domain.period import Period
from broadsheet.pipeline.exports import csv_of
from broadsheet.pipeline.formats import rounding
from broadsheet.pipeline.table_data import export_columns, ranked_rows
from broadsheet.pipeline.table_data.columns import TypedColumn, cells_in_words

SALES: Cells = {
    "town": ("text", ["Ulm", "Bonn", "Ulm", "Kiel", "Bonn", "Ulm"]),
    "shop": ("text", ["a", "b", "c", "d", "e", "f"]),
    "items": ("integer", [3, None, 5, 7, 1, 2]),
    "share": ("number", [0.5, 0.25, 1.0, None, 0.125, 0.75]),
    "open": ("boolean", [True, False, None, True, True, False]),
}
COLUMNS = [{"name": "shop", "label": "Shop"}, {"name": "items", "label": "Items", "total": "sum"}]
MEASURES = {
    "items": {"dataset": "rows", "take": "sum", "column": "items", "label": "Items", "format": "integer"},
    "mean": {"dataset": "rows", "take": "mean", "column": "items", "label": "Mean", "format": "decimal2"},
}
GROUPED = [
    {"name": "town", "label": "Town"},
    {"name": "items", "label": "Items"},
    {"name": "mean", "label": "Mean"},
]


def words(part: Any) -> list[str]:
    return [" ".join(row) for row in part.rows]


def test_rows_without_a_value_to_rank_by_are_left_out_and_counted(make_table: MakeTable) -> None:
    part = make_table(SALES, columns=COLUMNS, order_by="items")
    assert words(part) == ["d 7", "c 5", "a 3", "f 2", "e 1"]
    assert part.notes == ("1 without Items not listed",)


def test_rows_without_a_value_to_rank_by_can_stand_last(make_table: MakeTable) -> None:
    part = make_table(SALES, columns=COLUMNS, order_by="items", missing="last", rank=True)
    assert words(part)[-1] == "– b –"
    assert words(part)[0] == "1 d 7"
    assert part.notes == ()


def test_without_a_rank_rows_stand_in_the_querys_order(make_table: MakeTable) -> None:
    assert words(make_table(SALES, columns=COLUMNS)) == ["a 3", "b –", "c 5", "d 7", "e 1", "f 2"]


def test_a_total_is_that_of_all_rows_and_says_so_where_not_all_are_shown(make_table: MakeTable) -> None:
    whole = make_table(SALES, columns=COLUMNS, totals=True)
    cut = make_table(SALES, columns=COLUMNS, totals=True, limit=2)
    assert [(one.kind, one.label, one.cells) for one in whole.summaries] == [("total", "Total", ("", "18"))]
    assert [(one.label, one.cells) for one in cut.summaries] == [("Total of all 6 rows", ("", "18"))]
    assert (cut.shown, cut.total_rows, len(cut.rows)) == (2, 6, 2)


def test_what_the_limit_leaves_out_can_be_summed_up_in_a_row(make_table: MakeTable) -> None:
    part = make_table(SALES, columns=COLUMNS, order_by="items", limit=2, other=True, totals=True)
    assert words(part) == ["d 7", "c 5"]
    assert [(one.label, one.cells[1]) for one in part.summaries] == [("Other (3 rows)", "6"), ("Total", "18")]


def test_a_measure_below_groups_is_taken_again_over_all_rows(make_table: MakeTable) -> None:
    part = make_table(
        SALES,
        measures=MEASURES,
        group=["town"],
        columns=GROUPED,
        order_by="items",
        totals=True,
        other=True,
        limit=1,
    )
    assert words(part) == ["Ulm 10 3.33"]
    other, total = part.summaries
    # Not the mean of 7.00 and 1.00.
    assert other.cells == ("", "8", "4.00")
    assert total.cells == ("", "18", "3.60")


def test_rows_in_no_group_and_in_no_column_of_a_pivot_are_counted_and_said(make_table: MakeTable) -> None:
    sales = {
        "town": ("text", ["Ulm", None, "Ulm", None, None]),
        "shop": ("text", ["a", "a", None, "b", "b"]),
        "items": ("integer", [3, 1, 5, 7, 1]),
    }
    part = make_table(
        sales,
        measures=MEASURES,
        group=["town"],
        columns=[{"name": "town", "label": "Town"}, {"name": "items", "label": "Items"}],
        pivot={"by": "shop", "measure": "items"},
    )
    assert words(part) == ["Ulm 8 3 –"]
    assert part.notes == ("3 without Town not listed", "1 without shop not listed")


def test_a_total_is_about_the_groups_that_the_table_has(make_table: MakeTable) -> None:
    part = make_table(
        SALES, measures=MEASURES, group=["town"], columns=GROUPED, order_by="items", min_rows=2, totals=True
    )
    assert words(part) == ["Ulm 10 3.33", "Bonn 1 1.00"]
    assert part.summaries[0].cells == ("", "11", "2.75")
    assert part.notes == ("1 with fewer than 2 rows not listed",)


def test_sections_part_the_rows_by_name_with_their_subtotals(make_table: MakeTable) -> None:
    part = make_table(
        SALES, columns=COLUMNS, order_by="items", rank=True, sections={"by": "town", "subtotals": True}
    )
    assert words(part) == ["1 e 1", "1 d 7", "1 c 5", "2 a 3", "3 f 2"]
    assert [(one.title, one.start, one.stop, one.note) for one in part.groups] == [
        ("Bonn", 0, 1, "1 row"),
        ("Kiel", 1, 2, "1 row"),
        ("Ulm", 2, 5, "3 rows"),
    ]
    assert [one.subtotal.cells[2] for one in part.groups if one.subtotal] == ["1", "7", "10"]


@pytest.mark.parametrize(
    ("order", "titles"), [("size", ["Ulm", "Bonn", "Kiel"]), ("rank", ["Kiel", "Ulm", "Bonn"])]
)
def test_sections_can_stand_by_size_or_by_their_best_row(
    make_table: MakeTable, order: str, titles: list[str]
) -> None:
    part = make_table(
        SALES, columns=COLUMNS, order_by="items", missing="last", sections={"by": "town", "order": order}
    )
    assert [one.title for one in part.groups] == titles


def test_rows_without_a_section_come_last_under_a_dash(make_table: MakeTable) -> None:
    cells: Cells = {"town": ("text", [None, "Ulm", None]), "shop": ("text", ["a", "b", "c"])}
    part = make_table(cells, columns=[{"name": "shop", "label": "Shop"}], sections={"by": "town"})
    assert [(one.title, one.stop - one.start) for one in part.groups] == [("Ulm", 1), ("–", 2)]


def test_a_section_that_the_limit_cuts_says_how_much_of_it_is_shown(make_table: MakeTable) -> None:
    part = make_table(SALES, columns=COLUMNS, limit=4, sections={"by": "town", "subtotals": True})
    assert [(one.title, one.note) for one in part.groups] == [
        ("Bonn", "2 rows"), ("Kiel", "1 row"), ("Ulm", "1 of 3 rows"),
    ]  # fmt: skip
    assert part.groups[2].subtotal is None


FLEET: Cells = {
    "maker": ("text", ["B", "A", "B", None, "A", "A", "B"]),
    "model": ("text", ["x", "y", "z", "q", "x", "y", "z"]),
    "tail": ("text", ["1", "2", "3", "4", "5", "6", "7"]),
    "seats": ("integer", [10, 20, 30, 40, 50, 60, 70]),
}
AIRCRAFT = [{"name": "tail", "label": "Tail"}, {"name": "seats", "label": "Seats", "total": "sum"}]


def outline(part: Any) -> list[tuple[int, str, int, int]]:
    return [(one.level, one.title, one.start, one.stop) for one in part.groups]


def test_sections_stand_within_each_other_the_outer_before_its_own(make_table: MakeTable) -> None:
    part = make_table(FLEET, columns=AIRCRAFT, sections=["maker", "model"])
    assert outline(part) == [
        (0, "A", 0, 3), (1, "x", 0, 1), (1, "y", 1, 3),
        (0, "B", 3, 6), (1, "x", 3, 4), (1, "z", 4, 6),
        (0, "–", 6, 7), (1, "q", 6, 7),
    ]  # fmt: skip
    assert [row[0] for row in part.rows] == ["5", "2", "6", "1", "3", "7", "4"]


def test_each_level_sums_up_its_own_rows_and_says_whose_they_are(make_table: MakeTable) -> None:
    sections = {"by": ["maker", "model"], "subtotals": True}
    part = make_table(FLEET, columns=AIRCRAFT, sections=sections, totals=True)
    sums = [(one.subtotal.label, one.subtotal.cells[1]) for one in part.groups if one.subtotal]
    assert sums == [
        ("Subtotal · A", "130"), ("Subtotal · x", "50"), ("Subtotal · y", "80"),
        ("Subtotal · B", "110"), ("Subtotal · x", "10"), ("Subtotal · z", "100"),
        ("Subtotal · –", "40"), ("Subtotal · q", "40"),
    ]  # fmt: skip
    assert part.summaries[0].cells == ("", "280")


def test_subtotals_can_be_those_of_one_level(make_table: MakeTable) -> None:
    sections = {"by": ["maker", "model"], "subtotals": ["maker"]}
    part = make_table(FLEET, columns=AIRCRAFT, sections=sections)
    assert [one.title for one in part.groups if one.subtotal] == ["A", "B", "–"]


def test_inner_sections_by_size_count_within_their_own(make_table: MakeTable) -> None:
    part = make_table(FLEET, columns=AIRCRAFT, sections={"by": ["maker", "model"], "order": "size"})
    # Of all rows x has as many as y; within A it has fewer.
    assert [(level, title) for level, title, _, _ in outline(part)] == [
        (0, "A"), (1, "y"), (1, "x"), (0, "B"), (1, "z"), (1, "x"), (0, "–"), (1, "q"),
    ]  # fmt: skip


def test_rows_are_numbered_within_the_innermost_section(make_table: MakeTable) -> None:
    part = make_table(FLEET, columns=AIRCRAFT, sections=["maker", "model"], order_by="seats", rank=True)
    assert [row[0] for row in part.rows] == ["1", "1", "2", "1", "1", "2", "1"]


def test_a_limit_cuts_the_section_of_every_level_that_it_falls_into(make_table: MakeTable) -> None:
    sections = {"by": ["maker", "model"], "subtotals": True}
    part = make_table(FLEET, columns=AIRCRAFT, sections=sections, limit=5)
    assert [(one.title, one.note) for one in part.groups] == [
        ("A", "3 rows"), ("x", "1 row"), ("y", "2 rows"),
        ("B", "2 of 3 rows"), ("x", "1 row"), ("z", "1 of 2 rows"),
    ]  # fmt: skip
    assert [one.title for one in part.groups if one.subtotal] == ["A", "x", "y", "x"]


def test_groups_are_parted_and_measured_like_rows(make_table: MakeTable) -> None:
    measures = {
        "mean": {"dataset": "rows", "take": "mean", "column": "seats", "label": "Mean", "format": "decimal1"},
        "count": {"dataset": "rows", "take": "count", "label": "Count", "format": "integer"},
    }
    part = make_table(
        FLEET,
        measures=measures,
        group=["maker", "model"],
        columns=[
            {"name": "model", "label": "Model"},
            {"name": "mean", "label": "Mean"},
            {"name": "count", "label": "N"},
        ],
        sections={"by": "maker", "subtotals": True},
    )
    # The mean of all rows of a maker, not that of its models' means.
    assert [one.subtotal.cells for one in part.groups if one.subtotal] == [
        ("", "43.3", "3"),
        ("", "36.7", "3"),
    ]


def test_a_row_is_headed_by_its_groups_or_by_its_first_column(make_table: MakeTable) -> None:
    rows = make_table(SALES, columns=COLUMNS, rank=True)
    assert [column.name for column in rows.columns if column.heads] == ["shop"]
    groups = make_table(SALES, measures=MEASURES, group=["town"], columns=GROUPED)
    assert [column.name for column in groups.columns if column.heads] == ["town"]


def test_a_pivot_makes_a_column_of_each_value(make_table: MakeTable) -> None:
    part = make_table(
        SALES,
        measures=MEASURES,
        group=["town"],
        columns=[{"name": "town", "label": "Town"}],
        pivot={"by": "open", "measure": "items", "total": True},
        totals=True,
    )
    assert [column.label for column in part.columns] == ["Town", "no", "yes", "All"]
    assert words(part) == ["Bonn – 1 1", "Kiel – 7 7", "Ulm 2 3 10"]
    assert part.summaries[0].cells == ("", "2", "11", "18")


def test_a_pivot_with_many_values_keeps_the_largest_and_sums_up_the_rest(make_table: MakeTable) -> None:
    part = make_table(
        SALES,
        measures={"n": {"dataset": "rows", "take": "count", "label": "Shops", "format": "integer"}},
        group=["open"],
        columns=[{"name": "open", "label": "Open"}],
        pivot={"by": "shop", "measure": "n", "most": 3, "total": True},
    )
    assert [column.label for column in part.columns] == ["Open", "a", "b", "Other (4)", "All"]
    assert words(part) == ["no 0 1 1 2", "yes 1 0 2 3"]


def test_bars_are_shares_of_the_largest_number_shown(make_table: MakeTable) -> None:
    columns = [{"name": "shop", "label": "Shop"}, {"name": "items", "label": "Items", "bar": True}]
    part = make_table(SALES, columns=columns, order_by="items", missing="last")
    assert part.columns[1].bars == pytest.approx([1, 5 / 7, 3 / 7, 2 / 7, 1 / 7, None])


def test_a_bar_of_shares_can_be_measured_against_the_whole(make_table: MakeTable) -> None:
    columns = [
        {"name": "shop", "label": "Shop"},
        {"name": "share", "label": "Share", "bar": {"most": 1}, "format": "percent"},
    ]
    assert make_table(SALES, columns=columns, limit=2).columns[1].bars == (0.5, 0.25)


def test_tints_go_from_the_lowest_to_the_highest_or_to_both_sides_of_a_middle(make_table: MakeTable) -> None:
    def shades(shade: Any) -> Any:
        columns = [{"name": "shop", "label": "S"}, {"name": "items", "label": "I", "shade": shade}]
        return make_table(SALES, columns=columns).columns[1].shades

    assert shades(True) == pytest.approx((2 / 6, None, 4 / 6, 1, 0, 1 / 6))
    assert shades({"middle": 3}) == pytest.approx((0, None, 0.5, 1, -0.5, -0.25))
    assert shades({"low": 3, "high": 5}) == (0, None, 1, 1, 0, 0)


def test_a_flag_is_a_sign_before_the_number_and_its_meaning_stands_below(make_table: MakeTable) -> None:
    flags = [
        {"tone": "bad", "above": 5, "label": "too many"},
        {"tone": "warn", "above": 4, "below": 6, "label": "nearly"},
        {"tone": "good", "below": 2, "label": "few"},
    ]
    columns = [{"name": "shop", "label": "Shop"}, {"name": "items", "label": "Items", "flags": flags}]
    part = make_table(SALES, columns=columns)
    assert [row[1] for row in part.rows] == ["3", "–", "! 5", "✗ 7", "✓ 1", "2"]
    assert part.columns[1].tones == ("", "", "warn", "bad", "good", "")
    assert part.notes == ("✗ too many", "! nearly", "✓ few")


def test_a_flag_can_be_for_a_word(make_table: MakeTable) -> None:
    flags = [{"tone": "bad", "equals": "Ulm", "label": "moving"}]
    part = make_table(SALES, columns=[{"name": "town", "label": "Town", "flags": flags}], limit=2)
    assert words(part) == ["✗ Ulm", "Bonn"]


def test_rounding_that_shows_is_said(make_table: MakeTable) -> None:
    cells: Cells = {"shop": ("text", ["a", "b", "c"]), "share": ("number", [0.4, 0.4, 0.4])}
    columns = [
        {"name": "shop", "label": "Shop"},
        {"name": "share", "label": "Share", "format": "integer", "total": "sum"},
    ]
    part = make_table(cells, columns=columns, totals=True)
    assert [row[1] for row in part.rows] == ["0", "0", "0"]
    assert part.summaries[0].cells[1] == "1"
    assert part.notes == ("Figures are rounded one by one; totals are those of the exact figures",)


def test_a_table_can_show_all_of_its_rows(make_table: MakeTable) -> None:
    cells: Cells = {"shop": ("text", [str(number) for number in range(5_000)])}
    part = make_table(cells, columns=[{"name": "shop", "label": "Shop"}], limit="all")
    assert (len(part.rows), part.shown, part.total_rows) == (5_000, 5_000, 5_000)


def test_a_long_text_keeps_as_many_lines_as_its_column_has(make_table: MakeTable) -> None:
    cells: Cells = {"note": ("text", ["word " * 300])}
    long = make_table(cells, columns=[{"name": "note", "label": "Note", "lines": 30}])
    short = make_table(cells, columns=[{"name": "note", "label": "Note"}])
    assert len(long.rows[0][0]) == 1_499
    assert long.columns[0].lines == 30
    assert short.rows[0][0].endswith("…")


def test_days_have_their_year_unless_the_period_tells_it(make_table: MakeTable) -> None:
    def days(*values: str) -> list[str]:
        cells: Cells = {"day": ("date", list(values))}
        return words(make_table(cells, columns=[{"name": "day", "label": "Day"}]))

    assert days("2013-03-18", "2013-03-19") == ["Mon 18 Mar", "Tue 19 Mar"]
    assert days("2013-03-18", "1677-01-01", "9999-12-31") == ["18 Mar 2013", "1 Jan 1677", "31 Dec 9999"]


def test_the_day_of_an_instant_is_that_of_the_period_s_zone() -> None:
    instants: list[object] = [pd.Timestamp("2013-04-01T02:00Z"), pd.Timestamp("2013-03-19T12:00Z")]
    column = TypedColumn("at", "At", "", Format.DATE, instants)
    march = (date(2013, 3, 1), date(2013, 3, 31))
    assert cells_in_words(column, "America/New_York", days=march) == ["Sun 31 Mar", "Tue 19 Mar"]
    assert cells_in_words(column, "UTC", days=march) == ["1 Apr 2013", "19 Mar 2013"]


SHARES: Cells = {
    "maker": ("text", ["A", "A", "A", "B"]),
    "share": ("number", [0.33333, 0.33333, 0.33334, 0.5]),
}
SHARED = [
    {"name": "maker", "label": "Maker"},
    {"name": "share", "label": "Share", "format": "percent", "total": "sum"},
]
ROUNDED = "Figures are rounded one by one; totals are those of the exact figures"


def test_parts_that_do_not_make_their_subtotal_as_shown_are_said_to_be_rounded(make_table: MakeTable) -> None:
    sections = {"by": "maker", "subtotals": True}
    part = make_table(SHARES, columns=SHARED, sections=sections)
    assert [one.subtotal.cells[1] for one in part.groups if one.subtotal] == ["100.0", "50.0"]
    # 33.3 and 33.3 and 33.3 are 99.9.
    assert part.notes == (ROUNDED,)


def test_parts_that_make_their_subtotal_need_no_such_words(make_table: MakeTable) -> None:
    cells: Cells = {"maker": ("text", ["A", "A", "B"]), "share": ("number", [0.25, 0.75, 0.125])}
    part = make_table(cells, columns=SHARED, sections={"by": "maker", "subtotals": True}, totals=True)
    assert part.notes == ()


def test_a_section_that_the_limit_cuts_is_not_added_up(make_table: MakeTable) -> None:
    part = make_table(SHARES, columns=SHARED, sections={"by": "maker", "subtotals": True}, limit=2)
    assert part.notes == ()


@pytest.mark.parametrize(
    ("way", "cell", "total"), [("half_up", "0.13", "0.38"), ("half_even", "0.12", "0.38")]
)
def test_cells_and_totals_are_rounded_in_one_way(
    make_table: MakeTable, way: str, cell: str, total: str
) -> None:
    cells: Cells = {"maker": ("text", ["A", "A", "A"]), "share": ("number", [0.125, 0.125, 0.125])}
    columns = [SHARED[0], {**SHARED[1], "format": "decimal2"}]
    with rounding(Rounding(way)):
        part = make_table(cells, columns=columns, totals=True)
    assert [row[1] for row in part.rows] == [cell] * 3
    assert part.summaries[0].cells[1] == total
    assert part.notes == (ROUNDED,)


def test_exports_have_the_columns_that_only_head_sections_and_all_rows(period: Period) -> None:
    table = {
        "title": "All",
        "dataset": "rows",
        "columns": AIRCRAFT,
        "sections": ["maker", "model"],
        "limit": 2,
    }
    report = make_report(FLEET, tables={"all": {**table, "rank": False}})
    ranked = ranked_rows(report, "all", rows={"rows": make_rows(FLEET)})
    columns = export_columns(report, "all", ranked)
    assert [(column.name, column.label) for column in columns] == [
        ("maker", "Maker"), ("model", "Model"), ("tail", "Tail"), ("seats", "Seats"),
    ]  # fmt: skip
    lines = csv_of(columns, ZoneInfo(period.zone)).decode().splitlines()
    assert lines[:3] == ["Maker,Model,Tail,Seats", "A,x,5,50", "A,y,2,20"]
    assert lines[-1] == ",q,4,40"
    assert len(lines) == 8
