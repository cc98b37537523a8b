"""Footnotes at the foot of pages: each stands where it is named first, below all else, and none is lost."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from reportlab.platypus.flowables import Flowable, Spacer
from tests.unit.pipeline.document.test_table_groups import COLOPHON

from broadsheet.pipeline.document.callouts import Callout, Tone
from broadsheet.pipeline.document.conformance import check_pdf
from broadsheet.pipeline.document.fonts import load_fonts
from broadsheet.pipeline.document.footnotes import anchor_of, number_of
from broadsheet.pipeline.document.frame import write_document
from broadsheet.pipeline.document.layout import Columns
from broadsheet.pipeline.document.lines import Span
from broadsheet.pipeline.document.notes import FootnoteLine
from broadsheet.pipeline.document.page_notes import PageNotes
from broadsheet.pipeline.document.text import TextBlock
from broadsheet.pipeline.document.text_table import TextTable
from broadsheet.pipeline.document.theme import load_theme
from broadsheet.settings import Settings

THEME = load_theme(Settings().themes_dir, "broadsheet")
LONG = "and so it goes on with words for a line or two of text in all, " * 2


@pytest.fixture(autouse=True, scope="module")
def _fonts() -> None:
    load_fonts(Settings().static_dir)


def mark(number: int, words: str = "") -> list[Span]:
    """Return words that name a note."""
    face = THEME.body.face
    return [
        Span(f"Mark{number}x", face), Span(str(number), face, THEME.accent, anchor_of(number)),
        Span(f" {words}", face),
    ]  # fmt: skip


def notes(count: int, words: str = "") -> dict[int, FootnoteLine]:
    return {
        number: FootnoteLine([Span(f"Note{number}x {words}", THEME.body.face)], THEME.footnote, number=number)
        for number in range(1, count + 1)
    }


def paragraph(number: int, words: str = "") -> TextBlock:
    return TextBlock(mark(number, words), THEME.body)


def pages(story: Sequence[Flowable], found: Mapping[int, FootnoteLine]) -> list[str]:
    data, _ = write_document(
        [TextBlock([Span("Title", THEME.title.face)], THEME.title, outline=0), *story, PageNotes(found)],
        COLOPHON,
        theme=THEME,
    )
    assert [str(finding) for finding in check_pdf(data)] == []
    return [page.extract_text() for page in PdfReader(BytesIO(data)).pages]


def numbers(word: str, text: str) -> list[int]:
    return [int(found) for found in re.findall(rf"{word}(\d+)x", text)]


@pytest.mark.parametrize("length", [0, 1, 2])
def test_each_note_stands_on_the_page_that_names_it_below_all_that_is_said(length: int) -> None:
    count = 70
    drawn = pages(
        [paragraph(number, LONG * length) for number in range(1, count + 1)], notes(count, LONG * length)
    )
    assert len(drawn) > 2
    for text in drawn:
        assert numbers("Note", text) == numbers("Mark", text)
        if numbers("Note", text):
            assert text.rindex("Mark") < text.index("Note")
    assert [number for text in drawn for number in numbers("Note", text)] == list(range(1, count + 1))


def test_a_note_that_is_named_again_stands_where_it_was_named_first() -> None:
    story: list[Flowable] = [paragraph(1, LONG * 30), paragraph(1, LONG * 30), paragraph(2)]
    drawn = pages(story, notes(2))
    assert [number for text in drawn for number in numbers("Note", text)] == [1, 2]
    assert numbers("Note", drawn[0]) == [1]


def test_a_paragraph_is_broken_so_that_each_part_has_its_notes() -> None:
    spans = [span for number in range(1, 31) for span in mark(number, LONG * 2)]
    drawn = pages([TextBlock(spans, THEME.body)], notes(30, LONG))
    assert len(drawn) > 1
    for text in drawn:
        assert numbers("Note", text) == numbers("Mark", text)


def test_a_heading_does_not_stand_without_the_note_of_its_first_lines() -> None:
    heading = THEME.headings[1]
    for height in range(560, 700, 10):
        story = [
            Spacer(1, height),
            TextBlock([Span("Head", heading.face)], heading, outline=1),
            paragraph(1),
        ]
        drawn = pages(story, notes(1, LONG))
        where = next(text for text in drawn if "Head" in text)
        assert "Mark1x" in where
        assert "Note1x" in where


@pytest.mark.parametrize("kind", ["table", "callout", "columns"])
def test_notes_of_tables_callouts_and_columns_stand_at_the_foot_too(kind: str) -> None:
    count = 60
    parts: list[Flowable] = [paragraph(number, LONG) for number in range(1, count + 1)]
    rows = [[mark(number, LONG)] for number in range(1, count + 1)]
    made: dict[str, Flowable] = {
        "table": TextTable([[Span("Head", THEME.body.face)]], rows, right=[False], theme=THEME),
        "callout": Callout(Tone.NOTE, parts, theme=THEME),
        "columns": Columns([parts], theme=THEME),
    }
    drawn = pages([made[kind]], notes(count))
    assert len(drawn) > 1
    for text in drawn:
        assert sorted(numbers("Note", text)) == sorted(numbers("Mark", text))


def test_notes_for_which_a_page_has_no_room_stand_at_the_foot_of_the_next_and_none_is_lost() -> None:
    spans = [span for number in range(1, 61) for span in mark(number)]
    row = TextTable([[Span("Head", THEME.body.face)]], [[spans]], right=[False], theme=THEME)
    drawn = pages([row, paragraph(61)], notes(61, LONG * 2))
    assert [number for text in drawn for number in numbers("Note", text)] != []
    assert sorted(number for text in drawn for number in numbers("Note", text)) == list(range(1, 62))
    assert len([text for text in drawn if "Note" in text]) > 1


def test_a_note_longer_than_a_quarter_of_a_page_ends_its_section(build: Any, payload: Any) -> None:
    page = f"## One\n\nWords[^a], more[^b].\n\n[^a]: {LONG * 20}\n\n[^b]: Short.\n\n## Two\n\nAfterwards."
    words = build(payload, page).words
    order = [words.index(one) for one in ("more²", "1 and so it goes", "Two Afterwards")]
    assert order == sorted(order)
    assert words.index("2 Short.") > order[1]


@pytest.mark.parametrize(
    ("link", "number"),
    [("#footnote-12", 12), ("#footnote-x", None), ("#table-rows", None), ("https://a", None)],
)
def test_only_links_to_notes_have_their_number(link: str, number: int | None) -> None:
    assert number_of(link) == number
