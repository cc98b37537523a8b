"""Text in lines: measured, wrapped, and cut where there is no more room.

There is no markup here: a text is a list of spans, so nothing in a value can change how it is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from reportlab.lib.colors import Color

from broadsheet.pipeline.document.bidi import base_level, has_right_to_left, levels_of
from broadsheet.pipeline.document.breaking import words_of
from broadsheet.pipeline.document.faces import clusters, fonts_in_use
from broadsheet.pipeline.document.fonts import Face, shorten, text_width
from broadsheet.pipeline.document.shaping import set_text
from broadsheet.pipeline.document.theme import TextStyle

_LONGEST_KEPT = 300
"""Characters of a text whose lines are kept."""


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
    spaced: bool = True
    """Whether a space, or nothing more, stood behind it: Chinese lines end within their sentences."""

    @property
    def text(self) -> str:
        """The line's words."""
        return "".join(piece.text for piece in self.pieces)


def set_lines(
    spans: Iterable[Span], style: TextStyle, *, width: float, most: int | None = None
) -> list[Line]:
    """Wrap spans into lines of at most ``width`` points; the last of ``most`` lines ends with an ellipsis."""
    given = tuple(spans)
    if sum(len(span.text) for span in given) > _LONGEST_KEPT:
        return _set_lines(given, style, width, most)
    return list(_set_again(given, style, width, most, fonts_in_use()))


# What is set to know its height is set again to be drawn, and most words of a document are those of others.
@lru_cache(maxsize=4_096)
def _set_again(
    spans: tuple[Span, ...], style: TextStyle, width: float, most: int | None, _fonts: object
) -> tuple[Line, ...]:
    return tuple(_set_lines(spans, style, width, most))


def _set_lines(spans: Sequence[Span], style: TextStyle, width: float, most: int | None) -> list[Line]:
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

    def finish(*, last: bool = False) -> None:
        nonlocal pieces, used
        spaced = last or not pieces or not pieces[-1].text.strip(" ")
        while pieces and not pieces[-1].text.strip(" "):
            used -= _measure(pieces.pop(), style)
        stop = start + sum(len(piece.text) for piece in pieces)
        lines.append(Line(_merged(pieces), used, base, levels[start:stop] if levels else None, spaced))
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
        finish(last=True)
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


def plain(text: str, style: TextStyle, *, width: float, most: int | None = None) -> list[Line]:
    """Wrap one text in the style's own face."""
    return set_lines([Span(text, style.face)], style, width=width, most=most)
