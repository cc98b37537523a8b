"""Translations: texts laid over a definition; what fits nowhere is named, what is missing is listed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from broadsheet.catalog import Catalog, load_catalog

HOME = Path(__file__).resolve().parents[3]
REPORT = "airline_punctuality"
GERMAN = """\
title: Pünktlichkeit
measures:
  on_time_share: {label: Pünktliche Ankünfte}
notices: ["Hinweis {{ period.label }}"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for part in ("include/reports", "sql/reports", "include/templates/reports"):
        shutil.copytree(HOME / part, tmp_path / part)
    definition = tmp_path / f"include/reports/{REPORT}.yaml"
    text = definition.read_text(encoding="utf-8")
    definition.write_text(
        text.replace("source: flights", "languages: [de]\nsource: flights", 1), encoding="utf-8"
    )
    return tmp_path


def load(folder: Path, german: str | None) -> Catalog:
    if german is not None:
        (folder / f"include/reports/{REPORT}.de.yaml").write_text(german, encoding="utf-8")
    return load_catalog(
        folder / "include/reports", sql_dir=folder / "sql", templates_dir=folder / "include/templates"
    )


def test_a_report_has_its_texts_in_the_language_and_its_own_where_one_is_missing(folder: Path) -> None:
    report = load(folder, GERMAN).get(REPORT)
    german = report.in_language("de")
    assert (report.title, german.title) == ("Airline punctuality", "Pünktlichkeit")
    assert german.measures["on_time_share"].label == "Pünktliche Ankünfte"
    assert german.measures["flights"].label == report.measures["flights"].label
    assert german.measures["on_time_share"].take is report.measures["on_time_share"].take
    assert german.language == "de"
    assert "measures.flights.label" in report.untranslated["de"]
    assert "title" not in report.untranslated["de"]


@pytest.mark.parametrize(
    ("german", "line", "message"),
    [
        ("title: A\nmeasures:\n  on_time_shar: {label: X}\n", 3, "'on_time_share'"),
        ("title: A\nzone: UTC\n", 2, "is not a text"),
        ("title: [A]\n", 1, "must be a text"),
        ('title: "{{ values.nothing_here }}"\nsubtitle: "{{ values.nothing_here }}"\n', 2, "nothing_here"),
        ("notices: [a, b, c]\n", 1, "is not in the definition"),
    ],
)
def test_what_fits_nowhere_is_named_with_its_line(folder: Path, german: str, line: int, message: str) -> None:
    problems = load(folder, german).broken[REPORT]
    found = [problem for problem in problems if problem.line == line and message in problem.message]
    assert found, problems
    assert found[0].path.name == f"{REPORT}.de.yaml"


def test_a_language_without_a_file_and_a_file_without_a_language_are_faults(folder: Path) -> None:
    assert "does not exist" in load(folder, None).broken[REPORT][0].message
    load(folder, GERMAN)
    (folder / f"include/reports/{REPORT}.fr.yaml").write_text("title: A\n", encoding="utf-8")
    assert "add 'fr' to `languages`" in load(folder, None).broken[REPORT][0].message
