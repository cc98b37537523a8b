"""Text set in lines: measured, wrapped, broken across pages without widows, drawn run by run.

There is no markup here: a text is a list of spans, so nothing in a value can change how it is drawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reportlab.lib.colors import Color
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus.flowables import Flowable

from broadsheet.pipeline.document.fonts import Face, shorten, split_by_font, text_width
from broadsheet.pipeline.document.structure import HEADINGS, Element
from broadsheet.pipeline.document.theme import TextStyle

_WORDS = re.compile(r" +|[^ ]+")


@dataclass(frozen=True)
class Span:
    """A piece of text in one face and colour; ``link`` is an address that has been checked already."""

    text: str
    face: Face
    color: Color | None = None
    link: str | None = None
    breaks: bool = False
    """Whether a new line starts after it."""


@dataclass(frozen=True)
class Line:
    """One set line: its pieces and how wide they are together."""

    pieces: tuple[Span, ...]
    width: float


def set_lines(
    spans: Iterable[Span], style: TextStyle, *, width: float, most: int | None = None
) -> list[Line]:
    """Wrap spans into lines of at most ``width`` points; the last of ``most`` lines ends with an ellipsis."""
    lines: list[Line] = []
    pieces: list[Span] = []
    used = 0.0

    def finish() -> None:
        nonlocal pieces, used
        while pieces and not pieces[-1].text.strip(" "):
            used -= _measure(pieces.pop(), style)
        lines.append(Line(_joined(pieces), used))
        pieces, used = [], 0.0

    for word, span in _words(spans, style, width):
        if word == "\n":
            finish()
            continue
        if most is not None and len(lines) > most:
            break
        needed = _measure(span, style)
        if pieces and word.strip(" ") and used + needed > width + 0.01:
            finish()
        if pieces or word.strip(" "):
            pieces.append(span)
            used += needed
    if pieces:
        finish()
    if most is not None and len(lines) > most:
        lines = [*lines[: most - 1], _with_ellipsis(lines[most - 1], style, width)]
    return lines


def _words(spans: Iterable[Span], style: TextStyle, width: float) -> Iterable[tuple[str, Span]]:
    for span in spans:
        for word in _WORDS.findall(span.text):
            whole = Span(word, span.face, span.color, span.link)
            if word[0] == " " or _measure(whole, style) <= width:
                yield word, whole
                continue
            for part in _broken(whole, style, width):
                yield part.text, part
        if span.breaks:
            yield "\n", span


def _broken(span: Span, style: TextStyle, width: float) -> Iterable[Span]:
    """Cut a word that is wider than a line into parts that are not."""
    rest = span.text
    while rest:
        room, count = width, 0
        for character in rest:
            room -= text_width(character, span.face, style.size) + style.tracking
            if room < 0:
                break
            count += 1
        count = max(count, 1)
        yield Span(rest[:count], span.face, span.color, span.link)
        rest = rest[count:]


def _measure(span: Span, style: TextStyle) -> float:
    return text_width(span.text, span.face, style.size) + style.tracking * len(span.text)


def _joined(pieces: Sequence[Span]) -> tuple[Span, ...]:
    """Join neighbours of one look, so that a line is few text operators and extracts as whole words."""
    joined: list[Span] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if last and (last.face, last.color, last.link) == (piece.face, piece.color, piece.link):
            joined[-1] = Span(last.text + piece.text, last.face, last.color, last.link)
        else:
            joined.append(piece)
    return tuple(joined)


def _with_ellipsis(line: Line, style: TextStyle, width: float) -> Line:
    if not line.pieces:
        return line
    last = line.pieces[-1]
    room = width - sum(_measure(piece, style) for piece in line.pieces[:-1])
    text = shorten(last.text + " …", last.face, style.size, width=room)
    cut = Span(text.replace(" ……", "…").replace("……", "…"), last.face, last.color, last.link)
    return Line((*line.pieces[:-1], cut), line.width)


def draw_line(canvas: Canvas, line: Line, style: TextStyle, *, x: float, y: float) -> None:
    """Draw a line whose base line starts at a point, with links where it has them."""
    at = x
    for number, piece in enumerate(line.pieces, start=1):
        end = at + _measure(piece, style)
        # Read aloud or copied, the last word of a line would join the first one of the next.
        closing = " " if number == len(line.pieces) else ""
        if piece.link:
            box = (at, y - style.size * 0.25, end, y + style.size * 0.85)
            with canvas.link(piece.link, box, words=piece.text):
                _draw_piece(canvas, piece, style, x=at, y=y, closing=closing)
        else:
            _draw_piece(canvas, piece, style, x=at, y=y, closing=closing)
        at = end


def _draw_piece(canvas: Canvas, piece: Span, style: TextStyle, *, x: float, y: float, closing: str) -> None:
    text = canvas.beginText(x, y)
    if style.tracking:
        text.setCharSpace(style.tracking)
    text.setFillColor(piece.color or style.color)
    for face, part in split_by_font(piece.text + closing, piece.face):
        text.setFont(face.value, style.size)
        text.textOut(part)
    if style.tracking:
        text.setCharSpace(0)
    canvas.drawText(text)


def baseline(style: TextStyle) -> float:
    """Return how far the base line of a line lies below its top."""
    return style.leading / 2 + style.size * 0.33


def draw_lines(
    canvas: Canvas,
    lines: Sequence[Line],
    style: TextStyle,
    *,
    x: float,
    top: float,
    width: float = 0.0,
    align: str = "left",
) -> None:
    """Draw lines below each other from ``top`` downwards, aligned left or right within ``width``."""
    y = top - baseline(style)
    for line in lines:
        draw_line(canvas, line, style, x=x + width - line.width if align == "right" else x, y=y)
        y -= style.leading


def plain(text: str, style: TextStyle, *, width: float, most: int | None = None) -> list[Line]:
    """Wrap one text in the style's own face."""
    return set_lines([Span(text, style.face)], style, width=width, most=most)


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
        with canvas.tagged(self.element) if self.outline is None else canvas.heading(self.element):
            draw_lines(canvas, self.lines or (), self.style, x=self.indent, top=self.height)

    def _draw_mark(self) -> None:
        """Draw the mark of a list's item, whose body is what this text stands in."""
        body = self.element.parent
        label = Element("Lbl", parent=body.parent if body else None)
        with self.canv.tagged(label):
            lines = plain(self.mark, self.style, width=self.indent)
            draw_lines(
                self.canv, lines, self.style, x=0, top=self.height, width=self.indent - 6, align="right"
            )
