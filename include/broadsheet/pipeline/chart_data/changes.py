"""From then to now: slopes and waterfalls."""

from __future__ import annotations

import itertools
import math

from broadsheet.pipeline.chart_data.axis import label, make_axis
from broadsheet.pipeline.chart_data.content import Content, plotted
from broadsheet.pipeline.chart_data.groups import values_at
from broadsheet.pipeline.chart_data.source import GROUP, OTHER, Source, total_of
from broadsheet.pipeline.formats import GATHERED, period_short
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.payload import SeriesPart

_NO_PERIOD_BEFORE = "No data of the period before to compare with"
_TOO_LARGE = "The numbers are too large to be added up"
_REST = f"{GATHERED}rest"


def slope_content(source: Source) -> Content:
    """Return two values per group: of the period before and this one, or of two measures."""
    source, axis = make_axis(source)
    if len(source.measures) == 2:
        heads = [measure.label for measure in source.measures]
        before, after = (values_at(source, measure, axis.keys) for measure in source.measures)
    else:
        if source.previous is None or source.previous.empty:
            return Content([], [], empty=say(source.locale, _NO_PERIOD_BEFORE))
        heads = [
            period_short(source.period.previous(), locale=source.locale),
            period_short(source.period, locale=source.locale),
        ]
        before = values_at(source, source.measure, axis.previous_keys, previous=True)
        after = values_at(source, source.measure, axis.keys)
    series = [
        SeriesPart(name=name, values=pair, role="other")
        for name, pair in zip(axis.labels, zip(before, after, strict=True), strict=True)
    ]
    # The highest first, so that a cut leaves out the lowest.
    series.sort(
        key=lambda one: -max((value for value in one.values if value is not None), default=float("-inf"))
    )
    return Content([], heads, series, shown=len(series), total=axis.total)


def waterfall_content(source: Source) -> Content:
    """Return a step per group that lead to a total; what no group accounts for is a step of its own."""
    compare = source.chart.compare
    if compare and (source.previous is None or source.previous.empty):
        return Content([], [], empty=say(source.locale, _NO_PERIOD_BEFORE))
    source, axis = make_axis(source)
    now = source.values(source.measure, GROUP)
    then = source.values(source.measure, GROUP, previous=True) if compare else {}
    names = dict(zip(axis.keys, axis.labels, strict=True))
    earlier = dict(zip(axis.keys, axis.previous_keys, strict=True))
    steps = {key: now.get(key, 0.0) - then.get(earlier[key], 0.0) for key in axis.keys}
    start = (total_of(source, previous=True) or 0.0) if compare else 0.0
    end = total_of(source) or 0.0
    rest = end - start - sum(steps.values())
    if abs(rest) > 1e-9 * max(abs(end), abs(start), 1.0):
        key = OTHER if OTHER in steps else _REST
        steps[key] = steps.get(key, 0.0) + rest
        names.setdefault(key, label(OTHER, other=source.chart.other, locale=source.locale))
    keys: list[object] = [key for key in steps if key not in (OTHER, _REST)]
    if source.step is None and not source.chart.order:
        keys.sort(key=lambda key: -steps[key])
    keys += [key for key in (OTHER, _REST) if key in steps]
    x, values = [names[key] for key in keys], [steps[key] for key in keys]
    totals = [len(values)]
    if compare:
        x, values = [period_short(source.period.previous(), locale=source.locale), *x], [start, *values]
        totals = [0, len(values)]
    x.append(period_short(source.period, locale=source.locale) if compare else say(source.locale, "Total"))
    if not all(math.isfinite(level) for level in [rest, *itertools.accumulate(values)]):
        return Content([], [], empty=say(source.locale, _TOO_LARGE))
    values.append(end)
    series = [SeriesPart(name=source.measure.label, values=tuple(plotted(value) for value in values))]
    places: list[object] = [*([None] if compare else []), *keys, None]
    return Content(places, x, series, shown=len(keys), total=axis.total, totals=tuple(totals))
