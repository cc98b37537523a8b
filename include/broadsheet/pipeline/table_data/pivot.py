"""Columns made from the values of a column: a measure for each, over the rows that have the value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from broadsheet.domain.measure import Measure
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.table import Table
from broadsheet.pipeline.formats import format_count
from broadsheet.pipeline.languages import say

OTHER = "Other"
ALL = "All"


@dataclass(frozen=True)
class PivotColumn:
    """A column of a pivoted table; ``values`` are those whose rows it is about, None for all rows."""

    name: str
    label: object
    by: str
    values: tuple[object, ...] | None
    measure: Measure

    def rows(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows that the column is about."""
        return frame if self.values is None else frame[frame[self.by].isin(list(self.values))]


def pivot_columns(report: ReportDefinition, table: Table, frame: pd.DataFrame) -> tuple[PivotColumn, ...]:
    """Return the columns that a table's pivot makes of the values found, in their order."""
    if table.pivot is None:
        return ()
    pivot = table.pivot
    measure = report.measures[pivot.measure]
    found = frame[pivot.by].value_counts(sort=False, dropna=True)
    # Categories that no row has are counted, too.
    found = found[found > 0]
    counts: dict[object, int] = dict(zip(found.index, found.tolist(), strict=True))
    ordered = _in_order(sorted(found.index), pivot.order)
    kept = ordered
    if len(ordered) > pivot.most:
        # The largest keep a column of their own; of equal ones the first in order.
        largest = sorted(ordered, key=lambda value: (-counts[value], ordered.index(value)))
        chosen = set(largest[: pivot.most - 1])
        kept = [value for value in ordered if value in chosen]
    columns = [
        PivotColumn(f"pivot{number}", value, pivot.by, (value,), measure) for number, value in enumerate(kept)
    ]
    if rest := tuple(value for value in ordered if value not in kept):
        columns.append(
            PivotColumn(
                "pivot_other",
                f"{say(report.language, OTHER)} ({format_count(len(rest), locale=report.language)})",
                pivot.by,
                rest,
                measure,
            )
        )
    if pivot.total:
        columns.append(PivotColumn("pivot_all", say(report.language, ALL), pivot.by, None, measure))
    return tuple(columns)


def _in_order(found: Sequence[object], order: Sequence[str]) -> list[object]:
    first = [value for name in order for value in found if str(value) == name]
    return [*first, *(value for value in found if value not in first)]
