"""A definition and its SQL files belong together; each slip is named with its file and line."""

from __future__ import annotations

import pytest
from tests.unit.catalog.conftest import DEFINITION, QUERY, REPORT, Workshop

# What is replaced by what in which file; the text of the line that must be named; what must be said.
FAULTS = [
    pytest.param(
        DEFINITION,
        "zone: America/New_York",
        "zone: America/New_Yorck",
        "zone:",
        "did you mean 'America/New_York'?",
        id="time zone",
    ),
    pytest.param(
        DEFINITION, "id: airline_", "id: airlines_", "id: airlines_", "rename the file", id="id and file"
    ),
    pytest.param(
        DEFINITION,
        "sql: load.sql",
        "sql: loads.sql",
        "sql: loads.sql",
        "did you mean 'load.sql'?",
        id="SQL file misspelt",
    ),
    pytest.param(
        DEFINITION,
        "sql: load.sql",
        "sql: weather.sql",
        "sql: weather.sql",
        "does not exist; add it",
        id="no SQL file",
    ),
    pytest.param(QUERY, "%(carrier)s", "%(carier)s", "%(carier)s", "did you mean %(carrier)s?", id="binding"),
    pytest.param(QUERY, "%(carrier)s", "'%'", "'%'", "write %% for", id="single per cent sign"),
    pytest.param(
        QUERY, "%(carrier)s", "%(carrier)d", "%(carrier)d", "the letter s must follow", id="placeholder"
    ),
    pytest.param(QUERY, "-- Grain:", "-- Rows:", "-- Flights", "says the grain", id="no grain"),
]


@pytest.mark.parametrize(("file", "old", "new", "line", "message"), FAULTS)
def test_a_fault_is_named_with_its_line_and_what_to_do(
    workshop: Workshop, file: str, old: str, new: str, line: str, message: str
) -> None:
    workshop.replace(file, old, new)
    workshop.expect(file, line=line, message=message)


def test_a_query_that_leaves_the_year_before_out_is_refused(workshop: Workshop) -> None:
    workshop.replace(DEFINITION, "    day: flight_date\n", "    day: flight_date\n    year_before: true\n")
    found = workshop.load().broken[REPORT]
    assert [one.path for one in found] == [workshop.path(QUERY)]
    assert "let in days from %(year_before_first_day)s" in found[0].message


def test_a_query_that_binds_what_variants_are_filtered_by_is_refused(workshop: Workshop) -> None:
    workshop.replace(
        DEFINITION, "    day: flight_date\n", "    day: flight_date\n    filter: {airline: carrier}\n"
    )
    found = workshop.load().broken[REPORT]
    assert {one.path for one in found} == {workshop.path(QUERY)}
    assert "take it out of the query" in found[0].message
