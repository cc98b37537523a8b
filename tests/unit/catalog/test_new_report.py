"""A new report is good from the start, whatever the table's columns are called."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.catalog import Catalog, load_catalog
from broadsheet.catalog.naming import as_name, in_words
from broadsheet.catalog.new_report import check_name, write_report
from broadsheet.catalog.skeleton import SourceColumn, SourceTable, choose
from broadsheet.domain.measure import Function
from broadsheet.domain.parts import ColumnType
from broadsheet.errors import ConflictError, InputError

HOME = Path(__file__).resolve().parents[3]

DAY = SourceColumn("day", "day", ColumnType.DATE, "date", required=True)
KEY = SourceColumn("order_id", "order_id", ColumnType.INTEGER, "int8", in_key=True, in_primary_key=True)
REGION = SourceColumn("region", "region", ColumnType.TEXT, "text", distinct_values=4)
AMOUNT = SourceColumn("amount", "amount", ColumnType.NUMBER, "numeric", scale=2)


def table(*columns: SourceColumn) -> SourceTable:
    return SourceTable("orders", "shop.orders", columns)


def loaded(home: Path) -> Catalog:
    return load_catalog(home / "reports", sql_dir=home / "sql", templates_dir=home / "templates")


def write(home: Path, name: str = "orders", *, of: SourceTable | None = None, day: str | None = None):
    (home / "reports").mkdir(exist_ok=True)
    if not (home / "templates").exists():
        shutil.copytree(HOME / "include/templates/new_report", home / "templates/new_report")
    return write_report(
        name,
        source="shop",
        table=of,
        day=day,
        catalog_dir=home / "reports",
        sql_dir=home / "sql",
        templates_dir=home / "templates",
    )


def test_a_report_of_example_rows_is_good(tmp_path: Path) -> None:
    definition, query, page = write(tmp_path)
    assert definition.read_text().startswith("# yaml-language-server: $schema=report.schema.json\n")
    assert query == tmp_path / "sql/reports/orders/sales.sql"
    assert page == tmp_path / "templates/reports/orders.md.j2"
    assert loaded(tmp_path).problems == ()
    assert list(loaded(tmp_path).get("orders").measures) == ["rows", "total_orders", "total_amount"]


def test_a_report_of_a_table_has_its_columns_measures_chart_and_table(tmp_path: Path) -> None:
    _, query, _ = write(tmp_path, of=table(KEY, DAY, REGION, AMOUNT))
    report = loaded(tmp_path).get("orders")
    assert report.datasets["orders"].day == "day"
    assert list(report.datasets["orders"].columns) == ["day", "order_id", "region", "amount"]
    assert list(report.measures) == ["rows", "total_amount"]
    assert report.tables["details"].group == ("region",)
    text = query.read_text()
    assert "WHERE\n    day >= %(previous_first_day)s\n    AND day < %(end_day)s\n" in text
    assert text.endswith("ORDER BY\n    day,\n    order_id\n")


@pytest.mark.parametrize(
    "columns", [(REGION,), (KEY,), (AMOUNT,), (DAY,), (KEY, AMOUNT)], ids=lambda columns: columns[0].name
)
def test_a_table_of_little_gives_a_good_report_too(tmp_path: Path, columns: tuple[SourceColumn, ...]) -> None:
    write(tmp_path, of=table(*columns))
    assert loaded(tmp_path).problems == ()


def test_nothing_is_overwritten_and_nothing_half_written(tmp_path: Path) -> None:
    page = tmp_path / "templates/reports/orders.md.j2"
    page.parent.mkdir(parents=True)
    page.write_text("mine")
    shutil.copytree(HOME / "include/templates/new_report", tmp_path / "templates/new_report")
    with pytest.raises(ConflictError, match=r"orders\.md\.j2 is there already"):
        write(tmp_path)
    assert page.read_text() == "mine"
    assert list((tmp_path / "reports").iterdir()) == []


@pytest.mark.parametrize(
    ("name", "meant"),
    [("Sales", "sales"), ("sales-2026", "sales_2026"), ("2026", "c_2026"), ("../etc", "etc"), ("", "c")],
)
def test_a_name_that_no_report_may_have_is_answered_with_one_that_it_may(name: str, meant: str) -> None:
    with pytest.raises(InputError, match=f"did you mean '{meant}'"):
        check_name(name, "name")


def test_an_instant_is_cut_to_days_in_the_reports_zone_and_read_by_its_index(tmp_path: Path) -> None:
    stamp = SourceColumn("at", "at", ColumnType.TIMESTAMP, "timestamptz", required=True)
    choice = choose(table(stamp, AMOUNT))
    assert [column.expression for column in choice.columns] == [
        "(at AT TIME ZONE %(zone)s)::date AS at_day",
        "at",
        "amount",
    ]
    assert choice.condition is not None
    assert choice.condition.start == "at >= %(previous_start)s"
    write(tmp_path, of=table(stamp, AMOUNT))
    assert loaded(tmp_path).get("orders").datasets["orders"].day == "at_day"


def test_a_date_that_every_row_has_says_when_unless_another_is_asked_for() -> None:
    shipped = SourceColumn("shipped", "shipped", ColumnType.DATE, "date")
    assert choose(table(shipped, DAY)).day == "day"
    assert choose(table(shipped, DAY), day="shipped").day == "shipped"
    with pytest.raises(InputError, match="did you mean 'shipped'"):
        choose(table(shipped, DAY), day="shiped")


def test_numbers_that_only_name_things_are_not_added_up() -> None:
    columns = [
        SourceColumn(name, name, ColumnType.INTEGER, "int4")
        for name in ("flight_year", "zip", "delay", "seat_count")
    ]
    columns.append(SourceColumn("discount_pct", "discount_pct", ColumnType.DECIMAL, "numeric", scale=2))
    measures = choose(table(*columns, KEY)).measures
    assert [(one.take, one.column) for one in measures] == [
        (Function.COUNT, None),
        (Function.MEAN, "delay"),
        (Function.SUM, "seat_count"),
        (Function.MEAN, "discount_pct"),
    ]


def test_a_text_with_few_values_makes_the_groups_and_one_with_many_does_not() -> None:
    note = SourceColumn("note", "note", ColumnType.TEXT, "text", distinct_values=-0.9)
    assert choose(table(note, REGION)).table_group == "region"
    assert choose(table(note, AMOUNT)).table_group is None


def test_types_that_reports_do_not_take_are_cast_or_left_out() -> None:
    kinds = ("json", "bytea", "interval", "timestamp")
    columns = [SourceColumn(kind, kind, None, kind) for kind in kinds]
    expressions = [column.expression for column in choose(table(*columns, REGION)).columns]
    assert "json::text AS json" in expressions
    assert "interval::text AS interval" in expressions
    assert "timestamp AT TIME ZONE %(zone)s AS timestamp" in expressions
    assert not any("bytea" in expression for expression in expressions)
    with pytest.raises(InputError, match="no column that a report can show"):
        choose(table(columns[1]))


def test_names_are_made_of_any_text() -> None:
    assert as_name("Unit price (€)") == "unit_price"
    assert as_name("Größe (m²)") == "grosse_m2"
    assert as_name("customerID") == "customer_id"
    assert len(as_name("x" * 100)) == 63


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("dep_delay", "Dep delay"),
        ("TotalAmount", "Total amount"),
        ("customerID", "Customer ID"),
        ("ORDER_DATE", "Order date"),
        ("Straße & Hausnr.", "Straße & Hausnr."),
        ("{{ x }}", "X"),
        ("***", "Rows"),
    ],
)
def test_labels_say_what_names_mean(name: str, words: str) -> None:
    assert in_words(name) == words


def test_a_total_is_not_called_a_total_twice_and_money_is_exact(tmp_path: Path) -> None:
    money = SourceColumn("TotalAmount", '"TotalAmount"', ColumnType.DECIMAL, "numeric", scale=2)
    choice = choose(table(DAY, REGION, money))
    assert [(one.name, one.label) for one in choice.measures] == [
        ("rows", "Orders"),
        ("total_amount", "Total amount"),
    ]
    write(tmp_path, of=table(DAY, REGION, money))
    assert loaded(tmp_path).get("orders").datasets["orders"].columns["total_amount"] is ColumnType.DECIMAL


def test_groups_that_are_called_rows_do_not_hide_the_number_of_rows(tmp_path: Path) -> None:
    write(tmp_path, of=table(DAY, SourceColumn("rows", "rows", ColumnType.TEXT, "text", distinct_values=3)))
    report = loaded(tmp_path).get("orders")
    assert list(report.measures) == ["row_count"]
    assert report.tables["details"].group == ("rows",)


quoted = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=63).map(
    lambda name: (name, '"' + name.replace('"', '""') + '"')
)
columns = st.builds(
    lambda names, kind, **more: SourceColumn(*names, kind[0], kind[1], **more),
    quoted,
    st.sampled_from(
        [
            (ColumnType.DATE, "date"),
            (ColumnType.TEXT, "text"),
            (ColumnType.INTEGER, "int4"),
            (ColumnType.NUMBER, "numeric"),
            (ColumnType.BOOLEAN, "bool"),
            (ColumnType.TIMESTAMP, "timestamptz"),
            (None, "timestamp"),
            (None, "json"),
        ]
    ),
    in_primary_key=st.booleans(),
    required=st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(columns, max_size=6))
def test_any_names_of_columns_make_a_good_report(
    tmp_path_factory: pytest.TempPathFactory, found: list[SourceColumn]
) -> None:
    home = tmp_path_factory.mktemp("home")
    write(home, of=table(*found, REGION))
    assert [str(problem) for problem in loaded(home).problems] == []
