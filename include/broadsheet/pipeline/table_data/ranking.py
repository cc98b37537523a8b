"""The rows of a table, in the order in which it shows them, and the rows of the dataset behind each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from broadsheet.domain.measure import Function
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.table import Table
from broadsheet.pipeline.measures import measure_groups
from broadsheet.pipeline.population import Population
from broadsheet.pipeline.rows import Rows
from broadsheet.pipeline.table_data.pivot import PivotColumn, pivot_columns

_SIZE = "\0rows"
"""Column of a grouped frame: how many rows each group has. No column of a dataset can be named so."""
RANGE = "\0range"
"""Column of the rows behind ranges of a table: the number of the range."""


@dataclass(frozen=True)
class Section:
    """Rows ``start`` to ``stop`` of a table that have one value of the column that parts it at a level."""

    value: object
    start: int
    stop: int
    level: int = 0


@dataclass(frozen=True)
class Ranked:
    """All rows of a table in order, of which only those that are shown are ever copied."""

    pool: pd.DataFrame
    """The dataset's rows, or the groups, that the table is made of."""
    order: np.ndarray
    """Positions of the table's rows in the pool, the first row first."""
    source: pd.DataFrame
    """The dataset's rows behind them."""
    group: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    """In reading order, inner ones after the one that they are in."""
    pivot: tuple[PivotColumn, ...] = ()
    without_rank: int = 0
    """Rows left out because they have no value to rank by."""
    too_small: int = 0
    """Groups left out because they have too few rows."""

    def __len__(self) -> int:
        """Return how many rows the table has."""
        return len(self.order)

    def head(self, most: int | None = None) -> pd.DataFrame:
        """Return the first rows of the table, or all of them."""
        chosen: pd.DataFrame = self.pool.iloc[self.order[:most]]
        return chosen

    def members(self, start: int = 0, stop: int | None = None) -> pd.DataFrame:
        """Return the dataset's rows behind rows ``start`` to ``stop`` of the table."""
        chosen = self.order[start:stop]
        if not self.group:
            return self.source.iloc[chosen]
        wanted = np.zeros(len(self.pool) + 1, dtype=bool)
        wanted[chosen] = True
        members: pd.DataFrame = self.source[wanted[self._numbers]]
        return members

    def members_of(self, ranges: Sequence[tuple[int, int]]) -> pd.DataFrame:
        """Return the dataset's rows behind ranges of the table's rows, with the number of each in RANGE."""
        at = np.full(len(self.order), -1, dtype="int64")
        for number, (start, stop) in enumerate(ranges):
            at[start:stop] = number
        rows = self.source
        if self.group:
            of_pool = np.full(len(self.pool) + 1, -1, dtype="int64")
            of_pool[self.order] = at
            at = of_pool[self._numbers]
        else:
            rows = rows.iloc[self.order]
        return rows[at >= 0].assign(**{RANGE: at[at >= 0]})

    @cached_property
    def _numbers(self) -> np.ndarray:
        """The number of the group of each row of the source; that of no group is behind all others."""
        numbers = self.source.groupby(list(self.group), observed=True).ngroup()
        # In some types of column rows without a group have NaN for a number, in others -1.
        return numbers.fillna(-1).to_numpy().astype("int64")


def ranked_rows(report: ReportDefinition, name: str, *, rows: Mapping[str, Rows]) -> Ranked:
    """Return all rows of a table in order, those beyond its limit too."""
    table = report.tables[name]
    measured = rows[table.dataset].measured.where(table.where)
    source = measured.frame
    pivot = pivot_columns(report, table, source) if table.group else ()
    pool = _grouped(report, table, measured, pivot) if table.group else source
    order = np.arange(len(pool))
    large = len(order)
    if table.group:
        order = order[(pool[_SIZE] >= table.min_rows).to_numpy()]
        large = len(order)
    if table.order_by:
        order = _ranked(table, pool[table.order_by], order)
    result = Ranked(
        pool=pool,
        order=order,
        source=source,
        group=table.group,
        pivot=pivot,
        without_rank=large - len(order),
        too_small=len(pool) - large,
    )
    if table.sections is None:
        return result
    return _in_sections(result, table.sections.columns, table.sections.order)


def _grouped(
    report: ReportDefinition, table: Table, source: Population, pivot: tuple[PivotColumn, ...]
) -> pd.DataFrame:
    """Return a row for each group, in the order of their names."""
    sizes = source.grouped(table.group).size()
    named = [column.name for column in table.columns] + ([table.order_by] if table.order_by else [])
    measures = {name: report.measures[name] for name in sorted({*named} - {*table.group})}
    found = {name: measure_groups(source, one, table.group).values for name, one in measures.items()}
    for column in pivot:
        measures[column.name] = column.measure
        part = Population(column.rows(source.frame))
        found[column.name] = measure_groups(part, column.measure, table.group).values
    grouped = pd.DataFrame(found, index=sizes.index)
    for name in found:
        if measures[name].take in (Function.COUNT, Function.DISTINCT):
            # A group in which no row counts has no entry of its own.
            grouped[name] = grouped[name].fillna(0.0)
    grouped[_SIZE] = sizes
    return grouped.reset_index()


def _ranked(table: Table, keys: pd.Series, order: np.ndarray) -> np.ndarray:
    """Put positions into the order of their keys; those without one are left out, or last."""
    keys = keys.iloc[order].set_axis(order)
    if table.missing == "left_out":
        keys = keys[keys.notna()]
    # Stable: equal ranks stay in the query's order.
    ordered = keys.sort_values(ascending=table.order == "lowest", kind="stable", na_position="last")
    return ordered.index.to_numpy()


def _in_sections(ranked: Ranked, columns: Sequence[str], order: str) -> Ranked:
    """Put the rows of each section together, and say where each begins, the outer before their inner ones."""
    places = np.zeros(len(ranked.order), dtype="int64")
    levels: list[tuple[list[object], np.ndarray]] = []
    for column in columns:
        values, places = _parted(ranked.pool[column].iloc[ranked.order], places, order)
        levels.append((values, places))
    sorting = np.argsort(places, kind="stable")
    found: list[Section] = []
    for level, (values, places) in enumerate(levels):
        bounds = np.flatnonzero(np.diff(places[sorting], prepend=-1, append=len(values)))
        starts, stops = bounds[:-1].tolist(), bounds[1:].tolist()
        found += [Section(*one, level) for one in zip(values, starts, stops, strict=True)]
    found.sort(key=lambda section: (section.start, section.level))
    return replace(ranked, order=ranked.order[sorting], sections=tuple(found))


def _parted(keys: pd.Series, outer: np.ndarray, order: str) -> tuple[list[object], np.ndarray]:
    """Part each section by a column: return the value of each new section in order, and each row's section.

    ``outer`` is the section that each row is in. Rows without a value come last in theirs, under None.
    """
    codes, uniques = pd.factorize(keys, use_na_sentinel=True)
    values = list(uniques)
    missing = len(values)
    both = outer * (missing + 1) + np.where(codes < 0, missing, codes)
    found, firsts, inverse, sizes = np.unique(
        both, return_index=True, return_inverse=True, return_counts=True
    )
    sections, own = (part.tolist() for part in np.divmod(found, missing + 1))

    def key(number: int) -> tuple[object, ...]:
        code = own[number]
        if code == missing:
            return (sections[number], True)
        if order == "rank":
            return (sections[number], False, firsts[number])
        return (sections[number], False, -sizes[number] if order == "size" else 0, values[code])

    ordered = sorted(range(len(found)), key=key)
    place = np.empty(len(found), dtype="int64")
    place[ordered] = np.arange(len(found))
    return [None if own[one] == missing else values[own[one]] for one in ordered], place[inverse]
