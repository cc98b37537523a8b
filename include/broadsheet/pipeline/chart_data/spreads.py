"""How the values of a measure's column lie within each group, for boxes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from broadsheet.domain.chart import ChartKind
from broadsheet.domain.measure import Function
from broadsheet.pipeline.chart_data.axis import label, make_axis
from broadsheet.pipeline.chart_data.content import Content, plotted
from broadsheet.pipeline.chart_data.source import GROUP, Source
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.payload import SpreadPart
from broadsheet.pipeline.population import select

_SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
_READ = "Box: middle half of values. Line: median. Whiskers: 5th to 95th percentile; none beyond is drawn."
_MARKED = "Diamond: mean."


def box_content(source: Source) -> Content:
    """Return a box for each group, or one for all rows; the highest median first where no order is given."""
    column = source.measure.column or ""
    if not source.grouped:
        spread = _spread(source, _numbers(select(source.current, source.measure.where), column), None)
        return Content(
            [None], [source.measure.label], spreads=[spread], shown=1, total=1, note=_note(source, [spread])
        )
    source, axis = make_axis(source)
    rows = select(source.current, source.measure.where)
    groups: dict[object, pd.Series] = {
        key: _numbers(frame, column) for key, frame in rows.groupby(GROUP, observed=True)
    }
    marks = source.values(source.measure, GROUP)
    nothing = pd.Series([], dtype="float64")
    pairs = [(key, _spread(source, groups.get(key, nothing), marks.get(key))) for key in axis.keys]
    chart = source.chart
    if source.step is None and not chart.order and not source.whole and chart.kind is ChartKind.BOX:
        pairs.sort(key=lambda pair: -(pair[1].median if pair[1].median is not None else -np.inf))
    known = dict(zip(axis.keys, axis.labels, strict=True))
    return Content(
        [key for key, _ in pairs],
        [known.get(key) or label(key) for key, _ in pairs],
        spreads=[spread for _, spread in pairs],
        shown=len(pairs),
        total=axis.total,
        note=_note(source, [spread for _, spread in pairs]),
    )


def _note(source: Source, spreads: Sequence[SpreadPart]) -> str:
    """Say how boxes are read."""
    marked = any(spread.mark is not None for spread in spreads)
    words = say(source.locale, _READ)
    return f"{words} {say(source.locale, _MARKED)}" if marked else words


def _numbers(frame: pd.DataFrame, column: str) -> pd.Series:
    numbers = frame[column].astype("float64").dropna()
    return numbers[np.isfinite(numbers)]


def _spread(source: Source, numbers: pd.Series, mark: float | None) -> SpreadPart:
    found = [None] * 5 if numbers.empty else [plotted(float(one)) for one in numbers.quantile(list(_SHARES))]
    low, lower, median, upper, high = found
    shown = mark if source.measure.take is Function.MEAN else None
    return SpreadPart(
        low=low, lower=lower, median=median, upper=upper, high=high, mark=shown, count=len(numbers)
    )
