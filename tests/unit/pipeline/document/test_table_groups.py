"""Tables with groups, sums and marks: what belongs together stays together, and every sign is also a word."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from io import BytesIO

import pytest
from pypdf import PdfReader

from broadsheet.pipeline.document.canvas import Colophon
from broadsheet.pipeline.document.cell_marks import bar_operators, tint_operators
from broadsheet.pipeline.document.fonts import load_fonts
from broadsheet.pipeline.document.frame import write_document
from broadsheet.pipeline.document.tables import DataTable, column_widths
from broadsheet.pipeline.document.theme import load_theme
from broadsheet.pipeline.payload import ColumnPart, GroupPart, SummaryPart, TablePart
from broadsheet.settings import Settings

THEME = load_theme(Settings().themes_dir, "broadsheet")
COLOPHON = Colophon(
    title="Probe", subject="", author="", period="", as_of="", made_for=datetime(2013, 3, 25, tzinfo=UTC)
)
COLUMNS = (ColumnPart(name="tail", label="Tail"), ColumnPart(name="seats", label="Seats", align="right"))


@pytest.fixture(autouse=True, scope="module")
def _fonts() -> None:
    load_fonts(Settings().static_dir)


def grouped(*sizes: int, count: int | None = None) -> DataTable:
    rows, groups = [], []
    for number, size in enumerate(sizes):
        first = len(rows)
        rows += [(f"R{number}x{row}", f"{row}") for row in range(size)]
        subtotal = SummaryPart(kind="subtotal", label=f"Sum{number}", cells=("", f"{number}777"))
        groups.append(
            GroupPart(
                start=first, stop=len(rows), title=f"Maker{number}", note=f"{size} rows", subtotal=subtotal
            )
        )
    part = TablePart(
        title="Fleet",
        columns=COLUMNS,
        rows=tuple(rows),
        shown=len(rows),
        total_rows=len(rows),
        groups=tuple(groups),
        summaries=(SummaryPart(kind="total", label="All of them", cells=("", "999,999")),),
        notes=("✗ too many seats",),
    )
    return DataTable(part, count=len(rows) if count is None else count, theme=THEME)


def pages(table: DataTable) -> list[list[str]]:
    data, _ = write_document([table], COLOPHON, theme=THEME)
    return [re.sub(" +", " ", page.extract_text()).splitlines() for page in PdfReader(BytesIO(data)).pages]


def test_every_group_has_its_heading_before_its_rows_and_its_subtotal_behind_them() -> None:
    words = " ".join(line for page in pages(grouped(2, 3)) for line in page)
    order = ["Maker0 2 rows", "R0x0", "R0x1", "Sum0", "Maker1 3 rows", "R1x0", "R1x2", "Sum1", "All of them"]
    found = [words.index(word) for word in order]
    assert found == sorted(found)
    assert "All 5 rows shown · ✗ too many seats" in words


@pytest.mark.parametrize("first", range(44, 60))
def test_no_page_ends_with_a_heading_and_none_begins_with_a_sum(first: int) -> None:
    drawn = pages(grouped(first, 8, 70))
    assert len(drawn) > 1
    for page in drawn:
        lines = [line for line in page if re.match(r"(Maker|R\d+x|Sum|All of)", line)]
        assert not lines[-1].startswith("Maker")
        assert lines[0].startswith("Maker")
        if "(continued)" not in lines[-2]:
            assert not lines[-2].startswith("Maker")


def test_a_group_that_goes_on_says_so_on_the_next_page() -> None:
    first, second = pages(grouped(90))[:2]
    assert not any("Maker0 (continued)" in line for line in first)
    assert any("Maker0 (continued)" in line for line in second)


def test_every_row_is_drawn_once_however_the_groups_fall() -> None:
    words = " ".join(line for page in pages(grouped(17, 1, 64, 2, 130)) for line in page)
    found = re.findall(r"R\d+x\d+", words)
    assert len(found) == len(set(found)) == 214


def test_a_limit_leaves_out_the_groups_behind_it_and_the_subtotal_of_the_one_it_cuts() -> None:
    words = " ".join(line for page in pages(grouped(3, 5, 4, count=5)) for line in page)
    assert "Sum0" in words
    assert "R1x1" in words
    assert "Sum1" not in words
    assert "Maker2" not in words
    assert "All of them" in words
    assert "Showing 5 of 12 rows" in words


def test_a_column_of_numbers_is_wide_enough_for_its_total() -> None:
    data, _ = write_document([grouped(3)], COLOPHON, theme=THEME)
    assert "999,999" in PdfReader(BytesIO(data)).pages[0].extract_text()


def test_bars_start_at_a_common_zero_and_go_left_below_it() -> None:
    drawn = bar_operators(
        [1.0, -0.5, None],
        [0.0, -10.0, -20.0, -30.0],
        left=100,
        width=90,
        middle=5,
        reach=(0.5, 1.0),
        theme=THEME,
    )
    assert "130.00 -7.70 60.00 5.4 re" in drawn
    assert "100.00 -17.70 30.00 5.4 re" in drawn
    # The line of the zero, over all rows.
    assert "129.70 -30.00 0.6 30.00 re" in drawn


def test_bars_without_numbers_below_zero_start_at_the_left_edge() -> None:
    drawn = bar_operators([0.25], [0.0, -10.0], left=100, width=80, middle=5, reach=(0.0, 1.0), theme=THEME)
    assert "100.00 -7.70 20.00 5.4 re" in drawn
    assert drawn.count(" re") == 1


def test_a_tint_deepens_with_its_number_and_nothing_stands_behind_none() -> None:
    drawn = tint_operators(
        [0.1, 1.0, None, 0.0, -1.0], [0.0, -1, -2, -3, -4, -5], left=0, width=10, theme=THEME
    )
    colors = re.findall(r"([\d.]+) [\d.]+ ([\d.]+) rg", drawn)
    assert len(colors) == 3
    assert float(colors[0][0]) > float(colors[1][0])
    # Below zero another hue: more red than blue.
    assert float(colors[2][0]) > float(colors[2][1])


def test_bars_give_way_before_numbers_do() -> None:
    columns = [
        ColumnPart(name="a", label="A", align="right", bars=(1.0,)),
        ColumnPart(name="b", label="B", align="right"),
    ]
    roomy = column_widths(columns, [30, 30], width=400, theme=THEME)
    narrow = column_widths(columns, [30, 30], width=90, theme=THEME)
    assert roomy[0] > roomy[1] + 34
    assert min(narrow) >= 40
