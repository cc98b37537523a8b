"""What a definition is written like: keys, types and YAML, each slip named with its line."""

from __future__ import annotations

import pytest
from tests.unit.catalog.conftest import DEFINITION, REPORT, Workshop

# What is replaced by what in which file; the text of the line that must be named; what must be said.
FAULTS = [
    pytest.param(DEFINITION, "title: Airline", "title: [Airline", "title:", "the [ that opens", id="syntax"),
    pytest.param(
        DEFINITION,
        "on_empty: report",
        "on_emtpy: report",
        "on_emtpy",
        "did you mean 'on_empty'",
        id="unknown key",
    ),
    pytest.param(
        DEFINITION,
        "    compare: true\n",
        "    comapre: true\n",
        "comapre",
        "did you mean 'compare'",
        id="deep key",
    ),
    pytest.param(
        DEFINITION,
        "    max_count: 3",
        "    max_count: many",
        "max_count",
        "got 'many'",
        id="type",
    ),
    pytest.param(
        DEFINITION, "    kind: hbar", "    kind: pie", "kind: pie", "'stacked'", id="outside an enum"
    ),
    pytest.param(
        DEFINITION,
        "    kind: hbar",
        "    kind: Hbarr",
        "kind: Hb",
        "did you mean 'hbar'?",
        id="enum misspelt",
    ),
    pytest.param(
        DEFINITION, "better: up", "better: Up", "better: Up", "did you mean 'up'?", id="literal misspelt"
    ),
    pytest.param(
        DEFINITION,
        "on_empty: report",
        "on_empty: report\non_empty: skip",
        "on_empty: skip",
        "twice",
        id="key twice",
    ),
    pytest.param(
        DEFINITION, "on_empty: report", "on: report", "on: report", "put it in quotes", id="key true"
    ),
    pytest.param(
        DEFINITION,
        "sql: load.sql",
        "sql: ../../migrations/1.sql",
        "sql: ../",
        "the name of a file",
        id="SQL path",
    ),
    pytest.param(
        DEFINITION, "    primary: true\n", "", "datasets:", "exactly one dataset must say", id="no primary"
    ),
    pytest.param(
        DEFINITION,
        "label: Flights}",
        "label: Flights, bar: {mots: 3}}",
        "mots",
        "unknown key 'tables.worst_routes.columns.2.bar.mots': did you mean 'most'?",
        id="key of a value that may also be plain",
    ),
    pytest.param(
        DEFINITION, "    limit: 15", "    limit: few", "limit: few", "got 'few'", id="number or word"
    ),
    pytest.param(
        DEFINITION,
        "{measure: on_time_share, target: 0.8",
        "{measure: on_time_share, tagret: 0.8",
        "tagret",
        "did you mean 'target'",
        id="key of a tile",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "line", "message"), FAULTS)
def test_a_fault_is_named_with_its_line_and_what_to_do(
    workshop: Workshop, file: str, old: str, new: str, line: str, message: str
) -> None:
    workshop.replace(file, old, new)
    workshop.expect(file, line=line, message=message)


def test_a_misspelt_key_that_must_be_there_is_one_problem(workshop: Workshop) -> None:
    workshop.replace(DEFINITION, "title: Airline", "titel: Airline")
    (found,) = workshop.load().broken[REPORT]
    assert "unknown key 'titel': did you mean 'title'?" in found.message


@pytest.mark.parametrize(
    "text", ["a: &a [1]\nb: *a\n", "!!python/object/apply:os.system ['true']\n", "? [1]\n: 2\n"]
)
def test_yaml_that_is_more_than_data_builds_nothing(workshop: Workshop, text: str) -> None:
    workshop.path("include/reports/odd.yaml").write_text(text, encoding="utf-8")
    assert workshop.load().broken["odd"]


def test_aliases_of_aliases_are_counted_and_stop_no_other_report(workshop: Workshop) -> None:
    laughs = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    laughs += [f"a{depth}: &a{depth} [{', '.join([f'*a{depth - 1}'] * 10)}]" for depth in range(1, 10)]
    workshop.path("include/reports/laughs.yaml").write_text("\n".join(laughs), encoding="utf-8")
    catalog = workshop.load()
    (problem,) = catalog.broken["laughs"]
    assert "more than 20,000 values" in problem.message
    assert REPORT in catalog.reports
