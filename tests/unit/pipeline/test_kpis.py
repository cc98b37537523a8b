"""Tiles: what has changed, against what, and whether a figure is where it should be."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from tests.unit.pipeline.table_data.conftest import make_report

from broadsheet.domain.kpi import Kpi
from broadsheet.domain.measure import Measure
from broadsheet.domain.period import parse_period
from broadsheet.pipeline.kpis import Figure, compute_figures, difference, kpi_part, kpi_parts
from broadsheet.pipeline.rows import Rows


def measure(**changes: Any) -> Measure:
    given = {
        "dataset": "rows",
        "take": "sum",
        "column": "x",
        "label": "Sales",
        "format": "decimal1",
        "unit": "€",
    }
    return Measure.model_validate(given | {"unit": "€"} | changes)


def tile(**changes: Any) -> Kpi:
    return Kpi.model_validate({"measure": "sales"} | changes)


def test_a_change_is_against_the_period_before_unless_said_otherwise() -> None:
    figure = Figure(measure(better="up"), 12.0, 10.0, 15.0)
    part = kpi_part(tile(), figure)
    assert (part.change_display, part.direction, part.good, part.against) == ("+2.0\u00a0€", "up", True, "")
    part = kpi_part(tile(compare="year_before"), figure)
    assert (part.change_display, part.direction, part.good) == ("−3.0\u00a0€", "down", False)
    assert part.against == "on a year before"
    part = kpi_part(tile(compare="none"), figure)
    assert (part.change_display, part.direction) == ("", "none")


def test_a_relative_change_is_a_share_of_what_was_before() -> None:
    part = kpi_part(tile(change="relative"), Figure(measure(), 12.0, 10.0))
    assert (part.change_display, part.direction) == ("+20.0\u00a0%", "up")
    # Less of a loss is more, whatever its sign.
    part = kpi_part(tile(change="relative"), Figure(measure(), -5.0, -10.0))
    assert (part.change_display, part.direction) == ("+50.0\u00a0%", "up")


def test_there_is_no_share_of_nothing() -> None:
    part = kpi_part(tile(change="relative"), Figure(measure(), 12.0, 0))
    assert (part.change_display, part.direction) == ("no comparison", "none")


@pytest.mark.parametrize(
    ("better", "value", "reached"),
    [
        ("up", 10.0, True),
        ("up", 9.96, True),
        ("up", 9.94, False),
        ("down", 10.04, True),
        ("down", 10.06, False),
    ],
)
def test_a_target_is_reached_as_a_reader_sees_both_numbers(better: str, value: float, reached: bool) -> None:
    part = kpi_part(tile(target=10), Figure(measure(better=better), value, None))
    assert part.reached is reached
    assert part.target_display == "10.0\u00a0€"


def test_without_a_value_nobody_knows_whether_a_target_is_reached() -> None:
    assert kpi_part(tile(target=10), Figure(measure(better="up"), None, None)).reached is None


def test_amounts_of_money_differ_exactly() -> None:
    value, before = Decimal("9007199254740993.10"), Decimal("9007199254740993.00")
    assert difference(value, before) == Decimal("0.10")
    part = kpi_part(tile(), Figure(measure(format="decimal2"), value, before))
    assert part.display == "9,007,199,254,740,993.10"
    assert part.change_display == "+0.10\u00a0€"


def test_the_small_line_has_a_point_for_each_day_of_the_period_and_gaps_where_nothing_is_known() -> None:
    report = make_report(
        {"day": ("date", []), "x": ("number", [])},
        measures={"sales": measure().model_dump(mode="json")},
        kpis={"top": ["sales", {"measure": "sales", "spark": "day"}]},
    )
    dataset = report.datasets["rows"].model_copy(update={"day": "day"})
    report = report.model_copy(update={"datasets": {"rows": dataset}})
    frame = pd.DataFrame(
        {"day": pd.to_datetime(["2013-03-02", "2013-03-02", "2013-03-31"]), "x": [1.0, 2.0, 5.0]}
    )
    rows = {"rows": Rows(frame, frame, None, "", year_before=frame.head(1))}
    figures = compute_figures(report, rows)
    assert (figures["sales"].value, figures["sales"].year_before) == (8.0, 1.0)
    plain, lined = kpi_parts(
        report, "top", figures=figures, rows=rows, period=parse_period("2013-03", zone="UTC")
    )
    assert plain.points == ()
    assert len(lined.points) == 31
    assert {number: value for number, value in enumerate(lined.points) if value is not None} == {
        1: 3.0,
        30: 5.0,
    }
