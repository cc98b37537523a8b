"""Tiles of key figures: the value large, its unit beside it, its change in an arrow, colour and words."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.lib.colors import Color
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus.flowables import Flowable

from broadsheet.pipeline.document import theme
from broadsheet.pipeline.document.fonts import Face, text_width
from broadsheet.pipeline.document.text import Line, Span, draw_line, draw_lines, plain, set_lines
from broadsheet.pipeline.document.theme import TextStyle
from broadsheet.pipeline.payload import KpiPart

_GAP = 14.0
_VALUE = TextStyle(Face.SANS_BOLD, 23, 27, theme.INK)
_UNIT = TextStyle(Face.SANS, 11, 27, theme.QUIET)
_LABEL = TextStyle(Face.SANS_BOLD, 8.6, 10.8, theme.INK)
_CHANGE = TextStyle(Face.SANS, 8.4, 10.8, theme.INK)
_NOTE = TextStyle(Face.SANS, 7.6, 9.6, theme.QUIET)
_ARROW_WIDTH = 9.0


def columns_for(count: int) -> int:
    """Return how many tiles stand in a row, so that rows are full or nearly so."""
    return {0: 1, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 3, 7: 4, 8: 4, 9: 3}.get(count, 4)


class TileRow(Flowable):  # type: ignore[misc]
    """One row of tiles. All parts of the row stand on common lines."""

    def __init__(self, kpis: Sequence[KpiPart], *, columns: int, last: bool) -> None:
        super().__init__()
        self.kpis = kpis
        self.columns = columns
        self.spaceBefore, self.spaceAfter = 4.0, 14.0 if last else 8.0

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002, N803 - reportlab's signature
        """Set the words and return the space they take."""
        width = (aW - _GAP * (self.columns - 1)) / self.columns
        self.tile_width = width
        self.labels = [plain(kpi.label, _LABEL, width=width, most=2) for kpi in self.kpis]
        self.changes = [_change(kpi, width) for kpi in self.kpis]
        self.notes = [plain(kpi.note, _NOTE, width=width, most=3) for kpi in self.kpis]
        label_lines, change_lines, note_lines = (
            max((len(lines) for lines in part), default=0) for part in (self.labels, self.changes, self.notes)
        )
        self.label_height = 7 + label_lines * _LABEL.leading
        self.change_height = change_lines * _CHANGE.leading
        self.width = aW
        self.height = (
            self.label_height + _VALUE.leading + 2 + self.change_height + 1 + note_lines * _NOTE.leading
        )
        return aW, self.height

    def start_height(self, width: float) -> float:
        """Return the height that a page must have left for this to start on it."""
        return self.wrap(width, 0)[1]

    def draw(self) -> None:
        """Draw the tiles from left to right."""
        canvas = self.canv
        for number, kpi in enumerate(self.kpis):
            x, top = number * (self.tile_width + _GAP), self.height
            canvas.setStrokeColor(theme.ACCENT)
            canvas.setLineWidth(1.4)
            canvas.line(x, top - 0.7, x + self.tile_width, top - 0.7)
            draw_lines(canvas, self.labels[number], _LABEL, x=x, top=top - 6)
            top -= self.label_height
            _draw_value(canvas, kpi, x=x, y=top - 22, width=self.tile_width)
            top -= _VALUE.leading + 2
            if kpi.direction in ("up", "down"):
                _draw_arrow(canvas, kpi, x=x, middle=top - _CHANGE.leading / 2)
            indent = _ARROW_WIDTH if kpi.direction in ("up", "down") else 0
            draw_lines(canvas, self.changes[number], _CHANGE, x=x + indent, top=top)
            draw_lines(canvas, self.notes[number], _NOTE, x=x, top=top - self.change_height - 1)


def _draw_value(canvas: Canvas, kpi: KpiPart, *, x: float, y: float, width: float) -> None:
    """Draw value and unit on one line, smaller when they would not fit the tile."""
    gap = 3.0 if kpi.unit else 0.0
    whole = (
        text_width(kpi.display, _VALUE.face, _VALUE.size) + gap + text_width(kpi.unit, _UNIT.face, _UNIT.size)
    )
    scale = max(min(1.0, width / whole) if whole else 1.0, 0.35)
    value_style = _VALUE.but(size=_VALUE.size * scale)
    unit_style = _UNIT.but(size=max(_UNIT.size * scale, 7.0))
    # Below the least scale the value is cut with an ellipsis rather than run into its neighbour.
    for line in plain(kpi.display, value_style, width=width, most=1):
        draw_line(canvas, line, value_style, x=x, y=y)
        at = x + line.width + gap
        for unit in plain(kpi.unit, unit_style, width=max(width - line.width - gap, 1.0), most=1)[:1]:
            if at + unit.width <= x + width + 0.5:
                draw_line(canvas, unit, unit_style, x=at, y=y)


def _change(kpi: KpiPart, width: float) -> list[Line]:
    indent = _ARROW_WIDTH if kpi.direction in ("up", "down") else 0.0
    if kpi.direction == "flat":
        return plain("Unchanged", _CHANGE.but(color=theme.QUIET), width=width, most=1)
    spans = [Span(kpi.change_display, Face.SANS_BOLD, _tone(kpi))]
    if kpi.direction in ("up", "down") and kpi.good is not None:
        spans.append(Span(" better" if kpi.good else " worse", Face.SANS, _tone(kpi)))
    return set_lines(spans, _CHANGE, width=width - indent, most=2)


def _tone(kpi: KpiPart) -> Color:
    if kpi.direction == "none":
        return theme.QUIET
    if kpi.good is None:
        return theme.INK
    return theme.GOOD if kpi.good else theme.BAD


def _draw_arrow(canvas: Canvas, kpi: KpiPart, *, x: float, middle: float) -> None:
    half, height = 2.9, 5.2
    sign = 1 if kpi.direction == "up" else -1
    canvas.setFillColor(_tone(kpi))
    path = canvas.beginPath()
    path.moveTo(x, middle - sign * height / 2)
    path.lineTo(x + 2 * half, middle - sign * height / 2)
    path.lineTo(x + half, middle + sign * height / 2)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)
