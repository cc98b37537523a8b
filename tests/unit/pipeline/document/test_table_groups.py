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
from broadsheet.pipeline.document.table_widths import column_widths
from broadsheet.pipeline.document.tables import DataTable
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


def nested(*makers: tuple[int, ...], count: int | None = None) -> DataTable:
    """Return a table of makers, each with models of so many rows."""
    rows: list[tuple[str, ...]] = []
    groups: list[GroupPart] = []
    for maker, models in enumerate(makers):
        inner = []
        first = len(rows)
        for model, size in enumerate(models):
            start = len(rows)
            rows += [(f"R{maker}x{model}x{row}", f"{row}") for row in range(size)]
            inner.append(_group(f"Model{maker}{model}", start, len(rows), level=1))
        groups += [_group(f"Maker{maker}", first, len(rows), level=0), *inner]
    part = TablePart(
        title="Fleet",
        columns=COLUMNS,
        rows=tuple(rows),
        shown=len(rows),
        total_rows=len(rows),
        groups=tuple(groups),
    )
    return DataTable(part, count=len(rows) if count is None else count, theme=THEME)


def _group(title: str, start: int, stop: int, *, level: int) -> GroupPart:
    size = stop - start
    subtotal = SummaryPart(kind="subtotal", label=f"Sum · {title}", cells=("", "777"))
    return GroupPart(
        start=start,
        stop=stop,
        level=level,
        total_rows=size,
        title=title,
        note=f"{size} rows",
        subtotal=subtotal,
    )


def test_groups_within_groups_are_headed_and_summed_up_from_the_inside_out() -> None:
    words = " ".join(line for page in pages(nested((2, 1), (1,))) for line in page)
    order = [
        "Maker0 3 rows", "Model00 2 rows", "R0x0x0", "R0x0x1", "Sum · Model00", "Model01 1 rows", "R0x1x0",
        "Sum · Model01", "Sum · Maker0", "Maker1 1 rows", "Model10 1 rows", "R1x0x0", "Sum · Model10",
        "Sum · Maker1",
    ]  # fmt: skip
    found = [words.index(word) for word in order]
    assert found == sorted(found)


def test_a_new_page_repeats_the_heading_of_every_level_that_goes_on() -> None:
    first, second = pages(nested((3, 90), (4,)))[:2]
    repeated = [line.strip() for line in second if "(continued)" in line and line.startswith("M")]
    assert repeated == ["Maker0 (continued) 93 rows", "Model01 (continued) 90 rows"]
    assert not any("(continued)" in line for line in first)


@pytest.mark.parametrize("first", range(34, 58, 2))
def test_no_page_ends_with_a_heading_of_any_level_or_begins_with_a_sum(first: int) -> None:
    for page in pages(nested((first, 5), (7, 3), (60,))):
        lines = [line for line in page if re.match(r"(Maker|Model|R\d+x|Sum)", line)]
        if not lines:
            continue
        assert lines[-1].startswith(("R", "Sum"))
        assert lines[0].startswith("Maker")
        # Behind repeated headings stands a row or an inner heading, which was not above it already.
        rest = [line for line in lines if "(continued)" not in line]
        assert not rest[0].startswith("Sum")
        # The last row of many does not begin a page alone.
        assert not (rest[0].startswith("R") and rest[1].startswith("Sum"))
        inner = next(line for line in lines if line.startswith(("Model", "R")))
        assert inner.startswith("Model")


def test_a_page_that_shows_fewer_rows_says_so_beside_each_section_that_it_cuts() -> None:
    words = " ".join(line for page in pages(nested((4, 6), (8,), count=7)) for line in page)
    assert "Maker0 7 of 10 rows" in words
    assert "Model00 4 rows" in words
    assert "Model01 3 of 6 rows" in words
    assert "Sum · Model00" in words
    assert "Sum · Model01" not in words
    assert "Maker1" not in words
    assert "Showing 7 of 18 rows" in words


def test_inner_groups_are_bookmarks_below_their_outer_ones() -> None:
    table = nested((40, 20), (3,))
    assert table.bookmarks() == [("Maker0", 2), ("Model00", 3), ("Model01", 3), ("Maker1", 2), ("Model10", 3)]


def test_where_inner_groups_are_too_many_for_an_outline_the_outer_ones_stand_alone() -> None:
    table = nested(*[(1,) * 50] * 9)
    assert table.bookmarks() == [(f"Maker{number}", 2) for number in range(9)]


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
