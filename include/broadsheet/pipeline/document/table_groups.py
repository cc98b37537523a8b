"""The lines of a table that are no rows: headings of groups, one within another, subtotals and totals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from broadsheet.pipeline.document.cells import PAD_Y
from broadsheet.pipeline.document.lines import Line, Span, plain, set_lines
from broadsheet.pipeline.document.measure import Ruler
from broadsheet.pipeline.document.theme import TextStyle, Theme
from broadsheet.pipeline.formats import count_words, format_count
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.payload import GroupPart, SummaryPart, TablePart

CONTINUED = "(continued)"
GROUP_LEVEL = 2
"""Of an outermost group's bookmark: below the heading of a section."""
_HEADING_ABOVE, _HEADING_UNDER_ANOTHER, _HEADING_BELOW = 8.0, 3.0, 2.6
_LARGER = 1.14
"""How much larger the heading of a group is than those of the groups within it."""
_SUBTOTAL_BELOW = 3.0
_FEWEST_ROWS, _MOST_BOOKMARKS = 50, 400
_LABEL_LINES = 2


def group_bookmarks(table: TablePart, count: int) -> list[tuple[int, str, int]]:
    """Return number, title and level of the groups that a reader finds in the outline and the contents.

    Those of a table on one page are in sight, and thousands would make a list of their own: both have none.
    Of groups within groups, as many levels are listed as make no list of their own.
    """
    if count < _FEWEST_ROWS:
        return []
    shown = [
        (number, group.title, group.level) for number, group in enumerate(table.groups) if group.start < count
    ]
    while len(shown) > _MOST_BOOKMARKS:
        deepest = max(level for _, _, level in shown)
        shown = [one for one in shown if one[2] < deepest]
    return [(number, title, GROUP_LEVEL + level) for number, title, level in shown]


@dataclass
class Special:
    """A line that is no row; ``at`` is its place among all lines, ``group`` the number of its group.

    Of a heading, ``end`` is the line behind its group, and ``outer`` the heading of the group around it.
    """

    at: int
    height: float
    group: int | None
    above: float
    style: TextStyle
    title: Sequence[Line]
    continued: Sequence[Line] = ()
    summary: SummaryPart | None = None
    outer: Special | None = None
    end: int = 0

    @property
    def heads(self) -> bool:
        """Whether it is a group's heading."""
        return self.summary is None

    def open_at(self, line: int) -> list[Special]:
        """Return the headings of the groups in whose midst a line is, of this one and those around it."""
        inner = self if self.heads else None
        found: list[Special] = []
        while inner is not None:
            if inner.at < line < inner.end:
                found.insert(0, inner)
            inner = inner.outer
        return found


class Finder:
    """Finds the lines of a table's first ``count`` rows that are no rows, in their order."""

    def __init__(self, table: TablePart, *, count: int, widths: Sequence[float], theme: Theme) -> None:
        self._table = table
        self._count = count
        self._widths = widths
        self._theme = theme
        self._deepest = max((group.level for group in table.groups), default=0)
        # Lines and rows so far, and the headings of the groups that have not ended.
        self._at = self._row = 0
        self._open: list[Special] = []

    def find(self) -> Iterator[Special]:
        """Return the lines. Groups of which no row is shown have none."""
        for number, group in enumerate(self._table.groups):
            if group.start >= self._count:
                break
            yield from self._close(group.level)
            yield self._heading(group, number)
        yield from self._close(0)
        self._rows_to(self._count)
        for summary in self._table.summaries:
            yield self._summary(summary, None)

    def _close(self, level: int) -> Iterator[Special]:
        """End the groups of a level and those within them, with their sums, the innermost first."""
        while self._open and self._table.groups[self._open[-1].group or 0].level >= level:
            heading = self._open.pop()
            group = self._table.groups[heading.group or 0]
            self._rows_to(min(group.stop, self._count))
            if group.subtotal and group.stop <= self._count:
                yield self._summary(group.subtotal, heading.group)
            heading.end = self._at

    def _rows_to(self, row: int) -> None:
        self._at += max(row - self._row, 0)
        self._row = max(row, self._row)

    def _heading(self, group: GroupPart, number: int) -> Special:
        style = self._heading_style(group.level)
        title, continued = (
            set_lines(
                [
                    Span(group.title + suffix, style.face),
                    Span(f"  {self._note(group)}", self._theme.cell.face, self._theme.quiet),
                ],
                style,
                width=sum(self._widths) - 2 * self._theme.cell_pad,
                most=2,
            )
            for suffix in ("", f" {say(self._theme.locale, CONTINUED)}")
        )
        outer = self._open[-1] if self._open else None
        above = _HEADING_UNDER_ANOTHER if outer and outer.at == self._at - 1 else _HEADING_ABOVE
        height = above + max(len(title), len(continued)) * style.leading + _HEADING_BELOW
        heading = Special(self._at, height, number, above, style, title, continued, outer=outer)
        self._open.append(heading)
        self._at += 1
        return heading

    def _note(self, group: GroupPart) -> str:
        """Return how many rows a group has; a page may show fewer of them than the report asks for."""
        if group.stop <= self._count:
            return group.note
        locale, size = self._theme.locale, max(group.total_rows, group.stop - group.start)
        shown = format_count(self._count - group.start, locale=locale)
        return count_words(locale, "{shown} of {count} row", "{shown} of {count} rows", size, shown=shown)

    def _heading_style(self, level: int) -> TextStyle:
        larger = _LARGER ** (self._deepest - level)
        style = self._theme.group_heading
        return style.but(size=style.size * larger, leading=style.leading * larger)

    def _summary(self, summary: SummaryPart, group: int | None) -> Special:
        theme = self._theme
        style = theme.cell.but(color=theme.quiet) if summary.kind == "other" else theme.summary
        room = label_room(summary, self._widths, theme=theme)
        label = plain(summary.label, style, width=room, most=_LABEL_LINES)
        lines = max(len(label), 1)
        height = 2 * PAD_Y + lines * style.leading + (_SUBTOTAL_BELOW if group is not None else 0.0)
        special = Special(self._at, height, group, PAD_Y, style, label, summary=summary)
        self._at += 1
        return special


def first_sum(summary: SummaryPart) -> int:
    """Return the first column that has a sum: the label takes those before it."""
    return next((at for at, cell in enumerate(summary.cells) if cell), len(summary.cells))


def label_room(summary: SummaryPart, widths: Sequence[float], *, theme: Theme) -> float:
    """Return how wide the label of a row of sums may be."""
    return max(sum(widths[: first_sum(summary)]) - 2 * theme.cell_pad, 0.0)


def summary_widths(table: TablePart, theme: Theme) -> list[float]:
    """Return for each column how wide its widest subtotal or total is."""
    rows = [group.subtotal.cells for group in table.groups if group.subtotal]
    rows += [summary.cells for summary in table.summaries]
    if not rows:
        return [0.0] * len(table.columns)
    ruler = Ruler(theme.summary.face, theme.summary.size)
    return [ruler.widest(cells) for cells in zip(*rows, strict=True)]
