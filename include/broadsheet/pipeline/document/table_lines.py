"""All lines of a table in one run: its rows, and between them headings of groups, subtotals and totals.

Rows are drawn many at a time by the body. The other lines, few beside them, are drawn one by one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from broadsheet.pipeline.document.canvas import ReportCanvas
from broadsheet.pipeline.document.cells import PAD_X, PAD_Y, Body
from broadsheet.pipeline.document.measure import Ruler
from broadsheet.pipeline.document.structure import Element
from broadsheet.pipeline.document.text import Line, Span, draw_lines, plain, set_lines
from broadsheet.pipeline.document.theme import TextStyle, Theme
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.payload import GroupPart, SummaryPart, TablePart

CONTINUED = "(continued)"
_HEADING_ABOVE, _HEADING_BELOW = 8.0, 2.6
_SUBTOTAL_BELOW = 3.0
_FEWEST_ROWS, _MOST_BOOKMARKS = 50, 400
GROUP_LEVEL = 2
"""Of a group's bookmark: below the heading of a section."""


def group_bookmarks(table: TablePart, count: int) -> list[str]:
    """Return the titles of the groups that a reader finds in the outline and the contents.

    Those of a table on one page are in sight, and thousands would make a list of their own: both have none.
    """
    shown = [group.title for group in table.groups if group.start < count]
    return shown if count >= _FEWEST_ROWS and len(shown) <= _MOST_BOOKMARKS else []


@dataclass(frozen=True)
class _Special:
    """A line that is no row; ``at`` is its place among all lines, ``group`` the number of its group."""

    at: int
    height: float
    group: int | None
    title: Sequence[Line] = ()
    continued: Sequence[Line] = ()
    summary: SummaryPart | None = None

    @property
    def heads(self) -> bool:
        """Whether it is a group's heading."""
        return self.summary is None


class Lines:
    """The lines of the first ``count`` rows of a table; a line's number counts them all."""

    def __init__(
        self, table: TablePart, body: Body, *, count: int, widths: Sequence[float], theme: Theme
    ) -> None:
        self.theme = theme
        self._body = body
        self._columns = table.columns
        self._widths = widths
        self._bookmarks = group_bookmarks(table, count)
        self._specials = list(self._find(table, count))
        self._places = [special.at for special in self._specials]
        self._above = list(accumulate((special.height for special in self._specials), initial=0.0))
        self.count = count + len(self._specials)

    def _find(self, table: TablePart, count: int) -> Iterator[_Special]:
        """Return the lines that are no rows. Groups of which no row is shown have none."""
        at = 0
        for number, group in enumerate(table.groups):
            rows = min(group.stop, count) - group.start
            if rows <= 0:
                break
            yield self._heading(group, number, at)
            at += 1 + rows
            if group.subtotal and group.stop <= count:
                yield self._summary(group.subtotal, at, number)
                at += 1
        if not table.groups:
            at = count
        for summary in table.summaries:
            yield self._summary(summary, at, None)
            at += 1

    def _heading(self, group: GroupPart, number: int, at: int) -> _Special:
        width = sum(self._widths) - 2 * PAD_X
        title, continued = (
            set_lines(
                [
                    Span(group.title + suffix, self.theme.group_heading.face),
                    Span(f"  {group.note}", self.theme.cell.face, self.theme.quiet),
                ],
                self.theme.group_heading,
                width=width,
                most=2,
            )
            for suffix in ("", f" {say(self.theme.locale, CONTINUED)}")
        )
        height = (
            _HEADING_ABOVE
            + max(len(title), len(continued)) * self.theme.group_heading.leading
            + _HEADING_BELOW
        )
        return _Special(at, height, number, title, continued)

    def _summary(self, summary: SummaryPart, at: int, group: int | None) -> _Special:
        height = 2 * PAD_Y + self.theme.summary.leading + (_SUBTOTAL_BELOW if group is not None else 0.0)
        return _Special(at, height, group, summary=summary)

    def height(self, start: int, stop: int) -> float:
        """Return how high lines are together."""
        first, last = bisect_left(self._places, start), bisect_left(self._places, stop)
        rows = self._body.height(start - first, stop - last)
        return rows + self._above[last] - self._above[first]

    def fitting(self, start: int, stop: int, *, room: float) -> int:
        """Return the line after the last one of ``start`` to ``stop`` that fits a height."""
        ends = range(start, stop + 1)
        return start - 1 + bisect_right(ends, room + 1e-6, key=lambda end: self.height(start, end))

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
        return (here is not None and not here.heads) or self._lonely(end)

    def _lonely(self, end: int) -> bool:
        """Whether the line before ``end`` is the first row of a group of more, alone below its heading."""
        before = self._special(end - 2)
        return before is not None and before.heads and self._special(end) is None

    def _special(self, line: int) -> _Special | None:
        found = bisect_left(self._places, line)
        return self._specials[found] if found < len(self._places) and self._places[found] == line else None

    def heading_of(self, line: int) -> _Special | None:
        """Return the heading of the group in whose midst a line is, to be repeated on a new page."""
        found = bisect_left(self._places, line) - 1
        here = self._special(line)
        if found < 0 or (here is not None and (here.heads or here.group is None)):
            return None
        before = self._specials[found]
        return before if before.heads else None

    def continued_height(self, line: int) -> float:
        """Return the height of the heading that is repeated above a line."""
        heading = self.heading_of(line)
        return heading.height if heading else 0.0

    def draw(self, canvas: ReportCanvas, start: int, stop: int, *, top: float, element: Element) -> None:
        """Draw lines from ``top`` downwards, with the repeated heading of a group that was broken.

        ``element`` is the table's body, to which they belong.
        """
        if heading := self.heading_of(start):
            with canvas.artifact("Header"):
                self._draw_continued(canvas, heading, top)
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

    def _draw_special(self, canvas: ReportCanvas, special: _Special, top: float, *, row: Element) -> None:
        if special.summary is not None:
            self._draw_summary(canvas, special.summary, top, row=row)
            return
        bottom = top - special.height
        with canvas.artifact():
            canvas.setStrokeColor(self.theme.accent)
            canvas.setLineWidth(0.5)
            canvas.line(0, bottom, sum(self._widths), bottom)
        if self._bookmarks and special.group is not None:
            canvas.add_bookmark(self._bookmarks[special.group], GROUP_LEVEL, top=top)
        with canvas.tagged(Element("TH", parent=row, scope="Row", columns=len(self._columns))):
            draw_lines(
                canvas,
                special.title,
                self.theme.group_heading,
                x=PAD_X,
                top=top - _HEADING_ABOVE,
                width=self._room,
            )

    @property
    def _room(self) -> float:
        return sum(self._widths) - 2 * PAD_X

    def _draw_continued(self, canvas: ReportCanvas, heading: _Special, top: float) -> None:
        draw_lines(
            canvas,
            heading.continued,
            self.theme.group_heading,
            x=PAD_X,
            top=top - _HEADING_ABOVE,
            width=self._room,
        )
        bottom = top - heading.height
        canvas.setStrokeColor(self.theme.accent)
        canvas.setLineWidth(0.5)
        canvas.line(0, bottom, sum(self._widths), bottom)

    def _draw_summary(self, canvas: ReportCanvas, summary: SummaryPart, top: float, *, row: Element) -> None:
        style = self.theme.cell.but(color=self.theme.quiet) if summary.kind == "other" else self.theme.summary
        with canvas.artifact():
            canvas.setStrokeColor(self.theme.ink if summary.kind == "total" else self.theme.rule)
            canvas.setLineWidth(0.7 if summary.kind == "total" else 0.5)
            canvas.line(0, top, sum(self._widths), top)
        # The label takes the columns before the first that has a sum.
        first = next((at for at, cell in enumerate(summary.cells) if cell), len(summary.cells))
        room = sum(self._widths[:first]) - 2 * PAD_X
        with canvas.tagged(Element("TH", parent=row, scope="Row", columns=max(first, 1))):
            label = plain(summary.label, style, width=room, most=1)
            x = self.theme.from_start(0.0, room + 2 * PAD_X, within=sum(self._widths)) + PAD_X
            draw_lines(canvas, label, style, x=x, top=top - PAD_Y, width=max(room, 0.0))
            if not first:
                self._draw_cell(canvas, summary.cells[0], style, at=0, top=top)
        for at in range(max(first, 1), len(self._columns)):
            with canvas.tagged(Element("TD", parent=row)):
                self._draw_cell(canvas, summary.cells[at], style, at=at, top=top)

    def _draw_cell(self, canvas: ReportCanvas, cell: str, style: TextStyle, *, at: int, top: float) -> None:
        """Draw the text of a column's cell."""
        room, widths = self._widths[at] - 2 * PAD_X, self._widths
        x = self.theme.from_start(sum(widths[:at]), widths[at], within=sum(widths)) + PAD_X
        text = plain(cell, style, width=room + 0.1, most=1)
        align = self._columns[at].align
        draw_lines(canvas, text, style, x=x, top=top - PAD_Y, width=room, align=align)


def summary_widths(table: TablePart, theme: Theme) -> list[float]:
    """Return for each column how wide its widest subtotal or total is."""
    rows = [group.subtotal.cells for group in table.groups if group.subtotal]
    rows += [summary.cells for summary in table.summaries]
    if not rows:
        return [0.0] * len(table.columns)
    ruler = Ruler(theme.summary.face, theme.summary.size)
    return [ruler.widest(cells) for cells in zip(*rows, strict=True)]
