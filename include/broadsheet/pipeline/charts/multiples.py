"""Small multiples: one small chart per name, all with the same axes."""

from __future__ import annotations

import math
from dataclasses import dataclass

from broadsheet.domain.theme import Colors
from broadsheet.pipeline.charts import labels as words
from broadsheet.pipeline.charts.frame import DOTTED, draw_grid, draw_notes, head_text, note_lines
from broadsheet.pipeline.charts.labels import KeyEntry
from broadsheet.pipeline.charts.palette import Look, look, looks_of
from broadsheet.pipeline.charts.rows import rows_that_fit
from broadsheet.pipeline.charts.scales import Bounds, Scale, bounds_of
from broadsheet.pipeline.charts.sheet import ROW, TICK, Box, Point, Sheet
from broadsheet.pipeline.charts.values import category_names, padded, reference_values, runs_of
from broadsheet.pipeline.document.drawing import Drawing
from broadsheet.pipeline.document.fonts import Face, text_width
from broadsheet.pipeline.document.theme import Theme
from broadsheet.pipeline.formats import shown_of
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.payload import ChartPart, PanelPart, SeriesPart, known

MOST_PANELS = 24
_TITLE = 13.0
_LABELS = 12.0
_GAP = 10.0
_MOST_BACKGROUND = 16


@dataclass(frozen=True)
class _Panel:
    """One panel's place and its axes, shared with all others."""

    sheet: Sheet
    plot: Box
    count: int
    values: Scale

    def middle(self, number: float) -> float:
        """Return where the n-th category stands."""
        return self.plot.left + (self.plot.right - self.plot.left) * (number + 0.5) / self.count

    def runs(self, series: SeriesPart) -> list[list[Point]]:
        """Return a series' stretches without a gap as points."""
        found = runs_of(padded(series, self.count))
        return [[(self.middle(number), self.values.at(value)) for number, value in run] for run in found]


def draw_multiples(chart: ChartPart, width: float, height: float, theme: Theme) -> Drawing:  # noqa: ARG001 - as high as needed
    """Draw the panels in rows, the axis' words at their edges; panels beyond a page are counted below."""
    values = [*(value for panel in chart.panels for value in known(panel.series)), *reference_values(chart)]
    bounds = bounds_of(values, chart.format, from_zero=chart.shape != "line", most_ticks=3)
    notes = note_lines(chart, width)
    left = words.width_of(bounds.texts) + 6
    head = head_text(chart, bounds, locale=theme.locale)
    key = words.key_rows(_key(chart, theme.colors), width=width)
    above = (ROW + 3 if head else 2) + ROW * len(key)
    columns = _columns(min(len(chart.panels), MOST_PANELS), width)
    each = (width - left - _GAP * (columns - 1)) / columns
    tall = min(max(each * 0.52, 42.0), 74.0)
    pitch = _TITLE + tall + _LABELS + _GAP
    fitting = rows_that_fit(theme, pitch, around=above + (len(notes) + 1) * ROW + 2, most=MOST_PANELS)
    panels = chart.panels[: min(MOST_PANELS, fitting * columns)]
    if len(chart.panels) > len(panels):
        notes = [
            *notes,
            shown_of(len(panels), len(chart.panels), locale=theme.locale),
        ]
    rows = math.ceil(len(panels) / columns)
    foot = len(notes) * ROW + 2
    sheet = Sheet(width, above + rows * pitch - _GAP + foot, theme)
    words.draw_key(sheet, key)
    sheet.label(0, sheet.high - len(key) * ROW - (9.5 if key else 7.5), words.fitted(head, width=width))
    for number, part in enumerate(panels):
        x = left + (number % columns) * (each + _GAP)
        top = sheet.high - above - (number // columns) * pitch - _TITLE
        plot = Box(x, top - tall, x + each, top)
        panel = _Panel(sheet, plot, len(chart.x), bounds.scale(plot.bottom, plot.top))
        _draw_panel(panel, chart, part, bounds, first=number % columns == 0)
        _draw_ends(panel, category_names(chart))
    draw_notes(sheet, notes)
    return sheet.record()


def _columns(count: int, width: float) -> int:
    """Return how many panels stand in a row, so that the last row is as full as can be."""
    most = max(1, int((width + _GAP) // 92))
    if count <= most:
        return count
    return max(range(max(2, most - 2), most + 1), key=lambda columns: (-(-count % columns), columns))


def _ghost(chart: ChartPart) -> str:
    names = [one.name for panel in chart.panels for one in panel.series if one.role == "previous"]
    return names[0] if names else ""


def _key(chart: ChartPart, colors: Colors) -> list[KeyEntry]:
    """Return what the lines mean that all panels share: the period before, and levels to compare with."""
    names = [(_ghost(chart), (3.0, 2.0), colors.quiet)] if _ghost(chart) else []
    for reference in chart.references:
        if reference.value is not None:
            names.append((reference.label, DOTTED, colors.ink))
    return [KeyEntry(Look(ink, ink, dash, "o"), name, line=True) for name, dash, ink in names]


def _draw_panel(panel: _Panel, chart: ChartPart, part: PanelPart, bounds: Bounds, *, first: bool) -> None:
    sheet, plot = panel.sheet, panel.plot
    title = words.fitted(part.title, width=plot.right - plot.left, size=8.0, bold=True)
    sheet.label(plot.left, plot.top + 4, title, color=sheet.colors.ink, bold=True, size=8.0)
    draw_grid(sheet, plot, bounds, panel.values, texts=first)
    if chart.shape == "line" and len(chart.panels) <= _MOST_BACKGROUND and not _ghost(chart):
        # All others, so that each is seen among them.
        for other in chart.panels:
            if other is not part:
                for series in other.series:
                    sheet.line(panel.runs(series), sheet.colors.ghost, width=0.6)
    for series, own in sorted(
        zip(part.series, looks_of(part.series, sheet.colors), strict=True),
        key=lambda pair: pair[0].role != "previous",
    ):
        if series.role == "previous":
            sheet.line(panel.runs(series), sheet.colors.quiet, width=0.8, dash=own.dash)
        else:
            _draw_own(panel, chart, series)
    for level in reference_values(chart):
        y = panel.values.at(level)
        sheet.line([[(plot.left, y), (plot.right, y)]], sheet.colors.ink, width=0.7, dash=DOTTED)
    y = panel.values.at(bounds.low if chart.shape == "line" else 0.0)
    sheet.line([[(plot.left, y), (plot.right, y)]], sheet.colors.ink, width=0.6)
    if not known(part.series):
        x = (plot.left + plot.right) / 2
        sheet.fill([plot], sheet.colors.grid, alpha=0.5)
        sheet.label(
            x, (plot.bottom + plot.top) / 2, say(sheet.theme.locale, "no values"), align="center", middle=True
        )


def _draw_own(panel: _Panel, chart: ChartPart, series: SeriesPart) -> None:
    sheet, zero = panel.sheet, panel.values.at(max(0.0, panel.values.low))
    color = look(0, sheet.colors).color
    if chart.shape == "bar":
        half = (panel.plot.right - panel.plot.left) / panel.count * 0.4
        points = [point for run in panel.runs(series) for point in run]
        sheet.fill([Box(x - half, zero, x + half, y) for x, y in points], color)
        return
    runs = panel.runs(series)
    if chart.shape == "area":
        sheet.fill_outlines(
            [[(run[0][0], zero), *run, (run[-1][0], zero)] for run in runs if len(run) > 1], color, alpha=0.22
        )
    sheet.line(runs, color, width=1.4, round_cap=True)
    sheet.dots([run[0] for run in runs if len(run) == 1], color, size=2.8)


def _draw_ends(panel: _Panel, names: list[str]) -> None:
    """Write the first and the last category below a panel."""
    y, room = panel.plot.bottom - 9, panel.plot.right - panel.plot.left
    start = words.fitted(names[0], width=room)
    panel.sheet.label(panel.plot.left, y, start, size=7.0)
    if len(names) > 1:
        used = text_width(start, Face.SANS, TICK)
        end = words.fitted(names[-1], width=max(room - used - 6, 0.0))
        if end != "…":
            panel.sheet.label(panel.plot.right, y, end, size=7.0, align="right")
