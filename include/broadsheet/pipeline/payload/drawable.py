"""What of a chart can be drawn: one answer for its drawing and for the page that says what is missing."""

from __future__ import annotations

from collections.abc import Iterable

from broadsheet.pipeline.payload.charts import ChartPart, SeriesPart, SpreadPart


def is_drawable(chart: ChartPart) -> bool:
    """Tell whether a chart shows any number; if not, ``chart.empty`` may say why."""
    if chart.empty:
        return False
    match chart.kind:
        case "box":
            return bool(chart.x) and any(spread_values(spread) for spread in chart.spreads)
        case "multiples":
            return bool(chart.x) and any(known(panel.series) for panel in chart.panels)
        case "scatter":
            return any(points_of(one) for one in chart.series)
        case "slope":
            return len(chart.x) == 2 and bool(known(chart.series))
        case _:
            return bool(chart.x) and bool(known(chart.series))


def known(series: Iterable[SeriesPart]) -> list[float]:
    """Return every value that some series draw."""
    return [value for one in series for value in one.values if value is not None]


def points_of(series: SeriesPart) -> list[tuple[float, float, str]]:
    """Return the points that have both numbers; places in the list stand in for missing ``x_values``."""
    places = series.x_values or tuple(float(at) for at in range(len(series.values)))
    names = (*series.names, *([""] * (len(series.values) - len(series.names))))
    found = zip(places, series.values, names, strict=False)
    return [(x, y, name) for x, y, name in found if x is not None and y is not None]


def spread_values(spread: SpreadPart) -> list[float]:
    """Return the numbers that a box is drawn from; some of them only where all could be computed."""
    found = [spread.low, spread.lower, spread.median, spread.upper, spread.high]
    values = [value for value in found if value is not None]
    return values if len(values) == len(found) else []
