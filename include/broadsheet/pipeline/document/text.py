"""Paragraphs and headings: broken across pages without widows, with their bookmarks and marks of lists."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.platypus.flowables import Flowable

from broadsheet.pipeline.document.elements import HEADINGS, Element
from broadsheet.pipeline.document.line_drawing import draw_lines
from broadsheet.pipeline.document.lines import Line, Span, plain, set_lines
from broadsheet.pipeline.document.theme import TextStyle


class TextBlock(Flowable):  # type: ignore[misc]
    """A paragraph or heading. It splits between lines, and leaves at least two on either side.

    ``outline`` makes it a bookmark of that level; ``mark`` is drawn in the indent, on the first line.
    ``element`` is what it is, a paragraph unless it is told, and the parts it is split into share it.
    """

    def __init__(
        self,
        spans: Sequence[Span],
        style: TextStyle,
        *,
        indent: float = 0.0,
        mark: str = "",
        outline: int | None = None,
        most: int | None = None,
        lines: list[Line] | None = None,
        element: Element | None = None,
    ) -> None:
        super().__init__()
        self.spans = spans
        self.style = style
        self.indent = indent
        self.mark = mark
        self.outline = outline
        self.most = most
        self.lines = lines
        self.element = element or Element("P" if outline is None else HEADINGS[min(outline, 2)])
        self.spaceBefore = style.space_before
        self.spaceAfter = style.space_after

    @property
    def text(self) -> str:
        """The block's words."""
        return "".join(span.text for span in self.spans)

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002, N803 - reportlab's signature
        """Set the lines for a width and return the space they take."""
        if self.lines is None:
            self.lines = set_lines(self.spans, self.style, width=aW - self.indent, most=self.most)
        self.width, self.height = aW, len(self.lines) * self.style.leading
        return self.width, self.height

    def start_height(self, width: float) -> float:
        """Return the least height that a page must have left for this to start on it."""
        self.wrap(width, 0)
        return min(len(self.lines or ()), 2) * self.style.leading

    def split(self, aW: float, aH: float) -> list[Flowable]:  # noqa: N803 - reportlab's signature
        """Return the part that fits a height and the rest, or nothing when too little fits."""
        self.wrap(aW, aH)
        lines = self.lines or []
        fits = min(int(aH / self.style.leading + 1e-6), len(lines))
        if len(lines) - fits == 1:
            fits -= 1
        if fits < 2 or fits >= len(lines):
            return []
        first = TextBlock(
            self.spans,
            self.style.but(space_after=0),
            indent=self.indent,
            mark=self.mark,
            outline=self.outline,
            lines=lines[:fits],
            element=self.element,
        )
        rest = TextBlock(
            self.spans,
            self.style.but(space_before=0),
            indent=self.indent,
            lines=lines[fits:],
            element=self.element,
        )
        return [first, rest]

    def draw(self) -> None:
        """Draw the lines, and set the bookmark."""
        canvas = self.canv
        if self.outline is not None:
            canvas.add_bookmark(self.text, self.outline, top=self.height)
        if self.mark:
            self._draw_mark()
        x, room = 0.0 if self.style.rtl else self.indent, self.width - self.indent
        with canvas.tagged(self.element) if self.outline is None else canvas.heading(self.element):
            draw_lines(canvas, self.lines or (), self.style, x=x, top=self.height, width=room, align="auto")

    def _draw_mark(self) -> None:
        """Draw the mark of a list's item, whose body is what this text stands in."""
        body = self.element.parent
        label = Element("Lbl", parent=body.parent if body else None)
        lines = plain(self.mark, self.style, width=self.indent)
        x = self.width - self.indent + 6 if self.style.rtl else self.indent - 6 - lines[0].width
        with self.canv.tagged(label):
            draw_lines(self.canv, lines, self.style, x=x, top=self.height)
