"""Points in a plane: two measures for each group, or two columns for each row."""

from __future__ import annotations

import numpy as np
import pandas as pd

from broadsheet.pipeline.chart_data.axis import label, make_axis, make_layers
from broadsheet.pipeline.chart_data.content import Content, plotted
from broadsheet.pipeline.chart_data.source import GROUP, OTHER, SPLIT, Source
from broadsheet.pipeline.formats import count_words, format_count
from broadsheet.pipeline.payload import SeriesPart
from broadsheet.pipeline.population import select

MOST_POINTS = 2_000


def scatter_content(source: Source) -> Content:
    """Return the points: the first measure along the bottom, the second upwards."""
    return _group_points(source) if source.grouped else _row_points(source)


def _group_points(source: Source) -> Content:
    source, axis = make_axis(source)
    keys = [key for key in axis.keys if key != OTHER]
    labels = [name for key, name in zip(axis.keys, axis.labels, strict=True) if key != OTHER]
    across, up = source.measures[:2]
    if source.chart.split is None:
        found = [(source.values(across, GROUP), source.values(up, GROUP))]
        series = [_series(up.label, [(f.get(key), u.get(key)) for key in keys], labels) for f, u in found]
        return Content(keys, labels, series, shown=len(keys), total=axis.total)
    source, layers, note = make_layers(source)
    first, second = source.values(across, GROUP, SPLIT), source.values(up, GROUP, SPLIT)
    series = [
        _series(
            label(layer, other=source.chart.other, step=source.chart.split_by, locale=source.locale),
            [(first.get((key, layer)), second.get((key, layer))) for key in keys],
            labels,
        )
        for layer in layers
    ]
    return Content(keys, labels, series, shown=len(keys), total=axis.total, note=note)


def _series(name: str, points: list[tuple[float | None, float | None]], names: list[str]) -> SeriesPart:
    known = [
        (x, y, text) for (x, y), text in zip(points, names, strict=True) if x is not None and y is not None
    ]
    return SeriesPart(
        name=name,
        x_values=tuple(plotted(x) for x, _, _ in known),
        values=tuple(plotted(y) for _, y, _ in known),
        names=tuple(text for _, _, text in known),
        role="other",
    )


def _row_points(source: Source) -> Content:
    across, up = source.measures[:2]
    rows = select(select(source.current, across.where), up.where)
    notes = []
    layers: list[object] = [None]
    if source.chart.split is not None:
        source, layers, note = make_layers(source)
        rows = select(select(source.current, across.where), up.where)
        notes += [note] if note else []
    places = rows[[across.column or "", up.column or ""]].astype("float64")
    rows = rows[np.isfinite(places.to_numpy()).all(axis=1)]
    total = len(rows)
    if total > MOST_POINTS:
        # Every n-th row in the order of the query: the same ones each time.
        rows = rows.iloc[np.linspace(0, total - 1, MOST_POINTS).astype(int)]
        notes.append(
            count_words(
                source.locale,
                "{shown} of {count} point drawn, evenly picked",
                "{shown} of {count} points drawn, evenly picked",
                total,
                shown=format_count(MOST_POINTS, locale=source.locale),
            )
        )
    series = [
        _row_series(
            rows if layer is None else rows[rows[SPLIT] == layer],
            up.label
            if layer is None
            else label(layer, other=source.chart.other, step=source.chart.split_by, locale=source.locale),
            across.column or "",
            up.column or "",
        )
        for layer in layers
    ]
    return Content([], [], series, shown=len(rows), total=total, note="; ".join(notes))


def _row_series(rows: pd.DataFrame, name: str, across: str, up: str) -> SeriesPart:
    return SeriesPart(
        name=name,
        x_values=tuple(plotted(float(value)) for value in rows[across].astype("float64")),
        values=tuple(plotted(float(value)) for value in rows[up].astype("float64")),
        role="other",
    )
