"""Language, theme and formats: what is offered, and what is refused."""

from __future__ import annotations

import pytest
from tests.office import REPORT, shipped_catalog

from broadsheet.domain.presentation import Presentation, check_presentation
from broadsheet.domain.presentation_words import language_words, theme_words
from broadsheet.domain.report import ExportFormat, ReportDefinition
from broadsheet.errors import InputErrors

THEMES = ("broadsheet", "night")


@pytest.fixture
def report() -> ReportDefinition:
    """A report in three languages, with a workbook."""
    return (
        shipped_catalog()
        .reports[REPORT]
        .model_copy(
            update={"languages": ("de-AT", "de-DE"), "exports": (ExportFormat.CSV, ExportFormat.XLSX)}
        )
    )


def checked(report: ReportDefinition, **wanted: object) -> Presentation:
    return check_presentation(Presentation.model_validate(wanted), report, themes=THEMES)


def test_what_nobody_asks_for_is_the_reports_own(report: ReportDefinition) -> None:
    assert checked(report) == Presentation()


@pytest.mark.parametrize(
    ("given", "meant"), [("de-DE", "de-DE"), ("DE_de", "de-DE"), ("de", "de-AT"), ("en", "en-GB")]
)
def test_a_language_is_found_however_it_is_written(report: ReportDefinition, given: str, meant: str) -> None:
    assert checked(report, locale=given).locale == meant


def test_a_document_is_always_made_and_files_come_in_the_reports_order(report: ReportDefinition) -> None:
    assert checked(report, formats=("xlsx", "csv")).formats == ("pdf", "csv", "xlsx")
    assert checked(report, formats=("xlsx",)).formats == ("pdf", "xlsx")


def test_everything_that_is_not_offered_is_told_at_once(report: ReportDefinition) -> None:
    with pytest.raises(InputErrors) as caught:
        checked(report, locale="fr", theme="plaid", formats=("docx",))

    assert [str(error) for error in caught.value.errors] == [
        "locale: 'fr' is not offered; choose of en-GB, de-AT, de-DE",
        "theme: 'plaid' is not offered; choose of broadsheet, night",
        "formats: 'docx' is not offered; choose of pdf, csv, xlsx",
    ]


def test_readers_are_told_names_of_languages_and_themes() -> None:
    assert language_words("de-AT") == "German (Austria)"
    assert language_words("not a language") == "not a language"
    assert theme_words("night_edition") == "Night edition"
