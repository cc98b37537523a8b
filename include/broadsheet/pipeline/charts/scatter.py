"""Points in a plane: each series' values over numbers along the bottom."""

from __future__ import annotations

from matplotlib.axes import Axes

from broadsheet.pipeline.charts import axes as parts
from broadsheet.pipeline.charts.axes import KeyEntry, Margins
from broadsheet.pipeline.charts.renderer import Sheet, record
from broadsheet.pipeline.charts.series import all_values, colored_series, padded
from broadsheet.pipeline.document.drawing import Drawing
from broadsheet.pipeline.document.fonts import Face, shorten
from broadsheet.pipeline.document.theme import Theme
from broadsheet.pipeline.payload import ChartPart, SeriesPart


def draw_scatter(chart: ChartPart, width: float, height: float, theme: Theme) -> Drawing:
    """Draw points. Where the chart's ``x`` are no numbers, their places in the list stand for them."""
    figure = Sheet(width, height, theme)
    numbers = [value if isinstance(value, float) else float(at) for at, value in enumerate(chart.x)]
    low, high, ticks = parts.value_scale(all_values(chart), chart.format, from_zero=False)
    left_end, right_end, columns = parts.value_scale(numbers, "decimal1", from_zero=False, most_ticks=6)
    texts, column_texts = parts.tick_texts(ticks, chart.format), parts.tick_texts(columns, "decimal1")
    colored = colored_series(chart, theme)
    entries = [KeyEntry(color, series.name) for series, color in colored] if len(colored) > 1 else []
    rows = parts.key_rows(entries, width=width)
    top = len(rows) * parts.ROW + (parts.ROW + 5 if chart.y_label else 6)
    margins = Margins(parts.width_of(texts) + 7, 10, top, 15 + (parts.ROW if chart.x_label else 0))
    axes = parts.place_axes(figure, margins)
    axes.set_xlim(left_end, right_end)
    axes.set_ylim(low, high)
    for series, color in reversed(colored):
        _draw_points(axes, numbers, series, color)
    parts.draw_key(figure, rows)
    if chart.y_label:
        text = shorten(chart.y_label, Face.SANS, parts.TICK, width=width)
        parts.label(figure, 0, height - len(rows) * parts.ROW - (9.5 if rows else 7.5), text)
    for number, text in zip(columns, column_texts, strict=True):
        x = float(axes.transData.transform((number, low))[0])
        parts.label(figure, x, margins.bottom - 11, text, align="center")
    if chart.x_label:
        text = shorten(chart.x_label, Face.SANS, parts.TICK, width=width)
        parts.label(figure, width / 2, 2.5, text, align="center")
    parts.draw_grid(figure, axes, ticks, texts, left=margins.left, baseline=low)
    if chart.reference is not None and chart.reference.value is not None:
        axes.axhline(chart.reference.value, color=theme.colors.ink, lw=0.8, ls=(0, (1.2, 2.2)), zorder=5)
    return record(figure, width, height)


def _draw_points(axes: Axes, numbers: list[float], series: SeriesPart, color: str) -> None:
    values = padded(series, len(numbers))
    points = [(x, y) for x, y in zip(numbers, values, strict=True) if y is not None]
    if points:
        axes.plot(
            *zip(*points, strict=True),
            ls="",
            marker="o",
            ms=3.4,
            mew=0,
            color=color,
            alpha=0.7,
            clip_on=False,
        )
