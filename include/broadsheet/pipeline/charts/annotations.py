"""Words that an author puts at a place or a range of a chart: above the plot, with a line down to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from broadsheet.pipeline.charts.labels import fitted
from broadsheet.pipeline.charts.sheet import ROW, TICK, Box, Sheet
from broadsheet.pipeline.document.fonts import Face, text_width
from broadsheet.pipeline.payload import ChartPart


@dataclass(frozen=True)
class Placed:
    """An annotation on its way: from ``start`` to ``end`` along the bottom, its text from ``x``."""

    text: str
    start: float
    end: float | None
    x: float


AnnotationRows = list[list[Placed]]


def annotation_rows(
    chart: ChartPart, place: Callable[[float], float], *, left: float, right: float
) -> AnnotationRows:
    """Put the texts into rows in which none touches another; the first row is the lowest."""
    rows: AnnotationRows = []
    taken: list[float] = []
    found = sorted(
        (place(one.start), None if one.end is None else place(one.end), one.text)
        for one in chart.annotations
        if one.start is not None
    )
    for start, end, text in found:
        shown = fitted(text, width=right - left)
        width = text_width(shown, Face.SANS, TICK)
        middle = start if end is None else (start + end) / 2
        x = min(max(middle - width / 2, left), right - width)
        row = next((number for number, edge in enumerate(taken) if x >= edge + 6), len(rows))
        if row == len(rows):
            rows.append([])
            taken.append(0.0)
        rows[row].append(Placed(shown, start, end, x))
        taken[row] = x + width
    return rows


def draw_bands(sheet: Sheet, rows: AnnotationRows, plot: Box) -> None:
    """Shade the ranges, behind everything else."""
    bands = [one for row in rows for one in row if one.end is not None]
    sheet.fill(
        [
            Box(max(one.start, plot.left), plot.bottom, min(one.end or 0.0, plot.right), plot.top)
            for one in bands
        ],
        sheet.colors.grid,
        alpha=0.6,
    )


def draw_annotations(sheet: Sheet, rows: Sequence[Sequence[Placed]], plot: Box) -> None:
    """Write the texts above the plot, each point's with a line down through it."""
    for number, row in enumerate(rows):
        y = plot.top + 5 + ROW * number
        for one in row:
            sheet.label(one.x, y, one.text, color=sheet.colors.ink)
            if one.end is None:
                sheet.line([[(one.start, plot.bottom), (one.start, y - 2)]], sheet.colors.quiet, width=0.6)
