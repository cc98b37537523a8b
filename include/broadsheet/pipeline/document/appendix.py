"""Appended PDF files: the lines that lead to them, and the pages that they are drawn on.

A page of ours holds one of theirs, made smaller, between a line that says what it is and our footer. It is
drawn as an object that is filled in when the file is complete: see :func:`fill_appendices`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary
from reportlab.platypus.flowables import Flowable

from broadsheet.errors import IntegrityError
from broadsheet.pipeline.document.canvas import ReportCanvas
from broadsheet.pipeline.document.elements import Element
from broadsheet.pipeline.document.line_drawing import draw_lines
from broadsheet.pipeline.document.lines import Line, plain
from broadsheet.pipeline.document.theme import Theme
from broadsheet.pipeline.formats import count_words, format_count
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.payload import AppendixPart

_EDGE = 20.0
_STRIP = 17.0
_LARGEST_PAGE = 8888
# How reportlab names the objects that are drawn by their name.
_PLACE = "/FormXob."


@dataclass(frozen=True)
class Appendix:
    """One appended file: its number in the document, and what is known of it."""

    number: int
    part: AppendixPart
    locale: str
    """Language of the document."""

    @property
    def name(self) -> str:
        """What the document calls it."""
        return say(self.locale, "Appendix {number}: {title}", number=self.number, title=self.part.title)

    def destination(self, page: int) -> str:
        """Return the name of the place of one of its pages, counted from 1."""
        return f"appendix-{self.number}-{page}"


class AppendixLine(Flowable):  # type: ignore[misc]
    """Says which file is appended, with a link to its first page."""

    def __init__(self, appendix: Appendix, *, theme: Theme) -> None:
        super().__init__()
        self.appendix = appendix
        self.theme = theme
        self.spaceAfter = 4.0

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002, N803 - reportlab's signature
        """Set the line and what must be known of the file, and return the space they take."""
        theme = self.theme
        self.title = plain(self.appendix.name, theme.figure_title.but(color=theme.accent), width=aW)
        self.width = aW
        # Which page it is on is known when all are drawn; no number takes more room than this one.
        self.note = self._note(_LARGEST_PAGE)
        self.height = (
            len(self.title) * theme.figure_title.leading + len(self.note) * theme.figure_note.leading
        )
        return aW, self.height

    def _note(self, page: int) -> list[Line]:
        """Say what the file is, and on which page of this document it begins."""
        locale = self.theme.locale
        begins = say(locale, "from page {number}", number=format_count(page, locale=locale))
        file, pages, *more = describe(self.appendix.part, locale=locale)
        words = "  ·  ".join([file, pages, begins, *more])
        return plain(words, self.theme.figure_note, width=self.width)

    def _draw_note(self, canvas: ReportCanvas, top: float) -> None:
        page = canvas.places.get(self.appendix.destination(1), _LARGEST_PAGE)
        note = self._note(page)[: len(self.note)]
        draw_lines(canvas, note, self.theme.figure_note, x=0, top=top, width=self.width)

    def draw(self) -> None:
        """Draw the lines, and make the title a link."""
        theme, canvas = self.theme, self.canv
        style = theme.figure_title.but(color=theme.accent)
        height = len(self.title) * style.leading
        size = max(line.width for line in self.title)
        left = theme.from_start(0, size, within=self.width)
        box = (left, self.height - height, left + size, self.height)
        with canvas.tagged(Element("P")):
            with canvas.link_within(self.appendix.destination(1), box, words=self.appendix.name):
                draw_lines(canvas, self.title, style, x=0, top=self.height, width=self.width)
            canvas.draw_later(lambda: self._draw_note(canvas, self.height - height))


def describe(part: AppendixPart, *, locale: str) -> list[str]:
    """Return what must be said of an appended file: its name, its pages, and what is not as it was."""
    pages = count_words(locale, "{count} page", "{count} pages", part.pages)
    if part.pages < part.total_pages:
        last, count = (format_count(number, locale=locale) for number in (part.pages, part.total_pages))
        pages = say(locale, "pages 1 to {last} of {count}", last=last, count=count)
    return [part.file, pages, *part.notes]


class AppendixPage(Flowable):  # type: ignore[misc]
    """A page that holds one of an appended file."""

    def __init__(self, appendix: Appendix, page: int, *, theme: Theme) -> None:
        super().__init__()
        self.appendix = appendix
        self.page = page
        self.theme = theme

    def bookmarks(self) -> list[tuple[str, int]]:
        """Return title and level of the bookmark of an appendix's first page."""
        return [(self.appendix.name, 1)] if self.page == 1 else []

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002, N803 - reportlab's signature
        """Ask for a whole page."""
        self.width, self.height = aW, self.theme.content_height
        return aW, self.height

    def draw(self) -> None:
        """Draw the line above the page, the page's edge, and the page's place."""
        theme, canvas, part = self.theme, self.canv, self.appendix.part
        canvas.bookmarkPage(self.appendix.destination(self.page))
        canvas.places[self.appendix.destination(self.page)] = canvas.page_index + 1
        canvas.leave_out_head()
        if self.page == 1:
            canvas.add_bookmark(self.appendix.name, 1, top=self.height)
        top = self.height + theme.margin_top - _EDGE
        where = say(
            theme.locale,
            "{file}, page {number} of {count}",
            file=part.file,
            number=format_count(self.page, locale=theme.locale),
            count=format_count(part.total_pages, locale=theme.locale),
        )
        words = plain(f"{self.appendix.name}  ·  {where}", theme.figure_note, width=self.width, most=1)
        # It opens the appendix, and is then said again on each page.
        head = canvas.heading(Element("H2")) if self.page == 1 else canvas.artifact("Header")
        with head:
            draw_lines(canvas, words, theme.figure_note, x=0, top=top, width=self.width)
        x, y, scale, width, height = self._place(top - _STRIP)
        with canvas.artifact():
            canvas.setStrokeColor(theme.rule)
            canvas.setLineWidth(0.6)
            canvas.rect(x, y, width * scale, height * scale)
        if fault := part.page_faults.get(self.page):
            lines = plain(fault, theme.notice, width=width * scale - 24)
            with canvas.tagged(Element("P")):
                draw_lines(canvas, lines, theme.notice, x=x + 12, top=y + height * scale - 12)
            return
        name = self.appendix.destination(self.page)
        canvas.beginForm(name, 0, 0, width, height)
        canvas.endForm()
        alt = say(theme.locale, "{place}: appended as it is, its text without tags", place=where)
        figure = Element("Figure", alt=alt)
        with canvas.figure(figure, (x, y, x + width * scale, y + height * scale)):
            canvas.saveState()
            canvas.transform(scale, 0, 0, scale, x, y)
            canvas.doForm(name)
            canvas.restoreState()

    def _place(self, top: float) -> tuple[float, float, float, float, float]:
        """Return where the foreign page's lower left corner is, its scale, and its size."""
        theme = self.theme
        width, height = self.appendix.part.sizes[self.page - 1]
        room = theme.page_width - 2 * _EDGE
        scale = min(room / width, top / height, 1.0)
        x = (room - width * scale) / 2 - (theme.margin_x - _EDGE)
        return x, top - height * scale, scale, width, height


def appendix_lines(appendices: Sequence[Appendix], *, theme: Theme) -> list[Flowable]:
    """Return what stands where a set of appendices is named."""
    return [AppendixLine(appendix, theme=theme) for appendix in appendices]


def appendix_pages(appendices: Sequence[Appendix], *, theme: Theme) -> list[Flowable]:
    """Return the pages of all appendices, in their order."""
    return [
        AppendixPage(appendix, page, theme=theme)
        for appendix in appendices
        for page in range(1, appendix.part.pages + 1)
    ]


def fill_appendices(data: bytes, appendices: Sequence[tuple[Appendix, bytes]]) -> bytes:
    """Put the pages of clean files into their places of a document; equal input gives equal bytes."""
    with ExitStack() as files:
        document = files.enter_context(pikepdf.open(io.BytesIO(data)))
        places = dict(_places(document))
        layers = Dictionary(OCGs=Array(), D=Dictionary(Name="Appendices", OFF=Array()))
        for appendix, clean in appendices:
            # It is read when the document is written.
            source = files.enter_context(pikepdf.open(io.BytesIO(clean)))
            for number in range(1, appendix.part.pages + 1):
                if number in appendix.part.page_faults:
                    continue
                name = appendix.destination(number)
                if name not in places:
                    raise IntegrityError(f"the document has no place for {name}")
                form = source.pages[number - 1].obj.Resources.XObject.Content
                _fill(places[name], document.copy_foreign(form))
            _join_layers(layers, source, document)
        if len(layers.OCGs):
            document.Root.OCProperties = layers
        target = io.BytesIO()
        document.save(target, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return target.getvalue()


def _places(document: pikepdf.Pdf) -> Iterator[tuple[str, pikepdf.Object]]:
    """Yield the empty objects that foreign pages go into, by their names."""
    for page in document.pages:
        for name, place in page.resources.get("/XObject", Dictionary()).items():
            if name.startswith(_PLACE):
                yield name.removeprefix(_PLACE), place


def _fill(place: pikepdf.Object, form: pikepdf.Object) -> None:
    place.write(form.read_bytes())
    for key in ("/BBox", "/Matrix", "/Resources", "/Group"):
        if key in form:
            place[key] = form[key]


def _join_layers(layers: Dictionary, source: pikepdf.Pdf, document: pikepdf.Pdf) -> None:
    properties = source.Root.get("/OCProperties")
    if properties is None:
        return
    layers.OCGs.extend([document.copy_foreign(layer) for layer in properties.OCGs])
    layers.D.OFF.extend([document.copy_foreign(layer) for layer in properties.D.OFF])
