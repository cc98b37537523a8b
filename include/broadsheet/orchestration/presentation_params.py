"""Fields of the trigger form that say how a document is wanted: language, theme and files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from airflow.sdk import Param

from broadsheet.domain.presentation import offered_locales
from broadsheet.domain.presentation_words import language_words, theme_words

if TYPE_CHECKING:
    from broadsheet.domain.report import ReportDefinition


def presentation_params(report: ReportDefinition, *, themes: Sequence[str]) -> dict[str, Param]:
    """Return the fields; what a report does not come in is refused by Airflow before there is a run."""
    locales = offered_locales(report)
    return {
        "locale": Param(
            locales[0],
            type="string",
            enum=list(locales),
            values_display={one: language_words(one) for one in locales},
            title="Language",
            description="Language of the document and of the numbers and dates in it.",
        ),
        "theme": Param(
            None,
            type=["null", "string"],
            enum=[*themes, None],
            values_display={one: theme_words(one) for one in themes},
            title="Theme",
            description="How the document looks. None: as the report says.",
        ),
        "formats": Param(
            None,
            type=["null", "array"],
            items={"type": "string", "enum": list(report.formats)},
            examples=list(report.formats),
            title="Files",
            description="Files to make beside the PDF. None: all that the report has.",
        ),
    }
