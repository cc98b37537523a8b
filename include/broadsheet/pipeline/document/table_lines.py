"""All lines of a table in one run: its rows, and between them headings of groups, subtotals and totals.

Rows are drawn many at a time by the body. The other lines, few beside them, are drawn one by one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

from broadsheet.pipeline.document.canvas import ReportCanvas
from broadsheet.pipeline.document.cells import PAD_Y, Body
from broadsheet.pipeline.document.elements import Element
from broadsheet.pipeline.document.line_drawing import draw_lines
from broadsheet.pipeline.document.lines import Line, plain
from broadsheet.pipeline.document.table_groups import Finder, Special, first_sum, group_bookmarks, label_room
from broadsheet.pipeline.document.theme import TextStyle, Theme
from broadsheet.pipeline.payload import SummaryPart, TablePart


class Lines:
    """The lines of the first ``count`` rows of a table; a line's number counts them all."""

    def __init__(
        self, table: TablePart, body: Body, *, count: int, widths: Sequence[float], theme: Theme
    ) -> None:
        self.theme = theme
        self._body = body
        self._columns = table.columns
        self._widths = widths
        self._bookmarks = {number: (title, level) for number, title, level in group_bookmarks(table, count)}
        self._specials = list(Finder(table, count=count, widths=widths, theme=theme).find())
        self._places = [special.at for special in self._specials]
        self._above = list(accumulate((special.height for special in self._specials), initial=0.0))
        # Of each of them, the last heading up to it.
        self._headings: list[Special | None] = []
        for special in self._specials:
            last = self._headings[-1] if self._headings else None
            self._headings.append(special if special.heads else last)
        self.count = count + len(self._specials)

    def height(self, start: int, stop: int) -> float:
        """Return how high lines are together."""
        first, last = bisect_left(self._places, start), bisect_left(self._places, stop)
        rows = self._body.height(start - first, stop - last)
        return rows + self._above[last] - self._above[first]

    def fitting(self, start: int, stop: int, *, room: float) -> int:
        """Return the line after the last one of ``start`` to ``stop`` that fits a height."""
        ends = range(start, stop + 1)
        return start - 1 + bisect_right(ends, room + 1e-6, key=lambda end: self.height(start, end))

    def beginning(self, start: int, stop: int) -> int:
        """Return the line after those that a page begins with: headings and two rows, or three lines."""
        end = start
        while end < stop and (special := self._special(end)) is not None and special.heads:
            end += 1
        return min(max(end + 2, start + 3), stop)

    def settled(self, start: int, end: int) -> int:
        """Return where a page that could end before line ``end`` should: no heading last, no sum first."""
        while end > start and self._would_part(end):
            end -= 1
        return end

    def _would_part(self, end: int) -> bool:
        """Whether a page that ends before a line parts it from the line that it belongs to."""
        here, last = self._special(end), self._special(end - 1)
        if last is not None and last.heads:
            return True
        return (here is not None and not here.heads) or self._lonely(end) or self._left_over(end)

    def _lonely(self, end: int) -> bool:
        """Whether the line before ``end`` is the first row of a group of more, alone below its heading."""
        before = self._special(end - 2)
        return before is not None and before.heads and self._special(end) is None

    def _left_over(self, end: int) -> bool:
        """Whether line ``end`` is the last row of a group of more, which would begin a page alone."""
        if any(self._special(line) is not None for line in (end - 2, end - 1, end)):
            return False
        behind = self._special(end + 1)
        return behind is not None and behind.group is not None

    def _special(self, line: int) -> Special | None:
        found = bisect_left(self._places, line)
        return self._specials[found] if found < len(self._places) and self._places[found] == line else None

    def headings_of(self, line: int) -> list[Special]:
        """Return the headings of the groups in whose midst a line is, to be repeated on a new page."""
        found = bisect_left(self._places, line) - 1
        last = self._headings[found] if found >= 0 else None
        return last.open_at(line) if last else []

    def continued_height(self, line: int) -> float:
        """Return the height of the headings that are repeated above a line."""
        return sum(heading.height for heading in self.headings_of(line))

    def draw(self, canvas: ReportCanvas, start: int, stop: int, *, top: float, element: Element) -> None:
        """Draw lines from ``top`` downwards, with the repeated headings of groups that were broken.

        ``element`` is the table's body, to which they belong.
        """
        for heading in self.headings_of(start):
            with canvas.artifact("Header"):
                self._draw_heading(canvas, heading, heading.continued, top)
                self._draw_heading_rule(canvas, heading, top)
            top -= heading.height
        line = start
        while line < stop:
            number = bisect_left(self._places, line)
            special = self._special(line)
            end = line + 1
            if special is None:
                end = min(stop, self._places[number] if number < len(self._places) else stop)
                self._body.draw(canvas, line - number, end - number, top=top, element=element)
            else:
                self._draw_special(canvas, special, top, row=Element("TR", parent=element))
            top -= self.height(line, end)
            line = end

    def _draw_special(self, canvas: ReportCanvas, special: Special, top: float, *, row: Element) -> None:
        if special.summary is not None:
            self._draw_summary(canvas, special, special.summary, top, row=row)
            return
        with canvas.artifact():
            self._draw_heading_rule(canvas, special, top)
        if special.group in self._bookmarks:
            title, level = self._bookmarks[special.group]
            canvas.add_bookmark(title, level, top=top)
        with canvas.tagged(Element("TH", parent=row, scope="Row", columns=len(self._columns))):
            self._draw_heading(canvas, special, special.title, top)

    def _draw_heading(
        self, canvas: ReportCanvas, heading: Special, words: Sequence[Line], top: float
    ) -> None:
        pad = self.theme.cell_pad
        room = sum(self._widths) - 2 * pad
        draw_lines(canvas, words, heading.style, x=pad, top=top - heading.above, width=room)

    def _draw_heading_rule(self, canvas: ReportCanvas, heading: Special, top: float) -> None:
        bottom = top - heading.height
        canvas.setStrokeColor(self.theme.accent)
        canvas.setLineWidth(0.5)
        canvas.line(0, bottom, sum(self._widths), bottom)

    def _draw_summary(
        self, canvas: ReportCanvas, special: Special, summary: SummaryPart, top: float, *, row: Element
    ) -> None:
        style, first = special.style, first_sum(summary)
        with canvas.artifact():
            canvas.setStrokeColor(self.theme.ink if summary.kind == "total" else self.theme.rule)
            canvas.setLineWidth(0.7 if summary.kind == "total" else 0.5)
            canvas.line(0, top, sum(self._widths), top)
        pad = self.theme.cell_pad
        room = label_room(summary, self._widths, theme=self.theme)
        # Sums stand beside the last line of their name.
        foot = top - (max(len(special.title), 1) - 1) * style.leading
        with canvas.tagged(Element("TH", parent=row, scope="Row", columns=max(first, 1))):
            x = self.theme.from_start(0.0, room + 2 * pad, within=sum(self._widths)) + pad
            draw_lines(canvas, special.title, style, x=x, top=top - PAD_Y, width=room)
            if not first:
                self._draw_cell(canvas, summary.cells[0], style, at=0, top=foot)
        for at in range(max(first, 1), len(self._columns)):
            with canvas.tagged(Element("TD", parent=row)):
                self._draw_cell(canvas, summary.cells[at], style, at=at, top=foot)

    def _draw_cell(self, canvas: ReportCanvas, cell: str, style: TextStyle, *, at: int, top: float) -> None:
        """Draw the text of a column's cell."""
        pad, widths = self.theme.cell_pad, self._widths
        room = widths[at] - 2 * pad
        x = self.theme.from_start(sum(widths[:at]), widths[at], within=sum(widths)) + pad
        text = plain(cell, style, width=room + 0.1, most=1)
        align = self._columns[at].align
        draw_lines(canvas, text, style, x=x, top=top - PAD_Y, width=room, align=align)
