"""The canvas that a report is drawn on: bookmarks, every page's footer, and pages written as they fill."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from reportlab.pdfbase.pdfdoc import PDFObjectReference
from reportlab.pdfgen.canvas import Canvas

from broadsheet.pipeline.document.fonts import Face, shorten, text_width
from broadsheet.pipeline.document.stream import PdfStream
from broadsheet.pipeline.document.text import draw_lines, plain
from broadsheet.pipeline.document.theme import Theme


@dataclass(frozen=True)
class Colophon:
    """What the file and every page's foot say about the document.

    ``made_for`` dates the file, not the clock.
    """

    title: str
    subject: str
    author: str
    period: str
    as_of: str
    made_for: datetime
    language: str = "en-GB"


class ReportCanvas(Canvas):  # type: ignore[misc]
    """A canvas that knows bookmarks, writes each page when it is full, and each page's footer at the end."""

    bookmarks = 0
    outline_depth = -1
    # The page's drawing operators so far; reportlab's own name.
    _code: list[str]

    def __init__(self, target: BytesIO, *, colophon: Colophon, theme: Theme, **options: object) -> None:
        super().__init__(target, **options)
        self.colophon = colophon
        self.theme = theme
        self._stream = PdfStream(self._doc, target)
        self._stamps: dict[object, str] = {}
        self._footers: dict[int, tuple[PDFObjectReference, str, str]] = {}

    def add_bookmark(self, title: str, level: int, *, top: float) -> None:
        """Put a place of the current page into the outline; ``top`` is above the current origin."""
        key = f"b{self.bookmarks}"
        self.bookmarks += 1
        # A level may only be one deeper than the one before it.
        level = min(level, self.outline_depth + 1)
        self.outline_depth = level
        self.bookmarkHorizontal(key, 0, top + 8)
        self.addOutlineEntry(shorten(title, Face.SANS, 9, width=360), key, level=level, closed=False)

    def write_operators(self, operators: str) -> None:
        """Add drawing operators as they are; the caller answers for their being balanced."""
        self._code.append(operators)

    def stamp(self, key: object, draw: Callable[[], None]) -> None:
        """Draw what is the same on many pages: the first time as told, from then on by its operators."""
        if key not in self._stamps:
            self._stamps[key] = self._record(draw)
        self._code.append(self._stamps[key])

    def _record(self, draw: Callable[[], None]) -> str:
        """Return what a function draws as operators, instead of drawing it."""
        page, self._code = self._code, []
        self.saveState()
        draw()
        self.restoreState()
        recorded, self._code = self._code, page
        return "\n".join(recorded)

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        """Close the page, and write its drawing operators."""
        super().showPage()
        page = self._doc.Pages.pages[-1]
        page.Contents = [self._stream.add_operators(page.stream)]
        page.stream = None

    def save(self) -> None:
        """Add the footers, which need the number of pages, and write what is left of the file."""
        if self._code:
            self.showPage()
        pages = self._doc.Pages.pages
        for number, page in enumerate(pages, start=1):
            parts = [*page.Contents, *self._footer(number, len(pages))]
            page.Contents = self._stream.list_of(parts)
        self._stream.finish(self)

    def _footer(self, number: int, count: int) -> list[PDFObjectReference]:
        """Return the footer of a page: what all pages share, and the page's own number."""
        place = f"Page {number} of {count}"
        # Digits have one width, so numbers of as many digits stand at the same point.
        if len(place) not in self._footers:
            shared = self._record(lambda: self._draw_footer(place))
            own = self._record(lambda: self._draw_place(place))
            before, after = own.split(f"({place})")
            self._footers[len(place)] = (self._stream.add_operators(shared), before, after)
        reference, before, after = self._footers[len(place)]
        return [reference, self._stream.add_operators(f"{before}({place}){after}")]

    def _draw_footer(self, place: str) -> None:
        theme, style, colophon = self.theme, self.theme.footer, self.colophon
        left, right = theme.margin_x, theme.page_width - theme.margin_x
        self.setStrokeColor(theme.rule)
        self.setLineWidth(0.6)
        self.line(left, theme.footer_top, right, theme.footer_top)
        room = theme.content_width - text_width(place, style.face, style.size) - 20
        rows = (
            (colophon.title, style.but(face=Face.SANS_BOLD, color=theme.ink), room),
            (f"{colophon.period}  ·  {colophon.as_of}", style.but(color=theme.quiet), theme.content_width),
        )
        top = theme.footer_top - 4
        for text, row_style, width in rows:
            fitted = shorten(text, row_style.face, style.size, width=width)
            line = plain(fitted, row_style, width=theme.content_width, most=1)
            draw_lines(self, line, row_style, x=left, top=top)
            top -= style.leading

    def _draw_place(self, place: str) -> None:
        style = self.theme.footer
        line = plain(place, style, width=self.theme.content_width)
        top = self.theme.footer_top - 4
        draw_lines(
            self, line, style, x=self.theme.margin_x, top=top, width=self.theme.content_width, align="right"
        )
