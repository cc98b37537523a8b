"""Every chart of ``docs/charts.md`` can be checked, computed and drawn, and has its picture."""

from __future__ import annotations

import pandas as pd
import pytest
from docs import charts

from broadsheet.catalog.chart_references import check_chart
from broadsheet.domain.chart import Chart, ChartKind
from broadsheet.pipeline.chart_data import chart_part
from broadsheet.pipeline.charts.kinds import SIZES, make_drawing
from broadsheet.pipeline.document.fonts import load_fonts
from broadsheet.pipeline.document.theme import load_theme
from broadsheet.pipeline.rows import Rows
from broadsheet.settings import Settings

REPORT = charts.definition()


@pytest.fixture(scope="module")
def rows() -> Rows:
    """A row for every ten minutes of two months, in the page's columns."""
    at = pd.Series(pd.date_range("2013-02-01", "2013-03-31 23:50", freq="10min", tz="UTC").as_unit("us"))
    number = pd.Series(range(len(at)), dtype="Int64")
    names = number.astype("int64")
    frame = pd.DataFrame(
        {
            "day": at.dt.tz_localize(None).dt.normalize(),
            "time": at,
            "hour": at.dt.hour.astype("Int64"),
            "airline": names.mod(11).map("Airline {}".format),
            "origin": names.mod(3).map("Origin {}".format),
            "destination": names.mod(13).map("Destination {}".format),
            "outcome": names.mod(5).map("Outcome {}".format),
            "distance": number % 900,
            "departure_delay": number % 61 - 9,
            "arrival_delay": number % 83 - 21,
            "on_time": (number % 83 < 36).astype("boolean"),
            "cancelled": (number % 7 == 0).astype("boolean"),
        }
    )
    return Rows(
        frame, charts._within(frame, charts.PERIOD), charts._within(frame, charts.PERIOD.previous()), ""
    )


@pytest.mark.parametrize("name", REPORT.charts)
def test_a_documented_chart_is_sound_and_drawn(name: str, rows: Rows) -> None:
    settings = Settings()
    load_fonts(settings.static_dir)
    theme = load_theme(settings.themes_dir, "broadsheet")
    assert list(check_chart(REPORT, REPORT.charts[name])) == []
    part = chart_part(REPORT, name, period=charts.PERIOD, rows={"flights": rows}, context=charts.context())
    assert not part.empty
    for size in SIZES:
        assert len(make_drawing(part, size=size, theme=theme).marks) > 8


def test_every_kind_and_every_key_is_documented() -> None:
    assert {chart.kind for chart in REPORT.charts.values()} == set(ChartKind)
    page = charts.PAGE.read_text(encoding="utf-8")
    assert [key for key in Chart.model_fields if f"`{key}`" not in page] == []


@pytest.mark.parametrize("name", REPORT.charts)
def test_a_documented_chart_has_a_small_picture(name: str) -> None:
    assert (charts.IMAGES / f"{name}.png").stat().st_size < 40_000
    assert f"(images/charts/{name}.png)" in charts.PAGE.read_text(encoding="utf-8")
