"""Text set in lines: measured, wrapped, broken across pages without widows, drawn run by run.

There is no markup here: a text is a list of spans, so nothing in a value can change how it is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from reportlab.lib.colors import Color
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus.flowables import Flowable

from broadsheet.pipeline.document.bidi import base_level, has_right_to_left, levels_of, visual_runs
from broadsheet.pipeline.document.breaking import words_of
from broadsheet.pipeline.document.faces import clusters
from broadsheet.pipeline.document.fonts import Face, shorten, text_width
from broadsheet.pipeline.document.pen import has_outline, show_operators
from broadsheet.pipeline.document.shaping import Setting, joined, set_run, set_text
from broadsheet.pipeline.document.structure import HEADINGS, Element
from broadsheet.pipeline.document.theme import TextStyle


@dataclass(frozen=True)
class Span:
    """A piece of text in one face and colour; ``link`` is an address that has been checked already.

    One that starts with ``#`` leads to a place of this document.
    """

    text: str
    face: Face
    color: Color | None = None
    link: str | None = None
    breaks: bool = False
    """Whether a new line starts after it."""


@dataclass(frozen=True)
class Line:
    """One set line: its pieces in the order of reading, and how wide they are together."""

    pieces: tuple[Span, ...]
    width: float
    base: int = 0
    """1 in a paragraph that runs from right to left."""
    levels: bytes | None = None
    """Embedding level of each character in the paragraph, where some run from right to left."""

    @property
    def text(self) -> str:
        """The line's words."""
        return "".join(piece.text for piece in self.pieces)


def set_lines(
    spans: Iterable[Span], style: TextStyle, *, width: float, most: int | None = None
) -> list[Line]:
    """Wrap spans into lines of at most ``width`` points; the last of ``most`` lines ends with an ellipsis."""
    lines: list[Line] = []
    for paragraph in _paragraphs(spans):
        left = None if most is None else most - len(lines)
        if left is not None and left < 0:
            break
        lines += _set_paragraph(paragraph, style, width=width, most=left)
    if most is not None and len(lines) > most:
        lines = [*lines[: most - 1], _with_ellipsis(lines[most - 1], style, width)]
    return lines


def _paragraphs(spans: Iterable[Span]) -> Iterator[list[Span]]:
    """Cut spans where a new line is asked for."""
    paragraph: list[Span] = []
    for span in spans:
        paragraph.append(span)
        if span.breaks:
            yield paragraph
            paragraph = []
    if any(span.text for span in paragraph):
        yield paragraph


def _set_paragraph(spans: list[Span], style: TextStyle, *, width: float, most: int | None) -> list[Line]:
    """Wrap one paragraph; of one that is too long, one line more than ``most`` is set."""
    text = "".join(span.text for span in spans)
    base, levels = 0, None
    if has_right_to_left(text):
        base = 1 if style.rtl else base_level(text)
        levels = levels_of(text, base)
    lines: list[Line] = []
    pieces: list[Span] = []
    used, start, at = 0.0, 0, 0

    def finish() -> None:
        nonlocal pieces, used
        while pieces and not pieces[-1].text.strip(" "):
            used -= _measure(pieces.pop(), style)
        stop = start + sum(len(piece.text) for piece in pieces)
        lines.append(Line(_merged(pieces), used, base, levels[start:stop] if levels else None))
        pieces, used = [], 0.0

    for word, span in _words(spans, style, width):
        if most is not None and len(lines) > most:
            return lines
        needed = _measure(span, style)
        if pieces and word.strip(" ") and used + needed > width + 0.01:
            finish()
        if not pieces:
            start = at
        if pieces or word.strip(" "):
            pieces.append(span)
            used += needed
        at += len(word)
    # A break in the text makes a line even where there are no words.
    if pieces or spans[-1].breaks:
        finish()
    return lines


def _words(spans: Iterable[Span], style: TextStyle, width: float) -> Iterable[tuple[str, Span]]:
    for span in spans:
        for word in words_of(span.text):
            whole = Span(word, span.face, span.color, span.link)
            if word[0] == " " or _measure(whole, style) <= width:
                yield word, whole
                continue
            for part in _broken(whole, style, width):
                yield part.text, part


def _broken(span: Span, style: TextStyle, width: float) -> Iterable[Span]:
    """Cut a word that is wider than a line into parts that are not, never within a letter and its marks."""
    part, room = "", width
    for cluster in clusters(span.text):
        needed = _measure(Span(cluster, span.face), style)
        if part and room < needed:
            yield Span(part, span.face, span.color, span.link)
            part, room = "", width
        part += cluster
        room -= needed
    if part:
        yield Span(part, span.face, span.color, span.link)


def _measure(span: Span, style: TextStyle) -> float:
    width = text_width(span.text, span.face, style.size)
    return width + style.tracking * len(span.text) if style.tracking and _spaced(span) else width


def _spaced(span: Span) -> bool:
    """Whether letters may be moved apart: not where they join."""
    return span.text.isascii() or set_text(span.text, span.face).plain


def _merged(pieces: Sequence[Span]) -> tuple[Span, ...]:
    """Join neighbours of one look, so that a line is few text operators and extracts as whole words."""
    merged: list[Span] = []
    for piece in pieces:
        last = merged[-1] if merged else None
        if last and (last.face, last.color, last.link) == (piece.face, piece.color, piece.link):
            merged[-1] = Span(last.text + piece.text, last.face, last.color, last.link)
        else:
            merged.append(piece)
    return tuple(merged)


def _with_ellipsis(line: Line, style: TextStyle, width: float) -> Line:
    if not line.pieces:
        return line
    last = line.pieces[-1]
    room = width - sum(_measure(piece, style) for piece in line.pieces[:-1])
    text = shorten(last.text + " …", last.face, style.size, width=room)
    cut = Span(text.replace(" ……", "…").replace("……", "…"), last.face, last.color, last.link)
    return Line((*line.pieces[:-1], cut), line.width, line.base)


def draw_line(canvas: Canvas, line: Line, style: TextStyle, *, x: float, y: float) -> None:
    """Draw a line whose base line starts at a point, with links where it has them."""
    at = x
    pieces = list(_visual(line))
    # Read aloud or copied, the last word of a line would join the first one of the next.
    if line.base and pieces:
        space = set_run(" ", style.face)
        _draw_setting(canvas, space, style, x=x - space.width * style.size / 1000, y=y, color=style.color)
    for number, (piece, setting) in enumerate(pieces, start=1):
        end = at + setting.width * style.size / 1000
        if style.tracking and setting.plain:
            end += style.tracking * len(piece.text)
        if number == len(pieces) and not line.base:
            setting = joined([setting, set_run(" ", piece.face)])
        color = piece.color or style.color
        if piece.link:
            box = (at, y - style.size * 0.25, end, y + style.size * 0.85)
            lead = canvas.link_within if piece.link.startswith("#") else canvas.link
            with lead(piece.link.removeprefix("#"), box, words=piece.text):
                _draw_setting(canvas, setting, style, x=at, y=y, color=color)
        else:
            _draw_setting(canvas, setting, style, x=at, y=y, color=color)
        at = end


def _draw_setting(
    canvas: Canvas, setting: Setting, style: TextStyle, *, x: float, y: float, color: Color
) -> None:
    text = canvas.beginText(x, y)
    if style.tracking:
        text.setCharSpace(style.tracking)
    text.setFillColor(color)
    outlined = has_outline(setting)
    if outlined:
        canvas.saveState()
        text.setStrokeColor(color)
    text._code.append(show_operators(setting, style.size, canvas._doc, tracking=style.tracking))
    if style.tracking:
        text.setCharSpace(0)
    canvas.drawText(text)
    if outlined:
        canvas.restoreState()


def _visual(line: Line) -> Iterator[tuple[Span, Setting]]:
    """Return the pieces of a line from left to right."""
    text = line.text
    if not line.base and not has_right_to_left(text):
        for piece in line.pieces:
            yield piece, set_run(piece.text, piece.face)
        return
    levels = line.levels if line.levels is not None else levels_of(text, line.base)
    runs = visual_runs(text, levels, line.base)
    for start, stop, rtl in runs:
        parts: list[tuple[Span, Setting]] = []
        at = 0
        for piece in line.pieces:
            part = piece.text[max(start - at, 0) : max(stop - at, 0)]
            at += len(piece.text)
            if part:
                setting = set_run(part, piece.face, rtl=rtl, between=len(runs) > 1)
                parts.append((Span(part, piece.face, piece.color, piece.link), setting))
        yield from reversed(parts) if rtl else parts


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
    """Draw lines below each other from ``top`` downwards, aligned left or right within ``width``.

    ``auto`` aligns each paragraph at the side on which it begins.
    """
    y = top - baseline(style)
    for line in lines:
        right = align == "right" or (width > 0 and (style.rtl or (align == "auto" and line.base == 1)))
        draw_line(canvas, line, style, x=x + width - line.width if right else x, y=y)
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
