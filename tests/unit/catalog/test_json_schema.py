"""The published schema is what the models say, and it helps whoever writes a definition."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from broadsheet.catalog import load_catalog
from broadsheet.catalog.json_schema import SCHEMA_FILE, SCHEMA_LINE, report_schema, report_schema_text

HOME = Path(__file__).resolve().parents[3]
REPORTS = HOME / "include" / "reports"
# A translation has a language in its name: airport_day.de.yaml.
DEFINITIONS = sorted(path for path in REPORTS.glob("*.yaml") if "." not in path.stem)


def faults(definition: object) -> list[str]:
    return [error.message for error in Draft202012Validator(report_schema()).iter_errors(definition)]


@pytest.fixture
def definition() -> dict[str, Any]:
    loaded = yaml.safe_load((REPORTS / "airline_punctuality.yaml").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def test_the_committed_schema_is_current() -> None:
    committed = (REPORTS / SCHEMA_FILE).read_text(encoding="utf-8")
    assert committed == report_schema_text(), "run: broadsheet schema > include/reports/report.schema.json"


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(report_schema())


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: path.stem)
def test_every_shipped_report_names_the_schema_and_fits_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.splitlines()[0] == SCHEMA_LINE
    assert faults(yaml.safe_load(text)) == []


def test_the_catalog_takes_no_schema_for_a_report() -> None:
    catalog = load_catalog(REPORTS, sql_dir=HOME / "sql", templates_dir=HOME / "include/templates")
    assert list(catalog.reports) == [path.stem for path in DEFINITIONS]
    assert catalog.problems == ()


def test_a_misspelt_key_is_refused_at_every_depth(definition: dict[str, Any]) -> None:
    for place in ("charts", "on_time_by_day"), ("measures", "flights"), ("datasets", "load"), ():
        part = definition
        for key in place:
            part = part[key]
        part["misspelt"] = 1
        assert any("misspelt" in fault for fault in faults(definition)), place
        del part["misspelt"]


def test_wrong_names_kinds_and_parameters_are_refused(definition: dict[str, Any]) -> None:
    definition["charts"]["By Day"] = definition["charts"]["on_time_by_day"]
    definition["charts"]["delay_by_hour"]["kind"] = "pie"
    definition["parameters"]["properties"]["carrier"]["defualt"] = "UA"
    found = "\n".join(faults(definition))
    for wrong in ("By Day", "pie", "defualt"):
        assert wrong in found


def test_descriptions_come_from_the_docstrings() -> None:
    schema = report_schema()
    assert schema["properties"]["source"]["description"].startswith("Source database: the connection `broad")
    assert "DataFrame" not in report_schema_text()
    dataset = schema["$defs"]["Dataset"]
    assert dataset["description"] == "Rows from one query of the report's source."
    assert "an error, never a silent cut" in dataset["properties"]["max_rows"]["description"]
    assert "`xlsx`: One workbook" in schema["$defs"]["ExportFormat"]["description"]
