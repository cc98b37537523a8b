"""A chart's definition that makes no sense is refused, with its place and what was probably meant."""

from __future__ import annotations

from typing import Any

import pytest

from broadsheet.catalog.chart_references import check_chart
from broadsheet.domain.chart import Chart
from broadsheet.domain.measure import Measure
from broadsheet.domain.report import Dataset, Email, ReportDefinition

COLUMNS = {"day": "date", "at": "timestamp", "place": "text", "kind": "text", "size": "integer"}
MEASURES = {
    "rows": {"dataset": "orders", "take": "count", "label": "Rows", "format": "integer"},
    "size": {"dataset": "orders", "take": "sum", "column": "size", "label": "Size", "format": "integer"},
    "mean": {"dataset": "orders", "take": "mean", "column": "size", "label": "Mean", "unit": "m"},
    "stock": {"dataset": "stock", "take": "count", "label": "Stock", "format": "integer"},
}

SOUND: dict[str, dict[str, Any]] = {
    "line": {"kind": "line", "group": "day", "split": "place"},
    "by week": {"kind": "line", "group": "at", "by": "week", "span": "all"},
    "hours by weekday": {
        "kind": "heatmap",
        "group": "at",
        "by": "hour",
        "split": "at",
        "split_by": "weekday",
    },
    "measures upon each other": {"kind": "stacked", "measures": ["rows", "size"], "group": "place"},
    "combo": {
        "kind": "combo",
        "measures": ["rows", "mean"],
        "lines": ["mean"],
        "second_axis": "m",
        "group": "day",
    },
    "points of rows": {"kind": "scatter", "measures": ["size", "mean"]},
    "calendar of the dataset's day": {"kind": "calendar"},
    "slope": {"kind": "slope", "group": "place"},
    "waterfall": {"kind": "waterfall", "group": "place", "compare": True, "other": "Rest"},
    "multiples": {"kind": "multiples", "group": "day", "split": "place", "top": 6, "shape": "bar"},
    "tones of values": {"kind": "stacked", "group": "day", "split": "kind", "tones": {"late": "bad"}},
    "tones of measures": {
        "kind": "bar",
        "measures": ["rows", "size"],
        "group": "day",
        "tones": {"size": "quiet"},
    },
    "a bar set off": {"kind": "hbar", "group": "place", "highlight": "{{ parameters.place.display }}"},
}

FAULTS: dict[str, tuple[dict[str, Any], tuple[str | int, ...], str]] = {
    "measure misspelt": (
        {"kind": "line", "measures": ["rowz"], "group": "day"},
        ("measures", 0),
        "did you mean 'rows'",
    ),
    "column misspelt": ({"kind": "bar", "group": "plase"}, ("group",), "did you mean 'place'"),
    "two datasets": (
        {"kind": "bar", "measures": ["rows", "stock"], "group": "day"},
        ("measures",),
        "orders, stock",
    ),
    "two measures of a heatmap": (
        {"kind": "heatmap", "measures": ["rows", "size"], "group": "day", "split": "place"},
        ("measures",),
        "one measure",
    ),
    "one measure of a scatter": ({"kind": "scatter", "group": "place"}, ("measures",), "the second upwards"),
    "two units on one axis": (
        {"kind": "line", "measures": ["rows", "mean"], "group": "day"},
        ("measures",),
        "kind: combo",
    ),
    "heatmap without rows": ({"kind": "heatmap", "group": "day"}, ("split",), "whose values make the rows"),
    "multiples without split": ({"kind": "multiples", "group": "day"}, ("split",), "make the small charts"),
    "split of a waterfall": (
        {"kind": "waterfall", "group": "day", "split": "place"},
        ("split",),
        "needs `group`",
    ),
    "split and group are one": (
        {"kind": "line", "group": "day", "split": "day"},
        ("split",),
        "the same column",
    ),
    "means upon each other": (
        {"kind": "stacked", "measures": ["mean"], "group": "day", "split": "place"},
        ("measures",),
        "does not add up",
    ),
    "waterfall of means": (
        {"kind": "waterfall", "measures": ["mean"], "group": "place"},
        ("measures", 0),
        "count or sum",
    ),
    "layers of a line": (
        {"kind": "line", "group": "day", "layers": "percent"},
        ("layers",),
        "bars and areas",
    ),
    "tones of one series": (
        {"kind": "bar", "group": "day", "tones": {"rows": "bad"}},
        ("tones",),
        "several series",
    ),
    "tone of a value misspelt": (
        {"kind": "stacked", "group": "day", "split": "kind", "order": ["late"], "tones": {"lait": "bad"}},
        ("tones", "lait"),
        "did you mean 'late'",
    ),
    "tone of a measure misspelt": (
        {"kind": "bar", "measures": ["rows", "size"], "group": "day", "tones": {"sise": "bad"}},
        ("tones", "sise"),
        "did you mean 'size'",
    ),
    "highlight of a line": (
        {"kind": "line", "group": "day", "split": "place", "highlight": "North"},
        ("highlight",),
        "`slope` and `hbar`",
    ),
    "highlight of several bars": (
        {"kind": "hbar", "group": "place", "split": "kind", "highlight": "North"},
        ("highlight",),
        "several of each",
    ),
    "layers of one series": (
        {"kind": "bar", "group": "day", "layers": "percent"},
        ("layers",),
        "needs several series",
    ),
    "combo without lines": (
        {"kind": "combo", "measures": ["rows", "size"], "group": "day"},
        ("lines",),
        "needs `lines`",
    ),
    "line of a combo misspelt": (
        {"kind": "combo", "measures": ["rows", "size"], "lines": ["sise"], "group": "day"},
        ("lines", 0),
        "'size'",
    ),
    "second unit without an axis": (
        {"kind": "combo", "measures": ["rows", "mean"], "lines": ["mean"], "group": "day"},
        ("lines",),
        "`second_axis`",
    ),
    "second axis elsewhere": (
        {"kind": "bar", "group": "day", "second_axis": "m"},
        ("second_axis",),
        "kind: combo",
    ),
    "hours of a date": ({"kind": "bar", "group": "day", "by": "hour"}, ("group",), "must be timestamp"),
    "weeks of a text": (
        {"kind": "bar", "group": "place", "by": "week"},
        ("group",),
        "must be date or timestamp",
    ),
    "calendar of a text": ({"kind": "calendar", "group": "place"}, ("group",), "must be date"),
    "histogram of a text": ({"kind": "histogram", "group": "place"}, ("group",), "must be integer or number"),
    "box of a count": ({"kind": "box", "group": "place"}, ("measures", 0), "this one has none"),
    "comparison of a heatmap": (
        {"kind": "heatmap", "group": "day", "split": "place", "compare": True},
        ("compare",),
        "does not go with",
    ),
    "comparison of every row": (
        {"kind": "line", "group": "day", "compare": True, "span": "all"},
        ("span",),
        "no period before",
    ),
    "comparison without a day": (
        {"kind": "slope", "measures": ["stock"], "group": "place"},
        ("kind",),
        "has no `day`",
    ),
    "level of a calendar": (
        {"kind": "calendar", "targets": [{"value": 1, "label": "x"}]},
        ("targets", 0),
        "has no axis",
    ),
    "level without a value": (
        {"kind": "bar", "group": "day", "targets": [{"label": "x"}]},
        ("targets", 0),
        "either",
    ),
    "level of no measure": (
        {"kind": "bar", "group": "day", "reference": {"measure": "meen", "label": "x"}},
        ("reference", "measure"),
        "'mean'",
    ),
    "annotation of a slope": (
        {"kind": "slope", "group": "place", "annotations": [{"at": "x", "text": "y"}]},
        ("annotations",),
        "line, area",
    ),
    "other without top": (
        {"kind": "bar", "group": "place", "other": "Rest"},
        ("other",),
        "there is no `top`",
    ),
    "top of weeks": ({"kind": "bar", "group": "day", "by": "week", "top": 3}, ("top",), "every unit"),
    "shape of a line": ({"kind": "line", "group": "day", "shape": "bar"}, ("shape",), "kind: multiples"),
    "edges of a bar": ({"kind": "bar", "group": "size", "edges": [1, 2]}, ("edges",), "kind: histogram"),
    "no group": ({"kind": "line"}, ("group",), "give the column"),
}


def faults(chart: dict[str, Any]) -> list[tuple[tuple[str | int, ...], str]]:
    datasets = {
        "orders": Dataset.model_validate({"sql": "o.sql", "primary": True, "day": "day", "columns": COLUMNS}),
        "stock": Dataset.model_validate({"sql": "s.sql", "columns": COLUMNS}),
    }
    chosen = Chart.model_validate({"title": "A title", "measures": ["rows"]} | chart)
    report = ReportDefinition(
        id="probe",
        version="1",
        title="Probe",
        summary="Probe",
        audience=("subscriber",),
        source="probe",
        period_kinds=("week",),
        datasets=datasets,
        charts={"it": chosen},
        email=Email(subject="Probe"),
        measures={name: Measure.model_validate(one) for name, one in MEASURES.items()},
    )
    return list(check_chart(report, chosen))


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_chart_is_taken(name: str) -> None:
    assert faults(SOUND[name]) == []


@pytest.mark.parametrize("name", FAULTS)
def test_a_chart_that_makes_no_sense_is_refused_where_it_does(name: str) -> None:
    chart, place, words = FAULTS[name]
    found = faults(chart)
    assert [where for where, _ in found] == [place], found
    assert words in found[0][1]
