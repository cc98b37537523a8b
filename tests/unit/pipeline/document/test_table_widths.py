"""Tables with many columns: numbers are never cut and never touch, and what has no room is named."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest
from tests.unit.pipeline.document.test_table_groups import COLOPHON

from broadsheet.pipeline.document.fonts import load_fonts
from broadsheet.pipeline.document.frame import write_document
from broadsheet.pipeline.document.layout import Columns
from broadsheet.pipeline.document.table_widths import LEAST_TYPE, fit_columns
from broadsheet.pipeline.document.tables import DataTable, columns_left_out
from broadsheet.pipeline.document.theme import load_theme
from broadsheet.pipeline.payload import ColumnPart, GroupPart, SummaryPart, TablePart
from broadsheet.settings import Settings

THEME = load_theme(Settings().themes_dir, "broadsheet")
_WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)<')


@pytest.fixture(autouse=True, scope="module")
def _fonts() -> None:
    load_fonts(Settings().static_dir)


def wide(numbers: int, *, words: int = 1) -> TablePart:
    """Return a table of some columns of words and many of numbers, with a group and sums."""
    names = [ColumnPart(name=f"n{at}", label="Carrier and place", heads=at == 0) for at in range(words)]
    columns = [ColumnPart(name=f"c{at}", label=f"W{at}", unit="min", align="right") for at in range(numbers)]
    rows = tuple(
        (f"Endeavor Air of region {row}",) * words
        + tuple(f"{(row * 7919 + at * 104729) % 1000000 / 10:,.1f}" for at in range(numbers))
        for row in range(5)
    )
    blank = ("",) * words
    subtotal = SummaryPart(kind="subtotal", label="Sum", cells=blank + ("123,456.7",) * numbers)
    total = SummaryPart(kind="total", label="All", cells=blank + ("987,654.3",) * numbers)
    return TablePart(
        title=f"{numbers} columns",
        columns=(*names, *columns),
        rows=rows,
        shown=5,
        total_rows=5,
        groups=(GroupPart(start=0, stop=5, title="Group", note="5 rows", subtotal=subtotal),)
        if words
        else (),
        summaries=(total,) if words else (),
    )


def boxes(part: TablePart) -> list[tuple[float, float, float, float, str]]:
    data, _ = write_document([DataTable(part, count=5, theme=THEME)], COLOPHON, theme=THEME)
    drawn = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=data, capture_output=True, check=True)
    assert drawn.stderr == b""
    found = _WORD.findall(drawn.stdout.decode())
    return [(*(float(edge) for edge in box[:4]), box[4]) for box in found]  # type: ignore[misc]


@pytest.mark.parametrize(("numbers", "words"), [(8, 1), (12, 1), (12, 4), (20, 1), (20, 3), (40, 1), (40, 0)])
def test_no_word_of_a_wide_table_touches_another_and_none_leaves_the_page(numbers: int, words: int) -> None:
    part = wide(numbers, words=words)
    found = boxes(part)
    for at, (left, top, right, bottom, word) in enumerate(found):
        assert left > THEME.margin_x - 0.1, word
        assert right < THEME.page_width - THEME.margin_x + 0.1, word
        for other in found[at + 1 :]:
            # The boxes are as high as the font, and lines stand closer than that.
            apart = other[0] >= right or other[2] <= left or abs(other[1] - top) > (bottom - top) * 0.6
            assert apart, (word, other[4])
    # Every number of the columns that are drawn is whole.
    fit = fit_columns(part, count=5, width=THEME.content_width, theme=THEME)
    drawn = [box[4] for box in found]
    assert all(cell in drawn for row in fit.table.rows for cell in row[words:])


def test_type_becomes_smaller_before_a_column_is_left_out() -> None:
    few, many, most = (
        fit_columns(wide(numbers), count=5, width=THEME.content_width, theme=THEME) for numbers in (5, 12, 40)
    )
    assert few.theme is THEME
    assert LEAST_TYPE <= many.theme.cell.size < THEME.cell.size
    assert (few.left_out, many.left_out) == ([], [])
    assert most.theme.cell.size == LEAST_TYPE
    assert most.theme.cell_unit.size >= LEAST_TYPE
    shown = len(most.table.columns)
    assert [column.label for column in most.table.columns[1:]] == [f"W{at}" for at in range(shown - 1)]
    assert most.left_out == [f"W{at}" for at in range(shown - 1, 40)]


def test_columns_without_room_are_named_below_the_table() -> None:
    words = " ".join(box[4] for box in boxes(wide(20)))
    found = re.search(r"All 5 rows shown · not all columns fit; left out \((\d+)\): ([W\d, ]+)", words)
    assert found
    named = found[2].split(", ")
    assert len(named) == int(found[1])
    assert named[-1].strip() == "W19"


def test_columns_without_room_in_one_of_two_columns_are_found_for_the_last_page() -> None:
    table = DataTable(wide(9), count=5, theme=THEME)
    assert columns_left_out([table], width=THEME.content_width) == []
    held = Columns([[DataTable(wide(9), count=5, theme=THEME)], []], theme=THEME)
    (said,) = columns_left_out([held], width=THEME.content_width)
    assert said.startswith("“9 columns”: not all columns fit; left out (")


def test_the_last_page_names_the_columns_without_room(build: Any, payload: dict[str, Any]) -> None:
    payload["tables"]["rows"] = wide(30).model_dump(mode="json")
    words = build(payload).words
    assert words.count("W28, W29") == 2
    assert "“30 columns”: not all columns fit" in words[words.index("What could not be shown") :]
    assert "Nothing is missing." not in words


def test_a_label_of_two_lines_without_a_unit_stays_below_the_title() -> None:
    part = wide(20)
    tops = {box[4]: box[1] for box in boxes(part)}
    bottoms = {box[4]: box[3] for box in boxes(part)}
    assert tops["Carrier"] > bottoms["20"] - 2
