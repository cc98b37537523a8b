"""Measures, tiles, tables and aggregates name what exists and fits; each slip is named with its line."""

from __future__ import annotations

import pytest
from tests.unit.catalog.conftest import DEFINITION, Workshop

# What is replaced by what in which file; the text of the line that must be named; what must be said.
FAULTS = [
    pytest.param(
        DEFINITION,
        "{dataset: flights, take: count, label: Sch",
        "{dataset: flight, take: count, label: Sch",
        "{dataset: flight,",
        "did you mean 'flights'?",
        id="unknown dataset",
    ),
    pytest.param(
        DEFINITION,
        "column: on_time\n",
        "column: ontime\n",
        "column: ontime",
        "did you mean 'on_time'",
        id="column",
    ),
    pytest.param(
        DEFINITION,
        "column: on_time\n",
        "column: airline\n",
        "column: airline",
        "must be boolean",
        id="column type",
    ),
    pytest.param(
        DEFINITION,
        "    q: 0.9\n",
        "",
        "late_tail:",
        "goes with `take: quantile`",
        id="quantile without q",
    ),
    pytest.param(
        DEFINITION,
        "{measure: on_time_share, target: 0.8",
        "{measure: on_time_shares, target: 0.8",
        "measure: on_time_shares",
        "'on_time_share'",
        id="kpi",
    ),
    pytest.param(
        DEFINITION, "edges: [-30, -15, 0", "edges: [-30, 0, -15", "edges: [-30", "must ascend", id="edges"
    ),
    pytest.param(
        DEFINITION,
        "    order_by: arr_delay",
        "    order_by: delay",
        "order_by: delay",
        "'dep_delay'",
        id="ranking",
    ),
    pytest.param(
        DEFINITION,
        "{measure: flights, change: relative",
        "{measure: flights, target: 9",
        "target: 9",
        "`better: up` or `down`",
        id="target without a way",
    ),
    pytest.param(
        DEFINITION,
        "{measure: flights, change: relative",
        "{measure: flights, compare: year_before",
        "compare: year_before",
        "say `year_before: true` there",
        id="year before that is not fetched",
    ),
    pytest.param(
        DEFINITION,
        "{measure: flights, change: relative, spark: flight_date",
        "{measure: flights, spark: flight_day",
        "flight_day}",
        "did you mean 'flight_date'",
        id="small line over no column",
    ),
    pytest.param(
        DEFINITION,
        "label: From}",
        "label: From, bar: true}",
        "bar: true",
        "`bar` goes with numbers, and column 'origin' is text",
        id="bar beside words",
    ),
    pytest.param(
        DEFINITION,
        "    limit: 15",
        "    limit: 15\n    sections: {by: orign}",
        "sections",
        "did you mean 'origin'",
        id="section",
    ),
    pytest.param(
        DEFINITION,
        "    limit: 15",
        "    limit: 15\n    sections: [origin, orign]",
        "sections",
        "did you mean 'origin'",
        id="inner section",
    ),
    pytest.param(
        DEFINITION,
        "    limit: 15",
        "    limit: 15\n    sections: [origin, origin]",
        "sections",
        "makes sections twice",
        id="section twice",
    ),
    pytest.param(
        DEFINITION,
        "    limit: 15",
        "    limit: 15\n    sections: {by: origin, subtotals: [orign]}",
        "subtotals",
        "did you mean 'origin'",
        id="subtotals of no section",
    ),
    pytest.param(
        DEFINITION,
        "    limit: 15",
        "    limit: 15\n    pivot: {by: origin, measure: flights}",
        "pivot",
        "makes the rows already",
        id="pivot by a group",
    ),
    pytest.param(
        DEFINITION,
        "    limit: 15",
        "    limit: all\n    other: true",
        "other: true",
        "shows all rows",
        id="rest of all",
    ),
    pytest.param(
        DEFINITION,
        "name: distance, label: Distance,",
        "name: distance, label: Distance, total: sum,",
        "total: sum",
        "add `totals: true`",
        id="total that nothing shows",
    ),
    pytest.param(
        DEFINITION,
        "measures:\n",
        "aggregates:\n  weekly: {dataset: flights, resample: {column: flight_dat, every: week}, "
        "columns: {n: {measure: flights}}}\n\nmeasures:\n",
        "weekly",
        "did you mean 'flight_date'",
        id="step of no column",
    ),
    pytest.param(
        DEFINITION,
        "measures:\n",
        "aggregates:\n  weekly: {dataset: flights, group: [origin], columns: {n: {measure: flihgts}}}\n"
        "\nmeasures:\n",
        "weekly",
        "did you mean 'flights'",
        id="measure of an aggregate",
    ),
    pytest.param(
        DEFINITION,
        "measures:\n",
        "aggregates:\n  weekly: {dataset: flights, columns: {n: {measure: flights, rank: n}}}\n\nmeasures:\n",
        "weekly",
        "give one of `measure`, `running`",
        id="column of two kinds",
    ),
    pytest.param(
        DEFINITION,
        "measures:\n",
        "aggregates:\n  weekly: {dataset: flights, function: fleet.ages, returns: {n: integer}}\n"
        "\nmeasures:\n",
        "weekly",
        "fleet.py does not exist",
        id="function of no file",
    ),
    pytest.param(
        DEFINITION,
        "    day: flight_date\n",
        "    day: flight_date\n    filter: {airline: carier}\n",
        "filter",
        "did you mean 'carrier'",
        id="filter by no parameter",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "line", "message"), FAULTS)
def test_a_fault_is_named_with_its_line_and_what_to_do(
    workshop: Workshop, file: str, old: str, new: str, line: str, message: str
) -> None:
    workshop.replace(file, old, new)
    workshop.expect(file, line=line, message=message)
