"""What each table shows: rows or groups of rows, ranked, under headings, summed up, every cell in words.

``ranking`` finds the rows, ``pivot`` makes columns of values, ``columns`` gives columns their types, ``sums``
adds up, ``marks`` computes bars, tints and flags, and ``part`` puts what the document shows into words.
"""

from __future__ import annotations

from broadsheet.pipeline.table_data.columns import TypedColumn, export_columns, typed_columns
from broadsheet.pipeline.table_data.part import table_part
from broadsheet.pipeline.table_data.ranking import Ranked, ranked_rows

__all__ = ["Ranked", "TypedColumn", "export_columns", "ranked_rows", "table_part", "typed_columns"]
