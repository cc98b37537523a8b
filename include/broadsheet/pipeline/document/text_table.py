"""Small tables of an author's own words: cells are text with emphasis and links, set in lines.

Nothing of them is ever cut: a row that is too high for what is left of a page is broken between its lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace

from reportlab.lib.colors import Color
from reportlab.platypus.flowables import Flowable

from broadsheet.pipeline.document.elements import Element
from broadsheet.pipeline.document.fonts import text_width
from broadsheet.pipeline.document.line_drawing import draw_lines
from broadsheet.pipeline.document.lines import Line, Span, set_lines
from broadsheet.pipeline.document.theme import TextStyle, Theme

_PAD_X, _PAD_Y = 5.0, 2.6
_LEAST = 28.0
_BROKEN, _LEAST_LINES = 6, 2
"""Lines from which on a row is broken between pages, and those that it leaves on either side."""

Cell = Sequence[Span]


@dataclass(frozen=True)
class _Row:
    """A row's cells in lines, and what they are; a row that is broken has the same elements on each page."""

    cells: tuple[list[Line], ...]
    style: TextStyle
    element: Element
    parts: tuple[Element, ...]

    @property
    def count(self) -> int:
        """How many lines its longest cell has."""
        return max((len(cell) for cell in self.cells), default=1)

    @property
    def height(self) -> float:
        return max(self.count, 1) * self.style.leading + 2 * _PAD_Y

    def cut(self, room: float) -> tuple[_Row, _Row] | None:
        """Return what fits a height, and the rest; None for a row that is better kept whole."""
        fits = min(int((room - 2 * _PAD_Y) / self.style.leading + 1e-6), self.count - _LEAST_LINES)
        if self.count < _BROKEN or fits < _LEAST_LINES:
            return None
        first, rest = (tuple(cell[:fits] for cell in self.cells), tuple(cell[fits:] for cell in self.cells))
        return replace(self, cells=first), replace(self, cells=rest)


@dataclass(frozen=True)
class _Set:
    """A table, or a part of it, set for a width."""

    widths: Sequence[float]
    head: _Row
    rows: Sequence[_Row]


class TextTable(Flowable):  # type: ignore[misc]
    """A header and rows, as wide as the column; it breaks between rows and repeats its header."""

    def __init__(
        self, head: Sequence[Cell], rows: Sequence[Sequence[Cell]], *, right: Sequence[bool], theme: Theme
    ) -> None:
        super().__init__()
        self.element = Element("Table")
        # The parts it is split into share it; only the first one's header is more than a repetition.
        self.continued = False
        self.head, self.rows, self.right = head, rows, right
        self.theme = theme
        self.made: _Set | None = None
        self.spaceBefore, self.spaceAfter = 6.0, 12.0

    def spans(self) -> Iterator[Span]:
        """Yield the words of its cells; of a part, those of its own rows."""
        if self.made is None:
            for cells in (self.head, *self.rows):
                for cell in cells:
                    yield from cell
            return
        for row in (self.made.head, *self.made.rows):
            for lines in row.cells:
                for line in lines:
                    yield from line.pieces

    def _ready(self, width: float) -> _Set:
        """Set the cells, once: the parts of a table have columns of the same widths."""
        if self.made is None:
            widths = self._column_widths(width)
            head = self._set(self.head, self.theme.cell_head, widths, heads=True)
            self.made = _Set(widths, head, [self._set(row, self.theme.cell, widths) for row in self.rows])
        return self.made

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002, N803 - reportlab's signature
        """Return the space it takes."""
        made = self._ready(aW)
        self.width = aW
        self.height = made.head.height + sum(row.height for row in made.rows) + 1
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

    def _set(
        self, cells: Sequence[Cell], style: TextStyle, widths: Sequence[float], *, heads: bool = False
    ) -> _Row:
        lines = tuple(
            set_lines(cell, style, width=size - 2 * _PAD_X) for cell, size in zip(cells, widths, strict=True)
        )
        element = Element("TR", parent=self.element)
        parts = tuple(
            Element("TH", parent=element, scope="Column") if heads else Element("TD", parent=element)
            for _ in cells
        )
        return _Row(lines, style, element, parts)

    def start_height(self, width: float) -> float:
        """Return the height that a page must have left: the header and two rows, or their first lines."""
        made = self._ready(width)
        most = _LEAST_LINES * self.theme.cell.leading + 2 * _PAD_Y
        first = (row.height if row.count < _BROKEN else most for row in made.rows[:2])
        return made.head.height + sum(first) + 1

    def split(self, aW: float, aH: float) -> list[Flowable]:  # noqa: N803 - reportlab's signature
        """Return the rows that fit a height and the rest, or nothing when too few fit."""
        made = self._ready(aW)
        room, count = aH - made.head.height - 1, 0
        while count < len(made.rows) and made.rows[count].height <= room + 1e-6:
            room -= made.rows[count].height
            count += 1
        if count == len(made.rows):
            return []
        first, rest = list(made.rows[:count]), list(made.rows[count:])
        if cut := rest[0].cut(room):
            first.append(cut[0])
            rest[0] = cut[1]
        if not first:
            return []
        return [
            self._part(first, continued=self.continued),
            self._part(rest, continued=True),
        ]

    def _part(self, rows: Sequence[_Row], *, continued: bool) -> TextTable:
        part = TextTable(self.head, self.rows, right=self.right, theme=self.theme)
        part.element, part.continued = self.element, continued
        part.made = replace(self.made, rows=rows) if self.made else None
        return part

    def draw(self) -> None:
        """Draw header and rows between hairlines."""
        canvas, theme, top, made = self.canv, self.theme, self.height, self._ready(self.width)
        with canvas.group(self.element):
            if self.continued:
                with canvas.artifact():
                    self._draw_cells(made.head, made.widths, top, tagged=False)
            else:
                self._draw_cells(made.head, made.widths, top, tagged=True)
            top -= made.head.height
            self._draw_line(top, theme.ink, 0.7)
            for row in made.rows:
                self._draw_cells(row, made.widths, top, tagged=True)
                top -= row.height
                self._draw_line(top, theme.rule, 0.5)

    def _draw_line(self, y: float, color: Color, width: float) -> None:
        with self.canv.artifact():
            self.canv.setStrokeColor(color)
            self.canv.setLineWidth(width)
            self.canv.line(0, y, self.width, y)

    def _draw_cells(self, row: _Row, widths: Sequence[float], top: float, *, tagged: bool) -> None:
        """Draw a row's cells; a repeated header is none."""
        distance = 0.0
        for lines, size, right, part in zip(row.cells, widths, self.right, row.parts, strict=True):
            x = self.theme.from_start(distance, size, within=self.width)
            with self.canv.tagged(part) if tagged else nullcontext():
                draw_lines(
                    self.canv,
                    lines,
                    row.style,
                    x=x + _PAD_X,
                    top=top - _PAD_Y,
                    width=size - 2 * _PAD_X,
                    align="right" if right else "left",
                )
            distance += size
