"""Tables: every row is drawn, in order, whole, where it belongs."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from broadsheet.pipeline.document.canvas import Colophon
from broadsheet.pipeline.document.cells import PAD_Y, Body
from broadsheet.pipeline.document.fonts import load_fonts
from broadsheet.pipeline.document.frame import write_document
from broadsheet.pipeline.document.lines import plain
from broadsheet.pipeline.document.measure import Ruler
from broadsheet.pipeline.document.tables import DataTable
from broadsheet.pipeline.document.theme import load_theme
from broadsheet.pipeline.payload import ColumnPart, TablePart
from broadsheet.settings import Settings

THEME = load_theme(Settings().themes_dir, "broadsheet")
COLOPHON = Colophon(
    title="Probe", subject="", author="", period="", as_of="", made_for=datetime(2013, 3, 25, tzinfo=UTC)
)
COLUMNS = (
    ColumnPart(name="rank", label="#", align="right"),
    ColumnPart(name="place", label="Place (code)"),
    ColumnPart(name="distance", label="Distance", align="right", unit="mi"),
)
ODD = [
    r"unbalanced ) ( \ end",
    "100 % %s %(x)s {0}",
    "Łódź – O’Hare €5",
    "before שלום, after ☃",
    "(a) ☃ (b) \\ Ω",
    "☃",
]


@pytest.fixture(autouse=True, scope="module")
def _fonts() -> None:
    load_fonts(Settings().static_dir)


def table(rows: Sequence[tuple[str, ...]], columns: tuple[ColumnPart, ...] = COLUMNS) -> DataTable:
    part = TablePart(
        title="All rows", columns=columns, rows=tuple(rows), shown=len(rows), total_rows=len(rows)
    )
    return DataTable(part, count=len(rows), theme=THEME)


def write(rows: Sequence[tuple[str, ...]], columns: tuple[ColumnPart, ...] = COLUMNS) -> bytes:
    return write_document([table(rows, columns)], COLOPHON, theme=THEME)[0]


def texts(data: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(data)).pages]


def body(rows: Sequence[tuple[str, ...]], *widths: float) -> Body:
    ruler = Ruler(THEME.cell.face, THEME.cell.size)
    return Body(
        rows,
        ruler=ruler,
        widths=widths,
        widest=[ruler.widest([row[number] for row in rows]) for number in range(len(widths))],
        columns=[ColumnPart(name=f"c{number}", label="") for number in range(len(widths))],
        theme=THEME,
    )


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_every_row_of_many_pages_is_drawn_once_and_in_order() -> None:
    rows = [(f"{number:,}", f"Place {number}", f"{number * 7:,}") for number in range(1, 1_001)]
    pages = texts(write(rows))
    found = [int(number) for number in re.findall(r"Place (\d+)", "\n".join(pages))]
    assert found == list(range(1, 1_001))
    assert all("Place (code)" in page and "Distance" in page and "mi" in page for page in pages)
    assert "All 1,000 rows shown" in pages[-1]
    assert "(continued)" not in pages[0]
    assert all("All rows (continued)" in page for page in pages[1:])


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("align", ["left", "right"])
def test_texts_are_drawn_as_they_are(odd: str, align: str) -> None:
    columns = (ColumnPart(name="a", label="A", align=align), ColumnPart(name="b", label="B"))
    page = squeezed("".join(texts(write([("first", "x"), (odd, "y"), ("last", "z")], columns))))
    page = re.sub("[\u200e\u200f]", "", page)
    # Some readers put a right-to-left run into its reading order.
    hebrew = squeezed("שלום")
    assert squeezed(odd) in page.replace(hebrew[::-1], hebrew)
    assert page.index("firstx") < page.index("lastz")


@pytest.mark.parametrize("align", ["left", "right"])
def test_a_long_text_is_wrapped_and_what_does_not_fit_ends_with_an_ellipsis(align: str) -> None:
    columns = tuple(ColumnPart(name=name, label=name, align=align) for name in ("a", "b"))
    long, longer = "(word) ☃ " * 11, "word " * 50
    text = squeezed("".join(texts(write([(long, "x"), (longer, "W" * 290), ("end", "y")], columns))))
    assert squeezed(long) in text
    assert 30 < text.count("word") < 61
    assert text.count("…") == 2
    assert "end" in text


@given(st.lists(st.sampled_from(["a", "word", "(x)", "Łódź", "W" * 30, "", "☃", "1,234"]), max_size=30))
def test_lines_break_where_the_text_engine_breaks_them(words: list[str]) -> None:
    text = " ".join(words)
    lines = [
        "".join(piece.text for piece in line.pieces) for line in plain(text, THEME.cell, width=90, most=3)
    ]
    assert list(body([(text,)], 100)._wrap.lines(text, 90, 3)) == lines


def test_rows_are_as_high_as_their_lines() -> None:
    rows = [("short", "x"), ("word " * 10, "x"), ("W" * 200, "x"), ("", "")]
    part = body(rows, 100, 100)
    heights = [part.height(number, number + 1) for number in range(4)]
    lines = [round((height - 2 * PAD_Y) / THEME.cell.leading, 6) for height in heights]
    assert lines == [1, 3, 3, 1]
    assert part.height(0, 4) == pytest.approx(sum(heights))
    assert [part.fitting(0, 4, room=room) for room in (0, heights[0], sum(heights[:3]) - 1, 999)] == [
        0,
        1,
        2,
        4,
    ]
    assert part.fitting(2, 4, room=heights[2]) == 3


def test_the_parts_of_a_table_share_its_rows_and_layout() -> None:
    whole = table([(str(number), "place", "1") for number in range(500)])
    first, rest = whole.split(THEME.content_width, 300)
    assert first.table is rest.table is whole.table
    assert first.layout is rest.layout is whole.layout
    assert (first.start, first.stop, rest.stop) == (0, rest.start, 500)
    assert first.wrap(THEME.content_width, 300)[1] <= 300


@pytest.mark.parametrize("rows", [[], [("1", "only", "2")]])
def test_a_table_of_no_or_one_row_is_drawn(rows: list[tuple[str, ...]]) -> None:
    text = "".join(texts(write(rows)))
    assert ("All rows shown: 1" if rows else "No rows in this period") in text


def test_numbers_end_below_each_other() -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    rows = [("7", "a", "11.1"), ("12,345", "b", "−7.7 ☃"), ("99", "word " * 70, "(3)")]
    answer = subprocess.run(
        ["pdftotext", "-bbox", "-", "-"], input=write(rows), capture_output=True, check=True
    ).stdout.decode()
    ends = {
        word: float(end) for end, word in re.findall(r'xMax="([\d.]+)" yMax="[\d.]+">(.*?)</word>', answer)
    }
    assert ends["7"] == pytest.approx(ends["12,345"], abs=0.02)
    assert ends["99"] == pytest.approx(ends["12,345"], abs=0.02)
    assert ends["11.1"] == pytest.approx(ends["☃"], abs=0.02)
    assert ends["(3)"] == pytest.approx(ends["☃"], abs=0.02)


def test_the_same_rows_are_the_same_file() -> None:
    rows = [(str(number), odd * 9, odd) for number, odd in enumerate(ODD * 9)]
    assert write(rows) == write(rows)


@pytest.mark.parametrize("command", [["qpdf", "--check"], ["pdftoppm", "-r", "20", "-png"]])
def test_other_programs_read_odd_texts_without_complaint(tmp_path: Path, command: list[str]) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    path = tmp_path / "table.pdf"
    path.write_bytes(write([(odd, odd * 12, odd * 3) for odd in ODD * 20]))
    outputs = [str(tmp_path / "page")] if command[0] == "pdftoppm" else []
    answer = subprocess.run([*command, str(path), *outputs], capture_output=True, text=True, check=True)
    assert answer.stderr == ""
