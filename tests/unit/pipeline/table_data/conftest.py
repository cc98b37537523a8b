"""Reports made of a dict, and rows made of lists: no database, no files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import pytest

from broadsheet.domain.period import Period, parse_period
from broadsheet.domain.report import ReportDefinition
from broadsheet.pipeline.payload import TablePart
from broadsheet.pipeline.rows import Rows
from broadsheet.pipeline.table_data import ranked_rows, table_part

TYPES = {
    "integer": "Int64",
    "number": "float64",
    "text": "str",
    "boolean": "boolean",
    "date": "datetime64[s]",
    "decimal": "object",
}
Cells = Mapping[str, tuple[str, list[Any]]]
"""Columns by name: their type and their values."""


def make_report(cells: Cells, **parts: Any) -> ReportDefinition:
    """Return a report over one dataset, ``rows``."""
    return ReportDefinition.model_validate(
        {
            "id": "probe",
            "version": "1",
            "title": "Probe",
            "summary": "A probe.",
            "audience": ["subscriber"],
            "source": "shop",
            "period_kinds": ["month"],
            "email": {"subject": "x"},
            "datasets": {
                "rows": {
                    "sql": "rows.sql",
                    "primary": True,
                    "columns": {name: kind for name, (kind, _) in cells.items()},
                }
            },
            **parts,
        }
    )


def make_rows(cells: Cells) -> Rows:
    """Return the dataset's rows."""
    frame = pd.DataFrame(
        {name: pd.Series(values, dtype=TYPES[kind]) for name, (kind, values) in cells.items()}
    )
    return Rows(frame, frame, None, "")


MakeTable = Callable[..., TablePart]


@pytest.fixture
def period() -> Period:
    """Return a month."""
    return parse_period("2013-03", zone="Europe/Berlin")


@pytest.fixture
def make_table(period: Period) -> MakeTable:
    """Return a function from cells, and a table's declaration, to what a document shows of it."""

    def make(cells: Cells, *, measures: Mapping[str, Any] | None = None, **table: Any) -> TablePart:
        declared = {"title": "All", "dataset": "rows", "rank": False, **table}
        report = make_report(cells, tables={"all": declared}, measures=dict(measures or {}))
        ranked = ranked_rows(report, "all", rows={"rows": make_rows(cells)})
        return table_part(report, "all", ranked, period=period, context={})

    return make
