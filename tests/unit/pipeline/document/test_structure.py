"""What programs that read documents aloud find in one: its parts, in order, and what they are."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from reportlab.platypus.flowables import Flowable

from broadsheet.pipeline.document.canvas import Colophon
from broadsheet.pipeline.document.conformance import check_pdf
from broadsheet.pipeline.document.conformance.reading import Reading
from broadsheet.pipeline.document.fonts import Face, load_fonts
from broadsheet.pipeline.document.frame import write_document
from broadsheet.pipeline.document.lines import Span
from broadsheet.pipeline.document.spoken import actual_text
from broadsheet.pipeline.document.tables import DataTable
from broadsheet.pipeline.document.text import TextBlock
from broadsheet.pipeline.document.theme import load_theme
from broadsheet.pipeline.payload import ColumnPart, TablePart
from broadsheet.settings import Settings

THEME = load_theme(Settings().themes_dir, "broadsheet")
COLOPHON = Colophon(
    title="Probe (one) & <two>", subject="", author="", period="", as_of="",
    made_for=datetime(2013, 3, 25, tzinfo=UTC),
)  # fmt: skip
EVERYTHING = """
{{ kpis("summary") }}

## Figures

{{ charts("by_day", "by_place") }}

### Steps

1. Go
2. See [the page](https://example.org/page)
   * nested

> Said by somebody.

    some code

## Rows

{{ table("rows", limit=100) }}

## Pictures

{{ images("pictures") }}
"""


@pytest.fixture(autouse=True)
def _fonts() -> None:
    load_fonts(Settings().static_dir)


def paragraph(words: str, *, outline: int | None = None) -> TextBlock:
    return TextBlock([Span(words, Face.SERIF)], THEME.body, outline=outline)


def table(count: int) -> DataTable:
    columns = tuple(ColumnPart(name=name, label=name, align="left") for name in ("Name", "Place"))
    rows = tuple((f"row {number}", f"place {number}") for number in range(count))
    part = TablePart(title="All", columns=columns, rows=rows, shown=count, total_rows=count)
    return DataTable(part, count=count, theme=THEME)


def write(*story: Flowable, tagged: bool = True) -> bytes:
    data, _ = write_document(list(story), COLOPHON, theme=THEME, tagged=tagged)
    return data


def tags(data: bytes) -> list[str]:
    with pikepdf.open(BytesIO(data)) as pdf:
        return [node.tag[1:] for node in Reading(pdf).nodes]


def read_aloud(data: bytes, folder: Path) -> str:
    if shutil.which("pdfinfo") is None:
        pytest.skip("pdfinfo is not installed")
    path = folder / "read.pdf"
    path.write_bytes(data)
    answer = subprocess.run(
        ["pdfinfo", "-struct-text", str(path)], capture_output=True, text=True, check=True
    )
    assert answer.stderr == ""
    return answer.stdout


def test_a_report_is_read_in_the_order_of_its_page(build: Any, payload: Any, tmp_path: Path) -> None:
    payload["notices"] = ["Demo data."]
    spoken = read_aloud(build(payload, EVERYTHING).data, tmp_path)
    words = [
        "Punctuality", "One airline", "Period", "Week 12, 18–24 March 2013", "Demo data.", "On time",
        "72.3 %", "Figures",
        "A line chart", "A hbar chart", "Steps", "1.", "Go", "2.", "See ", "the page", "nested",
        "Said by somebody.", "some code", "Rows", "All rows", "Distance", "Place 1", "Place 100",
        "Showing 100 of 4,112 rows", "Pictures", "A picture",
    ]  # fmt: skip
    at = 0
    for part in words:
        found = spoken.find(f'"{part}', at)
        assert found >= 0, part
        at = found
    kinds = ("H1", "H2", "H3", "L", "LI", "Lbl", "LBody", "P", "Link", "BlockQuote", "Code", "Div", "Caption",
             "Figure", "Table", "THead", "TBody", "TR", "TH", "TD")  # fmt: skip
    assert not [kind for kind in kinds if not re.search(rf"^ *{kind}\b", spoken, re.MULTILINE)]


def test_a_report_breaks_no_rule_of_those_that_can_be_checked(build: Any, payload: Any) -> None:
    payload["notices"] = ["Demo data."]
    assert check_pdf(build(payload, EVERYTHING).data) == []


def test_nothing_that_pages_repeat_is_read(build: Any, payload: Any, tmp_path: Path) -> None:
    spoken = read_aloud(build(payload).data, tmp_path)
    assert "Page 1 of" not in spoken
    assert "continued" not in spoken
    assert spoken.count('"Distance mi') == 1


def test_a_paragraph_over_pages_is_one_paragraph(tmp_path: Path) -> None:
    words = " ".join(f"word{number}" for number in range(1500))
    data = write(paragraph(words))
    assert tags(data) == ["Document", "P"]
    pieces = re.findall('"(.*)"', read_aloud(data, tmp_path))
    assert len(pieces) > 1
    assert "".join(pieces) == f"{words} "
    assert check_pdf(data) == []


def test_cells_that_say_what_their_row_is_about_head_it() -> None:
    columns = (
        ColumnPart(name="rank", label="#", align="right"),
        ColumnPart(name="town", label="Town", heads=True),
        ColumnPart(name="more", label="More"),
    )
    rows = tuple(
        (f"{row}", f"Ort {row} \N{GREEK SMALL LETTER ALPHA}" if row % 7 == 0 else f"Town {row}", "x")
        for row in range(90)
    )
    part = TablePart(title="Towns", columns=columns, rows=rows, shown=90, total_rows=90)
    data = write(DataTable(part, count=90, theme=THEME))
    assert check_pdf(data) == []
    found = tags(data)
    assert (found.count("TR"), found.count("TH"), found.count("TD")) == (91, 3 + 90, 180)
    with pikepdf.open(BytesIO(data)) as pdf:
        cells = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and one.get("/S") == "/TH"]
        scopes = [
            str(one.A.Scope if isinstance(one.A, pikepdf.Dictionary) else one.A[0].Scope) for one in cells
        ]
    assert (scopes.count("/Row"), scopes.count("/Column")) == (90, 3)


def test_a_table_over_many_pages_is_one_table_with_one_header(tmp_path: Path) -> None:
    data = write(table(400))
    found = tags(data)
    assert [found.count(tag) for tag in ("Table", "THead", "TBody", "TR", "TH", "TD")] == [
        1,
        1,
        1,
        401,
        2,
        800,
    ]
    spoken = read_aloud(data, tmp_path)
    places = [spoken.find(f'"row {number}"') for number in range(400)]
    assert places == sorted(places)
    assert places[0] > 0
    assert check_pdf(data) == []


def test_a_table_in_the_middle_of_a_page_has_its_cells_marked_rightly(tmp_path: Path) -> None:
    data = write(paragraph("Before"), table(3), paragraph("Between"), table(90), paragraph("After"))
    assert check_pdf(data) == []
    spoken = read_aloud(data, tmp_path)
    order = [spoken.find(words) for words in ("Before", "place 2", "Between", "place 89", "After")]
    assert order == sorted(order)


def test_a_heading_is_at_most_one_level_below_the_one_before() -> None:
    data = write(paragraph("a", outline=0), paragraph("b", outline=2), paragraph("c", outline=2))
    assert tags(data) == ["Document", "H1", "H2", "H3"]


def test_a_link_is_read_with_its_words_and_leads_from_its_element() -> None:
    spans = [
        Span("Go ", Face.SERIF),
        Span("there", Face.SERIF, link="https://example.org/"),
        Span(".", Face.SERIF),
    ]
    with pikepdf.open(BytesIO(write(TextBlock(spans, THEME.body)))) as pdf:
        (annotation,) = pdf.pages[0].Annots
        reading = Reading(pdf)
        link = next(node for node in reading.nodes if node.tag == "/Link")
        assert str(annotation.Contents) == "there"
        assert link.annotations == [annotation.objgen]
        assert reading.parent_tree[int(annotation.StructParent)].objgen == link.obj.objgen
        assert link.parent is not None
        assert link.parent.tag == "/P"


def test_one_story_can_be_written_twice() -> None:
    story = [paragraph("One"), table(3)]
    first, second = write(*story), write(*story)
    assert first == second
    assert check_pdf(second) == []


def test_an_untagged_document_has_no_structure_and_the_same_pages() -> None:
    with pikepdf.open(BytesIO(write(table(200), tagged=False))) as pdf:
        assert "/StructTreeRoot" not in pdf.Root
        assert "/MarkInfo" not in pdf.Root
        assert b"BDC" not in pdf.pages[0].Contents[0].read_bytes()
        count = len(pdf.pages)
    with pikepdf.open(BytesIO(write(table(200)))) as pdf:
        assert len(pdf.pages) == count


def test_what_a_word_really_is_can_be_said_beside_its_glyphs() -> None:
    assert actual_text("fi (x)") == "/Span << /ActualText (fi \\(x\\)) >> BDC"
    assert actual_text("नि") == "/Span << /ActualText <FEFF0928093F> >> BDC"


def test_metadata_say_what_the_information_dictionary_says() -> None:
    with pikepdf.open(BytesIO(write(paragraph("One")))) as pdf, pdf.open_metadata() as metadata:
        assert metadata["dc:title"] == "Probe (one) & <two>"
        assert metadata["xmp:CreateDate"] == "2013-03-25T00:00:00+00:00"
        assert metadata["dc:language"] == {"en-GB"}
        assert not metadata.pdfa_status
