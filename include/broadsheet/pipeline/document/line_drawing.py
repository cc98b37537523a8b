"""Lines drawn run by run, each in its font and direction, with links, and with what they say besides."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol, runtime_checkable

from reportlab.lib.colors import Color
from reportlab.pdfgen.canvas import Canvas

from broadsheet.pipeline.document.bidi import has_right_to_left, levels_of, visual_runs
from broadsheet.pipeline.document.faces import Face
from broadsheet.pipeline.document.lines import Line, Span
from broadsheet.pipeline.document.pen import has_outline, show_operators
from broadsheet.pipeline.document.shaping import Setting, joined, set_run
from broadsheet.pipeline.document.spoken import actual_text
from broadsheet.pipeline.document.theme import TextStyle

_WORDS = re.compile(r"[^ ]+ *| +")


def draw_line(canvas: Canvas, line: Line, style: TextStyle, *, x: float, y: float) -> None:
    """Draw a line whose base line starts at a point, with links where it has them."""
    at = x
    pieces = list(_visual(line))
    if isinstance(canvas, Speaking) and not any(piece.link for piece in line.pieces):
        canvas.reads(f"{line.text} " if line.spaced else line.text)
    # Read aloud or copied, the last word of a line would join the first one of the next.
    if line.base and pieces and line.spaced:
        space = set_run(" ", style.face)
        _draw_setting(canvas, space, style, x=x - space.width * style.size / 1000, y=y, color=style.color)
    for number, (piece, setting) in enumerate(pieces, start=1):
        end = at + setting.width * style.size / 1000
        if style.tracking and setting.plain:
            end += style.tracking * len(piece.text)
        if number == len(pieces) and not line.base and line.spaced:
            setting = joined([setting, set_run(" ", piece.face)])
        color = piece.color or style.color
        if piece.link:
            box = (at, y - style.size * 0.25, end, y + style.size * 0.85)
            lead = canvas.link_within if piece.link.startswith("#") else canvas.link
            with lead(piece.link.removeprefix("#"), box, words=piece.text):
                canvas.reads(piece.text)
                _draw_piece(canvas, piece, setting, style, x=at, y=y, color=color)
        else:
            _draw_piece(canvas, piece, setting, style, x=at, y=y, color=color)
        at = end


def _draw_piece(
    canvas: Canvas, span: Span, setting: Setting, style: TextStyle, *, x: float, y: float, color: Color
) -> None:
    """Draw a piece; where it cannot be read off its glyphs, word by word, each with what it says."""
    if not setting.spoken:
        _draw_setting(canvas, setting, style, x=x, y=y, color=color)
        return
    for part, words in spoken_parts(setting, span.face):
        with spoken(canvas, words) if words else nullcontext():
            _draw_setting(canvas, part, style, x=x, y=y, color=color)
        x += part.width * style.size / 1000


def spoken_parts(setting: Setting, face: Face) -> Iterator[tuple[Setting, str]]:
    """Cut a setting into parts, each with the text that is to be said for it, or none."""
    for piece in setting.pieces:
        if not piece.spoken:
            yield Setting((piece,), piece.width, piece.clusters is None), ""
            continue
        for word in _WORDS.findall(piece.text):
            part = set_run(word, face)
            yield part, word if part.spoken else ""


@contextmanager
def spoken(canvas: Canvas, text: str) -> Iterator[None]:
    """Draw letters that stand for a text which is not to be read off them, on a canvas of any kind."""
    if isinstance(canvas, Speaking):
        with canvas.spoken(text):
            yield
        return
    canvas._code.append(actual_text(text))
    yield
    canvas._code.append("EMC")


@runtime_checkable
class Speaking(Protocol):
    """A canvas that knows which part of the document is being drawn."""

    def spoken(self, text: str) -> AbstractContextManager[None]: ...
    def reads(self, line: str) -> None: ...


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
