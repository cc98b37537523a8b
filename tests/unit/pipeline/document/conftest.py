"""A small payload, and a builder that runs both steps on it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from pypdf import PdfReader

from broadsheet.domain.objects import MemoryObjectStore
from broadsheet.domain.parts import Rounding
from broadsheet.domain.period import parse_period
from broadsheet.domain.run import RunSpec, VariantSpec
from broadsheet.pipeline.charts import render_charts
from broadsheet.pipeline.pdf import PdfSummary, build_pdf
from broadsheet.settings import Settings

PAGE = """
{{ kpis("summary") }}

**{{ displays.share }}** of {{ values.name }} were on time.

## Charts

{{ chart("by_day") }}

{{ charts("by_day", "by_place") }}

## Rows

{{ table("rows", limit=100) }}

## Pictures

{{ images("pictures") }}
"""


@dataclass(frozen=True)
class Built:
    """A built document."""

    data: bytes
    summary: PdfSummary

    @property
    def reader(self) -> PdfReader:
        return PdfReader(BytesIO(self.data))

    @property
    def pages(self) -> list[str]:
        return [page.extract_text() for page in self.reader.pages]

    @property
    def text(self) -> str:
        return "\n".join(self.pages)

    @property
    def words(self) -> str:
        """The text without line ends, so that wrapped phrases can be found."""
        return " ".join(self.text.split())


Build = Callable[..., Built]


def make_spec() -> RunSpec:
    """Return a run of one week."""
    return RunSpec(
        run_id=UUID(int=7),
        report_id="probe",
        slot=datetime(2013, 3, 25, 9, tzinfo=UTC),
        period=parse_period("2013-W12", zone="America/New_York"),
        parameters={},
        variants=(VariantSpec(name="main", parameters={}),),
    )


def make_jpeg(width: int = 60, height: int = 40) -> bytes:
    """Return a small JPEG."""
    buffer = BytesIO()
    Image.new("RGB", (width, height), (40, 80, 120)).save(buffer, "JPEG")
    return buffer.getvalue()


def _week(number: int, days: str, first_day: str, end_day: str) -> dict[str, Any]:
    return {
        "name": f"2013-W{number}",
        "label": f"Week {number}, {days} March 2013",
        "short": f"Week {number}",
        "kind": "week",
        "zone": "America/New_York",
        "start": f"{first_day}T00:00:00-04:00",
        "end": f"{end_day}T00:00:00-04:00",
        "first_day": first_day,
        "last_day": first_day,
    }


def _chart(kind: str, **changes: Any) -> dict[str, Any]:
    chart: dict[str, Any] = {
        "kind": kind,
        "title": f"A {kind} chart",
        "subtitle": "",
        "unit": "",
        "x_label": "",
        "y_label": "share",
        "x": ["Mon", "Tue", "Wed"],
        "series": [
            {"name": "Now", "values": [0.5, None, 0.7], "role": "current"},
            {"name": "Before", "values": [0.4, 0.6, 0.65], "role": "previous"},
        ],
        "references": [],
        "format": "percent",
        "alt": "",
    }
    return chart | changes


@pytest.fixture
def chart() -> Callable[..., dict[str, Any]]:
    """Return a maker of charts."""
    return _chart


@pytest.fixture
def payload() -> dict[str, Any]:
    """Return what the aggregate step would leave."""
    columns = [
        {"name": "rank", "label": "#", "align": "right", "unit": ""},
        {"name": "place", "label": "To", "align": "left", "unit": ""},
        {"name": "distance", "label": "Distance", "align": "right", "unit": "mi"},
    ]
    rows = [[str(number + 1), f"Place {number + 1}", f"{1000 + number:,}"] for number in range(100)]
    kpi = {
        "label": "On time", "value": 0.72, "display": "72.3", "unit": "%", "change": -0.08,
        "change_display": "−8.5 points", "direction": "down", "good": False, "note": "of arrivals",
    }  # fmt: skip
    picture = {"key": f"{make_spec().document_prefix('pictures')}001.jpg", "width": 60, "height": 40}
    table = {"title": "All rows", "columns": columns, "rows": rows, "shown": 100, "total_rows": 4112}
    return {
        "report_id": "probe",
        "title": "Punctuality",
        "subtitle": "One airline",
        "parameters": [{"name": "carrier", "label": "Airline", "value": "UA", "display": "United"}],
        "period": _week(12, "18–24", "2013-03-18", "2013-03-25"),
        "previous_period": _week(11, "11–17", "2013-03-11", "2013-03-18"),
        "data_as_of": "2026-11-22T05:00:00+00:00",
        "data_as_of_display": "22 November 2026, 00:00 EST",
        "notices": [],
        "empty": False,
        "values": {"share": 0.723, "name": "flights", "nothing": None},
        "displays": {"share": "72.3 %", "name": "flights", "nothing": "–"},
        "kpis": {"summary": [kpi]},
        "charts": {"by_day": _chart("line"), "by_place": _chart("hbar")},
        "tables": {"rows": table},
        "images": {"pictures": [picture | {"caption": "A picture"}]},
        "provenance": {},
    }  # fmt: skip


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Return a function that draws and builds a payload with a page of its own."""

    def run(
        payload: dict[str, Any],
        page: str = PAGE,
        *,
        pictures: bytes | None = None,
        theme: str = "broadsheet",
        staged: Mapping[str, bytes] | None = None,
        exports: tuple[str, ...] = (),
        numbered: bool = False,
        locale: str = "en-GB",
        revision: int | None = None,
        protector: Any = None,
        staging: MemoryObjectStore | None = None,
    ) -> Built:
        staging = staging or MemoryObjectStore()
        spec = make_spec().model_copy(update={"locale": locale, "revision": revision})
        (tmp_path / "reports").mkdir(exist_ok=True)
        (tmp_path / "reports" / "probe.md.j2").write_text(page, encoding="utf-8")
        key = f"{spec.variant_prefix('main')}payload.json"
        staging.put(key, json.dumps(payload).encode(), content_type="application/json")
        for picture in payload["images"].get("pictures", []):
            if not picture.get("fault"):
                staging.put(picture["key"], pictures or make_jpeg(), content_type="image/jpeg")
        for key, data in (staged or {}).items():
            staging.put(key, data, content_type="application/octet-stream")
        report: Any = SimpleNamespace(
            id="probe", theme=theme, numbered=numbered, exports=exports, rounding=Rounding.HALF_UP
        )
        looks = {
            "templates_dir": tmp_path,
            "static_dir": Settings().static_dir,
            "themes_dir": Settings().themes_dir,
        }
        render_charts(spec, report, "main", staging=staging, **looks)
        summary = build_pdf(spec, report, "main", staging=staging, protector=protector, **looks)
        return Built(staging.get(summary.key), summary)

    return run
