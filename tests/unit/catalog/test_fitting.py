"""Conditions that no row can meet, and formats that show no cell, are faults, not empty tables."""

from __future__ import annotations

from typing import Any

import pytest

from broadsheet.catalog.references import check_references
from broadsheet.domain.report import ReportDefinition

COLUMNS = {
    "day": "date",
    "at": "timestamp",
    "town": "text",
    "open": "boolean",
    "sales": "integer",
    "money": "decimal",
}


def faults(**parts: Any) -> list[tuple[str, str]]:
    definition = {
        "id": "shop",
        "version": "1",
        "title": "Shop",
        "summary": "Sales",
        "audience": ["all"],
        "source": "shop",
        "period_kinds": ["month"],
        "datasets": {"rows": {"sql": "rows.sql", "columns": COLUMNS, "primary": True}},
        "measures": {"sales": {"dataset": "rows", "take": "sum", "column": "sales", "label": "Sales"}},
        "email": {"subject": "Shop"},
        **parts,
    }
    report = ReportDefinition.model_validate(definition)
    return [(".".join(map(str, place)), words) for place, words in check_references(report)]


def table(**parts: Any) -> list[tuple[str, str]]:
    columns = parts.pop("columns", [{"name": "town", "label": "Town"}])
    return faults(tables={"rows": {"title": "Rows", "dataset": "rows", "columns": columns, **parts}})


BAD_VALUES = [
    ("town", 12, "text, and never 12"),
    ("town", False, "in quotes"),
    ("open", "yes", "true or false"),
    ("open", 1, "true or false"),
    ("sales", "12", "a number"),
    ("money", True, "a number"),
    ("day", "March", "a day such as"),
    ("at", 2013, "an instant such as"),
]


@pytest.mark.parametrize(("column", "value", "words"), BAD_VALUES)
def test_a_value_that_no_row_can_have_is_named(column: str, value: object, words: str) -> None:
    measure = {"dataset": "rows", "take": "count", "label": "Rows", "where": {column: value}}
    aggregate = {"dataset": "rows", "group": ["town"], "columns": {"n": {"measure": "sales"}}}
    flag = {"tone": "good", "label": "Good", "equals": value}
    found = [
        faults(measures={"rows": measure}),
        table(where={column: value}),
        faults(
            measures={"sales": {**measure, "where": {}}},
            aggregates={"towns": {**aggregate, "where": {column: value}}},
        ),
        table(columns=[{"name": column, "label": "X", "flags": [flag]}]),
    ]
    assert [place for ((place, _),) in found] == [
        f"measures.rows.where.{column}",
        f"tables.rows.where.{column}",
        f"aggregates.towns.where.{column}",
        "tables.rows.columns.0.flags.0.equals",
    ]
    assert all(words in message for ((_, message),) in found)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("town", "Ulm"),
        ("open", False),
        ("sales", 3),
        ("money", 0.5),
        ("day", "2013-03-18"),
        ("at", "2013-03-18T07:00:00Z"),
    ],
)
def test_a_value_that_a_row_can_have_is_none(column: str, value: object) -> None:
    assert table(where={column: value}) == []


@pytest.mark.parametrize(
    ("column", "style", "good"),
    [
        ("town", "integer", "use text"),
        ("open", "percent", "use text"),
        ("day", "decimal1", "use text, date"),
        ("day", "datetime", "use text, date"),
        ("sales", "date", "use integer, decimal1, decimal2, percent, text"),
    ],
)
def test_a_format_that_shows_no_cell_is_named_with_those_that_do(column: str, style: str, good: str) -> None:
    ((place, message),) = table(columns=[{"name": column, "label": "X", "format": style}])
    assert place == "tables.rows.columns.0.format"
    assert message.endswith(good)
    ((place, message),) = faults(facts={"one": {"dataset": "rows", "column": column, "format": style}})
    assert (place, message.endswith(good)) == ("facts.one.format", True)


def test_a_measure_is_shown_as_a_number() -> None:
    column = {"name": "sales", "label": "Sales", "format": "date"}
    ((place, _),) = table(group=["town"], columns=[{"name": "town", "label": "Town"}, column])
    assert place == "tables.rows.columns.1.format"
    assert table(columns=[{"name": "at", "label": "At", "format": "date"}]) == []


@pytest.mark.parametrize(
    ("column", "schema", "cure"),
    [
        ("sales", {"type": "string"}, "`type: integer`"),
        ("money", {"type": "boolean"}, "`type: number`"),
        ("town", {"type": "integer"}, "`type: string`"),
        ("open", {"type": "string", "enum": ["yes", "no"]}, "`type: boolean`"),
        ("day", {"type": "string"}, "`type: string, format: date`"),
    ],
)
def test_a_filter_by_a_parameter_that_no_row_can_have_is_named(
    column: str, schema: dict[str, Any], cure: str
) -> None:
    ((place, message),) = filtered(column, schema)
    assert place == f"datasets.rows.filter.{column}"
    assert cure in message


@pytest.mark.parametrize(
    ("column", "schema"),
    [
        ("sales", {"type": "integer"}),
        ("sales", {"type": "number"}),
        ("money", {"type": "integer", "enum": [1, 2]}),
        ("town", {"type": "string"}),
        ("town", {"type": "string", "format": "date"}),
        ("open", {"type": "boolean"}),
        ("day", {"type": "string", "format": "date"}),
        ("day", {"type": "string", "enum": ["2013-03-18", "2013-03-19"]}),
    ],
)
def test_a_filter_by_a_parameter_of_the_columns_type_is_none(column: str, schema: dict[str, Any]) -> None:
    assert filtered(column, schema) == []


def filtered(column: str, schema: dict[str, Any]) -> list[tuple[str, str]]:
    rows = {"sql": "rows.sql", "columns": COLUMNS, "primary": True, "filter": {column: "chosen"}}
    return faults(datasets={"rows": rows}, parameters={"type": "object", "properties": {"chosen": schema}})
