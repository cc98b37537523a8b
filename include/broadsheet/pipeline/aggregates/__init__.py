"""Aggregates: rows made of a dataset's rows, for the period and for those it is compared with.

``calendar`` puts days into steps, ``groups`` makes the rows, ``derived`` adds columns to them, and
``extension`` calls a function of the installation's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from broadsheet.domain.aggregate import Aggregate
from broadsheet.domain.period import Period
from broadsheet.domain.report import ReportDefinition
from broadsheet.pipeline.aggregates.extension import call_function
from broadsheet.pipeline.aggregates.groups import aggregate_rows
from broadsheet.pipeline.rows import Rows

__all__ = ["with_aggregates"]


def with_aggregates(
    report: ReportDefinition, rows: Mapping[str, Rows], *, period: Period, parameters: Mapping[str, object]
) -> dict[str, Rows]:
    """Return the datasets' rows, and beside them those of each aggregate.

    QueryError when an aggregate would have too many rows; DefinitionError, with file and line, when a
    function fails or returns what it does not declare.
    """
    found = dict(rows)
    for name, aggregate in report.aggregates.items():
        source = rows[aggregate.dataset]

        def make(
            frame: pd.DataFrame | None, when: Period, name: str = name, aggregate: Aggregate = aggregate
        ) -> pd.DataFrame | None:
            if frame is None:
                return None
            if aggregate.function:
                return call_function(aggregate, frame, period=when, parameters=parameters)
            return aggregate_rows(report, name, frame, period=when)

        current = make(source.current, period)
        if current is None:
            continue
        found[name] = replace(
            source,
            everything=current,
            current=current,
            previous=make(source.previous, period.previous()),
            year_before=make(source.year_before, period.year_before()),
        )
    return found
