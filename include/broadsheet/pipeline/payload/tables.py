"""Tables: columns, rows in words, groups and sums."""

from __future__ import annotations

from typing import Literal

from broadsheet.pipeline.payload.fields import CellText, Label, Part, Plotted, Tone


class ColumnPart(Part):
    """A column of a table; ``bars``, ``shades`` and ``tones`` have an entry for each row, or none at all."""

    name: str
    label: Label
    align: Literal["left", "right"] = "left"
    unit: Label = ""
    heads: bool = False
    """Whether its cells say what their rows are about."""
    lines: int = 3
    """Lines that a text may take."""
    bars: tuple[Plotted, ...] = ()
    """Length of the bar beside a number, from -1 to 1: a share of the longest."""
    shades: tuple[Plotted, ...] = ()
    """Depth of the tint behind a number, from -1 to 1; below zero it has another hue."""
    tones: tuple[Tone, ...] = ()
    """What the colour of a cell says; its text says the same with a sign."""


class SummaryPart(Part):
    """A row that sums others up: those of a group, those that are not shown, or all of them."""

    kind: Literal["subtotal", "other", "total"]
    label: Label
    cells: tuple[CellText, ...]
    """One for each column, empty where there is nothing to say; the label stands before the first."""


class GroupPart(Part):
    """Rows ``start`` to ``stop`` of a table, under a heading of their own."""

    start: int
    stop: int
    title: Label
    level: int = 0
    """How many groups it stands in."""
    total_rows: int = 0
    """How many rows it has, those that the limit leaves out too."""
    note: Label = ""
    """What stands beside the title: ``12 rows``."""
    subtotal: SummaryPart | None = None


class TablePart(Part):
    """Rows in words, in order of rank; ``total_rows`` is how many there are before the limit."""

    title: Label
    columns: tuple[ColumnPart, ...]
    rows: tuple[tuple[CellText, ...], ...]
    shown: int
    total_rows: int
    groups: tuple[GroupPart, ...] = ()
    """In reading order, inner ones behind the one around them. Each row is in one of each level, if any."""
    summaries: tuple[SummaryPart, ...] = ()
    notes: tuple[Label, ...] = ()
    """What a reader must know of the table: signs, rows left out, rounding."""
