"""The demo's report on made-up flights, in a process that does nothing else, for ``benchmarks.pdf``.

Everything is in memory: rows as Parquet, three photographs, staging. So what is measured is this project's
own work, not that of a database or of S3.
"""

from __future__ import annotations

import io
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import cycle, pairwise
from pathlib import Path
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from benchmarks.memory import peak
from broadsheet.catalog import load_catalog
from broadsheet.domain.objects import MemoryObjectStore
from broadsheet.domain.period import parse_period
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.run import RunSpec, VariantSpec
from broadsheet.pipeline.aggregate import aggregate_variant
from broadsheet.pipeline.fetch import fetch_documents
from broadsheet.pipeline.rows import Rows, load_rows
from broadsheet.settings import Settings

REPOSITORY = Path(__file__).resolve().parents[1]
PAGES = REPOSITORY / "benchmarks/pages"
ROUNDS = 7
FOUR = ("on_time_by_day", "delay_by_hour", "outcomes_by_day", "arrival_delays")
TWO = ("on_time_by_day", "delay_by_hour")
# One for each round of a burst, so that none is made twice.
CARRIERS = ("9E", "AA", "AS", "B6", "DL", "EV", "F9", "FL", "HA")
PHOTOGRAPHS = ("1_network_from_above.jpg", "2_contiguous_states.jpg", "3_north_east.jpg")


def flights(count: int, *, airlines: tuple[str, ...] = ("United Air Lines",)) -> bytes:
    """Return flights of two weeks as Parquet, as many of each airline; the same each time."""
    chance = np.random.default_rng(1)
    late = np.round(chance.gamma(1.2, 24, count) - 18).astype("int64")
    flown = chance.random(count) > 0.02
    hours = chance.integers(5, 24, count)
    # In the order of days, as the report's query gives them.
    days = np.datetime64("2013-03-11") + np.sort(chance.integers(0, 14, count)).astype("timedelta64[D]")
    towns = ("Newton", "Bolton", "Denby", "Miles", "Seaton", "Dale", "Aston", "Tam")
    fields = ("Intl", "Field", "Regional", "City", "Municipal")
    place = np.array([f"{town} {field}" for town in towns for field in fields])
    weather = np.array(
        ["Fair weather", "Strong wind", "Rain or snow", "Low visibility", "Unobserved weather"]
    )
    outcome = np.where(
        ~flown, "Cancelled",
        np.where(late < 15, "On time", np.where(late < 60, "15 to 59 min late", "An hour late or more")),
    )  # fmt: skip
    table = pa.table(
        {
            "flight_date": pa.array(days, pa.date32()),
            "sched_hour": pa.array(hours),
            "sched_time": pa.array([f"{hour:02d}:{minute:02d}" for hour, minute in
                                    zip(hours, chance.integers(0, 60, count), strict=True)]),
            "flight": pa.array([f"UA {number}" for number in chance.integers(1, 2000, count)]),
            "airline": pa.array(np.array(airlines)[np.arange(count) % len(airlines)]),
            "origin": pa.array(np.array(["EWR", "JFK", "LGA"])[chance.integers(0, 3, count)]),
            "destination": pa.array(place[chance.integers(0, len(place), count)]),
            "distance": pa.array(chance.integers(100, 2600, count)),
            "dep_delay": pa.array(late + chance.integers(-5, 6, count), mask=~flown),
            "arr_delay": pa.array(late, mask=~flown),
            "cancelled": pa.array(~flown),
            "on_time": pa.array(late < 15, mask=~flown),
            "outcome": pa.array(outcome),
            "weather": pa.array(weather[chance.integers(0, len(weather), count)]),
        }
    )  # fmt: skip
    return _parquet(table)


def _parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


def photograph(seed: int) -> bytes:
    """Return a JPEG of 1200 x 800 pixels that is about as hard to compress as a photograph."""
    chance = np.random.default_rng(seed)
    small = Image.fromarray(chance.integers(0, 255, (40, 60, 3), dtype="uint8"))
    buffer = io.BytesIO()
    small.resize((1200, 800), Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def demo_report(charts: tuple[str, ...] | None = None) -> ReportDefinition:
    """Return the demo's report, with all of its charts or some."""
    report = load_catalog(
        REPOSITORY / "include/reports",
        sql_dir=REPOSITORY / "sql",
        templates_dir=REPOSITORY / "include/templates",
    ).get("airline_punctuality")
    if charts is None:
        return report
    return report.model_copy(update={"charts": {name: report.charts[name] for name in charts}})


def burst_report(charts: tuple[str, ...]) -> ReportDefinition:
    """Return the demo's report as a burst has it: one query for all airlines, of which each has its rows."""
    report = demo_report(charts)
    flights = report.datasets["flights"].model_copy(update={"filter": {"airline": "carrier"}})
    return report.model_copy(update={"datasets": {**report.datasets, "flights": flights}})


class Workshop:
    """A run of the demo's report whose data and pictures are fetched already.

    With ``carriers`` it has a variant for each of them, one after the other.
    """

    def __init__(
        self,
        report: ReportDefinition,
        rows: bytes,
        *,
        pages: str = "six",
        carriers: tuple[str, ...] = (),
    ) -> None:
        self.report = report
        self.settings = Settings()
        self.templates = PAGES / pages
        self.staging = MemoryObjectStore()
        period = parse_period("2013-W12", zone=self.report.zone)
        values = self.report.validate_parameters({})
        variants = tuple(
            VariantSpec(name=one.lower(), parameters={**values, "carrier": one}) for one in carriers
        )
        self.spec = RunSpec(
            run_id=UUID(int=1),
            report_id=self.report.id,
            slot=period.end,
            period=period,
            parameters=values,
            variants=variants or (VariantSpec(name="main", parameters=values),),
        )
        self._fetch(rows)
        self.rows: Mapping[str, Rows] | None = None
        """The rows as a chunk of a burst has them, which are read once for all of its variants."""
        self._turns = cycle(variant.name for variant in self.spec.variants)
        self.variant = self.spec.variants[0].name

    def _fetch(self, rows: bytes) -> None:
        put = self.staging.put
        put(self.spec.dataset_key("flights"), rows, content_type="application/octet-stream")
        loaded = pa.array([datetime(2014, 1, 2, tzinfo=UTC)], pa.timestamp("us", tz="UTC"))
        load = pa.table({"loaded_at": loaded, "shift_weeks": [0]})
        put(self.spec.dataset_key("load"), _parquet(load), content_type="application/octet-stream")
        documents = MemoryObjectStore()
        for seed, name in enumerate(PHOTOGRAPHS):
            key = f"{self.report.documents['pictures'].prefix}{name}"
            documents.put(key, photograph(seed), content_type="image/jpeg")
        fetch_documents(self.spec, self.report, "pictures", source=documents, staging=self.staging)

    def turn(self) -> None:
        """Go on to the next variant."""
        self.variant = next(self._turns)

    def read(self) -> None:
        """Read the rows, for all variants."""
        self.rows = load_rows(self.spec, self.report, staging=self.staging)

    def aggregate(self) -> None:
        """Compute the payload."""
        aggregate_variant(
            self.spec, self.report, self.variant, staging=self.staging, exports=False, fetched=self.rows
        )

    def draw(self) -> None:
        """Draw the charts."""
        # Not at the top: measured by itself, the step before needs neither matplotlib nor reportlab.
        from broadsheet.pipeline.charts import render_charts

        render_charts(
            self.spec,
            self.report,
            self.variant,
            staging=self.staging,
            templates_dir=self.templates,
            static_dir=self.settings.static_dir,
            themes_dir=self.settings.themes_dir,
        )

    def build(self) -> tuple[bytes, int]:
        """Build the document; return the file and its number of pages."""
        from broadsheet.pipeline.pdf import build_pdf

        built = build_pdf(
            self.spec,
            self.report,
            self.variant,
            staging=self.staging,
            templates_dir=self.templates,
            static_dir=self.settings.static_dir,
            themes_dir=self.settings.themes_dir,
        )
        return self.staging.get(built.key), built.pages


def medians(*steps: Callable[[], object]) -> dict[str, float]:
    """Return medians of wall and CPU milliseconds of some steps, after two rounds that are not counted."""
    walls: list[list[float]] = []
    busy: list[float] = []
    for _ in range(ROUNDS + 2):
        marks, cpu = [time.perf_counter()], time.process_time()
        for step in steps:
            step()
            marks.append(time.perf_counter())
        busy.append(time.process_time() - cpu)
        walls.append([after - before for before, after in pairwise(marks)])
    counted = walls[2:]
    found = {"wall": statistics.median(map(sum, counted)), "cpu": statistics.median(busy[2:])}
    parts = {step.__name__: [wall[at] for wall in counted] for at, step in enumerate(steps)}
    found |= {name: statistics.median(part) for name, part in parts.items()}
    return {name: seconds * 1000 for name, seconds in found.items()}


def report() -> dict[str, float]:
    """Measure charts and document of the report of six pages, whose payload is there."""
    workshop = Workshop(demo_report(FOUR), flights(2_500))
    workshop.aggregate()
    found = medians(workshop.draw, workshop.build)
    data, pages = workshop.build()
    return found | {"pages": pages, "size": len(data)}


def variant() -> dict[str, float]:
    """Measure everything that one more variant of a burst costs: its rows of all, three pages, two charts.

    2,500 flights of 22,500 are its own. Each round makes another variant, as none of a burst is made twice.
    """
    rows = flights(len(CARRIERS) * 2_500, airlines=CARRIERS)
    workshop = Workshop(burst_report(TWO), rows, pages="three", carriers=CARRIERS)
    workshop.read()
    found = medians(workshop.turn, workshop.aggregate, workshop.draw, workshop.build)
    data, pages = workshop.build()
    return found | {"pages": pages, "size": len(data)}


def aggregate() -> dict[str, float]:
    """Measure the payload of the demo's report, with all that its definition asks for, of a million rows."""
    # Made elsewhere: the peak is to be that of the step.
    made = subprocess.check_output([sys.executable, "-m", "benchmarks.pdf_report", "rows", "1000000"])
    workshop = Workshop(demo_report(), made)
    before = peak()
    begun, busy = time.perf_counter(), time.process_time()
    workshop.aggregate()
    return {
        "wall": time.perf_counter() - begun,
        "cpu": time.process_time() - busy,
        "before": before,
        "peak": peak(),
    }


if __name__ == "__main__":
    if sys.argv[1] == "rows":
        sys.stdout.buffer.write(flights(int(sys.argv[2])))
        sys.exit()
    print(json.dumps({"report": report, "variant": variant, "aggregate": aggregate}[sys.argv[1]]()))
