"""What every page says at its head and its foot: title, period with zone, data as of, page n of N."""

from __future__ import annotations

from reportlab.lib.colors import Color
from reportlab.pdfgen.canvas import Canvas

from broadsheet.domain.theme import Running
from broadsheet.pipeline.document.fonts import Face, shorten, text_width
from broadsheet.pipeline.document.line_drawing import draw_lines
from broadsheet.pipeline.document.lines import plain
from broadsheet.pipeline.document.theme import TextStyle, Theme

_HEAD_GAP = 14.0
"""From the head's line to the text."""


def has_head(theme: Theme) -> bool:
    """Say whether pages have a running head; the first one has its title instead."""
    return theme.running is Running.HEAD_AND_FOOT


def draw_head(canvas: Canvas, theme: Theme, *, title: str, period: str) -> None:
    """Draw title and period above the text."""
    style, left = theme.footer, theme.margin_x
    line = theme.page_height - theme.margin_top + _HEAD_GAP
    _rule(canvas, theme, line)
    top = line + style.leading + 4
    period = _fitted(period, style.face, style, theme.content_width / 2)
    _write(canvas, period, style, x=left, top=top, width=theme.content_width, end=True)
    room = theme.content_width - text_width(period, style.face, style.size) - 20
    bold = style.but(face=Face.SANS_BOLD, color=theme.ink)
    _write(canvas, _fitted(title, bold.face, bold, room), bold, x=left, top=top, width=theme.content_width)


def draw_foot(
    canvas: Canvas, theme: Theme, *, place: str, title: str, period: str, as_of: str, headed: bool
) -> None:
    """Draw the foot but for the page's number; what the head says is not said again."""
    style, left = theme.footer, theme.margin_x
    _rule(canvas, theme, theme.footer_top)
    room = theme.content_width - text_width(place, style.face, style.size) - 20
    top = theme.footer_top - 4
    if headed:
        _write(
            canvas, _fitted(as_of, style.face, style, room), style, x=left, top=top, width=theme.content_width
        )
        return
    bold = style.but(face=Face.SANS_BOLD, color=theme.ink)
    _write(canvas, _fitted(title, bold.face, bold, room), bold, x=left, top=top, width=theme.content_width)
    words = _fitted(f"{period}  ·  {as_of}", style.face, style, theme.content_width)
    _write(canvas, words, style, x=left, top=top - style.leading, width=theme.content_width)


def draw_place(canvas: Canvas, theme: Theme, place: str) -> None:
    """Draw ``Page 3 of 7`` at the foot's right end."""
    width, top = theme.content_width, theme.footer_top - 4
    _write(canvas, place, theme.footer, x=theme.margin_x, top=top, width=width, end=True)


def _fitted(text: str, face: Face, style: TextStyle, width: float) -> str:
    return shorten(text, face, style.size, width=width)


def _write(
    canvas: Canvas,
    text: str,
    style: TextStyle,
    *,
    x: float,
    top: float,
    width: float,
    end: bool = False,
) -> None:
    """Draw one line from where reading starts, or up to where it ends."""
    line = plain(text, style, width=10_000, most=1)
    if line and end is not style.rtl:
        x += width - line[0].width
    draw_lines(canvas, line, style, x=x, top=top)


def _rule(canvas: Canvas, theme: Theme, y: float, color: Color | None = None) -> None:
    canvas.setStrokeColor(color or theme.rule)
    canvas.setLineWidth(0.6)
    canvas.line(theme.margin_x, y, theme.page_width - theme.margin_x, y)
