"""Parts of awkward lengths: what is too high for a page is broken, and no word of an author is lost."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from reportlab.platypus.flowables import Flowable
from tests.unit.pipeline.document.conftest import make_jpeg
from tests.unit.pipeline.document.test_table_groups import COLOPHON

from broadsheet.pipeline.document.conformance import check_pdf
from broadsheet.pipeline.document.figures import PhotoRow, open_photo
from broadsheet.pipeline.document.fonts import load_fonts
from broadsheet.pipeline.document.frame import write_document
from broadsheet.pipeline.document.structure import HEADINGS
from broadsheet.pipeline.document.table_widths import column_widths
from broadsheet.pipeline.document.text import Span, TextBlock
from broadsheet.pipeline.document.text_table import TextTable
from broadsheet.pipeline.document.theme import load_theme
from broadsheet.pipeline.payload import ColumnPart
from broadsheet.settings import Settings

THEME = load_theme(Settings().themes_dir, "broadsheet")
FACE = THEME.body.face


@pytest.fixture(autouse=True, scope="module")
def _fonts() -> None:
    load_fonts(Settings().static_dir)


def cell(words: str) -> list[Span]:
    return [Span(words, FACE)]


def pages(*story: Flowable) -> tuple[list[str], Any]:
    title = TextBlock([Span("Title", FACE)], THEME.title, outline=0)
    assert title.element.tag == HEADINGS[0]
    data, _ = write_document([title, *story], COLOPHON, theme=THEME)
    assert [str(finding) for finding in check_pdf(data)] == []
    reader = PdfReader(BytesIO(data))
    return [page.extract_text() for page in reader.pages], reader


def tags(reader: Any) -> list[str]:
    found: list[str] = []

    def walk(element: Any) -> None:
        element = element.get_object()
        if isinstance(element, list):
            for kid in element:
                walk(kid)
        elif hasattr(element, "get") and element.get("/S"):
            found.append(element["/S"])
            if "/K" in element:
                walk(element["/K"])

    walk(reader.trailer["/Root"]["/StructTreeRoot"]["/K"])
    return found


def test_a_row_higher_than_a_page_goes_on_over_pages_and_is_one_row() -> None:
    words = [f"w{number}x" for number in range(1_500)]
    table = TextTable(
        [cell("Name"), cell("Words")],
        [[cell("one"), cell("short")], [cell("two"), cell(" ".join(words))], [cell("three"), cell("end")]],
        right=[False, False],
        theme=THEME,
    )
    drawn, reader = pages(table)
    assert len(drawn) > 1
    assert re.findall(r"w\d+x", " ".join(drawn)) == words
    # The header is drawn on each page, and read once; the broken row is one row.
    assert all("Name" in text for text in drawn)
    assert tags(reader).count("/TR") == 4
    assert tags(reader).count("/TD") == 6


def test_a_long_row_begins_on_the_page_that_it_is_named_on() -> None:
    rows = [[cell("a"), cell("short")], [cell("b"), cell("long words go on " * 160)]]
    filler = [TextBlock([Span("Filler.", FACE)], THEME.body) for _ in range(22)]
    drawn, _ = pages(
        *filler, TextTable([cell("Name"), cell("Words")], rows, right=[False, False], theme=THEME)
    )
    assert "long words" in drawn[0]
    assert "long words" in drawn[1]


def test_columns_have_the_same_widths_on_every_page() -> None:
    rows = [
        [cell(f"r{number}x"), cell("much longer words here" if number < 3 else "x")] for number in range(90)
    ]
    table = TextTable([cell("Name"), cell("Words")], rows, right=[False, False], theme=THEME)
    table.wrap(400, 0)
    first, rest = table.split(400, 300)
    assert first.made is not None
    assert rest.made is not None
    assert first.made.widths == rest.made.widths


def test_short_rows_are_not_broken() -> None:
    rows = [[cell("some words that take two lines in a cell of this width, or even three lines of it")]] * 20
    table = TextTable([cell("Name")], rows, right=[False], theme=THEME)
    table.wrap(150, 0)
    whole = table.made.rows[0].count if table.made else 0
    for height in range(80, 200, 3):
        parts = table.split(150, height)
        assert all(row.count == whole for part in parts for row in part.made.rows)


def test_a_last_row_of_pictures_is_no_larger_than_those_above() -> None:
    photos = [open_photo("a.jpg", make_jpeg(60, 40), caption="A") for _ in range(7)]
    above: PhotoRow | None = None
    sizes = []
    for at in range(0, 7, 3):
        above = PhotoRow(photos[at : at + 3], columns=3, theme=THEME, above=above)
        above.wrap(THEME.content_width, 0)
        sizes.append(above.widths[0])
    assert sizes[0] == sizes[1] == sizes[2]


def test_words_at_the_right_leave_room_for_the_other_columns() -> None:
    columns = [ColumnPart(name="a", label="A", align="right"), ColumnPart(name="b", label="B", align="right")]
    wide, number = column_widths(columns, [9_000, 40], width=450, theme=THEME)
    assert number > 40
    assert wide + number == pytest.approx(450)
