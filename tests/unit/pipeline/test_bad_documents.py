"""Whatever a source holds, the whole document is built: read without a word, by the rules, nothing silent.

From a definition that the catalog takes to the files that readers get, with every kind of chart, tables of
all kinds, tiles with targets and lines, and the exports.
"""

from __future__ import annotations

import csv
import io
import math
import re
import shutil
import subprocess
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from tests.unit.pipeline.hostile_report import SCHEMA, Made, day, instant, run, table_of

from broadsheet.pipeline.charts.kinds import NOTHING
from broadsheet.pipeline.document.conformance import check_pdf
from broadsheet.pipeline.payload import is_drawable

ORDINARY: dict[str, list[Any]] = {
    "word": ["b", "a", "c"],
    "other": ["p", "q", None],
    "n": [1, 2, 2],
    "x": [1.5, -2.0, 0.25],
    "money": [Decimal("1.10"), None, Decimal("-3.00")],
    "yes": [True, None, False],
    "day": [day("2013-03-01"), day("2013-03-02"), None],
    "at": [instant("2013-03-01T10:00"), None, instant("2013-03-02T23:59")],
}
CENTS = Decimal("9" * 36 + ".99")
FRAMES: dict[str, dict[str, list[Any]]] = {
    "empty": {name: [] for name in SCHEMA.names},
    "one row": {name: values[:1] for name, values in ORDINARY.items()},
    "all null": {name: [None] * 3 for name in SCHEMA.names},
    "not finite, one category": {
        "x": [math.nan, math.inf, -math.inf], "word": ["a"] * 3, "other": ["a"] * 3, "n": [0, 0, 0],
    },
    "ends of numbers": {
        "x": [1e308, -1e308, 1e308], "n": [2**63 - 1, -(2**63), 0], "money": [CENTS, CENTS, Decimal("-0.01")],
    },
    "ends of time": {
        "day": [date(1677, 9, 20), date(9999, 12, 31), date(1, 1, 1)],
        "at": [
            datetime(1677, 9, 20, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
            datetime(1, 1, 1, tzinfo=UTC),
        ],
    },
    "words": {
        "word": ["W" * 10_000, "\x07{{ 7 * 7 }} <b>&\u202e=1+1", "e" + "\u0301" * 5_000],
        "other": ["", " \t\n", "\U0010fffd \ud7ff \U0001f600 日本 שלום"],
    },
}  # fmt: skip
FOUND = {
    "empty": ["The source holds no rows"],
    "one row": ["All rows shown: 1", "1 Mar 2013"],
    "all null": ["All 3 rows shown"],
    "not finite, one category": ["All 3 rows shown"],
    "ends of numbers": ["9,223,372,036,854,775,807", "The numbers are too large to be added up"],
    "ends of time": ["20 Sep 1677", "31 Dec 9999", "1 Jan 1", "31 December 9999, 23:59 UTC"],
    "words": ["WWW…", "{{ 7 * 7 }} <b>&=1+1", "日本"],
}
"""What a reader must find, by frame."""
NO_WORDS = re.compile(r"\b(nan|NaN|NaT|inf|Infinity|None|Timestamp)\b|<NA>")


def said(*command: str) -> str:
    """Return what a program of poppler or qpdf printed; it must not have complained."""
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b""), command
    return done.stdout.decode()


def text_of(made: Made, folder: Path) -> str:
    """Return a document's text as one line; everybody who reads it must take it without a word."""
    path = folder / "built.pdf"
    path.write_bytes(made.pdf)
    said("qpdf", "--check", str(path))
    said("pdftoppm", "-r", "15", "-png", str(path), str(folder / "page"))
    said("pdfinfo", "-struct-text", str(path))
    assert check_pdf(made.pdf) == []
    return " ".join(said("pdftotext", "-raw", str(path), "-").split())


def assert_files_are_sound(made: Made) -> None:
    """Assert that the exports are CSV by RFC 4180, and workbooks whose parts are XML."""
    for name, data in made.files.items():
        if name == "xlsx":
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for part in archive.namelist():
                    ElementTree.fromstring(archive.read(part))
        else:
            lengths = {len(row) for row in csv.reader(io.StringIO(data.decode("utf-8"), newline=""))}
            assert len(lengths) == 1, name


@pytest.mark.parametrize("name", FRAMES)
def test_a_whole_document_is_made_of_any_rows(name: str, tmp_path: Path) -> None:
    made = run(table_of(ORDINARY | FRAMES[name]))
    text = text_of(made, tmp_path)
    assert_files_are_sound(made)
    assert NO_WORDS.findall(text) == []
    assert name != "words" or "49" not in text
    assert [words for words in FOUND[name] if words not in text] == []
    if name == "empty":
        return
    body, last = text.rsplit("What could not be shown", 1)
    assert [chart.title for chart in made.payload.charts.values() if chart.title not in body] == []
    # What cannot be drawn is said where it should stand, and on the last page.
    missing = [chart for chart in made.payload.charts.values() if not is_drawable(chart)]
    listed = [chart.title for chart in missing if f"Chart “{chart.title}”: " in last]
    assert listed == [chart.title for chart in missing[:20]]
    # Tables without rows are said there, too.
    assert len(missing) <= 20 or re.search(r"and \d+ more", last)
    assert body.count(NOTHING) == sum(not chart.empty for chart in missing)
    assert [chart.title for chart in missing if chart.empty not in body] == []


def test_five_hundred_categories_are_drawn_or_counted(tmp_path: Path) -> None:
    rows = {
        "word": [f"w{number:03d}" for number in range(500)],
        "n": [number % 31 for number in range(500)],
        "yes": [number % 2 == 0 for number in range(500)],
        "x": [float(number) for number in range(500)],
        "money": [Decimal(number) for number in range(500)],
        "day": [date(2013, 2, 1 + number % 28) for number in range(250)]
        + [date(2013, 3, 1 + number % 31) for number in range(250)],
    }
    charts = ("bar", "hbar", "stacked", "box", "heatmap", "slope", "waterfall", "multiples", "sparkline")
    text = text_of(run(table_of(rows), charts=charts, tables=("grouped", "pivoted")), tmp_path)
    counted = ("36 of 500 shown", "40 of 500 rows shown", "24 of 500 shown", "28 of 500 shown")
    assert [
        words for words in (*counted, "Showing 5 of 500 rows", "Other (495 rows)") if words not in text
    ] == []
    # Of a pivot's values all but a few share a column.
    assert "Other (498)" in text
