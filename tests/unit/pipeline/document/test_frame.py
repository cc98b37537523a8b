"""Pages: where they break, and that none is left blank."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import pytest
from pypdf import PdfReader
from reportlab.platypus.flowables import Spacer

from broadsheet.pipeline.document.canvas import Colophon
from broadsheet.pipeline.document.fonts import load_fonts
from broadsheet.pipeline.document.frame import write_document
from broadsheet.pipeline.document.lines import Span
from broadsheet.pipeline.document.text import TextBlock
from broadsheet.pipeline.document.theme import TextStyle, load_theme
from broadsheet.settings import Settings

THEME = load_theme(Settings().themes_dir, "broadsheet")
COLOPHON = Colophon(
    title="Probe", subject="", author="", period="", as_of="", made_for=datetime(2013, 3, 25, tzinfo=UTC)
)


@pytest.fixture(autouse=True)
def _fonts() -> None:
    load_fonts(Settings().static_dir)


def text(words: str, style: TextStyle = THEME.body, *, outline: int | None = None) -> TextBlock:
    return TextBlock([Span(words, style.face)], style, outline=outline)


def pages_after(height: float, *, space_after: float) -> list[str]:
    """Set something of a height, then a heading with a paragraph; return the text of each page."""
    block = Spacer(10, height)
    block.spaceAfter = space_after
    # A spacer at a page's top takes no space.
    story = [text("Before"), block, text("Heading", THEME.headings[0], outline=0), text("Words below it.")]
    data, count = write_document(story, COLOPHON, theme=THEME)
    pages = [page.extract_text() for page in PdfReader(BytesIO(data)).pages]
    assert len(pages) == count
    return pages


@pytest.mark.parametrize("space_after", [0.0, 14.0, 40.0])
@pytest.mark.parametrize("left", [0.0, 0.5, 2.0, 7.0, 13.0, 14.0, 20.0, 39.0])
def test_a_page_that_is_nearly_full_is_followed_by_no_blank_one(left: float, space_after: float) -> None:
    before = THEME.body.leading + THEME.body.space_after
    first, second = pages_after(THEME.content_height - before - left, space_after=space_after)
    assert "Before" in first
    assert "Heading" in second
    assert "Words below it." in second


def test_a_heading_stays_where_there_is_room_for_it_and_what_follows() -> None:
    (page,) = pages_after(THEME.content_height / 2, space_after=14.0)
    assert "Words below it." in page
