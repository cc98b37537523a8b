"""The rows that measures are taken of, with what several measures need of them, found once.

Tiles, highlights, charts and tables ask for many measures by few groupings. To look for the groups is most of
the work, more than to take the measures, so each grouping is kept, and so is each column as numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas.api.typing import DataFrameGroupBy, SeriesGroupBy

from broadsheet.domain.parts import Scalar
from broadsheet.pipeline.exact import is_exact

_LARGE = 10**12
"""Floats are cut to twelve digits."""
_WHOLE = pd.ArrowDtype(pa.decimal128(38, 0))


def select(frame: pd.DataFrame, where: Mapping[str, Scalar]) -> pd.DataFrame:
    """Return the rows whose columns have the given values; a row without a value never does."""
    for column, value in where.items():
        wanted = Decimal(repr(value)) if is_exact(frame[column]) and isinstance(value, int | float) else value
        frame = frame[(frame[column] == wanted).fillna(False).astype(bool)]
    return frame


class Population:
    """Rows that measures are taken of; the frame is not to be changed afterwards."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self._numbers: dict[str, pd.Series] = {}
        self._large: dict[str, pd.Series | None] = {}
        self._groupings: dict[tuple[str, ...], DataFrameGroupBy[Any, Any]] = {}
        self._parts: dict[tuple[tuple[str, Scalar], ...], Population] = {}

    def where(self, where: Mapping[str, Scalar]) -> Population:
        """Return the rows whose columns have the given values; a row without a value never does."""
        if not where:
            return self
        key = tuple(where.items())
        if key not in self._parts:
            self._parts[key] = Population(select(self.frame, where))
        return self._parts[key]

    def numbers(self, column: str) -> pd.Series:
        """Return a column as floats; what is missing or endless is NaN.

        Pandas leaves that out. A sum with something endless would tell nothing of the others.
        """
        if column not in self._numbers:
            # One type for all that is measured.
            numbers = self.frame[column].astype("float64")
            endless = np.isinf(numbers.to_numpy())
            self._numbers[column] = numbers.mask(endless) if endless.any() else numbers
        return self._numbers[column]

    def large_numbers(self, column: str) -> pd.Series | None:
        """Return whole numbers as decimals where floats might not keep all digits of their sum."""
        if column not in self._large:
            values = self.frame[column]
            found: pd.Series | None = None
            if pd.api.types.is_integer_dtype(values.dtype) and values.notna().any():
                largest = max(abs(int(values.min())), abs(int(values.max())))
                if largest * len(values) >= _LARGE:
                    found = values.astype(_WHOLE)
            self._large[column] = found
        return self._large[column]

    def grouped(self, columns: Sequence[str]) -> DataFrameGroupBy[Any, Any]:
        """Return the rows in groups of equal values of some columns; rows without a value are in none."""
        key = tuple(columns)
        if key not in self._groupings:
            self._groupings[key] = self.frame.groupby(list(columns), observed=True)
        return self._groupings[key]

    def grouped_column(self, column: pd.Series, columns: Sequence[str]) -> SeriesGroupBy[Any, Any]:
        """Return a column of these rows, or one made of it, in the same groups."""
        # What pandas has found of the groups, which it takes as a key; by the columns it would look for them
        # again. Its stubs do not know of that.
        grouping: Any = self.grouped(columns)._grouper
        grouped: SeriesGroupBy[Any, Any] = column.groupby(grouping, observed=True)
        return grouped
