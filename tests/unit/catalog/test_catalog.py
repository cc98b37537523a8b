"""Definitions that are right load; every fault is named with its file, its line and what to do."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from broadsheet.catalog import Catalog, load_catalog
from broadsheet.errors import DefinitionError, NotFoundError

HOME = Path(__file__).resolve().parents[3]
REPORT = "airline_punctuality"
DEFINITION = f"include/reports/{REPORT}.yaml"
QUERY = f"sql/reports/{REPORT}/flights.sql"
PAGE = f"include/templates/reports/{REPORT}.md.j2"


class Workshop:
    """A copy of the shipped catalog that a test may spoil."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for part in ("include/reports", "sql/reports", "include/templates/reports"):
            shutil.copytree(HOME / part, folder / part)

    def path(self, name: str) -> Path:
        return self.folder / name

    def replace(self, name: str, old: str, new: str) -> None:
        text = self.path(name).read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {name}"
        self.path(name).write_text(text.replace(old, new, 1), encoding="utf-8")

    def load(self) -> Catalog:
        return load_catalog(
            self.folder / "include/reports",
            sql_dir=self.folder / "sql",
            templates_dir=self.folder / "include/templates",
        )


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def test_the_shipped_catalog_has_no_fault() -> None:
    catalog = load_catalog(
        HOME / "include/reports", sql_dir=HOME / "sql", templates_dir=HOME / "include/templates"
    )
    assert catalog.problems == ()
    assert catalog.get(REPORT).primary == "flights"


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
    pytest.param(
        DEFINITION,
        "sql: load.sql",
        "sql: ../../migrations/1.sql",
        "sql: ../",
        "the name of a file",
        id="SQL path",
    ),
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
        "zone: America/New_York",
        "zone: America/New_Yorck",
        "zone:",
        "did you mean 'America/New_York'?",
        id="time zone",
    ),
    pytest.param(
        DEFINITION,
        "default: UA",
        "default: ZZ",
        "default: ZZ",
        "not permitted; use one of all, 9E",
        id="default",
    ),
    pytest.param(
        DEFINITION,
        "      type: string\n      title: Air",
        "      type: text\n      title: Air",
        "type: text",
        "'string', 'integer'",
        id="parameter type",
    ),
    pytest.param(
        DEFINITION,
        "      type: string\n      title: Air",
        "      type: sting\n      title: Air",
        "type: sting",
        "did you mean 'string'?",
        id="parameter type misspelt",
    ),
    pytest.param(
        DEFINITION,
        "      default: UA",
        "      defualt: UA",
        "defualt",
        "did you mean 'default'",
        id="keyword",
    ),
    pytest.param(
        DEFINITION,
        "        9E: Endeavor",
        "        8E: Endeavor",
        "8E:",
        "'8E' is not in the enum of parameter 'carrier': it has 9E",
        id="words",
    ),
    pytest.param(
        DEFINITION,
        "additionalProperties: false",
        "additionalProperties: true",
        "additional",
        "false",
        id="open",
    ),
    pytest.param(
        DEFINITION,
        "    origin:\n      type",
        "    zone:\n      type",
        "    zone:",
        "name of a binding",
        id="taken",
    ),
    pytest.param(
        DEFINITION, "    primary: true\n", "", "datasets:", "exactly one dataset must say", id="no primary"
    ),
    pytest.param(
        DEFINITION,
        "{{ parameters.carrier.display }} from",
        "{{ parameters.carier.display }} from",
        "subtitle:",
        "did you mean 'carrier'",
        id="text names no parameter",
    ),
    pytest.param(
        DEFINITION, "{{ shown }} of", "{{ shown of", 'subtitle: "mean', "does not parse", id="text syntax"
    ),
    pytest.param(
        DEFINITION, "id: airline_", "id: airlines_", "id: airlines_", "rename the file", id="id and file"
    ),
    pytest.param(QUERY, "%(carrier)s", "%(carier)s", "%(carier)s", "did you mean %(carrier)s?", id="binding"),
    pytest.param(QUERY, "%(carrier)s", "'%'", "'%'", "write %% for", id="single per cent sign"),
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
    pytest.param(
        QUERY, "%(carrier)s", "%(carrier)d", "%(carrier)d", "the letter s must follow", id="placeholder"
    ),
    pytest.param(QUERY, "-- Grain:", "-- Rows:", "-- Flights", "says the grain", id="no grain"),
    pytest.param(
        PAGE, '{{ chart("on_time', '{{ chart("ontime', "chart(", "'on_time_by_day'", id="block's name"
    ),
    pytest.param(PAGE, "{{ kpis(", "{{ kpi(", "kpi(", "did you mean kpis?", id="block"),
    pytest.param(
        PAGE, "values.on_time_share_change", "values.on_time_chnage", "chnage", "on_time_share", id="value"
    ),
    pytest.param(PAGE, "{% endif %}", "{% endfi %}", "endfi", "does not parse", id="page syntax"),
    pytest.param(
        PAGE, "{{ displays.flights }}", "{{ displays.flights | uper }}", "uper", "'upper'", id="filter"
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "line", "message"), FAULTS)
def test_a_fault_is_named_with_its_line_and_what_to_do(
    workshop: Workshop, file: str, old: str, new: str, line: str, message: str
) -> None:
    workshop.replace(file, old, new)
    found = workshop.load().broken[REPORT]
    path = workshop.path(file)
    lines = path.read_text(encoding="utf-8").splitlines()
    matching = [one for one in found if one.path == path and message in one.message]
    assert matching, f"nothing says {message!r}: {[str(one) for one in found]}"
    assert any(one.line and line in lines[one.line - 1] for one in matching), [str(one) for one in matching]


def test_a_misspelt_key_that_must_be_there_is_one_problem(workshop: Workshop) -> None:
    workshop.replace(DEFINITION, "title: Airline", "titel: Airline")
    (found,) = workshop.load().broken[REPORT]
    assert "unknown key 'titel': did you mean 'title'?" in found.message


def test_every_fault_of_every_file_is_reported_at_once(workshop: Workshop) -> None:
    workshop.replace(DEFINITION, "column: on_time\n", "column: ontime\n")
    workshop.replace(DEFINITION, "default: UA", "default: ZZ")
    workshop.replace(QUERY, "%(origin)s", "%(orgin)s")
    workshop.replace(PAGE, "{{ kpis(", "{{ kpi(")
    workshop.path("include/reports/second.yaml").write_text("id: second\n", encoding="utf-8")
    catalog = workshop.load()
    assert {problem.path.name for problem in catalog.problems} == {
        f"{REPORT}.yaml", "flights.sql", f"{REPORT}.md.j2", "second.yaml",
    }  # fmt: skip
    assert len(catalog.broken[REPORT]) >= 4
    with pytest.raises(DefinitionError) as caught:
        catalog.get(REPORT)
    assert len(caught.value.problems) == len(catalog.broken[REPORT])


def test_one_bad_definition_never_stops_the_others(workshop: Workshop) -> None:
    good = [report.id for report in workshop.load()]
    workshop.path("include/reports/bad.yaml").write_text("- not a mapping\n", encoding="utf-8")
    workshop.path("include/reports/empty.yaml").write_text("", encoding="utf-8")
    workshop.path("include/reports/latin.yaml").write_bytes(b"title: Espa\xf1a\n")
    catalog = workshop.load()
    assert [report.id for report in catalog] == good
    assert set(catalog.broken) == {"bad", "empty", "latin"}


def test_an_id_that_two_files_claim_is_refused(workshop: Workshop) -> None:
    shutil.copy(workshop.path(DEFINITION), workshop.path("include/reports/copy.yaml"))
    catalog = workshop.load()
    assert REPORT in catalog.reports
    assert "copy" in catalog.broken


def test_an_unknown_report_is_answered_with_the_nearest_one() -> None:
    catalog = load_catalog(
        HOME / "include/reports", sql_dir=HOME / "sql", templates_dir=HOME / "include/templates"
    )
    with pytest.raises(NotFoundError, match="did you mean 'airline_punctuality'"):
        catalog.get("airline_punctualty")


@pytest.mark.parametrize(
    "text", ["a: &a [1]\nb: *a\n", "!!python/object/apply:os.system ['true']\n", "? [1]\n: 2\n"]
)
def test_yaml_that_is_more_than_data_builds_nothing(workshop: Workshop, text: str) -> None:
    workshop.path("include/reports/odd.yaml").write_text(text, encoding="utf-8")
    assert workshop.load().broken["odd"]


def test_loading_the_catalog_imports_no_heavy_library() -> None:
    heavy = [
        "pandas",
        "numpy",
        "pyarrow",
        "matplotlib",
        "reportlab",
        "boto3",
        "psycopg",
        "jsonschema",
        "airflow",
    ]
    code = (
        "import sys; from pathlib import Path; from broadsheet.catalog import load_catalog\n"
        f"home = Path({str(HOME)!r})\n"
        "catalog = load_catalog(home / 'include/reports', sql_dir=home / 'sql',"
        " templates_dir=home / 'include/templates')\n"
        "catalog.get('airline_punctuality').validate_parameters({'carrier': 'AA'})\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_aliases_of_aliases_are_counted_and_stop_no_other_report(workshop: Workshop) -> None:
    laughs = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    laughs += [f"a{depth}: &a{depth} [{', '.join([f'*a{depth - 1}'] * 10)}]" for depth in range(1, 10)]
    workshop.path("include/reports/laughs.yaml").write_text("\n".join(laughs), encoding="utf-8")
    catalog = workshop.load()
    (problem,) = catalog.broken["laughs"]
    assert "more than 20,000 values" in problem.message
    assert REPORT in catalog.reports


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
