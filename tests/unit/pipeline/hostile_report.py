"""A report that has one of everything, and runs of it over any rows: from a definition to its files."""

from __future__ import annotations

import io
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq

from broadsheet.catalog import load_catalog
from broadsheet.domain.objects import MemoryObjectStore
from broadsheet.domain.period import parse_period
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.run import RunSpec, VariantSpec
from broadsheet.pipeline.aggregate import aggregate_variant
from broadsheet.pipeline.charts import render_charts
from broadsheet.pipeline.payload import Payload, read_payload
from broadsheet.pipeline.pdf import build_pdf
from broadsheet.settings import Settings

COLUMNS = {
    "word": "text",
    "other": "text",
    "n": "integer",
    "x": "number",
    "money": "decimal",
    "yes": "boolean",
    "day": "date",
    "at": "timestamp",
}
SCHEMA = pa.schema(
    {
        "word": pa.string(),
        "other": pa.string(),
        "n": pa.int64(),
        "x": pa.float64(),
        "money": pa.decimal128(38, 2),
        "yes": pa.bool_(),
        "day": pa.date32(),
        "at": pa.timestamp("us", "UTC"),
    }
)
_MEASURES: dict[str, dict[str, Any]] = {
    "count": {"take": "count", "format": "integer"},
    "total": {"take": "sum", "column": "x"},
    "mean": {"take": "mean", "column": "x"},
    "middle": {"take": "median", "column": "x"},
    "high": {"take": "quantile", "q": 0.9, "column": "n", "format": "decimal2"},
    "most": {"take": "max", "column": "n", "format": "integer"},
    "least": {"take": "min", "column": "x"},
    "paid": {"take": "sum", "column": "money", "format": "decimal2", "unit": "€"},
    "share": {"take": "share", "column": "yes", "format": "percent"},
    "words": {"take": "distinct", "column": "word", "format": "integer"},
}
_CHARTS: dict[str, dict[str, Any]] = {
    "line": {"kind": "line", "measures": ["total", "mean"], "group": "word"},
    "line_days": {"kind": "line", "measures": ["mean"], "group": "day"},
    "line_years": {"kind": "line", "measures": ["total"], "group": "day", "by": "year", "span": "all"},
    "line_months": {"kind": "line", "measures": ["paid"], "group": "day", "by": "month", "split": "yes"},
    "line_hours": {"kind": "line", "measures": ["total"], "group": "at", "by": "hour", "split": "word"},
    "line_numbers": {"kind": "line", "measures": ["share"], "group": "n", "fill": True},
    "line_instants": {"kind": "line", "measures": ["total"], "group": "at"},
    "line_money": {"kind": "line", "measures": ["total"], "group": "money"},
    "area": {"kind": "area", "measures": ["total"], "group": "x", "split": "word"},
    "area_weeks": {"kind": "area", "measures": ["count"], "group": "at", "by": "week", "split": "yes"},
    "bar": {"kind": "bar", "measures": ["total"], "group": "word", "top": 3, "other": "The rest"},
    "bar_grouped": {"kind": "bar", "measures": ["mean"], "group": "yes", "split": "word"},
    "bar_shares": {"kind": "bar", "measures": ["total"], "group": "n", "split": "word", "layers": "percent"},
    "bar_compared": {"kind": "bar", "measures": ["dated"], "group": "word", "compare": True},
    "bar_weekdays": {"kind": "bar", "measures": ["paid"], "group": "day", "by": "weekday"},
    "bar_quarters": {"kind": "bar", "measures": ["count"], "group": "at", "by": "quarter"},
    "hbar": {"kind": "hbar", "measures": ["paid"], "group": "word",
             "reference": {"measure": "paid", "label": "all"}},
    "hbar_stacked": {"kind": "hbar", "measures": ["total"], "group": "other", "split": "word",
                     "layers": "stacked"},
    "stacked": {"kind": "stacked", "measures": ["total"], "group": "word", "split": "other",
                "targets": [{"value": 1e9, "label": "much"}]},
    "combo": {"kind": "combo", "measures": ["total", "share"], "lines": ["share"], "second_axis": "share",
              "group": "word"},
    "histogram": {"kind": "histogram", "measures": ["count"], "group": "x"},
    "histogram_edges": {"kind": "histogram", "measures": ["count"], "group": "n", "edges": [0, 1, 5]},
    "scatter": {"kind": "scatter", "measures": ["total", "most"]},
    "scatter_groups": {"kind": "scatter", "measures": ["total", "paid"], "group": "word", "split": "yes"},
    "box": {"kind": "box", "measures": ["middle"], "group": "word"},
    "box_all": {"kind": "box", "measures": ["mean"]},
    "heatmap": {"kind": "heatmap", "measures": ["total"], "group": "n", "split": "word"},
    "heatmap_hours": {"kind": "heatmap", "measures": ["share"], "group": "at", "by": "hour", "split": "at",
                      "split_by": "weekday"},
    "calendar": {"kind": "calendar", "measures": ["total"], "group": "day", "span": "all"},
    "calendar_dated": {"kind": "calendar", "measures": ["dated"]},
    "slope": {"kind": "slope", "measures": ["dated"], "group": "word"},
    "slope_measures": {"kind": "slope", "measures": ["mean", "middle"], "group": "word"},
    "waterfall": {"kind": "waterfall", "measures": ["total"], "group": "word", "other": "Others"},
    "waterfall_compared": {"kind": "waterfall", "measures": ["dated"], "group": "word",
                           "compare": True},
    "multiples": {"kind": "multiples", "measures": ["total"], "group": "n", "split": "word"},
    "multiples_bars": {"kind": "multiples", "measures": ["mean"], "group": "yes", "split": "word",
                       "shape": "bar"},
    "multiples_areas": {"kind": "multiples", "measures": ["total"], "group": "day", "split": "word",
                        "shape": "area"},
    "sparkline": {"kind": "sparkline", "measures": ["total"], "group": "day", "split": "word"},
    "sparkline_measures": {"kind": "sparkline", "measures": ["total", "mean", "middle"], "group": "n"},
}  # fmt: skip
_TABLES: dict[str, dict[str, Any]] = {
    "all": {
        "dataset": "rows", "order_by": "x", "missing": "last", "limit": "all", "totals": True,
        "sections": {"by": "word", "subtotals": True, "order": "size"},
        "columns": [
            {"name": "word", "label": "Word", "flags": [{"tone": "bad", "equals": "a", "label": "an a"}]},
            {"name": "x", "label": "X", "bar": True, "total": "sum"},
            {"name": "n", "label": "N", "shade": {"middle": 0}, "total": "mean"},
            {"name": "money", "label": "Money", "total": "sum", "bar": {"most": 1},
             "flags": [{"tone": "warn", "above": 0, "label": "paid"}]},
            {"name": "yes", "label": "Yes", "total": "count"},
            {"name": "day", "label": "Day", "total": "distinct"},
            {"name": "at", "label": "At", "total": "count"},
        ],
    },
    "grouped": {
        "dataset": "rows", "group": ["word", "yes"], "order_by": "total", "limit": 5, "missing": "last",
        "other": True, "totals": True, "sections": {"by": "yes", "subtotals": True},
        "columns": [
            {"name": "word", "label": "Word"},
            {"name": "total", "label": "Total", "shade": True},
            {"name": "paid", "label": "Paid", "bar": True},
            {"name": "share", "label": "Share"},
        ],
    },
    "pivoted": {
        "dataset": "rows", "group": ["day"], "totals": True, "limit": 20,
        "pivot": {"by": "word", "measure": "paid", "most": 3, "total": True, "shade": True, "bar": True},
        "columns": [{"name": "day", "label": "Day"}, {"name": "mean", "label": "Mean"}],
    },
    "instants": {
        "dataset": "rows", "group": ["at"], "limit": 20,
        "pivot": {"by": "n", "measure": "total", "most": 4},
        "columns": [{"name": "at", "label": "At"}],
    },
    "made": {
        "dataset": "made", "limit": "all",
        "columns": [{"name": one, "label": one} for one in ("word", "sum", "run", "part", "place", "step")],
    },
    "years": {
        "dataset": "years", "limit": 50, "totals": True,
        "columns": [{"name": "day", "label": "Year"}, {"name": "total", "label": "Total", "total": "sum"}],
    },
}  # fmt: skip
_TILES = ("count", "total", "mean", "middle", "high", "most", "least", "paid", "share", "words")


def definition() -> dict[str, Any]:
    """Return the report's definition, as its YAML has it."""
    measures = {
        name: {"dataset": "rows", "label": name.capitalize(), "better": "up", **measure}
        for name, measure in _MEASURES.items()
    }
    measures["dated"] = measures["total"] | {"dataset": "dated", "label": "Dated total", "better": "down"}
    charts = {name: {"title": f"Chart {name.replace('_', ' ')}", **chart} for name, chart in _CHARTS.items()}
    return {
        "id": "hostile",
        "version": "1",
        "title": "Hostile",
        "summary": "Everything at once.",
        "audience": ["subscriber"],
        "source": "shop",
        "zone": "Pacific/Kiritimati",
        "period_kinds": ["month"],
        "email": {"subject": "x"},
        "datasets": {
            "rows": {"sql": "rows.sql", "primary": True, "columns": COLUMNS},
            "dated": {"sql": "dated.sql", "columns": COLUMNS, "day": "day", "year_before": True},
        },
        "freshness": {"dataset": "rows", "column": "at"},
        "facts": {
            f"first_{name}": {"dataset": "rows", "column": name, "format": "text"} for name in ("word", "n")
        },
        "highlights": {"best": {"measure": "total", "group": "word"}},
        "measures": measures,
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
                "columns": {"total": {"measure": "total"}},
            },
        },
        "kpis": {
            "tiles": [
                *(
                    {"measure": name, "target": 1, "spark": spark, "compare": "none"}
                    for name, spark in zip(_TILES, ("day", "word", "n", "yes", "x", "at") * 2, strict=False)
                ),
                {"measure": "dated", "spark": "day"},
                {"measure": "dated", "compare": "year_before", "change": "relative", "target": 0},
            ]
        },
        "charts": charts,
        "tables": {name: {"title": f"Table {name}", **table} for name, table in _TABLES.items()},
        "exports": ["csv", "xlsx"],
    }  # fmt: skip


_SELECT = f"-- Grain: one row. Parameters: none.\nSELECT {', '.join(COLUMNS)} FROM t"
_YEAR_BEFORE = "WHERE day >= %(year_before_first_day)s AND day < %(end_day)s"
WORDS = """
Best: {{ displays.best }} {{ values.best }}, first {{ displays.first_word }} {{ displays.first_n }}

{{ kpis("tiles") }}
"""


def page(charts: Iterable[str], tables: Iterable[str]) -> str:
    """Return a page that shows the tiles, and some charts and tables."""
    blocks = [
        *(f'{{{{ chart("{name}") }}}}' for name in charts),
        *(f'{{{{ table("{name}") }}}}' for name in tables),
    ]
    return "\n\n".join([WORDS, *blocks])


@dataclass(frozen=True)
class Made:
    """What a run made."""

    pdf: bytes
    pages: int
    payload: Payload
    files: dict[str, bytes]
    """Exports, by format and table."""


@cache
def hostile_report() -> ReportDefinition:
    """Return the report as the catalog loads it, so that it is one that ``check`` takes."""
    with TemporaryDirectory(prefix="hostile-") as folder:
        home = Path(folder)
        for name, text in (
            ("reports/hostile.yaml", json.dumps(definition())),
            ("sql/reports/hostile/rows.sql", f"{_SELECT} ORDER BY 1, 2, 3\n"),
            ("sql/reports/hostile/dated.sql", f"{_SELECT} {_YEAR_BEFORE} ORDER BY 1, 2, 3\n"),
            ("templates/reports/hostile.md.j2", page(_CHARTS, _TABLES)),
        ):
            path = home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        catalog = load_catalog(home / "reports", sql_dir=home / "sql", templates_dir=home / "templates")
        return catalog.get("hostile")


def parquet(rows: pa.Table) -> bytes:
    """Return rows as the fetch step leaves them."""
    buffer = io.BytesIO()
    pq.write_table(rows, buffer)
    return buffer.getvalue()


def table_of(cells: dict[str, list[Any]]) -> pa.Table:
    """Return columns as rows of the report; those that are not given are NULL."""
    count = max((len(values) for values in cells.values()), default=0)
    return pa.table(
        {name: pa.array(cells.get(name, [None] * count), SCHEMA.field(name).type) for name in SCHEMA.names}
    )


def run(
    rows: pa.Table,
    *,
    locale: str = "en-GB",
    theme: str | None = None,
    charts: Collection[str] = _CHARTS,
    tables: Collection[str] = _TABLES,
) -> Made:
    """Make a document and its exports of any rows, by all the steps after ``fetch``.

    ``charts`` and ``tables`` are those that it has; all of them cost some seconds.
    """
    report = hostile_report()
    report = report.model_copy(
        update={
            "charts": {name: report.charts[name] for name in charts},
            "tables": {name: report.tables[name] for name in tables},
        }
    )
    spec = RunSpec(
        run_id=UUID(int=9),
        report_id=report.id,
        slot=datetime(2013, 4, 1, 9, tzinfo=UTC),
        period=parse_period("2013-03", zone=report.zone),
        parameters={},
        variants=(VariantSpec(name="main", parameters={}),),
        locale=locale,
        theme=theme,
    )
    staging = MemoryObjectStore()
    data = parquet(rows)
    for name in report.datasets:
        staging.put(spec.dataset_key(name), data, content_type="application/octet-stream")
    settings = Settings()
    looks = {"static_dir": settings.static_dir, "themes_dir": settings.themes_dir}
    summary = aggregate_variant(spec, report, "main", staging=staging)
    with TemporaryDirectory(prefix="hostile-page-") as folder:
        looks["templates_dir"] = Path(folder)
        template = Path(folder) / "reports" / "hostile.md.j2"
        template.parent.mkdir()
        template.write_text(page(charts, tables), encoding="utf-8")
        render_charts(spec, report, "main", staging=staging, **looks)
        built = build_pdf(spec, report, "main", staging=staging, **looks)
    return Made(
        pdf=staging.get(built.key),
        pages=built.pages,
        payload=read_payload(spec, "main", staging=staging),
        files={f"{one.format.value} {one.name}".strip(): staging.get(one.key) for one in summary.exports},
    )


def instant(text: str) -> datetime:
    """Return an instant of UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def day(text: str) -> date:
    """Return a day."""
    return date.fromisoformat(text)
