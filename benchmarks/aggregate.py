"""What it takes to aggregate a million rows to the demo report's payload, in a process of its own.

``python -m benchmarks.aggregate [rows]`` prints JSON: seconds and CPU seconds of the first variant and of one
more, and the process's peak of memory in MiB.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.pdf_tables import peak
from broadsheet.catalog import load_catalog
from broadsheet.domain.objects import MemoryObjectStore
from broadsheet.domain.period import parse_period
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.run import RunSpec, VariantSpec
from broadsheet.pipeline.aggregate import aggregate_variant
from broadsheet.pipeline.rows import load_rows
from broadsheet.settings import Settings

MOST_ROWS = 1_000_000
_WORDS = {
    "flight": [f"UA {number}" for number in range(1, 4_000)],
    "airline": ["UA"],
    "origin": ["EWR", "JFK", "LGA"],
    "destination": [f"D{number:02d}" for number in range(95)],
    "outcome": ["On time", "15 to 59 min late", "An hour late or more", "Diverted", "Cancelled"],
    "weather": ["Fair weather", "Strong wind", "Rain or snow", "Low visibility", "Unobserved weather"],
}


def flights(count: int) -> pa.Table:
    """Return flights of two weeks in March 2013, the same each time, in the types that ``fetch`` writes."""
    chance = np.random.default_rng(1)
    hours = chance.integers(5, 23, count)
    delay = chance.normal(8, 35, count).round().astype("int64")
    missing = chance.random(count) < 0.03
    words = {
        name: pa.array(values, pa.string()).take(pa.array(chance.integers(0, len(values), count)))
        for name, values in _WORDS.items()
    }
    first = np.datetime64("2013-03-11")
    return pa.table(
        {
            "flight_date": pa.array(first + chance.integers(0, 14, count), pa.date32()),
            "sched_hour": pa.array(hours),
            "sched_time": pa.array([f"{hour:02d}:30" for hour in range(24)]).take(pa.array(hours)),
            "flight": words["flight"],
            "airline": words["airline"],
            "origin": words["origin"],
            "destination": words["destination"],
            "distance": pa.array(chance.integers(90, 4_900, count)),
            "dep_delay": pa.array(delay, mask=missing),
            "arr_delay": pa.array(delay + chance.integers(-20, 20, count), mask=missing),
            "cancelled": pa.array(missing),
            "on_time": pa.array(delay < 15, mask=missing),
            "outcome": words["outcome"],
            "weather": words["weather"],
        }
    )


def staged(spec: RunSpec, tables: Mapping[str, pa.Table]) -> MemoryObjectStore:
    """Return staging with the tables as ``fetch`` leaves them, and no pictures."""
    staging = MemoryObjectStore()
    for name, table in tables.items():
        buffer = io.BytesIO()
        pq.write_table(table, buffer, compression="zstd", row_group_size=10_000)
        staging.put(spec.dataset_key(name), buffer.getvalue(), content_type="application/octet-stream")
    manifest = json.dumps({"images": [], "notices": []}).encode()
    staging.put(f"{spec.document_prefix('pictures')}manifest.json", manifest, content_type="application/json")
    return staging


def demo_report() -> ReportDefinition:
    """Return the demo's report, without its files of rows: they are another thing than its payload."""
    settings = Settings()
    home = Path(settings.static_dir).resolve().parents[1]
    report = load_catalog(
        home / "include/reports", sql_dir=home / "sql", templates_dir=home / "include/templates"
    ).get("airline_punctuality")
    return report.model_copy(update={"exports": ()})


def make_spec(report: ReportDefinition) -> RunSpec:
    """Return a run of two variants over one week."""
    values = report.validate_parameters({})
    return RunSpec(
        run_id=UUID(int=1),
        report_id=report.id,
        slot=datetime(2013, 3, 25, 11, tzinfo=UTC),
        period=parse_period("2013-W12", zone=report.zone),
        parameters=values,
        variants=tuple(VariantSpec(name=name, parameters=values) for name in ("main", "second")),
    )


def make_staging(folder: Path, count: int) -> Path:
    """Write the rows into a file, in a process of its own: the peak is to be that of reading them."""
    path = folder / "flights.parquet"
    pq.write_table(flights(count), path, compression="zstd", row_group_size=10_000)
    return path


def measure(path: Path) -> dict[str, float]:
    """Aggregate the rows of a file to the payload, twice."""
    report = demo_report()
    spec = make_spec(report)
    loaded = pa.table(
        {
            "loaded_at": pa.array([datetime(2013, 3, 25, tzinfo=UTC)], pa.timestamp("us", "UTC")),
            "shift_weeks": [0],
        }
    )
    staging = staged(spec, {"load": loaded})
    staging.put(spec.dataset_key("flights"), path.read_bytes(), content_type="application/octet-stream")
    before = peak()
    found: dict[str, float] = {"before_mib": round(before)}
    fetched = None
    for variant in ("main", "second"):
        busy, begun = time.process_time(), time.perf_counter()
        fetched = fetched or load_rows(spec, report, staging=staging)
        aggregate_variant(spec, report, variant, staging=staging, fetched=fetched)
        found[f"{variant}_seconds"] = round(time.perf_counter() - begun, 3)
        found[f"{variant}_cpu"] = round(time.process_time() - busy, 3)
    found["peak_mib"] = round(peak())
    return found


def main() -> None:
    """Measure in this process, with rows made by another."""
    import subprocess

    if sys.argv[1:2] == ["make"]:
        make_staging(Path(sys.argv[2]), int(sys.argv[3]))
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else MOST_ROWS
    with tempfile.TemporaryDirectory() as folder:
        subprocess.check_call([sys.executable, "-m", "benchmarks.aggregate", "make", folder, str(count)])
        print(json.dumps(measure(Path(folder) / "flights.parquet")))


if __name__ == "__main__":
    main()
