"""One large table, read or drawn in a process that does nothing else, for ``benchmarks.pdf``.

What it imports counts in its peak of memory, so it imports only what a worker needs for it.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from benchmarks.memory import peak
from broadsheet.pipeline.document.canvas import Colophon
from broadsheet.pipeline.document.fonts import load_fonts
from broadsheet.pipeline.document.frame import write_document
from broadsheet.pipeline.document.tables import DataTable
from broadsheet.pipeline.document.theme import load_theme
from broadsheet.pipeline.payload import ColumnPart, TablePart
from broadsheet.settings import Settings

Answer = TypeVar("Answer")
THEME = load_theme(Settings().themes_dir, "broadsheet")
COLUMNS = tuple(
    ColumnPart(name=label, label=label, align=align)
    for label, align in (
        ("Date", "left"), ("Tail", "left"), ("From", "left"), ("To", "left"), ("Carrier", "left"),
        ("Distance", "right"), ("Air time", "right"), ("Delay", "right"),
    )
)  # fmt: skip
COLOPHON = Colophon(
    title="Flights", subject="", author="", period="2013", as_of="", made_for=datetime(2014, 1, 1, tzinfo=UTC)
)


def draw(count: int, *, tagged: bool) -> dict[str, float]:
    """Draw a table whose rows are there already."""
    load_fonts(Settings().static_dir)
    part = table(count)
    write_document([DataTable(part, count=100, theme=THEME)], COLOPHON, theme=THEME, tagged=tagged)
    before = peak()
    busy = time.process_time()
    seconds, (data, pages) = timed(
        lambda: write_document(
            [DataTable(part, count=count, theme=THEME)], COLOPHON, theme=THEME, tagged=tagged
        )
    )
    cpu = time.process_time() - busy
    return {
        "seconds": seconds,
        "cpu": cpu,
        "pages": pages,
        "size": len(data),
        "peak": peak(),
        "before": before,
    }


def read(count: int) -> dict[str, float]:
    """Read a payload's table, each of whose texts is checked and cleaned."""
    # Made elsewhere: the peak is to be that of reading.
    text = subprocess.check_output([sys.executable, "-m", "benchmarks.pdf_tables", "write", str(count)])
    seconds, _ = timed(lambda: TablePart.model_validate_json(text))
    return {"seconds": seconds, "peak": peak()}


def table(count: int) -> TablePart:
    """Return a table like that of flights; the same each time."""
    chance = random.Random(1)
    towns = (
        "Newark",
        "Boston",
        "Chicago",
        "Denver",
        "Miami",
        "Seattle",
        "Dallas",
        "Austin",
        "Tampa",
        "Omaha",
    )
    rows = tuple(
        (
            f"2013-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}",
            f"N{chance.randint(100, 999)}UA",
            chance.choice(towns),
            chance.choice(towns),
            f"{chance.choice(('United', 'Delta', 'JetBlue'))} {chance.randint(1, 6000)}",
            f"{chance.randint(100, 4999):,}",
            f"{chance.randint(20, 690)}",
            f"{chance.uniform(-30, 400):.1f}",
        )
        for _ in range(count)
    )
    return TablePart(title="Flights", columns=COLUMNS, rows=rows, shown=count, total_rows=count)


def timed(work: Callable[[], Answer]) -> tuple[float, Answer]:
    """Return how long something took in seconds, and what it gave."""
    begun = time.perf_counter()
    answer = work()
    return time.perf_counter() - begun, answer


if __name__ == "__main__":
    mode, count = sys.argv[1], int(sys.argv[2])
    if mode == "write":
        print(table(count).model_dump_json())
    else:
        print(json.dumps(read(count) if mode == "read" else draw(count, tagged=mode == "tagged")))
