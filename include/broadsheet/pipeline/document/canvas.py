"""The canvas that a report is drawn on: bookmarks, every page's footer, and pages written as they fill."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Literal

from reportlab.pdfbase.pdfdoc import LinkAnnotation, PDFName, PDFObjectReference, PDFPage, PDFString
from reportlab.pdfgen.canvas import Canvas

from broadsheet.pipeline.document.elements import Box, Element
from broadsheet.pipeline.document.fonts import Face, shorten
from broadsheet.pipeline.document.metadata import xmp_packet
from broadsheet.pipeline.document.running import draw_foot, draw_head, draw_place, has_head
from broadsheet.pipeline.document.spoken import actual_text
from broadsheet.pipeline.document.stream import PdfStream
from broadsheet.pipeline.document.structure import Structure
from broadsheet.pipeline.document.theme import Theme
from broadsheet.pipeline.languages import say


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


ArtifactKind = Literal["Layout", "Header", "Footer", "Background"]
_ARTIFACTS: dict[ArtifactKind, str] = {
    "Layout": "/Type /Layout",
    "Header": "/Type /Pagination /Subtype /Header",
    "Footer": "/Type /Pagination /Subtype /Footer",
    "Background": "/Type /Background",
}
_PRINTED = 4
"""The flag of an annotation that is printed too."""


class _LinkWithin(LinkAnnotation):  # type: ignore[misc]
    """Reportlab's link within a document, which may belong to an element."""

    permitted = (*LinkAnnotation.permitted, "StructParent")


class ReportCanvas(Canvas):  # type: ignore[misc]
    """A canvas that knows bookmarks, writes each page when it is full, and each page's footer at the end.

    With ``tagged`` the file says what its parts are; see ``structure``.
    """

    bookmarks = 0
    outline_depth = -1
    # The page's drawing operators so far; reportlab's own name.
    _code: list[str]

    def __init__(
        self, target: BytesIO, *, colophon: Colophon, theme: Theme, tagged: bool = True, **options: object
    ) -> None:
        super().__init__(target, **options)
        self.colophon = colophon
        self.theme = theme
        self._stream = PdfStream(self._doc, target)
        self._structure = Structure(self, self._stream, language=colophon.language) if tagged else None
        self._stamps: dict[object, str] = {}
        self.bookmark_pages: list[int] = []
        self.places: dict[str, int] = {}
        self._headless = {1}
        self._later: list[Callable[[], None]] = []
        self._held: list[tuple[PDFPage, str]] = []
        self._footers: dict[tuple[int, bool], tuple[PDFObjectReference, str, str]] = {}

    def add_bookmark(self, title: str, level: int, *, top: float) -> None:
        """Put a place of the current page into the outline; ``top`` is above the current origin."""
        key = self.bookmark_key(self.bookmarks)
        self.bookmarks += 1
        self.bookmark_pages.append(self.page_index + 1)
        # A level may only be one deeper than the one before it.
        level = min(level, self.outline_depth + 1)
        self.outline_depth = level
        self.bookmarkHorizontal(key, 0, top + 8)
        self.addOutlineEntry(shorten(title, Face.SANS, 9, width=360), key, level=level, closed=False)

    @staticmethod
    def bookmark_key(number: int) -> str:
        """Return the name of a bookmark's place; bookmarks are counted from 0 as they are added."""
        return f"b{number}"

    def mark_place(self, name: str, *, top: float) -> None:
        """Name a place of the current page for links; ``top`` is above the current origin."""
        self.bookmarkHorizontal(name, 0, top + 8)
        self.places.setdefault(name, self.page_index + 1)

    def leave_out_head(self) -> None:
        """Say all of what pages say at the current page's foot: something else stands at its head."""
        self._headless.add(self.page_index + 1)

    def draw_later(self, draw: Callable[[], None]) -> None:
        """Leave a place for what is known only when all pages are drawn, such as their numbers.

        It is drawn there with the coordinates of here, in the order of reading of here.
        """
        self._code.append(self._place_of(len(self._later)))
        self._later.append(draw)

    @staticmethod
    def _place_of(number: int) -> str:
        # A comment with what no text has: those that are drawn have no control characters.
        return f"%\x01later {number}\x01"

    @property
    def operators(self) -> list[str]:
        """The drawing operators of the current page so far."""
        return self._code

    @property
    def page_index(self) -> int:
        """The number of the current page, from 0."""
        return int(self._pageNumber) - 1

    def tagged(self, element: Element) -> AbstractContextManager[Element]:
        """Draw the content of an element of the document, such as a paragraph or a header cell."""
        return self._structure.tagged(element) if self._structure else nullcontext(element)

    def group(self, element: Element) -> AbstractContextManager[Element]:
        """Draw the parts of an element that has no content of its own, such as a list or a row."""
        return self._structure.group(element) if self._structure else nullcontext(element)

    def artifact(self, kind: ArtifactKind = "Layout") -> AbstractContextManager[None]:
        """Draw what is no content: rules and grounds, or what pages repeat at their heads and feet."""
        return self._structure.artifact(_ARTIFACTS[kind]) if self._structure else nullcontext()

    def figure(self, element: Element, box: Box) -> AbstractContextManager[Element]:
        """Draw a figure, whose element has its words in ``alt``, within a box of the current coordinates."""
        element.box = self._absRect(box, 1)
        return self.tagged(element)

    def heading(self, element: Element) -> AbstractContextManager[Element]:
        """Draw a heading, whose level becomes at most one deeper than that of the heading before it."""
        if self._structure:
            self._structure.settle_heading(element)
        return self.tagged(element)

    @contextmanager
    def link(self, address: str, box: Box, *, words: str) -> Iterator[None]:
        """Draw words that lead to an address when their box, in the current coordinates, is clicked."""
        with self.tagged(Element("Link")) as element:
            yield
        self.linkURL(address, box, relative=1, **self._annotation(element, words))

    @contextmanager
    def link_within(self, destination: str, box: Box, *, words: str) -> Iterator[None]:
        """Draw words that lead to a bookmarked place of this document."""
        with self.tagged(Element("Link")) as element:
            yield
        entries = self._annotation(element, words)
        place, target = self._absRect(box, 1), self._bookmarkReference(destination)
        self._addAnnotation(_LinkWithin(place, Destination=target, Border="[0 0 0]", **entries))

    def _annotation(self, element: Element, words: str) -> dict[str, object]:
        """Return what an annotation says of itself, and make it belong to an element."""
        entries: dict[str, object] = {"Contents": PDFString(words), "F": _PRINTED}
        if self._structure:
            # Reportlab names annotations by counting them.
            name = f"NUMBER{self._annotationCount + 1}"
            entries["StructParent"] = self._structure.add_annotation(element, name)
        return entries

    def spoken(self, text: str) -> AbstractContextManager[None]:
        """Draw letters that stand for a text which is not to be read off them, such as a word in Hindi."""
        return self._structure.spoken(text) if self._structure else self._said(text)

    def reads(self, line: str) -> None:
        """Take note of a line that is drawn, as it is written."""
        if self._structure:
            self._structure.reads(line)

    @contextmanager
    def _said(self, text: str) -> Iterator[None]:
        self._code.append(actual_text(text))
        yield
        self._code.append("EMC")

    def table_rows(
        self, body: Element, *, count: int, cells: Sequence[str], texts: Mapping[int, str]
    ) -> int | None:
        """Add rows of cells with given tags to a table's body; return the first cell's mark on this page.

        All cells' marks are consecutive, row by row. None when the document is not tagged.
        """
        if self._structure is None:
            return None
        return self._structure.add_rows(body, count=count, cells=cells, texts=texts)

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
        if self._place_of(len(self._later) - 1) in page.stream:
            self._held.append((page, page.stream))
        else:
            page.Contents = [self._stream.add_operators(page.stream)]
        page.stream = None
        if self._structure:
            # Reportlab writes only those entries of a page that it knows.
            page.__NoDefault__ = [*PDFPage.__NoDefault__, "StructParents", "Tabs"]
            page.StructParents = self._structure.finish_page(self._doc.Pages.pages[-1].__InternalName__)
            page.Tabs = PDFName("S")

    def save(self) -> None:
        """Add the footers, which need the number of pages, and write what is left of the file."""
        if self._code:
            self.showPage()
        self._draw_held()
        pages = self._doc.Pages.pages
        for number, page in enumerate(pages, start=1):
            parts = [*page.Contents, *self._footer(number, len(pages))]
            page.Contents = self._stream.list_of(parts)
        self._describe()
        self._stream.finish(self)

    def _draw_held(self) -> None:
        """Write the pages that waited for what is known now."""
        for page, operators in self._held:
            for number, draw in enumerate(self._later):
                place = self._place_of(number)
                if place in operators:
                    operators = operators.replace(place, self._record(draw))
            page.Contents = [self._stream.add_operators(operators)]

    def _describe(self) -> None:
        """Add what the file as a whole says of itself."""
        colophon, catalog = self.colophon, self._doc.Catalog
        packet = xmp_packet(
            title=colophon.title,
            subject=colophon.subject,
            author=colophon.author,
            language=colophon.language,
            moment=colophon.made_for,
        )
        catalog.Metadata = f"{self._stream.add_metadata(packet)} 0 R"
        if self._structure:
            catalog.StructTreeRoot = f"{self._structure.finish()} 0 R"
            catalog.MarkInfo = "<< /Marked true >>"

    def _footer(self, number: int, count: int) -> list[PDFObjectReference]:
        """Return head and foot of a page: what pages share, and the page's own number."""
        place = say(self.theme.locale, "Page {number} of {count}", number=number, count=count)
        # Digits have one width, so numbers of as many digits stand at the same point.
        headless = number in self._headless
        key = (len(place), headless)
        if key not in self._footers:
            shared = self._record(lambda: self._draw_running(place, headless=headless))
            own = self._record(lambda: self._draw_place(place))
            # In other scripts a text is more than its letters: each page's own is drawn for itself.
            before, after = own.split(place) if place.isascii() else ("", "")
            self._footers[key] = (self._stream.add_operators(shared), before, after)
        reference, before, after = self._footers[key]
        if not place.isascii():
            own = self._record(lambda: self._draw_place(place))
            return [reference, self._stream.add_operators(own)]
        return [reference, self._stream.add_operators(f"{before}{place}{after}")]

    def _draw_running(self, place: str, *, headless: bool) -> None:
        colophon, headed = self.colophon, has_head(self.theme) and not headless
        if headed:
            with self.artifact("Header"):
                draw_head(self, self.theme, title=colophon.title, period=colophon.period)
        with self.artifact("Footer"):
            draw_foot(
                self,
                self.theme,
                place=place,
                title=colophon.title,
                period=colophon.period,
                as_of=colophon.as_of,
                headed=headed,
            )

    def _draw_place(self, place: str) -> None:
        with self.artifact("Footer"):
            draw_place(self, self.theme, place)
