"""The rows of a table, in the order in which it shows them, and the rows of the dataset behind each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.table import Sections, Table
from broadsheet.pipeline.measures import measure_groups, select
from broadsheet.pipeline.rows import Rows
from broadsheet.pipeline.table_data.pivot import PivotColumn, pivot_columns

_SIZE = "\0rows"
"""Column of a grouped frame: how many rows each group has. No column of a dataset can be named so."""


@dataclass(frozen=True)
class Section:
    """Rows ``start`` to ``stop`` of a table that have one value of the column that parts it."""

    value: object
    start: int
    stop: int


@dataclass(frozen=True)
class Ranked:
    """All rows of a table in order."""

    frame: pd.DataFrame
    source: pd.DataFrame
    """The dataset's rows behind them."""
    places: np.ndarray
    """For each row of the source, which row of the table it belongs to; -1 for none."""
    sections: tuple[Section, ...] = ()
    pivot: tuple[PivotColumn, ...] = ()
    without_rank: int = 0
    """Rows left out because they have no value to rank by."""
    too_small: int = 0
    """Groups left out because they have too few rows."""
    _members: dict[tuple[int, int], pd.DataFrame] = field(default_factory=dict, compare=False)

    def members(self, start: int = 0, stop: int | None = None) -> pd.DataFrame:
        """Return the dataset's rows behind rows ``start`` to ``stop`` of the table."""
        end = len(self.frame) if stop is None else stop
        if (start, end) not in self._members:
            self._members[start, end] = self.source[(self.places >= start) & (self.places < end)]
        return self._members[start, end]


def ranked_rows(report: ReportDefinition, name: str, *, rows: Mapping[str, Rows]) -> Ranked:
    """Return all rows of a table in order, those beyond its limit too."""
    table = report.tables[name]
    source = select(rows[table.dataset].current, table.where)
    pivot: tuple[PivotColumn, ...] = ()
    if table.group:
        pivot = pivot_columns(report, table, source)
        frame, numbers = _grouped(report, table, source, pivot)
        large = frame[frame[_SIZE] >= table.min_rows]
    else:
        frame = large = source.reset_index(drop=True)
        numbers = np.arange(len(source))
    known = large
    if table.order_by and table.missing == "left_out":
        known = large[large[table.order_by].notna()]
    ordered = _ordered(table, known)
    places = np.full(len(frame) + 1, -1)
    places[ordered.index.to_numpy()] = np.arange(len(ordered))
    result = ordered.reset_index(drop=True)
    return Ranked(
        frame=result,
        source=source,
        places=places[numbers],
        sections=_sections(table.sections, result) if table.sections else (),
        pivot=pivot,
        without_rank=len(large) - len(known),
        too_small=len(frame) - len(large),
    )


def _grouped(
    report: ReportDefinition, table: Table, source: pd.DataFrame, pivot: tuple[PivotColumn, ...]
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return a row for each group, and for each row of the source the number of its group, -1 for none."""
    grouper = source.groupby(list(table.group), observed=True)
    sizes = grouper.size()
    # Rows without a group have no number, in some types of column NaN.
    numbers = grouper.ngroup().fillna(-1).to_numpy().astype("int64")
    named = [column.name for column in table.columns] + ([table.order_by] if table.order_by else [])
    columns = {
        name: measure_groups(source, report.measures[name], table.group)
        for name in sorted({*named} - {*table.group})
    }
    columns |= {
        column.name: measure_groups(column.rows(source), column.measure, table.group) for column in pivot
    }
    grouped = pd.DataFrame({name: found["value"] for name, found in columns.items()}, index=sizes.index)
    measures = report.measures | {column.name: column.measure for column in pivot}
    for name in columns:
        if measures[name].take.value in ("count", "distinct"):
            # A group in which no row counts has no entry of its own.
            grouped[name] = grouped[name].fillna(0.0)
    grouped[_SIZE] = sizes
    return grouped.reset_index(), numbers


def _ordered(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    if table.order_by:
        # Stable: equal ranks stay in the query's order.
        frame = frame.sort_values(
            table.order_by, ascending=table.order == "lowest", kind="stable", na_position="last"
        )
    if table.sections is None:
        return frame
    keys = frame[table.sections.by]
    found = keys.value_counts(sort=False, dropna=True)
    match table.sections.order:
        case "name":
            order = sorted(found.index)
        case "size":
            order = [key for key, _ in sorted(found.items(), key=lambda item: (-item[1], item[0]))]
        case "rank":
            order = list(keys.dropna().unique())
    position = {key: number for number, key in enumerate(order)}
    # Rows without a value come last, under a heading of their own.
    at = np.array([position.get(key, len(order)) if pd.notna(key) else len(order) for key in keys.tolist()])
    return frame.iloc[np.argsort(at, kind="stable")]


def _sections(sections: Sections, frame: pd.DataFrame) -> tuple[Section, ...]:
    keys = frame[sections.by].tolist()
    found: list[Section] = []
    start = 0
    for number in range(1, len(keys) + 1):
        if number == len(keys) or not _same(keys[number], keys[start]):
            found.append(Section(keys[start], start, number))
            start = number
    return tuple(found)


def _same(one: object, other: object) -> bool:
    if pd.isna(one) or pd.isna(other):  # type: ignore[call-overload] # scalars of any type
        return bool(pd.isna(one) and pd.isna(other))  # type: ignore[call-overload]
    return one == other
