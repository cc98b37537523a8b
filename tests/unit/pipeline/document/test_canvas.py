"""The canvas: pages are written as they fill, and every page's foot knows how many there are."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from reportlab.platypus.flowables import Flowable, PageBreak

from broadsheet.pipeline.document.canvas import Colophon, ReportCanvas
from broadsheet.pipeline.document.fonts import Face, load_fonts
from broadsheet.pipeline.document.frame import write_document
from broadsheet.pipeline.document.lines import Span
from broadsheet.pipeline.document.text import TextBlock
from broadsheet.pipeline.document.theme import load_theme
from broadsheet.settings import Settings

THEME = load_theme(Settings().themes_dir, "broadsheet")
COLOPHON = Colophon(
    title="Probe (one)",
    subject="",
    author="",
    period="Week 12 \\ 13",
    as_of="",
    made_for=datetime(2013, 3, 25, tzinfo=UTC),
)


@pytest.fixture(autouse=True)
def _fonts() -> None:
    load_fonts(Settings().static_dir)


def canvas(target: BytesIO) -> ReportCanvas:
    return ReportCanvas(target, colophon=COLOPHON, theme=THEME, invariant=1, initialFontName=Face.SANS.value)


def pages(count: int) -> list[Flowable]:
    story: list[Flowable] = []
    for number in range(count):
        story += [TextBlock([Span(f"Body {number}", Face.SERIF)], THEME.body, outline=0), PageBreak()]
    return story


def test_a_page_is_in_the_file_before_the_next_one_is_drawn() -> None:
    target = BytesIO()
    drawn = canvas(target)
    sizes = []
    for number in range(3):
        drawn.drawString(10, 10, f"page {number} " + "word " * 50)
        drawn.showPage()
        sizes.append(target.tell())
        assert target.getvalue().endswith(b"endstream\nendobj\n")
    assert sizes == sorted(set(sizes))


def test_numbers_of_pages_stand_in_the_foot_whatever_their_length() -> None:
    data, count = write_document(pages(101), COLOPHON, theme=THEME)
    reader = PdfReader(BytesIO(data), strict=True)
    assert count == len(reader.pages) == 101
    for number in (1, 9, 10, 99, 100, 101):
        text = reader.pages[number - 1].extract_text()
        assert f"Body {number - 1}" in text
        assert f"Page {number} of 101" in text
        assert "Probe (one)" in text
        assert "Week 12 \\ 13" in text


def test_bookmarks_lead_to_their_pages() -> None:
    data, _ = write_document(pages(12), COLOPHON, theme=THEME)
    reader = PdfReader(BytesIO(data))
    assert [reader.get_destination_page_number(entry) for entry in reader.outline] == list(range(12))


def test_the_same_story_is_the_same_file_and_another_one_has_another_identifier() -> None:
    first, second, other = (write_document(pages(count), COLOPHON, theme=THEME)[0] for count in (3, 3, 4))
    assert first == second
    assert PdfReader(BytesIO(first)).trailer["/ID"] != PdfReader(BytesIO(other)).trailer["/ID"]


@pytest.mark.parametrize("words", ["% later 0 %", "%\x01later 0\x01"])
def test_a_text_cannot_stand_for_what_is_drawn_later(words: str) -> None:
    target = BytesIO()
    page = canvas(target)
    page.draw_later(lambda: page.drawString(50, 50, "the last number"))
    page.setFont(Face.SANS.value, 10)
    page.drawString(50, 100, words)
    page.showPage()
    page.save()
    text = PdfReader(target).pages[0].extract_text()
    assert text.count("the last number") == 1
    assert text.count("later 0") == 1


def test_a_stamp_is_drawn_once_and_shown_each_time() -> None:
    target = BytesIO()
    drawn = canvas(target)
    calls = []

    def draw() -> None:
        calls.append(1)
        drawn.drawString(10, 10, "stamped")

    for _ in range(3):
        drawn.stamp("key", draw)
        drawn.showPage()
    drawn.save()
    assert len(calls) == 1
    assert all("stamped" in page.extract_text() for page in PdfReader(BytesIO(target.getvalue())).pages)


@pytest.mark.parametrize("command", [["qpdf", "--check"], ["pdftoppm", "-r", "20", "-png"]])
def test_other_programs_read_many_pages_without_complaint(tmp_path: Path, command: list[str]) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    path = tmp_path / "report.pdf"
    path.write_bytes(write_document(pages(12), COLOPHON, theme=THEME)[0])
    outputs = [str(tmp_path / "page")] if command[0] == "pdftoppm" else []
    answer = subprocess.run([*command, str(path), *outputs], capture_output=True, text=True, check=True)
    assert answer.stderr == ""
