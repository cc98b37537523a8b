"""Small tables of an author's own words: cells are text with emphasis and links, set in lines."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from reportlab.lib.colors import Color
from reportlab.platypus.flowables import Flowable

from broadsheet.pipeline.document.elements import Element
from broadsheet.pipeline.document.fonts import text_width
from broadsheet.pipeline.document.line_drawing import draw_lines
from broadsheet.pipeline.document.lines import Line, Span, set_lines
from broadsheet.pipeline.document.theme import TextStyle, Theme

_PAD_X, _PAD_Y = 5.0, 2.6
_LEAST = 28.0
_MOST_LINES = 40
"""Of a cell: a row does not break, and must fit a page. What is cut ends with an ellipsis."""

Cell = Sequence[Span]


@dataclass(frozen=True)
class _Row:
    """A row's cells in lines."""

    cells: tuple[list[Line], ...]
    height: float


class TextTable(Flowable):  # type: ignore[misc]
    """A header and rows, as wide as the column; it breaks between rows and repeats its header."""

    def __init__(
        self,
        head: Sequence[Cell],
        rows: Sequence[Sequence[Cell]],
        *,
        right: Sequence[bool],
        theme: Theme,
        element: Element | None = None,
    ) -> None:
        super().__init__()
        # The parts it is split into share it; only the first one's header is more than a repetition.
        self.continued = element is not None
        self.element = element or Element("Table")
        self.head, self.rows, self.right = head, rows, right
        self.theme = theme
        self.spaceBefore, self.spaceAfter = 6.0, 12.0

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002, N803 - reportlab's signature
        """Set the cells and return the space they take."""
        self.width = aW
        self.widths = self._column_widths(aW)
        self.set_head = self._set(self.head, self.theme.cell_head)
        self.set_rows = [self._set(row, self.theme.cell) for row in self.rows]
        self.height = self.set_head.height + sum(row.height for row in self.set_rows) + 1
        return aW, self.height

    def _column_widths(self, width: float) -> list[float]:
        """Share the width: columns as wide as their longest cell where there is room."""
        style = self.theme.cell
        natural = [
            max(_LEAST, *(self._width(cell, style) for cell in column)) + 2 * _PAD_X
            for column in zip(self.head, *self.rows, strict=True)
        ]
        if sum(natural) <= width:
            spare = (width - sum(natural)) / len(natural)
            return [size + spare for size in natural]
        # What is short keeps its width; the long ones share what is left.
        fair = width / len(natural)
        short = sum(size for size in natural if size <= fair)
        long = sum(size for size in natural if size > fair)
        return [size if size <= fair else size / long * (width - short) for size in natural]

    @staticmethod
    def _width(cell: Cell, style: TextStyle) -> float:
        return sum(text_width(span.text, span.face, style.size) for span in cell)

    def _set(self, cells: Sequence[Cell], style: TextStyle) -> _Row:
        lines = tuple(
            set_lines(cell, style, width=size - 2 * _PAD_X, most=_MOST_LINES)
            for cell, size in zip(cells, self.widths, strict=True)
        )
        most = max((len(cell) for cell in lines), default=1)
        return _Row(lines, max(most, 1) * style.leading + 2 * _PAD_Y)

    def start_height(self, width: float) -> float:
        """Return the height that a page must have left: the header and two rows."""
        self.wrap(width, 0)
        return self.set_head.height + sum(row.height for row in self.set_rows[:2])

    def split(self, aW: float, aH: float) -> list[Flowable]:  # noqa: N803 - reportlab's signature
        """Return the rows that fit a height and the rest, or nothing when too few fit."""
        self.wrap(aW, aH)
        room, count = aH - self.set_head.height - 1, 0
        while count < len(self.set_rows) and self.set_rows[count].height <= room + 1e-6:
            room -= self.set_rows[count].height
            count += 1
        if not 0 < count < len(self.rows):
            return []
        return [
            self._part(self.rows[:count], continued=self.continued),
            self._part(self.rows[count:], continued=True),
        ]

    def _part(self, rows: Sequence[Sequence[Cell]], *, continued: bool) -> TextTable:
        part = TextTable(self.head, rows, right=self.right, theme=self.theme, element=self.element)
        part.continued = continued
        return part

    def draw(self) -> None:
        """Draw header and rows between hairlines."""
        canvas, theme, top = self.canv, self.theme, self.height
        with canvas.group(self.element):
            if self.continued:
                with canvas.artifact():
                    self._draw_cells(self.set_head, theme.cell_head, top, None)
            else:
                self._draw_cells(self.set_head, theme.cell_head, top, Element("TR"))
            top -= self.set_head.height
            self._draw_line(top, theme.ink, 0.7)
            for row in self.set_rows:
                self._draw_cells(row, theme.cell, top, Element("TR"))
                top -= row.height
                self._draw_line(top, theme.rule, 0.5)

    def _draw_line(self, y: float, color: Color, width: float) -> None:
        with self.canv.artifact():
            self.canv.setStrokeColor(color)
            self.canv.setLineWidth(width)
            self.canv.line(0, y, self.width, y)

    def _draw_cells(self, row: _Row, style: TextStyle, top: float, element: Element | None) -> None:
        """Draw a row's cells; without an element of their own they are a repeated header."""
        distance, heads = 0.0, row is self.set_head
        for lines, size, right in zip(row.cells, self.widths, self.right, strict=True):
            cell = Element("TH", parent=element, scope="Column") if heads else Element("TD", parent=element)
            x = self.theme.from_start(distance, size, within=self.width)
            with self.canv.tagged(cell) if element else nullcontext():
                draw_lines(
                    self.canv,
                    lines,
                    style,
                    x=x + _PAD_X,
                    top=top - _PAD_Y,
                    width=size - 2 * _PAD_X,
                    align="right" if right else "left",
                )
            distance += size
