"""Rows read from staging: only what is needed, cut by period, the same however they are kept in memory."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from broadsheet.domain.objects import MemoryObjectStore
from broadsheet.domain.period import parse_period
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.run import RunSpec, VariantSpec
from broadsheet.errors import IntegrityError
from broadsheet.pipeline import rows as rows_module
from broadsheet.pipeline.aggregate import aggregate_variant, aggregate_variants
from broadsheet.pipeline.payload import Payload, read_payload
from broadsheet.pipeline.rows import Rows, load_rows

SPEC = RunSpec(
    run_id=UUID(int=3),
    report_id="probe",
    slot=datetime(2013, 4, 1, 6, tzinfo=UTC),
    period=parse_period("2013-03", zone="UTC"),
    parameters={},
    variants=(
        VariantSpec(name="plain", parameters={}),
        VariantSpec(name="main", parameters={"town": "Ulm"}),
        VariantSpec(name="bonn", parameters={"town": "Bonn"}),
        VariantSpec(name="nowhere", parameters={"town": "Kiel"}),
    ),
)
DAYS = [date(2013, 3, 1), date(2013, 2, 28), date(2012, 3, 31), date(2013, 3, 31), date(2013, 4, 1)]


def definition(**dataset: Any) -> ReportDefinition:
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
            "parameters": {"type": "object", "properties": {"town": {"type": "string", "title": "Town"}}},
            "datasets": {
                "sales": {
                    "sql": "sales.sql",
                    "primary": True,
                    "columns": {"day": "date", "town": "text", "remark": "text", "amount": "decimal"},
                    "day": "day",
                    **dataset,
                }
            },
            "measures": {
                "amount": {
                    "dataset": "sales", "take": "sum", "column": "amount",
                    "label": "Sales", "format": "decimal2",
                },
            },
            "kpis": {"top": ["amount", {"measure": "amount", "spark": "day"}]},
            "tables": {
                "towns": {
                    "title": "Towns", "dataset": "sales", "group": ["town"], "order_by": "town",
                    "order": "lowest",
                    "columns": [{"name": "town", "label": "Town"}, {"name": "amount", "label": "Sales"}],
                    "totals": True,
                },
                "days": {
                    "title": "Days", "dataset": "sales", "sections": {"by": "town"},
                    "columns": [{"name": "day", "label": "Day"}, {"name": "amount", "label": "Sales"}],
                },
            },
        }
    )  # fmt: skip


def staging(cells: Mapping[str, list[Any]] | None = None) -> MemoryObjectStore:
    given: Mapping[str, list[Any]] = cells or {
        "day": DAYS,
        "town": ["Ulm", "Ulm", "Bonn", None, "Ulm"],
        "remark": ["x"] * 5,
        "amount": [Decimal("1.10"), Decimal("2.20"), Decimal("4.40"), None, Decimal("8.80")],
    }
    table = pa.table(
        {
            "day": pa.array(given["day"], pa.date32()),
            "town": pa.array(given["town"], pa.string()),
            "remark": pa.array(given["remark"], pa.string()),
            "amount": pa.array(given["amount"], pa.decimal128(12, 2)),
        }
    )
    buffer = io.BytesIO()
    pq.write_table(table, buffer, row_group_size=2)
    store = MemoryObjectStore()
    store.put(SPEC.dataset_key("sales"), buffer.getvalue(), content_type="")
    return store


def load(report: ReportDefinition, store: MemoryObjectStore | None = None) -> Rows:
    return load_rows(SPEC, report, staging=store or staging())["sales"]


def test_rows_are_cut_into_the_periods_that_are_compared() -> None:
    rows = load(definition(year_before=True))
    assert rows.previous is not None
    assert rows.year_before is not None
    assert [len(part) for part in (rows.everything, rows.current, rows.previous, rows.year_before)] == [
        5,
        2,
        1,
        1,
    ]
    assert load(definition()).year_before is None


def test_columns_that_nothing_names_are_not_read() -> None:
    assert list(load(definition()).everything) == ["day", "town", "amount"]


def test_amounts_are_decimals_and_numbers_are_floats() -> None:
    assert load(definition()).current["amount"].tolist()[0] == Decimal("1.10")
    columns = {"day": "date", "town": "text", "remark": "text", "amount": "number"}
    assert load(definition(columns=columns)).everything["amount"].dtype == "float64"


def payload(monkeypatch: pytest.MonkeyPatch, many: int, cells: Mapping[str, list[Any]]) -> Payload:
    monkeypatch.setattr(rows_module, "MANY_ROWS", many)
    store = staging(cells)
    aggregate_variant(SPEC, definition(year_before=True), "plain", staging=store)
    return read_payload(SPEC, "plain", staging=store)


@pytest.mark.parametrize(
    "towns",
    [
        ["Ulm", None, "Bonn", "Ålesund", "Ulm", "", "Zürich", "bonn"] * 6,
        [None] * 48,
        ["Ulm"] * 48,
        [f"Town {number}" for number in range(48)],
    ],
)
def test_words_kept_once_give_the_same_payload(
    monkeypatch: pytest.MonkeyPatch, towns: list[str | None]
) -> None:
    cells = {
        "day": [DAYS[number % 5] for number in range(48)],
        "town": towns,
        "remark": ["n"] * 48,
        "amount": [Decimal(number) if number % 7 else None for number in range(48)],
    }
    assert payload(monkeypatch, 0, cells) == payload(monkeypatch, 10**9, cells)


def test_repeated_words_are_kept_once_and_others_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_module, "MANY_ROWS", 0)
    cells = {
        "day": [DAYS[0]] * 40,
        "town": ["b", "a", None, "c"] * 10,
        "remark": [""] * 40,
        "amount": [None] * 40,
    }
    town = load(definition(), staging(cells)).everything["town"]
    assert isinstance(town.dtype, pd.CategoricalDtype)
    assert town.cat.categories.tolist() == ["a", "b", "c"]
    assert town.tolist()[:2] == ["b", "a"]
    cells["town"] = [str(number) for number in range(40)]
    assert not isinstance(load(definition(), staging(cells)).everything["town"].dtype, pd.CategoricalDtype)


def test_an_empty_dataset_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    empty: dict[str, list[Any]] = {"day": [], "town": [], "remark": [], "amount": []}
    assert payload(monkeypatch, 0, empty).empty
    assert payload(monkeypatch, 10**9, empty).tables["towns"].total_rows == 0


def test_each_variant_of_a_burst_is_about_its_own_rows_of_the_same_data() -> None:
    report, store = definition(filter={"town": "town"}), staging()
    summaries = aggregate_variants(SPEC, report, ["main", "bonn", "nowhere"], staging=store)
    amounts = [read_payload(SPEC, name, staging=store).kpis["top"][0].display for name in summaries]
    assert amounts == ["1.10", "–", "–"]
    assert [summary.empty for summary in summaries.values()] == [False, True, True]


def test_a_variant_whose_parameter_filters_nothing_is_refused() -> None:
    with pytest.raises(IntegrityError, match="'town'"):
        aggregate_variant(SPEC, definition(), "main", staging=staging())
