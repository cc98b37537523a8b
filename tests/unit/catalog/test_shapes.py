"""What a definition is written like: keys, types and YAML, each slip named with its line."""

from __future__ import annotations

import pytest
from tests.unit.catalog.conftest import DEFINITION, PAGE, QUERY, REPORT, Workshop

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
    pytest.param(
        DEFINITION,
        "    sql: flights.sql",
        "\tsql: flights.sql",
        "sql: flights",
        "indented with a tab",
        id="tab",
    ),
    pytest.param(
        DEFINITION,
        "    primary: true",
        "   primary: true",
        "primary: true",
        "indented otherwise than the keys beside it",
        id="indentation",
    ),
    pytest.param(
        DEFINITION,
        'subtitle: "{{ parameters.carrier.display }} from {{ parameters.origin.display }}"',
        "subtitle: {{ parameters.carrier.display }} from",
        "subtitle:",
        'is put in quotes: "{{ … }}"',
        id="template without quotes",
    ),
    pytest.param(
        DEFINITION,
        'subtitle: "{{ parameters.carrier.display }} from {{ parameters.origin.display }}"',
        "subtitle: {{ title }}",
        "subtitle:",
        "a text with {{ }} is put in quotes",
        id="only a template",
    ),
    pytest.param(
        DEFINITION,
        "title: Airline punctuality",
        "title: Airline: punctuality",
        "title:",
        'put in quotes: title: "Airline: punctuality"',
        id="colon in a text",
    ),
    pytest.param(
        DEFINITION,
        'version: "1"',
        'version: "1',
        "version",
        "a quote on this line is not closed",
        id="quote not closed",
    ),
    pytest.param(
        DEFINITION,
        "title: Airline punctuality",
        'title: "Airline punctuality',
        "title:",
        "quote",
        id="last quote not closed",
    ),
    pytest.param(
        DEFINITION,
        "title: Airline punctuality",
        'title: "Airline" punctuality',
        "title:",
        "put all of it in one pair of quotes",
        id="text behind quotes",
    ),
    pytest.param(
        DEFINITION,
        "title: Airline punctuality",
        "title: *Airline* punctuality",
        "title:",
        "begins with * is put in quotes",
        id="text like an alias",
    ),
    pytest.param(
        DEFINITION,
        "zone: America/New_York",
        "---\nzone: America/New_York",
        "---",
        "a second document begins here",
        id="second document",
    ),
    pytest.param(
        DEFINITION,
        'version: "1"',
        "version: 1",
        "version",
        'must be a text, got a number; put it in quotes: "1"',
        id="number for a text",
    ),
    pytest.param(
        DEFINITION,
        "title: Airline punctuality",
        "title: yes",
        "title",
        "YAML reads yes, no, on and off as true or false",
        id="yes for a text",
    ),
    pytest.param(
        DEFINITION,
        "audience: [subscriber]",
        "audience: subscriber",
        "audience",
        "must be a list, such as [subscriber]",
        id="text for a list",
    ),
    pytest.param(
        DEFINITION,
        "title: Airline punctuality",
        "title:",
        "title:",
        "nothing stands there",
        id="nothing for a text",
    ),
    pytest.param(
        DEFINITION,
        "period_kinds: [week, day, month]",
        "period_kinds: [weekly]",
        "period_kinds",
        "did you mean 'week'?",
        id="member of a list",
    ),
    pytest.param(
        DEFINITION,
        "    kind: hbar",
        "    kind: donut",
        "kind: donut",
        "did you mean 'hbar'?",
        id="kind of other tools",
    ),
    pytest.param(
        DEFINITION,
        "sched_time: text",
        "sched_time: varchar",
        "sched_time",
        "did you mean 'text'?",
        id="type of Postgres",
    ),
    pytest.param(
        DEFINITION,
        "source: flights",
        "language: german\nsource: flights",
        "language",
        "a language is written de, pt-BR or zh-Hans",
        id="language in words",
    ),
    pytest.param(
        DEFINITION,
        "source: flights",
        "language: de_DE\nsource: flights",
        "language",
        "did you mean 'de-DE'?",
        id="language of Postgres",
    ),
    pytest.param(
        DEFINITION,
        "  delay_by_hour:\n",
        "  Delay-by-Hour:\n",
        "Delay-by",
        "did you mean 'delay_by_hour'?",
        id="name in capitals",
    ),
    pytest.param(
        DEFINITION,
        "audience: [subscriber]\n",
        "",
        "",
        "who may subscribe, such as audience: [subscriber]",
        id="key with an example",
    ),
    pytest.param(
        DEFINITION,
        "title: Airline punctuality",
        "title: Airline\x07",
        "title",
        "control character",
        id="control character",
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


@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        (b"", 1, "the file is empty"),
        (b"# nothing\n", 1, "the file is empty"),
        ("id: a\ntitle: Grüße\n".encode("latin-1"), 2, "this line is not UTF-8 text (byte 0xfc)"),
        ("id: a\n".encode("utf-16"), 1, "is saved as UTF-16; save it as UTF-8"),
        (b"id: a\ntitle: \0\n", 2, "NUL"),
        (b"a: &x\n  b: *x\n", None, "an alias (*name) leads to itself"),
    ],
)
def test_a_file_that_is_no_text_names_the_line(
    workshop: Workshop, data: bytes, line: int | None, message: str
) -> None:
    workshop.path("include/reports/odd.yaml").write_bytes(data)
    (problem,) = workshop.load().broken["odd"]
    assert (problem.line, message in problem.message) == (line, True), str(problem)


def test_a_file_of_windows_is_as_good_as_any(workshop: Workshop) -> None:
    for name in (DEFINITION, QUERY, PAGE):
        text = workshop.path(name).read_text(encoding="utf-8")
        workshop.path(name).write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    assert workshop.load().problems == ()
