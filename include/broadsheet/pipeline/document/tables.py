"""Tables of many rows: measured by column, split without copies, the header repeated on each page.

Cells are plain text. Columns of numbers are as wide as their widest entry and never cut; columns of words
share the rest, and wrap to as many lines as they may have. Columns without room are named below the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext

from reportlab.platypus.flowables import Flowable

from broadsheet.pipeline.document.canvas import ReportCanvas
from broadsheet.pipeline.document.cells import PAD_Y, Body
from broadsheet.pipeline.document.contents import Holder
from broadsheet.pipeline.document.elements import Element
from broadsheet.pipeline.document.line_drawing import draw_lines
from broadsheet.pipeline.document.lines import Line, plain
from broadsheet.pipeline.document.measure import Ruler
from broadsheet.pipeline.document.table_groups import CONTINUED, group_bookmarks
from broadsheet.pipeline.document.table_lines import Lines
from broadsheet.pipeline.document.table_widths import fit_columns
from broadsheet.pipeline.document.theme import Theme
from broadsheet.pipeline.formats import count_words, format_count
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.payload import TablePart

_LEAST_REST = 6
_MOST_NAMED = 60
"""Columns that are left out and named; of more, the number is said."""


def _left_out(labels: Sequence[str], locale: str) -> str:
    """Return what says that columns are left out; nothing where none are."""
    if not labels:
        return ""
    names = ", ".join(labels[:_MOST_NAMED]) + (" …" if len(labels) > _MOST_NAMED else "")
    count = format_count(len(labels), locale=locale)
    words = "not all columns fit; left out ({count}): {names}"
    return say(locale, words, count=count, names=names)


class _Layout:
    """A table set for one width: what every page of it shares."""

    def __init__(self, table: TablePart, width: float, count: int, *, theme: Theme) -> None:
        fit = fit_columns(table, count=count, width=width, theme=theme)
        # The table as it is drawn, without the columns that do not fit, and in the type that they need.
        self.table, self.theme, self.widths = fit.table, fit.theme, fit.widths
        self.left_out = _left_out(fit.left_out, theme.locale)
        table, theme = fit.table, fit.theme
        self.body = Body(
            table.rows[:count],
            ruler=Ruler(theme.cell.face, theme.cell.size),
            widths=fit.widths,
            widest=fit.widest,
            columns=table.columns,
            theme=theme,
        )
        self.lines = Lines(table, self.body, count=count, widths=self.widths, theme=theme)
        self.titles = tuple(
            plain(table.title + suffix, theme.figure_title, width=width, most=2)
            for suffix in ("", f" {say(theme.locale, CONTINUED)}")
        )
        self.head = [
            (
                plain(column.label, theme.cell_head, width=size - 2 * theme.cell_pad, most=3),
                plain(column.unit, theme.cell_unit, width=size - 2 * theme.cell_pad, most=1),
            )
            for column, size in zip(table.columns, self.widths, strict=True)
        ]
        # Labels stand on one line, and so do units: the highest of each may be in different columns.
        labels, units = (max(map(len, lines)) for lines in zip(*self.head, strict=True))
        self.head_height = 2 * PAD_Y + labels * theme.cell_head.leading + units * theme.cell_unit.leading


class _Parts:
    """The elements of one table, which all of its pages share."""

    def __init__(self) -> None:
        self.table = Element("Table")
        self.caption = Element("Caption", parent=self.table)
        self.head = Element("TR", parent=Element("THead", parent=self.table))
        self.body = Element("TBody", parent=self.table)


class DataTable(Flowable):  # type: ignore[misc]
    """A table from line ``start`` to line ``stop``; splitting it makes another view on the same layout."""

    def __init__(
        self,
        table: TablePart,
        *,
        count: int,
        theme: Theme,
        start: int = 0,
        stop: int | None = None,
        layout: _Layout | None = None,
        parts: _Parts | None = None,
    ) -> None:
        super().__init__()
        self.table = table
        self.theme = theme
        self.count = count
        self.start = start
        self.stop = stop
        self.layout = layout
        self.parts = parts or _Parts()
        self.spaceBefore, self.spaceAfter = 10.0, 14.0

    def bookmarks(self) -> list[tuple[str, int]]:
        """Return title and level of the bookmarks of its groups."""
        return [(title, level) for _, title, level in group_bookmarks(self.table, self.count)]

    @property
    def note(self) -> str:
        """What the reader sees of the whole: ``Showing 100 of 4,112 rows``."""
        total, locale = max(self.table.total_rows, self.count), self.theme.locale
        if not total:
            return say(locale, "No rows in this period")
        if self.count < total:
            return count_words(
                locale,
                "Showing {shown} of {count} row",
                "Showing {shown} of {count} rows",
                total,
                shown=format_count(self.count, locale=locale),
            )
        return count_words(locale, "All rows shown: 1", "All {count} rows shown", total)

    def left_out(self, width: float) -> str:
        """Set the table for a width; return what says which columns have no room in it, if any."""
        words, locale = self._ready(width).left_out, self.theme.locale
        return say(locale, "“{title}”: {reason}.", title=self.table.title, reason=words) if words else ""

    def _ready(self, width: float) -> _Layout:
        self.width = width
        if self.layout is None:
            self.layout = _Layout(self.table, width, self.count, theme=self.theme)
        return self.layout

    def _stop_of(self, layout: _Layout) -> int:
        return layout.lines.count if self.stop is None else self.stop

    def _top_height(self, layout: _Layout) -> float:
        title = layout.titles[self.start > 0]
        return 7 + len(title) * self.theme.figure_title.leading + 3 + layout.head_height

    def _note_lines(self, layout: _Layout) -> list[Line]:
        """Return what stands below the last row: how many there are, and what a reader must know."""
        if self._stop_of(layout) < layout.lines.count:
            return []
        sentences = " · ".join(filter(None, (self.note, layout.left_out, *self.table.notes)))
        return plain(sentences, self.theme.figure_note, width=self.width - 2 * self.theme.cell_pad)

    def _note_height(self, layout: _Layout) -> float:
        lines = self._note_lines(layout)
        return len(lines) * self.theme.figure_note.leading + 5 if lines else 0.0

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002, N803 - reportlab's signature
        """Lay the table out, once, and return the space this part takes."""
        layout = self._ready(aW)
        lines = layout.lines.height(self.start, self._stop_of(layout))
        self.height = self._rows_top(layout) + lines + self._note_height(layout)
        return aW, self.height

    def _rows_top(self, layout: _Layout) -> float:
        """Return the height above the first line: title, header and the repeated heading of a group."""
        return self._top_height(layout) + layout.lines.continued_height(self.start)

    def start_height(self, width: float) -> float:
        """Return the height that must be left for this to start: title, header and the first lines."""
        layout = self._ready(width)
        begun = layout.lines.beginning(self.start, self._stop_of(layout))
        first = layout.lines.height(self.start, begun)
        return self._rows_top(layout) + first + self._note_height(layout)

    def split(self, aW: float, aH: float) -> list[Flowable]:  # noqa: N803 - reportlab's signature
        """Return the lines that fit a height and the rest, or nothing when too few fit."""
        layout = self._ready(aW)
        stop = self._stop_of(layout)
        end = layout.lines.fitting(self.start, stop, room=aH - self._rows_top(layout))
        # The note belongs to the last row, and a page with a row or two looks like a mistake.
        end = min(end, stop - min(_LEAST_REST, (stop - self.start) // 2))
        end = layout.lines.settled(self.start, end)
        if end < layout.lines.beginning(self.start, stop):
            return []
        parts = ((self.start, end), (end, stop))
        return [
            DataTable(
                self.table,
                count=self.count,
                theme=self.theme,
                start=start,
                stop=stop,
                layout=layout,
                parts=self.parts,
            )
            for start, stop in parts
        ]

    def draw(self) -> None:
        """Draw title, header, rows and, at the table's end, how many rows there are."""
        canvas, layout = self.canv, self._ready(self.width)
        stop = self._stop_of(layout)
        canvas.saveState()
        canvas.translate(0, self.height)
        if self.start:
            # Read aloud, a header that is repeated would interrupt the rows.
            with canvas.artifact("Header"):
                canvas.stamp(layout, lambda: self._draw_top(canvas, layout, tagged=False))
        else:
            self._draw_top(canvas, layout, tagged=True)
        canvas.restoreState()
        top = self.height - self._top_height(layout)
        layout.lines.draw(canvas, self.start, stop, top=top, element=self.parts.body)
        top = self.height - self._rows_top(layout) - layout.lines.height(self.start, stop)
        with canvas.artifact():
            canvas.setStrokeColor(self.theme.rule)
            canvas.setLineWidth(0.6)
            canvas.line(0, top, self.width, top)
        if note := self._note_lines(layout):
            with canvas.tagged(Element("P")):
                pad = self.theme.cell_pad
                width = self.width - 2 * pad
                draw_lines(canvas, note, self.theme.figure_note, x=pad, top=top - 4, width=width)

    def _draw_top(self, canvas: ReportCanvas, layout: _Layout, *, tagged: bool) -> None:
        """Draw the title and the header, from the origin downwards."""
        title = layout.titles[self.start > 0]
        top = -7 - len(title) * self.theme.figure_title.leading - 3
        with canvas.artifact() if tagged else nullcontext():
            canvas.setStrokeColor(self.theme.ink)
            canvas.setLineWidth(0.7)
            canvas.line(0, -0.4, self.width, -0.4)
            canvas.line(0, top - layout.head_height, self.width, top - layout.head_height)
        with canvas.tagged(self.parts.caption) if tagged else nullcontext():
            draw_lines(canvas, title, self.theme.figure_title, x=0, top=-6, width=self.width)
        with canvas.group(self.parts.head) if tagged else nullcontext():
            self._draw_head(canvas, layout, top, tagged=tagged)

    def _draw_head(self, canvas: ReportCanvas, layout: _Layout, top: float, *, tagged: bool) -> None:
        """Draw the labels above their units, both on common lines at the header's foot."""
        theme, bottom = layout.theme, top - layout.head_height
        units = max(len(unit) for _, unit in layout.head) * theme.cell_unit.leading
        before, foot = 0.0, bottom + PAD_Y + units
        for (label, unit), size, column in zip(layout.head, layout.widths, layout.table.columns, strict=True):
            room, align = size - 2 * theme.cell_pad, column.align
            x = theme.from_start(before, size, within=self.width) + theme.cell_pad
            label_top = foot + len(label) * theme.cell_head.leading
            with canvas.tagged(Element("TH", scope="Column")) if tagged else nullcontext():
                draw_lines(canvas, label, theme.cell_head, x=x, top=label_top, width=room, align=align)
                draw_lines(canvas, unit, theme.cell_unit, x=x, top=foot, width=room, align=align)
            before += size


def columns_left_out(story: Sequence[Flowable], *, width: float) -> list[str]:
    """Return for each table of a story that has more columns than fit what says so; it sets the tables."""
    found: list[str] = []
    for flowable in story:
        if isinstance(flowable, DataTable):
            found.append(flowable.left_out(width))
            continue
        held = flowable.content if isinstance(flowable, Holder) else ()
        if held:
            # What holds tables sets them, in the width that it leaves them.
            flowable.wrap(width, 0)
            found += columns_left_out(held, width=width)
    return [words for words in dict.fromkeys(found) if words]
