"""Aggregates: rows by groups and by the calendar, columns made of others, and functions of one's own."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pytest

from broadsheet.domain.aggregate import Every
from broadsheet.domain.parts import ColumnType
from broadsheet.domain.period import Period, parse_period
from broadsheet.domain.report import ReportDefinition
from broadsheet.errors import DefinitionError, QueryError
from broadsheet.pipeline.aggregates import with_aggregates
from broadsheet.pipeline.aggregates.calendar import all_steps, steps_of
from broadsheet.pipeline.exports import csv_of
from broadsheet.pipeline.formats import format_text
from broadsheet.pipeline.kpis import compute_figures
from broadsheet.pipeline.rows import Rows
from broadsheet.pipeline.table_data import export_columns, ranked_rows, table_part

MARCH = parse_period("2013-03", zone="Europe/Berlin")
SALES = pd.DataFrame(
    {
        "day": pd.Series(
            pd.to_datetime(["2013-03-01", "2013-03-01", "2013-03-02", "2013-03-04", "2013-03-31"])
        ).astype("datetime64[s]"),
        "sold_at": pd.to_datetime(
            [
                "2013-03-01T10:15Z",
                "2013-03-01T10:59Z",
                "2013-03-02T23:30Z",
                "2013-03-04T01:00Z",
                "2013-03-31T00:30Z",
            ]
        ).as_unit("us"),
        "town": pd.Series(["Ulm", "Bonn", "Ulm", "Kiel", None], dtype="str"),
        "items": pd.Series([3, 1, 2, None, 4], dtype="Int64"),
        "amount": pd.Series(
            [Decimal("1.10"), Decimal("2.20"), None, Decimal("4.40"), Decimal("8.80")],
            dtype=pd.ArrowDtype(pa.decimal128(12, 2)),
        ),
    }
)
MEASURES: dict[str, Any] = {
    "sales": {"dataset": "sales", "take": "count", "label": "Sales", "format": "integer"},
    "items": {"dataset": "sales", "take": "sum", "column": "items", "label": "Items"},
    "amount": {
        "dataset": "sales",
        "take": "sum",
        "column": "amount",
        "label": "Amount",
        "format": "decimal2",
    },
}


def definition(
    measures: dict[str, Any] | None = None, *, day: str | None = "day", **aggregate: Any
) -> ReportDefinition:
    shown = [{"name": name, "label": name} for name in aggregate.pop("shown", ["town"])]
    parts = {
        "measures": MEASURES | (measures or {}),
        "aggregates": {"made": {"dataset": "sales", **aggregate}},
    }
    columns = {"day": "date", "sold_at": "timestamp", "town": "text", "items": "integer", "amount": "decimal"}
    return ReportDefinition.model_validate(
        {
            "id": "probe", "version": "1", "title": "Probe", "summary": "A probe.",
            "audience": ["subscriber"], "source": "shop", "period_kinds": ["month"],
            "email": {"subject": "x"},
            "datasets": {"sales": {"sql": "s.sql", "primary": True, "columns": columns, "day": day}},
            "tables": {"made": {"title": "Made", "dataset": "made", "rank": False, "columns": shown}},
            **parts,
        }
    )  # fmt: skip


def rows_of(frame: pd.DataFrame = SALES) -> dict[str, Rows]:
    return {"sales": Rows(frame, frame, frame.head(2), "")}


def made(report: ReportDefinition, frame: pd.DataFrame = SALES, period: Period = MARCH) -> pd.DataFrame:
    found = with_aggregates(report, rows_of(frame), period=period, parameters={})["made"].current
    assert list(found.columns) == list(report.columns_of("made"))
    return found


def test_rows_are_measured_by_group() -> None:
    found = made(
        definition(group=["town"], columns={"n": {"measure": "sales"}, "sum": {"measure": "amount"}})
    )
    assert found.to_dict("list") == {
        "town": ["Bonn", "Kiel", "Ulm"],
        "n": [1, 1, 2],
        "sum": [Decimal("2.20"), Decimal("4.40"), Decimal("1.10")],
    }


def test_every_day_of_the_period_has_a_row_and_nothing_sold_is_no_sale() -> None:
    report = definition(
        resample={"column": "day", "every": "day"},
        columns={"n": {"measure": "sales"}, "sum": {"measure": "amount"}},
    )
    found = made(report)
    assert len(found) == 31
    assert found["n"].tolist()[:4] == [2, 0 + 1, 0, 1]
    assert found["sum"].tolist()[0] == Decimal("3.30")
    assert pd.isna(found["sum"].tolist()[2])


def test_an_hour_is_one_of_the_zone_and_gaps_have_rows() -> None:
    report = definition(
        day=None, resample={"column": "sold_at", "every": "hour"}, columns={"n": {"measure": "sales"}}
    )
    found = made(report, SALES.head(3))
    assert found["sold_at"].tolist()[0] == pd.Timestamp("2013-03-01T10:00Z")
    assert found["n"].tolist()[0] == 2
    assert (len(found), int(found["n"].sum())) == (38, 3)


def test_groups_and_steps_make_a_row_for_each_pair() -> None:
    report = definition(
        resample={"column": "day", "every": "week"}, group=["town"], columns={"n": {"measure": "sales"}}
    )
    found = made(report)
    # Five weeks touch March 2013; three towns are known.
    assert len(found) == 15
    assert found["day"].iloc[0] == pd.Timestamp("2013-02-25")
    assert found[found["n"] > 0]["town"].tolist() == ["Bonn", "Ulm", "Kiel"]


@pytest.mark.parametrize(
    ("every", "day", "first"),
    [
        ("week", "2013-01-01", "2012-12-31"),
        ("week", "1969-12-31", "1969-12-29"),
        ("month", "2013-02-28", "2013-02-01"),
        ("quarter", "2013-12-31", "2013-10-01"),
        ("quarter", "1677-05-02", "1677-04-01"),
        ("year", "9999-12-31", "9999-01-01"),
        ("day", "1677-01-01", "1677-01-01"),
    ],
)
def test_a_day_belongs_to_the_step_that_the_calendar_puts_it_into(every: str, day: str, first: str) -> None:
    column = pd.Series([pd.Timestamp(day), pd.NaT]).astype("datetime64[s]")
    found = steps_of(column, Every(every), zone="UTC")
    assert str(found.iloc[0].date()) == first
    assert pd.isna(found.iloc[1])


def test_an_instant_belongs_to_the_day_of_the_zone() -> None:
    found = steps_of(SALES["sold_at"], Every.DAY, zone="Europe/Berlin")
    assert str(found.iloc[2].date()) == "2013-03-03"


def test_the_day_on_which_clocks_change_has_its_own_number_of_hours() -> None:
    day = parse_period("2013-03-31", zone="Europe/Berlin")
    assert len(all_steps(pd.Series(dtype="datetime64[s]"), Every.HOUR, whole=day)) == 23


def test_steps_that_would_never_end_are_refused() -> None:
    frame = SALES.assign(
        day=pd.Series([pd.Timestamp("1677-01-01"), pd.Timestamp("9999-12-31")] + [pd.NaT] * 3)
    )
    report = definition(
        day=None, resample={"column": "day", "every": "day"}, columns={"n": {"measure": "sales"}}
    )
    with pytest.raises(QueryError, match="take longer steps"):
        made(report, frame)


def test_columns_are_made_of_columns() -> None:
    report = definition(
        group=["town"],
        columns={
            "sum": {"measure": "amount"},
            "running": {"running": "sum"},
            "part": {"share": "sum"},
            "place": {"rank": "sum"},
            "step": {"change": "sum"},
        },
    )
    found = made(report)
    assert found["running"].tolist() == [Decimal("2.20"), Decimal("6.60"), Decimal("7.70")]
    assert found["part"].round(4).tolist() == [0.2857, 0.5714, 0.1429]
    assert found["place"].tolist() == [2, 1, 3]
    assert found["step"].tolist()[1:] == [Decimal("2.20"), Decimal("-3.30")]
    assert report.columns_of("made")["running"] is ColumnType.DECIMAL


def test_each_part_is_added_up_by_itself() -> None:
    report = definition(
        resample={"column": "day", "every": "week"},
        group=["town"],
        columns={"n": {"measure": "sales"}, "total": {"running": "n", "within": "town"}},
    )
    found = made(report)
    assert found[found["town"] == "Ulm"]["total"].tolist() == [2.0, 2.0, 2.0, 2.0, 2.0]


def test_a_missing_value_is_missing_in_what_is_made_of_it_and_nowhere_else() -> None:
    frame = SALES.assign(items=pd.Series([1, None, None, 5, None], dtype="Int64"))
    report = definition(
        group=["town"],
        columns={"sum": {"measure": "items"}, "running": {"running": "sum"}, "place": {"rank": "sum"}},
    )
    found = made(report, frame)
    assert found["running"].isna().tolist() == [True, False, False]
    assert found["running"].tolist()[1:] == [5.0, 6.0]
    assert found["place"].isna().tolist() == [True, False, False]


def test_the_foremost_groups_are_kept_and_the_others_are_one() -> None:
    top = {"measure": "amount", "most": 1}
    found = made(
        definition(group=["town"], top=top, columns={"sum": {"measure": "amount"}, "n": {"measure": "sales"}})
    )
    assert [format_text(town) for town in found["town"]] == ["Kiel", "Other"]
    assert found["sum"].tolist() == [Decimal("4.40"), Decimal("3.30")]
    assert found["n"].tolist() == [1, 3]


def test_the_others_are_named_in_the_reports_language_and_apart_from_a_value_of_that_name() -> None:
    report = definition(
        group=["town"],
        top={"measure": "amount", "most": 2},
        columns={"n": {"measure": "sales"}},
        shown=["town", "n"],
    ).model_copy(update={"language": "de"})
    sales = SALES.assign(town=SALES["town"].replace("Bonn", "Andere"))
    rows = with_aggregates(report, rows_of(sales), period=MARCH, parameters={})
    ranked = ranked_rows(report, "made", rows=rows)
    part = table_part(report, "made", ranked, period=MARCH, context={})
    assert part.rows == (("Andere", "1"), ("Kiel", "1"), ("Andere", "2"))
    exported = csv_of(export_columns(report, "made", ranked), ZoneInfo(MARCH.zone))
    assert exported.decode() == "town,n\r\nAndere,1\r\nKiel,1\r\nAndere,2\r\n"


def test_measures_and_tables_take_an_aggregate_as_they_take_a_dataset() -> None:
    report = definition(
        {"best": {"dataset": "made", "take": "max", "column": "sum", "label": "Best", "format": "decimal2"}},
        group=["town"],
        columns={"sum": {"measure": "amount"}},
        shown=["town", "sum"],
    )
    rows = with_aggregates(report, rows_of(), period=MARCH, parameters={})
    figure = compute_figures(report, rows)["best"]
    assert (figure.value, figure.previous) == (Decimal("4.40"), Decimal("2.20"))
    part = table_part(report, "made", ranked_rows(report, "made", rows=rows), period=MARCH, context={})
    assert part.rows == (("Bonn", "2.20"), ("Kiel", "4.40"), ("Ulm", "1.10"))


def test_an_aggregate_of_nothing_has_no_rows_but_its_columns() -> None:
    report = definition(group=["town"], columns={"n": {"measure": "sales"}, "place": {"rank": "n"}})
    assert made(report, SALES.head(0)).empty


@pytest.fixture
def extension(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that writes an extension's module and makes it importable."""
    folder = tmp_path / "broadsheet_ext"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(source: str) -> ReportDefinition:
        for name in [one for one in __import__("sys").modules if one.split(".")[0] == "broadsheet_ext"]:
            monkeypatch.delitem(__import__("sys").modules, name)
        (folder / "shop.py").write_text(source)
        return definition(function="shop.by_town", returns={"town": "text", "amount": "decimal"})

    return write


def test_a_function_of_ones_own_makes_the_rows(extension: Any) -> None:
    report = extension(
        "def by_town(rows, context):\n"
        "    rows['town'] = rows['town'].fillna(context.period.name)\n"
        "    return rows[['town', 'amount']].head(5)\n"
    )
    found = made(report)
    assert found["town"].tolist() == ["Ulm", "Bonn", "Ulm", "Kiel", "2013-03"]
    assert found["amount"].tolist()[0] == Decimal("1.10")
    # What it does to its rows is its own affair.
    assert SALES["town"].isna().sum() == 1


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ("def by_town(rows, context):\n    return rows['twon']\n", 2, "by_town() failed: KeyError: 'twon'"),
        ("def by_town(rows, context):\n    return 3\n", None, "must return a DataFrame, and returned int"),
        ("def by_town(rows, context):\n    return rows[['town']]\n", None, "returned the columns town"),
        ("def by_twon(rows, context): ...\n", None, "there is no function 'by_town'"),
        ("def by_town(rows, context)\n", 1, "cannot be imported"),
        (
            "def by_town(rows, context):\n    return rows[['town']].assign(amount='much')\n",
            None,
            "column 'amount' of by_town() is not decimal",
        ),
    ],
)
def test_a_function_that_fails_is_named_with_its_file_and_line(
    extension: Any, source: str, line: int | None, message: str
) -> None:
    report = extension(source)
    with pytest.raises(DefinitionError) as caught:
        made(report)
    problem = caught.value.problems[0]
    assert message in problem.message
    assert problem.path.name == "shop.py"
    assert problem.line == line
