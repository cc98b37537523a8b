"""A chart in words, from its data: what kind, of what, where it is highest and lowest, where it leads."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

from broadsheet.domain.parts import Format
from broadsheet.pipeline.formats import change_unit, format_number, with_unit
from broadsheet.pipeline.payload import ChartPart, SeriesPart

_MOST_SERIES = 5
_LONG_NAME = 42
_MOST_NAMES = 12
_WORDS = {
    "line": "Line chart",
    "area": "Area chart",
    "bar": "Bar chart",
    "hbar": "Bar chart",
    "stacked": "Stacked bar chart",
    "combo": "Bars and lines",
    "histogram": "Histogram",
    "scatter": "Scatter chart",
    "box": "Box chart",
    "heatmap": "Heatmap",
    "calendar": "Calendar",
    "slope": "Slope chart",
    "waterfall": "Waterfall chart",
    "multiples": "Small charts",
    "sparkline": "Small lines",
}
_ORDERED = ("line", "area", "sparkline")


def alt_text(part: ChartPart, places: Sequence[str]) -> str:
    """Describe a chart in a few sentences; ``places`` are the names of its ``x`` where they stand alone."""
    part = part.model_copy(update={"x": tuple(places)}) if len(places) == len(part.x) else part
    parts = [f"{_kind(part)}: {part.title}."]
    match part.kind:
        case "scatter":
            parts += _scatter(part)
        case "box":
            parts += _boxes(part)
        case "heatmap":
            cells = [
                (value, f"{series.name}, {place}")
                for series in part.series
                for value, place in zip(series.values, part.x, strict=False)
            ]
            parts += [f"{len(part.series)} rows by {len(part.x)} columns.", _extremes(part, "", cells)]
        case "slope":
            parts += _slopes(part)
        case "waterfall":
            parts += _waterfall(part)
        case "multiples":
            parts += _panels(part)
        case _:
            parts += _series(part)
    if part.empty:
        parts.append(f"{part.empty}.")
    # A name may end with a full stop of its own.
    return " ".join([*(one for one in parts if one), *_full_names(part)]).replace("..", ".")


def _kind(part: ChartPart) -> str:
    if part.layers == "percent":
        return "Stacked shares of 100 %"
    if part.layers == "stacked" and part.kind in ("bar", "hbar"):
        return _WORDS["stacked"]
    return _WORDS[part.kind]


def _shown(part: ChartPart, value: float) -> str:
    return with_unit(format_number(value, Format(part.format)), part.unit)


def _change(part: ChartPart, value: float) -> str:
    style = Format(part.format)
    return with_unit(format_number(value, style), change_unit(style, part.unit))


def _extremes(
    part: ChartPart, name: str, found: Sequence[tuple[float | None, object]], *, ordered: bool = False
) -> str:
    """Say where values are highest and lowest, and in order also where they lead."""
    known = [(value, place) for value, place in found if value is not None]
    head = f"{name}: " if name else ""
    if not known:
        return f"{head}no values."
    (low, low_at), (high, high_at) = min(known, key=itemgetter(0)), max(known, key=itemgetter(0))
    if len(known) == 1:
        return f"{head}{_shown(part, high)} at {high_at}."
    if low == high:
        return f"{head}{_shown(part, high)} throughout."
    text = f"{head}highest {_shown(part, high)} at {high_at}, lowest {_shown(part, low)} at {low_at}"
    if ordered and len(known) > 2:
        first, last = known[0][0], known[-1][0]
        way = "rising" if last > first else "falling" if last < first else "level"
        text += f", {way} from {_shown(part, first)} to {_shown(part, last)}"
    return text[:1].upper() + text[1:] + "." if not head else text + "."


def _series(part: ChartPart) -> list[str]:
    ordered = part.kind in _ORDERED
    parts = [
        _extremes(part, one.name, list(zip(one.values, part.x, strict=False)), ordered=ordered)
        for one in part.series[:_MOST_SERIES]
    ]
    more = len(part.series) - _MOST_SERIES
    return [*parts, f"And {more} more." if more > 0 else ""]


def _scatter(part: ChartPart) -> list[str]:
    points = [
        (x, y)
        for one in part.series
        for x, y in zip(one.x_values, one.values, strict=False)
        if x is not None and y is not None
    ]
    if not points:
        return ["No values."]
    across, up = [x for x, _ in points], [y for _, y in points]
    ends = [format_number(end, Format(part.x_format)) for end in (min(across), max(across))]
    return [
        f"{len(points)} points; {part.x_label or 'across'} from {ends[0]} to {ends[1]}, "
        f"{part.y_label or 'up'} from {_shown(part, min(up))} to {_shown(part, max(up))}."
    ]


def _boxes(part: ChartPart) -> list[str]:
    medians = [(spread.median, place) for spread, place in zip(part.spreads, part.x, strict=False)]
    return [f"{len(part.x)} groups.", _extremes(part, "medians", medians)]


def _changes(series: Sequence[SeriesPart]) -> list[tuple[float, str]]:
    return sorted(
        (after - before, one.name)
        for one in series
        for before, after in (_pair(one),)
        if before is not None and after is not None
    )


def _pair(series: SeriesPart) -> tuple[float | None, float | None]:
    before, after = (*series.values[:2], None, None)[:2]
    return before, after


def _slopes(part: ChartPart) -> list[str]:
    changes = _changes(part.series)
    if not changes or len(part.x) != 2:
        return ["No values to compare."] if not part.empty else []
    rises, falls = sum(change > 0 for change, _ in changes), sum(change < 0 for change, _ in changes)
    text = f"From {part.x[0]} to {part.x[1]}: {rises} of {len(changes)} rise, {falls} fall"
    (least, worst), (most, best) = changes[0], changes[-1]
    if most > 0:
        text += f"; the largest rise is {_change(part, most)}, {best}"
    if least < 0:
        text += f"; the largest fall is {_change(part, -least)}, {worst}"
    return [text + "."]


def _waterfall(part: ChartPart) -> list[str]:
    values = part.series[0].values if part.series else ()
    steps = [
        (value, name)
        for number, (value, name) in enumerate(zip(values, part.x, strict=False))
        if number not in part.totals
    ]
    ends = [
        f"{part.x[number]} {_shown(part, value)}"
        for number in part.totals
        if number < len(values) and (value := values[number]) is not None
    ]
    return [f"{' to '.join(ends)}." if ends else "", _extremes(part, "steps", steps)]


def _panels(part: ChartPart) -> list[str]:
    found = [
        (value, f"{panel.title}, {place}")
        for panel in part.panels
        for one in panel.series
        if one.role != "previous"
        for value, place in zip(one.values, part.x, strict=False)
    ]
    return [f"{len(part.panels)} charts with the same axes.", _extremes(part, "", found)]


def _full_names(part: ChartPart) -> list[str]:
    """Return names in full that a chart can only show shortened."""
    names = [
        *(str(one) for one in part.x),
        *(one.name for one in part.series),
        *(one.title for one in part.panels),
    ]
    long = [name for name in dict.fromkeys(names) if len(name) > _LONG_NAME]
    return [f"In full: {'; '.join(long[:_MOST_NAMES])}."] if long else []
