"""Whatever a source holds, tables, tiles and aggregates say what they can of it; nothing is cut silently."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from pypdf import PdfReader

from broadsheet.domain.period import parse_period
from broadsheet.domain.report import ReportDefinition
from broadsheet.pipeline.aggregates import with_aggregates
from broadsheet.pipeline.document.canvas import Colophon
from broadsheet.pipeline.document.fonts import load_fonts
from broadsheet.pipeline.document.frame import write_document
from broadsheet.pipeline.document.tables import DataTable
from broadsheet.pipeline.document.theme import load_theme
from broadsheet.pipeline.document.tiles import TileRow
from broadsheet.pipeline.exports import csv_of
from broadsheet.pipeline.kpis import compute_figures, kpi_parts
from broadsheet.pipeline.payload import KpiPart, TablePart
from broadsheet.pipeline.rows import Rows
from broadsheet.pipeline.table_data import ranked_rows, table_part, typed_columns
from broadsheet.settings import Settings

PERIOD = parse_period("2013-03", zone="Pacific/Kiritimati")
COLOPHON = Colophon(
    title="Probe", subject="", author="", period="", as_of="", made_for=datetime(2013, 3, 25, tzinfo=UTC)
)
COLUMNS = {
    "word": "text",
    "x": "number",
    "n": "integer",
    "money": "decimal",
    "day": "date",
    "at": "timestamp",
}
REPORT = ReportDefinition.model_validate(
    {
        "id": "probe", "version": "1", "title": "Probe", "summary": "A probe.", "audience": ["subscriber"],
        "source": "shop", "period_kinds": ["month"], "email": {"subject": "x"},
        "datasets": {"rows": {"sql": "s.sql", "primary": True, "columns": COLUMNS}},
        "measures": {
            name: {"dataset": "rows", "take": take, "column": column, "label": name, "better": "up"}
            for name, take, column in (
                ("total", "sum", "x"), ("middle", "median", "x"), ("most", "max", "n"),
                ("paid", "sum", "money"),
                ("usual", "mean", "money"), ("words", "distinct", "word"), ("known", "count", "at"),
            )
        },
        "aggregates": {
            "made": {
                "dataset": "rows", "group": ["word"], "top": {"measure": "total", "most": 3},
                "columns": {
                    "sum": {"measure": "total"}, "paid": {"measure": "paid"}, "run": {"running": "paid"},
                    "part": {"share": "sum"}, "place": {"rank": "sum"}, "step": {"change": "paid"},
                },
            },
            "years": {
                "dataset": "rows", "resample": {"column": "day", "every": "year"},
                "columns": {"words": {"measure": "words"}},
            },
        },
        "kpis": {
            "top": [
                {"measure": name, "target": 1, "spark": "word", "change": change}
                for name in ("total", "middle", "most", "paid") for change in ("absolute", "relative")
            ]
        },
        "tables": {
            "all": {
                "title": "All", "dataset": "rows", "order_by": "x", "missing": "last", "limit": "all",
                "totals": True, "sections": {"by": "word", "subtotals": True, "order": "size"},
                "columns": [
                    {"name": "word", "label": "W", "flags": [{"tone": "bad", "equals": "a", "label": "a"}]},
                    {"name": "x", "label": "X", "bar": True, "total": "sum"},
                    {"name": "n", "label": "N", "shade": {"middle": 0}, "total": "max"},
                    {"name": "money", "label": "Money", "total": "sum", "bar": {"most": 1},
                     "flags": [{"tone": "warn", "above": 0, "label": "paid"}]},
                    {"name": "day", "label": "Day", "total": "distinct"},
                    {"name": "at", "label": "At"},
                ],
            },
            "grouped": {
                "title": "Grouped", "dataset": "rows", "group": ["word"], "order_by": "total", "limit": 5,
                "missing": "last", "other": True, "totals": True,
                "pivot": {"by": "n", "measure": "paid", "most": 3, "total": True, "shade": True, "bar": True},
                "columns": [{"name": "word", "label": "W"}, {"name": "total", "label": "T", "shade": True}],
            },
            "made": {
                "title": "Made", "dataset": "made", "limit": "all",
                "columns": [
                    {"name": name, "label": name} for name in ("word", "sum", "run", "part", "place", "step")
                ],
            },
            "years": {
                "title": "Years", "dataset": "years", "limit": "all", "totals": True,
                "columns": [{"name": "day", "label": "Y"}, {"name": "words", "label": "W", "total": "sum"}],
            },
        },
    }
)  # fmt: skip
NONE = [None, None, None]
FRAMES: dict[str, dict[str, list[Any]]] = {
    "ordinary": {},
    "empty": {name: [] for name in COLUMNS},
    "one row": {name: [] for name in COLUMNS}
    | {
        "word": ["a"],
        "x": [1.0],
        "n": [1],
        "money": [Decimal(1)],
        "day": ["2013-03-01"],
        "at": ["2013-03-01"],
    },
    "all null": {name: NONE for name in COLUMNS},
    "not finite": {"x": [math.nan, math.inf, -math.inf]},
    "overflow": {"x": [1.7e308, 1.7e308, -5e-324], "n": [2**63 - 1, -(2**63), 2**63 - 1]},
    "all zero": {"x": [0.0, -0.0, 0.0], "n": [0, 0, 0], "money": [Decimal(0)] * 3},
    "one category": {"word": ["a", "a", "a"]},
    "largest money": {"money": [Decimal("9" * 36 + ".99"), Decimal("9" * 36 + ".99"), Decimal("-0.01")]},
    "far days": {
        "day": ["1677-01-01", "9999-12-31", None],
        "at": ["1677-01-01T00:00", "9999-12-31T23:59", "0001-01-01T00:00"],
    },
    "words": {"word": ["", " \t\n", "\x07{{ x }} <b>&\u202e=1+1"]},
}


def frame_of(cells: dict[str, list[Any]]) -> pd.DataFrame:
    given: dict[str, list[Any]] = {
        "word": ["b", "a", "c"],
        "x": [1.5, -2.0, 0.25],
        "n": [1, 2, 2],
        "money": [Decimal("1.10"), None, Decimal("-3.00")],
        "day": ["2013-03-01", "2013-03-02", None],
        "at": ["2013-03-01T10:00", None, "2013-03-02T23:59"],
        **cells,
    }
    days = [None if one is None else datetime.fromisoformat(one).date() for one in given["day"]]
    instants = [
        None if one is None else datetime.fromisoformat(one).replace(tzinfo=UTC) for one in given["at"]
    ]
    return pd.DataFrame(
        {
            "word": pd.Series(given["word"], dtype="str"),
            "x": pd.Series(given["x"], dtype="float64"),
            "n": pd.Series(given["n"], dtype="Int64"),
            "money": pd.Series(given["money"], dtype=pd.ArrowDtype(pa.decimal128(38, 2))),
            "day": pa.array(days, pa.date32()).to_pandas(date_as_object=False),
            "at": pa.array(instants, pa.timestamp("us", "UTC")).to_pandas(),
        }
    )


def made(frame: pd.DataFrame) -> tuple[dict[str, TablePart], list[KpiPart], list[bytes]]:
    plain = {"rows": Rows(frame, frame, frame.head(1), "")}
    rows = with_aggregates(REPORT, plain, period=PERIOD, parameters={})
    figures = compute_figures(REPORT, rows)
    kpis = kpi_parts(REPORT, "top", figures=figures, rows=rows, period=PERIOD)
    ranked = {name: ranked_rows(REPORT, name, rows=rows) for name in REPORT.tables}
    tables = {name: table_part(REPORT, name, one, period=PERIOD, context={}) for name, one in ranked.items()}
    files = [csv_of(typed_columns(REPORT, name, one), PERIOD.start.tzinfo) for name, one in ranked.items()]  # type: ignore[arg-type]
    return tables, kpis, files


@pytest.mark.parametrize("name", FRAMES)
def test_a_document_is_made_of_any_data(name: str) -> None:
    load_fonts(Settings().static_dir)
    theme = load_theme(Settings().themes_dir, "broadsheet")
    frame = frame_of(FRAMES[name])
    tables, kpis, files = made(frame)
    # Nothing in it is what JSON has not.
    json.dumps([part.model_dump(mode="json") for part in (*tables.values(), *kpis)], allow_nan=False)
    assert len(tables["all"].rows) == len(frame)
    assert tables["all"].groups == () or tables["all"].groups[-1].stop == len(frame)
    assert files[0].count(b"\r\n") == len(frame) + 1
    story = [DataTable(part, count=len(part.rows), theme=theme) for part in tables.values()]
    tiles = TileRow(kpis[:4], columns=4, last=True, theme=theme)
    data, pages = write_document([tiles, *story], COLOPHON, theme=theme)
    assert pages >= 1
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages)
    assert "nan" not in text.lower().replace("nano", "")
    assert "NaT" not in text
    assert "<NA>" not in text


def test_what_is_no_number_is_a_dash_and_the_total_is_of_what_is_known() -> None:
    tables, kpis, _ = made(frame_of({"x": [math.nan, 2.0, 3.0]}))
    assert [row[2] for row in tables["all"].rows].count("–") == 1
    assert tables["all"].summaries[0].cells[2] == "5.0"
    assert kpis[0].display == "5.0"


def test_sums_beyond_all_numbers_are_a_dash_and_beyond_all_cents_exact() -> None:
    _, kpis, _ = made(frame_of(FRAMES["overflow"]))
    assert kpis[0].display == "–"
    tables, _, _ = made(frame_of(FRAMES["largest money"]))
    total = tables["all"].summaries[0].cells[4]
    assert total.replace(",", "") == "1" + "9" * 36 + ".97"


def test_five_hundred_categories_are_all_there_or_counted() -> None:
    count = 500
    frame = frame_of(
        {
            "word": [f"w{number:03d}" for number in range(count)],
            "x": [float(number) for number in range(count)],
            "n": [number % 7 for number in range(count)],
            "money": [Decimal(number) for number in range(count)],
            "day": [None] * count,
            "at": [None] * count,
        }
    )
    tables, kpis, _ = made(frame)
    assert len(tables["all"].groups) == count
    grouped = tables["grouped"]
    assert (grouped.shown, grouped.total_rows) == (5, count)
    assert grouped.summaries[0].label == "Other (495 rows)"
    assert [column.label for column in grouped.columns][3:] == ["0", "1", "Other (5)", "All"]
    assert [row[1] for row in tables["made"].rows[:4]] == ["w497", "w498", "w499", "Other"]
    assert len(kpis[0].points) <= 400
