"""The rows of a table: how they are wrapped, how high they are, and how a page of them is drawn.

A page's fixed operators and coordinates are one template, used again for every page whose rows have the same
heights; texts and the shifts that align numbers right are filled into it a column at a time.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, count, pairwise, repeat

from broadsheet.pipeline.document.canvas import ReportCanvas
from broadsheet.pipeline.document.cell_marks import (
    BAR_GAP,
    LEAST_BAR,
    bar_operators,
    bar_room,
    fill,
    tint_operators,
    tone_fills,
)
from broadsheet.pipeline.document.cell_text import CellPen, CellWrap, cell_opening
from broadsheet.pipeline.document.elements import Element
from broadsheet.pipeline.document.line_drawing import baseline
from broadsheet.pipeline.document.measure import Ruler
from broadsheet.pipeline.document.shaping import is_spoken
from broadsheet.pipeline.document.theme import Theme
from broadsheet.pipeline.payload import ColumnPart

PAD_Y = 1.9
_AT_ONCE = 2_000
_MOST_TEMPLATES = 64

Rows = Sequence[tuple[str, ...]]


@dataclass(frozen=True)
class _Column:
    """Where a column's texts stand, and whether some of them need more than one line."""

    left: float
    room: float
    right: bool
    wraps: bool
    most: int
    part: ColumnPart
    bar: float
    """Width of the place of its bars, left of its texts; 0 without."""
    reach: tuple[float, float]
    """How far its bars go below zero and above it."""

    @property
    def show(self) -> tuple[str, str]:
        """What stands before and after a text that is shown, without its parentheses."""
        return ("[", "]TJ") if self.right else ("", "Tj")


def _column(part: ColumnPart, left: float, room: float, longest: float, *, rtl: bool) -> _Column:
    bar = bar_room(room, longest) if part.bars else 0.0
    beside = bar + BAR_GAP if bar else 0.0
    return _Column(
        left=left + beside,
        room=room - beside,
        right=rtl or part.align == "right",
        # A hair more, for what adding widths up in another order loses.
        wraps=longest > room - beside + 1e-6,
        most=part.lines,
        part=part,
        bar=bar,
        reach=(
            max((-bar for bar in part.bars if bar is not None and bar < 0), default=0.0),
            max((bar for bar in part.bars if bar is not None and bar > 0), default=0.0),
        ),
    )


class Body:
    """The rows of a table, set for columns of given widths; ``widest`` is how wide their texts are."""

    def __init__(
        self,
        rows: Rows,
        *,
        ruler: Ruler,
        widths: Sequence[float],
        widest: Sequence[float],
        columns: Sequence[ColumnPart],
        theme: Theme,
    ) -> None:
        self.theme = theme
        self._fills = tone_fills(theme)
        self.rows = rows
        self.width = sum(widths)
        self._ruler = ruler
        self._templates: dict[tuple[int, bytes, int | None, frozenset[int]], tuple[str, str]] = {}
        self._wrap = CellWrap(ruler, theme.cell)
        self._pen: CellPen | None = None
        befores = accumulate(widths, initial=0.0)
        lefts = [
            theme.from_start(before, size, within=self.width)
            for before, size in zip(befores, widths, strict=False)
        ]
        self._columns = [
            _column(column, left + theme.cell_pad, size - 2 * theme.cell_pad, longest, rtl=theme.rtl)
            for left, size, longest, column in zip(lefts, widths, widest, columns, strict=False)
        ]
        self._tags = tuple("TH" if column.heads else "TD" for column in columns)
        # How many lines stand above each row. Where no text is wrapped, that is the row's number.
        self._above: Sequence[int] = range(len(rows) + 1)
        if any(column.wraps for column in self._columns):
            self._above = array("q", accumulate(self._count_lines(), initial=0))

    def height(self, start: int, stop: int) -> float:
        """Return how high rows are together."""
        lines = self._above[stop] - self._above[start]
        return (stop - start) * 2 * PAD_Y + lines * self.theme.cell.leading

    def fitting(self, start: int, stop: int, *, room: float) -> int:
        """Return the row after the last one of ``start`` to ``stop`` that fits a height."""
        ends = range(start, stop + 1)
        return start - 1 + bisect_right(ends, room + 1e-6, key=lambda end: self.height(start, end))

    def draw(self, canvas: ReportCanvas, start: int, stop: int, *, top: float, element: Element) -> None:
        """Draw rows from ``top`` downwards, as they are read; ``element`` is their body's."""
        if start == stop:
            return
        heights = bytes(after - before for before, after in pairwise(self._above[start : stop + 1]))
        across = len(self._columns)
        columns = list(zip(*self.rows[start:stop], strict=True))
        other = {
            row * across + number: text
            for number, texts in enumerate(columns)
            if not all(map(str.isascii, texts))
            for row, text in enumerate(texts)
            if not text.isascii()
        }
        mark = canvas.table_rows(element, count=stop - start, cells=self._tags, texts=other)
        spoken = frozenset(
            number % across
            for number, text in other.items()
            if mark is not None and is_spoken(text) and not self._columns[number % across].wraps
        )
        stripes, template = self._template(start % 2, heights, mark, spoken)
        pen = self._pen_for(canvas)
        slots: list[Iterable[str]] = []
        for number, (column, texts) in enumerate(zip(self._columns, columns, strict=True)):
            if number in spoken:
                marks = count((mark or 0) + number, across)
                slots.append(map(cell_opening, repeat(self._tags[number]), texts, marks))
            if column.part.tones:
                slots.append(map(self._fills.__getitem__, column.part.tones[start:stop]))
            pen.nested = column.wraps or mark is None
            slots += self._slots(column, texts, pen)
        canvas.saveState()
        canvas.translate(0, top)
        # Stripes, tints and bars.
        grounds = "\n".join(filter(None, (stripes, self._marks(start, stop, heights))))
        if grounds:
            with canvas.artifact():
                canvas.setFillColor(self.theme.stripe)
                canvas.write_operators(grounds)
        canvas.setFillColor(self.theme.cell.color)
        filled = template % tuple(chain.from_iterable(zip(*slots, strict=True)))
        canvas.write_operators(f"BT\n{pen.font} Tf\n{filled}ET")
        canvas.restoreState()

    def _pen_for(self, canvas: ReportCanvas) -> CellPen:
        if self._pen is None or self._pen.document is not canvas._doc:
            self._pen = CellPen(canvas._doc, self.theme.cell)
        return self._pen

    def _marks(self, start: int, stop: int, heights: bytes) -> str:
        """Return the operators of the tints and bars of some rows, whose tops begin at the origin."""
        drawn: list[str] = []
        tops: list[float] = []
        for column in self._columns:
            part = column.part
            if not (part.bars or part.shades):
                continue
            tops = tops or [
                -top
                for top in accumulate((2 * PAD_Y + n * self.theme.cell.leading for n in heights), initial=0.0)
            ]
            left = column.left - (column.bar + BAR_GAP if column.bar else 0.0)
            if part.shades:
                pad = self.theme.cell_pad
                width = column.left + column.room - left + 2 * pad
                shades = part.shades[start:stop]
                drawn.append(tint_operators(shades, tops, left=left - pad, width=width, theme=self.theme))
            if column.bar >= LEAST_BAR / 2:
                middle = PAD_Y + self.theme.cell.leading / 2
                drawn.append(
                    bar_operators(
                        part.bars[start:stop],
                        tops,
                        left=left,
                        width=column.bar,
                        middle=middle,
                        reach=column.reach,
                        theme=self.theme,
                    )
                )
        return "\n".join(filter(None, drawn))

    def _slots(self, column: _Column, texts: tuple[str, ...], pen: CellPen) -> list[Iterable[str]]:
        """Return what fills a column's places in the template: texts, before them shifts if aligned right."""
        ruler = self._ruler
        shapes = ruler.shapes(texts) if column.right or column.wraps else ()
        widths = [ruler.thousandths(shape) for shape in shapes]
        shown: Sequence[str] = pen.literals(texts, column.show)
        if column.wraps:
            most = column.room * 1000 / self.theme.cell.size
            shown = list(shown)
            for number, width in enumerate(widths):
                if width > most:
                    lines = self._wrap.lines(texts[number], column.room, column.most)
                    widths[number] = ruler.thousandths(lines[0]) if lines else 0.0
                    shown[number] = self._join_lines(lines, column, pen)
        if not column.right:
            return [shown]
        shifts = {width: f"{width:.1f}" for width in set(widths)}
        return [map(shifts.__getitem__, widths), shown]

    def _join_lines(self, lines: tuple[str, ...], column: _Column, pen: CellPen) -> str:
        """Return several lines as one literal, which ends the text before each and goes down a line."""
        opening, closing = column.show
        joined = ""
        # Read aloud or copied, the last word of a line would join the first one of the next.
        ended = [f"{line} " for line in lines[:-1]] + list(lines[-1:])
        for number, (line, literal) in enumerate(zip(lines, pen.literals(ended, column.show), strict=True)):
            if number:
                shift = f"{self._ruler.thousandths(line):.1f}" if column.right else ""
                joined += f"){closing} 0 {-self.theme.cell.leading:g} Td{opening}{shift}("
            joined += literal
        return joined

    def _template(
        self, parity: int, heights: bytes, mark: int | None, spoken: frozenset[int]
    ) -> tuple[str, str]:
        """Return the operators of stripes and of texts for rows of so many lines each, from their top.

        ``mark`` is the first cell's; without it, cells are not marked. Cells of columns that are ``spoken``
        have a place for what begins them.
        """
        key = (parity, heights, mark, spoken)
        if key not in self._templates:
            if len(self._templates) >= _MOST_TEMPLATES:
                self._templates.clear()
            self._templates[key] = self._make_template(parity, heights, mark, spoken)
        return self._templates[key]

    def _make_template(
        self, parity: int, heights: bytes, mark: int | None, spoken: frozenset[int]
    ) -> tuple[str, str]:
        plain_fill = f"{fill(self.theme.cell.color)}\n"
        cells = [
            (f"{'%s ' if column.part.tones else ''}1 0 0 1 {column.left + column.room * column.right:.2f} ",
             f" Tm{column.show[0]}{'%s' if column.right else ''}(%s){column.show[1]}\n"
             f"{plain_fill if column.part.tones else ''}")
            for column in self._columns
        ]  # fmt: skip
        stripes, texts, top = "", [], 0.0
        marks = count(mark or 0)
        for number, lines in enumerate(heights, start=parity):
            height = 2 * PAD_Y + lines * self.theme.cell.leading
            if number % 2:
                stripes += f"0 {top - height:.2f} {self.width:.2f} {height:.2f} re\n"
            y = f"{top - PAD_Y - baseline(self.theme.cell):.2f}"
            shown = [f"{before}{y}{after}" for before, after in cells]
            if mark is not None:
                openings = [f"/{tag}<</MCID {next(marks)}>>BDC" for tag in self._tags]
                shown = [
                    f"{'%s' if at in spoken else openings[at]} {cell[:-1]} EMC\n"
                    for at, cell in enumerate(shown)
                ]
            texts += shown
            top -= height
        return f"n {stripes}f" if stripes else "", "".join(texts)

    def _count_lines(self) -> bytearray:
        """Return how many lines each row has."""
        counts = bytearray(b"\1") * len(self.rows)
        for number, column in enumerate(self._columns):
            if not column.wraps:
                continue
            for start in range(0, len(self.rows), _AT_ONCE):
                texts = [row[number] for row in self.rows[start : start + _AT_ONCE]]
                for at, shape in enumerate(self._ruler.shapes(texts), start=start):
                    if self._ruler.width(shape) > column.room:
                        lines = len(self._wrap.lines(texts[at - start], column.room, column.most))
                        counts[at] = max(counts[at], lines)
        return counts
