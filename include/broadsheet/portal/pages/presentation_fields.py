"""Fields of forms that say how a document is wanted: language, theme, files."""

from __future__ import annotations

from broadsheet.domain.presentation import DOCUMENT, Presentation
from broadsheet.portal.pages.forms import Sent
from broadsheet.services.catalog import ReportCard

FILES = "files"
"""Field that says that a form asked for files: boxes that are not ticked are not sent."""


def presentation_pairs(card: ReportCard, terms: Presentation | None = None) -> list[tuple[str, str]]:
    """Return how the fields are filled in: as terms say, or as the report does."""
    terms = terms or Presentation()
    return [
        ("locale", terms.locale or ""),
        ("theme", terms.theme or ""),
        *((FILES, one) for one in terms.formats or card.formats),
    ]


def read_presentation(sent: Sent, card: ReportCard) -> Presentation:
    """Return what a form says, nothing of it checked yet; with all files, those that it will have too."""
    ticked = tuple(dict.fromkeys((DOCUMENT, *sent.texts(FILES))))
    is_all = not sent.has(FILES) or set(ticked) == set(card.formats)
    return Presentation(
        locale=sent.text("locale") or None,
        theme=sent.text("theme") or None,
        formats=None if is_all else ticked,
    )
