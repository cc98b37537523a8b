"""The table of contents: headings with leaders and page numbers, which are filled in when all are known.

How many lines it has is known before the first page is drawn, so it takes its room at once; the numbers are
drawn into it when the last page is done, without setting anything twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from reportlab.platypus.flowables import Flowable

from broadsheet.pipeline.document.canvas import ReportCanvas
from broadsheet.pipeline.document.elements import Element
from broadsheet.pipeline.document.fonts import text_width
from broadsheet.pipeline.document.line_drawing import baseline, draw_lines
from broadsheet.pipeline.document.lines import plain
from broadsheet.pipeline.document.text import TextBlock
from broadsheet.pipeline.document.theme import Theme

_INDENT = 16.0
_NUMBER_ROOM = 36.0
_GAP = 5.0
_MANY = 40
"""So many short lines stand in two columns: more would be pages of dots."""


@dataclass(frozen=True)
class Entry:
    """A heading: ``number`` counts all bookmarks of the document, ``level`` is 0 for the title."""

    title: str
    level: int
    number: int


@dataclass(frozen=True)
class _Line:
    """Where a line stands: its left edge, its width and its upper edge."""

    left: float
    width: float
    top: float


@runtime_checkable
class Bookmarks(Protocol):
    """A flowable with bookmarks of its own, such as a table with groups: their titles and levels."""

    def bookmarks(self) -> Sequence[tuple[str, int]]: ...


@runtime_checkable
class Holder(Protocol):
    """A flowable that holds others, in reading order."""

    @property
    def content(self) -> Sequence[Flowable]: ...


def list_headings(story: Iterable[Flowable]) -> list[tuple[str, int]]:
    """Return title and level of every bookmark of a story, in the order in which they are drawn."""
    found: list[tuple[str, int]] = []
    for flowable in story:
        if isinstance(flowable, TextBlock) and flowable.outline is not None:
            found.append((flowable.text, flowable.outline))
        elif isinstance(flowable, Bookmarks):
            found += flowable.bookmarks()
        elif isinstance(flowable, Holder):
            found += list_headings(flowable.content)
    return found


class Contents(Flowable):  # type: ignore[misc]
    """The table of contents, or some of its lines; ``fill`` tells it the headings before it is set."""

    def __init__(
        self,
        title: str,
        *,
        depth: int,
        theme: Theme,
        entries: Sequence[Entry] = (),
        element: Element | None = None,
        columns: int = 0,
    ) -> None:
        super().__init__()
        self.columns = columns
        self.element = element or Element("TOC")
        self.title = title
        self.depth = depth
        self.theme = theme
        self.entries = list(entries)
        self.spaceBefore, self.spaceAfter = 8.0, 16.0

    def fill(self, story: Iterable[Flowable]) -> None:
        """Take in the headings of a story, the document's title left out."""
        self.entries = [
            Entry(title, level, number)
            for number, (title, level) in enumerate(list_headings(story))
            if number and level <= self.depth
        ]

    def _column_width(self, columns: int) -> float:
        return (self.width - (columns - 1) * self.theme.gutter) / columns

    def _choose_columns(self) -> int:
        """Return two where lines are many and short; a part keeps those of the whole."""
        if self.columns:
            return self.columns
        style, room = self.theme.contents, self._column_width(2) - _NUMBER_ROOM
        short = all(
            text_width(entry.title, style.face, style.size) <= room - max(entry.level - 1, 0) * _INDENT
            for entry in self.entries
        )
        return 2 if len(self.entries) > _MANY and short else 1

    def _head_height(self) -> float:
        style = self.theme.headings[1]
        return style.leading + style.space_after if self.title else 0.0

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002, N803 - reportlab's signature
        """Return the space it takes."""
        self.width = aW
        self.columns = self._choose_columns()
        self.rows = -(-len(self.entries) // self.columns)
        self.height = self._head_height() + self.rows * self.theme.contents.leading
        return aW, self.height

    def start_height(self, width: float) -> float:
        """Return the least height that a page must have left: its title and three lines."""
        self.wrap(width, 0)
        return self._head_height() + min(3, self.rows) * self.theme.contents.leading

    def split(self, aW: float, aH: float) -> list[Flowable]:  # noqa: N803 - reportlab's signature
        """Return the lines that fit a height and the rest, or nothing when too few fit."""
        fits = int((aH - self._head_height()) / self.theme.contents.leading + 1e-6)
        self.wrap(aW, aH)
        if fits < 3 or fits >= self.rows:
            return []
        whole = fits * self.columns
        return [
            Contents(
                title,
                depth=self.depth,
                theme=self.theme,
                entries=entries,
                element=self.element,
                columns=self.columns,
            )
            for title, entries in ((self.title, self.entries[:whole]), ("", self.entries[whole:]))
        ]

    def draw(self) -> None:
        """Draw the titles, and leave the numbers for later."""
        canvas, theme = self.canv, self.theme
        top = self.height
        if self.title:
            style = theme.headings[1]
            title = plain(self.title, style, width=self.width, most=1)
            with canvas.tagged(Element("P")):
                draw_lines(canvas, title, style, x=0, top=top, width=self.width)
            top -= self._head_height()
        with canvas.group(self.element):
            width = self._column_width(self.columns)
            for number, entry in enumerate(self.entries):
                column, row = divmod(number, self.rows)
                left = theme.from_start(column * (width + theme.gutter), width, within=self.width)
                line = _Line(left, width, top - row * theme.contents.leading)
                self._draw_entry(canvas, entry, line)

    def _draw_entry(self, canvas: ReportCanvas, entry: Entry, place: _Line) -> None:
        style, top = self.theme.contents, place.top
        indent = max(entry.level - 1, 0) * _INDENT
        room = place.width - indent - _NUMBER_ROOM
        line = plain(entry.title, style, width=room, most=1)
        x = place.left + self.theme.from_start(indent, room, within=place.width)
        end = indent + max((one.width for one in line), default=0.0) + _GAP
        box = (place.left, top - style.leading, place.left + place.width, top)
        key = canvas.bookmark_key(entry.number)
        with (
            canvas.group(Element("TOCI")),
            canvas.group(Element("Reference")),
            canvas.link_within(key, box, words=entry.title),
        ):
            draw_lines(canvas, line, style, x=x, top=top, width=room)
            canvas.draw_later(lambda: self._draw_number(canvas, entry, place, end))

    def _draw_number(self, canvas: ReportCanvas, entry: Entry, place: _Line, end: float) -> None:
        """Draw leaders from a title's end, and the number of the page that its heading is on.

        ``end`` is the distance of the title's end from where reading starts.
        """
        style, theme = self.theme.contents, self.theme
        pages = canvas.bookmark_pages
        words = str(pages[entry.number]) if entry.number < len(pages) else "–"
        line = plain(words, style, width=_NUMBER_ROOM, most=1)
        start = place.width - line[0].width - _GAP
        canvas.setStrokeColor(theme.quiet)
        canvas.setLineWidth(0.7)
        canvas.setLineCap(1)
        canvas.setDash([0.01, 3.4])
        y = place.top - baseline(style)
        if start > end:
            left = place.left + theme.from_start(end, start - end, within=place.width)
            # From the number on, so that the dots of all lines stand below each other.
            ends = (left, left + start - end) if theme.rtl else (left + start - end, left)
            canvas.line(ends[0], y, ends[1], y)
        at = theme.from_start(place.width - line[0].width, line[0].width, within=place.width)
        draw_lines(canvas, line, style, x=place.left + at, top=place.top)
