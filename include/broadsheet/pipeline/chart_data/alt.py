"""A chart in words, from its data: what kind, of what, where it is highest and lowest, where it leads."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from operator import itemgetter

from broadsheet.domain.parts import Format
from broadsheet.domain.run import DEFAULT_LOCALE
from broadsheet.pipeline.formats import count_words, format_count, format_number
from broadsheet.pipeline.languages import joined_sentences, say
from broadsheet.pipeline.payload import ChartPart, SeriesPart
from broadsheet.pipeline.units import change_unit, with_unit

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
_RISING = ", rising from {first} to {last}"
_FALLING = ", falling from {first} to {last}"
_LEVEL = ", level from {first} to {last}"
_LARGEST_RISE = "; the largest rise is {change}, {name}"
_LARGEST_FALL = "; the largest fall is {change}, {name}"
_ORDERED = ("line", "area", "sparkline")


def alt_text(
    part: ChartPart, places: Sequence[str], *, earlier: Sequence[str] = (), locale: str = DEFAULT_LOCALE
) -> str:
    """Describe a chart in a few sentences of a language.

    ``places`` are the names of its ``x`` where they stand alone, and ``earlier`` those of their counterparts
    in the period before, where they have names of their own: the eighth of March lies over the eighth of
    February.
    """
    part = part.model_copy(update={"x": tuple(places)}) if len(places) == len(part.x) else part
    parts = [_sentence(part.title, locale, name=say(locale, _kind(part)))]
    match part.kind:
        case "scatter":
            parts += _scatter(part, locale)
        case "box":
            parts += _boxes(part, locale)
        case "heatmap":
            cells = [
                (value, f"{series.name}, {place}")
                for series in part.series
                for value, place in zip(series.values, part.x, strict=False)
            ]
            size = say(
                locale,
                "{rows} by {columns}",
                rows=count_words(locale, "{count} row", "{count} rows", len(part.series)),
                columns=count_words(locale, "{count} column", "{count} columns", len(part.x)),
            )
            parts += [_sentence(size, locale), _extremes(part, "", cells, locale)]
        case "slope":
            parts += _slopes(part, locale)
        case "waterfall":
            parts += _waterfall(part, locale)
        case "multiples":
            parts += _panels(part, locale)
        case _:
            parts += _series(part, earlier or part.x, locale)
    if part.empty:
        parts.append(_sentence(part.empty, locale))
    return joined_sentences([*parts, *_full_names(part, locale)])


def _sentence(text: str, locale: str, *, name: str = "") -> str:
    """Close a sentence; what is about a name begins with it."""
    if name:
        return say(locale, "{name}: {text}.", name=name, text=text)
    return say(locale, "{text}.", text=text[:1].upper() + text[1:])


def _kind(part: ChartPart) -> str:
    if part.layers == "percent":
        return "Stacked shares of 100 %"
    if part.layers == "stacked" and part.kind in ("bar", "hbar"):
        return _WORDS["stacked"]
    return _WORDS[part.kind]


def _shown(part: ChartPart, value: float, locale: str) -> str:
    return with_unit(format_number(value, Format(part.format), locale=locale), part.unit, locale=locale)


def _change(part: ChartPart, value: float, locale: str) -> str:
    style = Format(part.format)
    unit = change_unit(style, part.unit, locale=locale)
    return with_unit(format_number(value, style, locale=locale), unit, locale=locale)


def _extremes(
    part: ChartPart,
    name: str,
    found: Sequence[tuple[float | None, object]],
    locale: str,
    *,
    ordered: bool = False,
) -> str:
    """Say where values are highest and lowest, and in order also where they lead."""
    known = [(value, place) for value, place in found if value is not None]
    if not known:
        return _sentence(say(locale, "no values"), locale, name=name)
    (low, low_at), (high, high_at) = min(known, key=itemgetter(0)), max(known, key=itemgetter(0))
    shown = partial(_shown, part, locale=locale)
    if len(known) == 1:
        text = say(locale, "{value} at {place}", value=shown(high), place=high_at)
    elif low == high:
        text = say(locale, "{value} throughout", value=shown(high))
    else:
        text = say(
            locale,
            "highest {high} at {high_at}, lowest {low} at {low_at}",
            high=shown(high),
            high_at=high_at,
            low=shown(low),
            low_at=low_at,
        )
        if ordered and len(known) > 2:
            first, last = known[0][0], known[-1][0]
            way = _RISING if last > first else _FALLING if last < first else _LEVEL
            text += say(locale, way, first=shown(first), last=shown(last))
    return _sentence(text, locale, name=name)


def _series(part: ChartPart, earlier: Sequence[object], locale: str) -> list[str]:
    ordered = part.kind in _ORDERED
    right = part.model_copy(update={"format": part.second_format, "unit": part.second_unit})
    parts = [
        _extremes(
            right if one.second else part,
            one.name,
            list(zip(one.values, earlier if one.role == "previous" else part.x, strict=False)),
            locale,
            ordered=ordered,
        )
        for one in part.series[:_MOST_SERIES]
    ]
    more = len(part.series) - _MOST_SERIES
    if more <= 0:
        return parts
    return [*parts, _sentence(count_words(locale, "and {count} more", "and {count} more", more), locale)]


def _scatter(part: ChartPart, locale: str) -> list[str]:
    points = [
        (x, y)
        for one in part.series
        for x, y in zip(one.x_values, one.values, strict=False)
        if x is not None and y is not None
    ]
    if not points:
        return [_sentence(say(locale, "no values"), locale)]
    across, up = [x for x, _ in points], [y for _, y in points]
    style = Format(part.x_format)
    text = say(
        locale,
        "{points}; {across} from {left} to {right}, {up} from {low} to {high}",
        points=count_words(locale, "{count} point", "{count} points", len(points)),
        across=part.x_label or say(locale, "across"),
        left=format_number(min(across), style, locale=locale),
        right=format_number(max(across), style, locale=locale),
        up=part.y_label or say(locale, "up"),
        low=_shown(part, min(up), locale),
        high=_shown(part, max(up), locale),
    )
    return [_sentence(text, locale)]


def _boxes(part: ChartPart, locale: str) -> list[str]:
    medians = [(spread.median, place) for spread, place in zip(part.spreads, part.x, strict=False)]
    groups = count_words(locale, "{count} group", "{count} groups", len(part.x))
    return [_sentence(groups, locale), _extremes(part, say(locale, "medians"), medians, locale)]


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


def _slopes(part: ChartPart, locale: str) -> list[str]:
    changes = _changes(part.series)
    if not changes or len(part.x) != 2:
        return [_sentence(say(locale, "No values to compare"), locale)] if not part.empty else []
    rises, falls = sum(change > 0 for change, _ in changes), sum(change < 0 for change, _ in changes)
    text = say(
        locale,
        "From {before} to {now}: {rises} of {count} up, {falls} down",
        before=part.x[0],
        now=part.x[1],
        rises=format_count(rises, locale=locale),
        count=format_count(len(changes), locale=locale),
        falls=format_count(falls, locale=locale),
    )
    (least, worst), (most, best) = changes[0], changes[-1]
    if most > 0:
        text += say(locale, _LARGEST_RISE, change=_change(part, most, locale), name=best)
    if least < 0:
        text += say(locale, _LARGEST_FALL, change=_change(part, -least, locale), name=worst)
    return [_sentence(text, locale)]


def _waterfall(part: ChartPart, locale: str) -> list[str]:
    values = part.series[0].values if part.series else ()
    steps = [
        (value, name)
        for number, (value, name) in enumerate(zip(values, part.x, strict=False))
        if number not in part.totals
    ]
    ends = [
        f"{part.x[number]} {_shown(part, value, locale)}"
        for number in part.totals
        if number < len(values) and (value := values[number]) is not None
    ]
    way = say(locale, "{low} to {high}", low=ends[0], high=ends[1]) if len(ends) == 2 else "".join(ends)
    return [
        _sentence(way, locale) if way else "",
        _extremes(part, say(locale, "steps"), steps, locale),
    ]


def _panels(part: ChartPart, locale: str) -> list[str]:
    found = [
        (value, f"{panel.title}, {place}")
        for panel in part.panels
        for one in panel.series
        if one.role != "previous"
        for value, place in zip(one.values, part.x, strict=False)
    ]
    count = count_words(
        locale, "{count} chart with the same axes", "{count} charts with the same axes", len(part.panels)
    )
    return [_sentence(count, locale), _extremes(part, "", found, locale)]


def _full_names(part: ChartPart, locale: str) -> list[str]:
    """Return names in full that a chart can only show shortened."""
    names = [
        *(str(one) for one in part.x),
        *(one.name for one in part.series),
        *(one.title for one in part.panels),
    ]
    long = [name for name in dict.fromkeys(names) if len(name) > _LONG_NAME]
    names_in_full = say(locale, "In full: {names}", names="; ".join(long[:_MOST_NAMES]))
    return [_sentence(names_in_full, locale)] if long else []
