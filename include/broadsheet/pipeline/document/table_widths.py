"""How the columns of a table share a width: what gives way first, and what is left out in the end.

Bars give way first, then words, which wrap; then the type becomes smaller, down to one that can still be
read, and then columns of words become narrow. Numbers are never cut and never touch each other: where they
still have no room, the last columns are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from broadsheet.pipeline.document.cell_marks import BAR_GAP, LEAST_BAR
from broadsheet.pipeline.document.fonts import text_width
from broadsheet.pipeline.document.measure import Ruler
from broadsheet.pipeline.document.table_groups import summary_widths
from broadsheet.pipeline.document.theme import CELL_PAD, TextStyle, Theme
from broadsheet.pipeline.payload import ColumnPart, TablePart

LEAST_TYPE = 6.5
"""Points; what is smaller cannot be read on paper."""
_LEAST_PAD = 2.6
_STEP = 0.3
_LEAST_WIDTH = 24.0
_WORDS, _NARROW_WORDS = 54.0, 34.0
"""Width that a column of words keeps, and the one that it keeps where numbers would have no room."""


@dataclass(frozen=True)
class Fit:
    """What of a table is drawn: its columns that fit, their widths and how they are set."""

    table: TablePart
    theme: Theme
    widths: Sequence[float]
    widest: Sequence[float]
    left_out: Sequence[str]
    """Labels of the columns for which there is no room."""


def fit_columns(table: TablePart, *, count: int, width: float, theme: Theme) -> Fit:
    """Return how the first ``count`` rows of a table are set in a width."""
    ruler = Ruler(theme.cell.face, theme.cell.size)
    rows = table.rows[:count]
    widest = [
        max(least, ruler.widest([row[number] for row in rows]))
        for number, least in enumerate(summary_widths(table, theme))
    ]
    sized, scaled = theme, widest
    for sized in _sizes(theme):
        scaled = [size * sized.cell.size / theme.cell.size for size in widest]
        if sum(_floors(table.columns, scaled, width=width, theme=sized)) <= width:
            break
    kept = _most_columns(table.columns, scaled, width=width, theme=sized)
    widths = column_widths(table.columns[:kept], scaled[:kept], width=width, theme=sized)
    left_out = [column.label or column.name for column in table.columns[kept:]]
    return Fit(_first_columns(table, kept) if left_out else table, sized, widths, scaled[:kept], left_out)


def column_widths(
    columns: Sequence[ColumnPart], widest: Sequence[float], *, width: float, theme: Theme
) -> list[float]:
    """Return each column's width, from that of its widest text; together they fill ``width`` exactly.

    Where room is short, bars give way first, then words, which wrap. Numbers have the room that they need,
    for columns that :func:`fit_columns` says fit.
    """
    floor = _floors(columns, widest, width=width, theme=theme)
    natural = [
        max(least, body + LEAST_BAR + BAR_GAP + 2 * theme.cell_pad) if column.bars else least
        for column, body, least in zip(columns, widest, _leasts(columns, widest, theme), strict=True)
    ]
    # Where there is room, labels stand on one line.
    unbroken = [
        max(size, _label_width(column.label, theme) + 2 * theme.cell_pad + 0.2)
        for size, column in zip(natural, columns, strict=True)
    ]
    if sum(unbroken) <= width:
        natural = unbroken
    spare = width - sum(natural)
    if spare >= 0:
        # Columns of words take more of the spare room than numbers, long ones more than short ones.
        weights = [
            size * (1.0 if column.align == "left" or column.bars else 0.6)
            for size, column in zip(natural, columns, strict=True)
        ]
        whole = sum(weights)
        return [size + spare * weight / whole for size, weight in zip(natural, weights, strict=True)]
    if sum(floor) > width:
        floor = _floors(columns, widest, width=width, theme=theme, words=_NARROW_WORDS)
    if sum(floor) >= width:
        return [size * width / sum(floor) for size in floor]
    over = [size - least for size, least in zip(natural, floor, strict=True)]
    kept = (width - sum(floor)) / sum(over)
    return [least + extra * kept for least, extra in zip(floor, over, strict=True)]


def _label_width(label: str, theme: Theme) -> float:
    return text_width(label, theme.cell_head.face, theme.cell_head.size)


def _leasts(columns: Sequence[ColumnPart], widest: Sequence[float], theme: Theme) -> Iterator[float]:
    """Return for each column how wide it is when nothing in it wraps but its label, between its words."""
    pads = 2 * theme.cell_pad
    for column, body in zip(columns, widest, strict=True):
        head = max(_label_width(word, theme) for word in column.label.split(" "))
        head = max(head, text_width(column.unit, theme.cell_unit.face, theme.cell_unit.size))
        yield max(head, body, _LEAST_WIDTH * theme.cell_pad / CELL_PAD - pads) + pads + 0.2


def _floors(
    columns: Sequence[ColumnPart],
    widest: Sequence[float],
    *,
    width: float,
    theme: Theme,
    words: float = _WORDS,
) -> list[float]:
    """Return the width that each column needs; ``words`` is what those keep that wrap."""
    # Numbers are never cut, but words that stand at the right are no numbers, and wrap like others.
    return [
        least if column.align == "right" and least <= width / 2 else min(least, words)
        for column, least in zip(columns, _leasts(columns, widest, theme), strict=True)
    ]


def _sizes(theme: Theme) -> Iterator[Theme]:
    """Yield the theme, and then with smaller and smaller tables, down to what can still be read."""
    yield theme
    full, size = theme.cell.size, theme.cell.size
    while size > LEAST_TYPE:
        size = max(round(size - _STEP, 2), LEAST_TYPE)
        shrunk = (full - size) / (full - LEAST_TYPE)
        pad = theme.cell_pad - shrunk * max(theme.cell_pad - _LEAST_PAD, 0.0)
        share = size / full
        yield replace(
            theme,
            cell_pad=pad,
            cell=_smaller(theme.cell, share),
            cell_head=_smaller(theme.cell_head, share),
            cell_unit=_smaller(theme.cell_unit, share),
            summary=_smaller(theme.summary, share),
        )


def _smaller(style: TextStyle, share: float) -> TextStyle:
    size = max(style.size * share, min(style.size, LEAST_TYPE))
    return style.but(size=round(size, 2), leading=round(style.leading * size / style.size, 2))


def _most_columns(
    columns: Sequence[ColumnPart], widest: Sequence[float], *, width: float, theme: Theme
) -> int:
    """Return how many of the first columns fit a width, their words as narrow as can be; at least one."""
    used = 0.0
    floors = _floors(columns, widest, width=width, theme=theme, words=_NARROW_WORDS)
    for number, least in enumerate(floors):
        used += least
        if number and used > width:
            return number
    return len(columns)


def _first_columns(table: TablePart, kept: int) -> TablePart:
    """Return a table with its first columns only."""
    groups = [
        group.model_copy(
            update={"subtotal": group.subtotal.model_copy(update={"cells": group.subtotal.cells[:kept]})}
        )
        if group.subtotal
        else group
        for group in table.groups
    ]
    summaries = [one.model_copy(update={"cells": one.cells[:kept]}) for one in table.summaries]
    return table.model_copy(
        update={
            "columns": table.columns[:kept],
            "rows": tuple(row[:kept] for row in table.rows),
            "groups": tuple(groups),
            "summaries": tuple(summaries),
        }
    )
