"""The catalog as a whole: what is right loads, and what is wrong stops nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
from tests.unit.catalog.conftest import DEFINITION, HOME, PAGE, QUERY, REPORT, Workshop

from broadsheet.catalog import load_catalog
from broadsheet.errors import DefinitionError, NotFoundError


def test_the_shipped_catalog_has_no_fault() -> None:
    catalog = load_catalog(
        HOME / "include/reports", sql_dir=HOME / "sql", templates_dir=HOME / "include/templates"
    )
    assert catalog.problems == ()
    assert catalog.get(REPORT).primary == "flights"


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


def test_slips_in_keys_and_values_hide_nothing_else(workshop: Workshop) -> None:
    workshop.replace(DEFINITION, "on_empty: report", "on_emtpy: report")
    workshop.replace(DEFINITION, "    kind: hbar", "    kind: pie")
    workshop.replace(DEFINITION, "audience: [subscriber]", "audience: subscriber")
    workshop.replace(DEFINITION, 'version: "1"', "version: 1")
    workshop.replace(DEFINITION, "title: Airline punctuality\n", "")
    workshop.replace(DEFINITION, "column: on_time\n", "column: ontime\n")
    workshop.replace(DEFINITION, "default: UA", "default: ZZ")
    workshop.replace(QUERY, "%(origin)s", "%(orgin)s")
    workshop.replace(PAGE, "{{ kpis(", "{{ kpi(")
    found = [one.message for one in workshop.load().broken[REPORT]]
    for words in (
        "on_emtpy",
        "'pie'",
        "audience",
        "version",
        "'title' is missing",
        "'ontime'",
        '"ZZ"',
        "orgin",
    ):
        assert len([one for one in found if words in one]) == 1, (words, found)
    assert len(found) == 9, found


def test_a_wrong_id_is_one_problem_and_so_is_a_copied_file(workshop: Workshop) -> None:
    shutil.copy(workshop.path(DEFINITION), workshop.path("include/reports/copy.yaml"))
    workshop.replace(DEFINITION, f"id: {REPORT}", "id: punctuality")
    broken = workshop.load().broken
    assert [len(broken[name]) for name in (REPORT, "copy")] == [1, 1]


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
