"""docs/numbers.md is true: its examples are definitions that `check` accepts, and its function runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from broadsheet.catalog import load_catalog
from broadsheet.domain.aggregate import Aggregate, Derived, Resample, Top
from broadsheet.domain.kpi import Kpi
from broadsheet.domain.table import Pivot, Sections, Table, TableColumn

HOME = Path(__file__).resolve().parents[3]
PAGE = (HOME / "docs" / "numbers.md").read_text(encoding="utf-8")
QUERY = """-- Grain: one order.
SELECT ordered_on, ordered_at, region, product, items, amount, returned FROM shop.orders
{where}
ORDER BY ordered_at
"""


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def shop(folder: Path) -> Path:
    """Write a catalog of one report, made of all examples, and its function."""
    report: dict[str, Any] = {
        "id": "shop", "version": "1", "title": "Shop", "summary": "A shop.", "audience": ["subscriber"],
        "source": "shop", "period_kinds": ["month"], "email": {"subject": "Shop"},
    }  # fmt: skip
    for example in blocks("yaml"):
        for key, part in yaml.safe_load(example).items():
            if isinstance(part, dict):
                report.setdefault(key, {}).update(part)
            else:
                report[key] = part
    for name, text in {
        "include/reports/shop.yaml": yaml.safe_dump(report, sort_keys=False, allow_unicode=True),
        "include/templates/reports/shop.md.j2": '{{ kpis("summary") }}\n',
        "include/broadsheet_ext/shop.py": blocks("python")[0],
        "sql/reports/shop/orders.sql": QUERY.format(where=blocks("sql")[0]),
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_every_example_is_a_definition_without_fault(tmp_path: Path) -> None:
    home = shop(tmp_path)
    catalog = load_catalog(
        home / "include/reports", sql_dir=home / "sql", templates_dir=home / "include/templates"
    )
    assert [str(problem) for problem in catalog.problems] == []


def test_the_function_of_the_page_returns_what_it_declares() -> None:
    names: dict[str, Any] = {}
    exec(blocks("python")[0], names)
    rows = pd.DataFrame({"items": [2, 1, 2], "amount": [1, 2, 3]})
    assert list(names["baskets"](rows, None).columns) == ["size", "orders", "amount"]


@pytest.mark.parametrize(
    "model",
    [Table, TableColumn, Sections, Pivot, Kpi, Aggregate, Resample, Top, Derived],
    ids=lambda one: one.__name__,
)
def test_the_page_names_every_key(model: Any) -> None:
    missing = [name for name in model.model_fields if not re.search(rf"\b{name}\b", PAGE)]
    assert missing == []
