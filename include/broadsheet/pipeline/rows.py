"""A run's datasets as pandas frames, cut into the period and the period before it."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pandas.api.extensions import ExtensionDtype

from broadsheet.domain.objects import ObjectStore
from broadsheet.domain.parts import ColumnType
from broadsheet.domain.period import Period
from broadsheet.domain.report import Dataset, ReportDefinition
from broadsheet.domain.run import QUERY_DIGEST, RunSpec

# Types that know a missing value, so that whole numbers and truth values stay what they are.
_FRAME_TYPES = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}


def _frame_type(kind: pa.DataType) -> ExtensionDtype | None:
    return pd.ArrowDtype(kind) if pa.types.is_decimal(kind) else _FRAME_TYPES.get(kind)


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


def load_rows(spec: RunSpec, report: ReportDefinition, *, staging: ObjectStore) -> dict[str, Rows]:
    """Read every dataset of a run from staging; NotFoundError when ``fetch`` has not written one."""
    return {name: _load(spec, name, definition, staging) for name, definition in report.datasets.items()}


def _load(spec: RunSpec, dataset: str, definition: Dataset, staging: ObjectStore) -> Rows:
    data = staging.get(spec.dataset_key(dataset))
    # Not `read_table`, which loads pyarrow's machinery for folders of files first.
    table = pq.ParquetFile(io.BytesIO(data)).read()
    for position, field in enumerate(table.schema):
        if pa.types.is_decimal(field.type) and definition.columns[field.name] is not ColumnType.DECIMAL:
            # A number need not be exact, and floats are faster.
            table = table.set_column(position, field.name, table.column(position).cast(pa.float64()))
    frame = table.to_pandas(types_mapper=_frame_type, date_as_object=False)
    digest = hashlib.sha256(data).hexdigest()
    query = (table.schema.metadata or {}).get(QUERY_DIGEST, b"").decode()
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


def _within(frame: pd.DataFrame, day: str, period: Period) -> pd.DataFrame:
    days = frame[day]
    return frame[(days >= pd.Timestamp(period.first_day)) & (days < pd.Timestamp(period.end_day))]
