"""A source says what its tables are, as far as its reader may read them."""

from __future__ import annotations

import pytest
from tests.unit.pipeline.conftest import HOME

from broadsheet.catalog.skeleton import choose
from broadsheet.domain.parts import ColumnType
from broadsheet.errors import DatabaseUnavailableError, NotFoundError
from broadsheet.pipeline.source_tables import read_table


def test_a_reader_with_select_alone_is_told_the_columns(source_dsn: str) -> None:
    flights = read_table(source_dsn, "public.flights", sql_dir=HOME / "sql")
    assert flights == read_table(source_dsn, "flights", sql_dir=HOME / "sql")
    columns = {column.name: column for column in flights.columns}
    assert columns["flight_date"].type is ColumnType.DATE
    assert columns["flight_date"].required
    assert not columns["arr_delay"].required
    assert columns["time_hour"].type is ColumnType.TIMESTAMP
    assert columns["carrier"].in_primary_key is False
    assert choose(flights).day == "flight_date"


def test_a_key_is_told(source_dsn: str) -> None:
    airlines = read_table(source_dsn, "airlines", sql_dir=HOME / "sql")
    assert [(column.name, column.in_primary_key) for column in airlines.columns] == [
        ("carrier", True),
        ("name", False),
    ]


@pytest.mark.parametrize("name", ["flghts", "public.flight", "Flights"])
def test_a_misspelt_table_is_answered_with_the_nearest(source_dsn: str, name: str) -> None:
    with pytest.raises(NotFoundError, match=r"did you mean '(public\.)?flights'"):
        read_table(source_dsn, name, sql_dir=HOME / "sql")


def test_a_source_that_does_not_answer_is_a_passing_trouble() -> None:
    dsn = "postgresql://reader:secret@127.0.0.1:1/nothing"
    with pytest.raises(DatabaseUnavailableError) as caught:
        read_table(dsn, "flights", sql_dir=HOME / "sql")
    assert "secret" not in str(caught.value)
