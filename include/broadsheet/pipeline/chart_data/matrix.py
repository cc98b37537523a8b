"""Values in cells: heatmaps and calendars."""

from __future__ import annotations

import pandas as pd

from broadsheet.pipeline.chart_data.axis import label, make_axis, make_layers
from broadsheet.pipeline.chart_data.content import Content, plotted
from broadsheet.pipeline.chart_data.groups import values_at
from broadsheet.pipeline.chart_data.source import GROUP, SPLIT, Source
from broadsheet.pipeline.payload import SeriesPart


def heatmap_content(source: Source) -> Content:
    """Return a row of cells for each value of ``split``."""
    source, axis = make_axis(source)
    source, layers, note = make_layers(source)
    chart = source.chart
    values = source.values(source.measure, GROUP, SPLIT)
    series = [
        SeriesPart(
            name=label(layer, other=chart.other, step=chart.split_by, locale=source.locale),
            values=tuple(plotted(values.get((key, layer))) for key in axis.keys),
            role="other",
        )
        for layer in layers
    ]
    return Content(axis.keys, axis.labels, series, shown=len(axis.keys), total=axis.total, note=note)


def calendar_content(source: Source) -> Content:
    """Return a cell for each day; days without a value are there, too."""
    source, axis = make_axis(source)
    found = source.values(source.measure, GROUP)
    days = [key for key in axis.keys if isinstance(key, pd.Timestamp)]
    # A count of 0 where no row was could as well be a day for which nothing was recorded.
    values = values_at(source, source.measure, list(days)) if found else (None,) * len(days)
    cells = tuple(value if day in found else None for day, value in zip(days, values, strict=True))
    series = [SeriesPart(name=source.measure.label, values=cells, role="current")]
    x = [day.date().isoformat() for day in days]
    return Content(list(days), x, series, shown=len(days), total=axis.total)
