"""A run's datasets as pandas frames, cut into the period and those to compare it with.

Only the columns that the definition names are read. Words that repeat are kept once, as categories in the
order of the alphabet: groups of a million rows are found by number then, not by comparing texts.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pandas.api.extensions import ExtensionDtype

from broadsheet.domain.objects import ObjectStore
from broadsheet.domain.parts import ColumnType
from broadsheet.domain.period import Period
from broadsheet.domain.report import Dataset, ReportDefinition
from broadsheet.domain.run import QUERY_DIGEST, RunSpec
from broadsheet.pipeline.population import Population

# Types that know a missing value, so that whole numbers and truth values stay what they are.
_FRAME_TYPES = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
MANY_ROWS = 20_000
"""Rows from which on repeated words are kept once: below, it is not worth the while."""
_REPEATS = 4
"""How often a word of a column stands there on average for that."""


@dataclass(frozen=True)
class Rows:
    """The rows of one dataset."""

    everything: pd.DataFrame
    current: pd.DataFrame
    """Rows of the period; all of them when the dataset has no day."""
    previous: pd.DataFrame | None
    """Rows of the period before; None when the dataset has no day."""
    sha256: str
    """Digest of the Parquet file."""
    year_before: pd.DataFrame | None = None
    """Rows of the same period a year before; None when the dataset has none."""
    query_sha256: str = ""
    """Digest of the query that gave them."""

    @cached_property
    def measured(self) -> Population:
        """The rows of the period, for measures."""
        return Population(self.current)

    @cached_property
    def measured_previous(self) -> Population | None:
        """The rows of the period before, for measures."""
        return None if self.previous is None else Population(self.previous)

    @cached_property
    def measured_year_before(self) -> Population | None:
        """The rows of the same period a year before, for measures."""
        return None if self.year_before is None else Population(self.year_before)


def load_rows(spec: RunSpec, report: ReportDefinition, *, staging: ObjectStore) -> dict[str, Rows]:
    """Read every dataset of a run from staging; NotFoundError when ``fetch`` has not written one."""
    named = set(_strings(report.model_dump(mode="json", exclude={"datasets", "parameters"})))
    # What a function of an installation's own reads, nobody knows before.
    whole = {aggregate.dataset for aggregate in report.aggregates.values() if aggregate.function}
    return {
        name: _load(
            spec,
            name,
            definition,
            staging,
            columns=list(definition.columns) if name in whole else _needed(definition, named),
        )
        for name, definition in report.datasets.items()
    }


def _needed(definition: Dataset, named: set[str]) -> list[str]:
    """Return the columns of a dataset that anything in the definition may mean; at least one, to count."""
    wanted = named | {definition.day or ""} | {*definition.filter}
    return [name for name in definition.columns if name in wanted] or [next(iter(definition.columns))]


def _strings(part: object) -> Iterator[str]:
    """Yield every text and key in a part of a definition."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, Mapping):
        for key, value in part.items():
            yield str(key)
            yield from _strings(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from _strings(value)


def _load(
    spec: RunSpec, dataset: str, definition: Dataset, staging: ObjectStore, *, columns: list[str]
) -> Rows:
    data = staging.get(spec.dataset_key(dataset))
    digest = hashlib.sha256(data).hexdigest()
    frame, query = _read(data, definition, columns)
    day, period = definition.day, spec.period
    if day is None:
        return Rows(frame, frame, None, digest, query_sha256=query)
    return Rows(
        everything=frame,
        current=_within(frame, day, period),
        previous=_within(frame, day, period.previous()),
        sha256=digest,
        year_before=_within(frame, day, period.year_before()) if definition.year_before else None,
        query_sha256=query,
    )


def _read(data: bytes, definition: Dataset, columns: list[str]) -> tuple[pd.DataFrame, str]:
    """Return a Parquet file's rows, and the digest of their query.

    Columns are read one by one, so that not all are there twice.
    """
    words = [name for name in columns if definition.columns[name] is ColumnType.TEXT]
    # Not `read_table`, which loads pyarrow's machinery for folders of files first.
    with pq.ParquetFile(io.BytesIO(data)) as plain:
        many = plain.metadata.num_rows >= MANY_ROWS
        query = (plain.schema_arrow.metadata or {}).get(QUERY_DIGEST, b"").decode()
    with pq.ParquetFile(io.BytesIO(data), read_dictionary=words if many else None) as file:
        read = {name: file.read(columns=[name]).column(name) for name in columns if name in words}
        found = {
            name: _series(read.pop(name) if name in read else file.read(columns=[name]).column(name), kind)
            for name, kind in definition.columns.items()
            if name in columns
        }
    return pd.DataFrame(found, copy=False), query


def _series(values: pa.ChunkedArray, kind: ColumnType) -> pd.Series:
    if pa.types.is_dictionary(values.type):
        return _categories(values)
    if pa.types.is_decimal(values.type) and kind is not ColumnType.DECIMAL:
        # A number need not be exact, and floats are faster.
        values = values.cast(pa.float64())
    series: pd.Series = values.to_pandas(types_mapper=_frame_type, date_as_object=False)
    return series


def _categories(values: pa.ChunkedArray) -> pd.Series:
    """Return words as categories in the order of the alphabet; as they are where most stand there once."""
    unified = values.unify_dictionaries()
    words = unified.chunk(0).dictionary if unified.num_chunks else pa.array([], pa.string())
    if len(words) * _REPEATS >= len(values):
        plain: pd.Series = values.cast(pa.string()).to_pandas()
        return plain
    order = pc.sort_indices(words)
    place = np.empty(len(words) + 1, dtype="int32")
    place[order.to_numpy()] = np.arange(len(words))
    place[-1] = -1
    codes = [chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False) for chunk in unified.chunks]
    return pd.Series(
        pd.Categorical.from_codes(
            place[np.concatenate(codes)], categories=words.take(order).to_pandas(), ordered=False
        )
    )


def _frame_type(kind: pa.DataType) -> ExtensionDtype | None:
    return pd.ArrowDtype(kind) if pa.types.is_decimal(kind) else _FRAME_TYPES.get(kind)


def _within(frame: pd.DataFrame, day: str, period: Period) -> pd.DataFrame:
    days = frame[day]
    first, end = pd.Timestamp(period.first_day), pd.Timestamp(period.end_day)
    if days.is_monotonic_increasing:
        # In the order of days, as most queries give them, the rows are one stretch that need not be copied.
        return frame.iloc[days.searchsorted(first) : days.searchsorted(end)]
    return frame[(days >= first) & (days < end)]


def rows_of_variant(
    report: ReportDefinition, rows: Mapping[str, Rows], parameters: Mapping[str, object]
) -> dict[str, Rows]:
    """Return the rows that one variant of a run is about, where datasets are filtered by its parameters."""
    chosen = dict(rows)
    for name, definition in report.datasets.items():
        for column, parameter in definition.filter.items():
            value = parameters.get(parameter)
            chosen[name] = _filtered(chosen[name], column, value)
    return chosen


def _filtered(rows: Rows, column: str, value: object) -> Rows:
    def cut(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[(frame[column] == value).fillna(False).astype(bool)]

    current = cut(rows.current)
    return replace(
        rows,
        everything=current if rows.everything is rows.current else cut(rows.everything),
        current=current,
        previous=None if rows.previous is None else cut(rows.previous),
        year_before=None if rows.year_before is None else cut(rows.year_before),
    )
