"""Shapes of the small charts."""

import pytest

from broadsheet.portal.pages.svg import share, sparkline, stacked_bars

NAMES = {"completed": "Done", "failed": "Failed"}


def test_a_column_stacks_its_series_from_the_bottom():
    chart = stacked_bars(["a"], {"completed": [3], "failed": [1]}, names=NAMES, height=100)
    done, failed = chart.columns[0].bars
    assert (done.y + done.height, failed.y + failed.height) == (100, done.y)
    assert done.height == 3 * failed.height


def test_the_highest_line_is_at_least_the_highest_column():
    for most in (0, 1, 2, 3, 4, 5, 7, 9, 10, 11, 99, 100, 101, 999, 1000, 1001, 123_456):
        chart = stacked_bars(["a", "b"], {"completed": [most, 0]}, names=NAMES)
        assert chart.ticks[-1].value >= most
        assert chart.ticks[-1].y == 0
        assert 2 <= len(chart.ticks) <= 6


def test_a_value_that_would_be_too_small_is_still_drawn_inside_the_plot():
    chart = stacked_bars(["a"], {"completed": [100_000], "failed": [1]}, names=NAMES)
    failed = chart.columns[0].bars[1]
    assert failed.height > 1
    assert failed.y >= 0


def test_nothing_is_drawn_for_nought_and_the_column_says_so():
    chart = stacked_bars(["9 Nov", "10 Nov"], {"completed": [0, 2], "failed": [0, 0]}, names=NAMES)
    assert [len(column.bars) for column in chart.columns] == [0, 1]
    assert [column.words for column in chart.columns] == ["9 Nov: none", "10 Nov: 2 done"]
    assert [series.total for series in chart.series] == [2, 0]


def test_columns_share_the_whole_width():
    chart = stacked_bars(["a", "b", "c", "d"], {"completed": [1, 1, 1, 1]}, names=NAMES)
    assert [column.middle for column in chart.columns] == [12.5, 37.5, 62.5, 87.5]


def test_a_chart_of_no_columns_is_empty():
    assert stacked_bars([], {"completed": []}, names=NAMES).is_empty


def test_a_line_goes_from_edge_to_edge_and_stays_inside():
    line = sparkline([0, 5, 10], width=100, height=20)
    assert line is not None
    assert line.line == "M0.0 18.0 L50.0 10.0 L100.0 2.0"


@pytest.mark.parametrize("values", [[], [1]])
def test_fewer_than_two_values_make_no_line(values: list[float]):
    assert sparkline(values) is None


@pytest.mark.parametrize(("part", "whole", "percent"), [(1, 4, 25), (5, 4, 100), (0, 4, 0), (1, 0, 0)])
def test_a_share_is_between_none_and_all(part: float, whole: float, percent: float):
    assert share(part, whole) == percent
