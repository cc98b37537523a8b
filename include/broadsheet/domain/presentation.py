"""How a document is wanted: its language, its theme and the files that are made of it.

Whoever asks says only what differs: what is None is the report's own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from broadsheet.domain.report import ReportDefinition
from broadsheet.errors import InputError, InputErrors

DOCUMENT = "pdf"
"""The format that every run makes."""

T = TypeVar("T")


class Presentation(BaseModel):
    """How a document is wanted."""

    model_config = ConfigDict(frozen=True)

    locale: str | None = None
    """Language and region, as BCP 47 writes them."""
    theme: str | None = None
    formats: tuple[str, ...] | None = None
    """Formats of the files, ``pdf`` first."""


def offered_locales(report: ReportDefinition) -> tuple[str, ...]:
    """Return the languages that a report comes in, its own first."""
    return tuple(dict.fromkeys((report.language, *report.languages)))


def check_presentation(
    wanted: Presentation, report: ReportDefinition, *, themes: Collection[str] | None = None
) -> Presentation:
    """Return how a document is wanted in normal form; InputErrors lists every fault.

    ``themes`` are those that are installed; None asks nothing of the theme, which the document's step does.
    """
    faults: list[InputError] = []

    def gathered(check: Callable[[], T]) -> T | None:
        try:
            return check()
        except InputError as error:
            faults.append(error)
            return None

    locale = gathered(lambda: _locale(wanted.locale, report))
    theme = gathered(lambda: _theme(wanted.theme, themes))
    formats = gathered(lambda: _formats(wanted.formats, report))
    if faults:
        raise InputErrors(faults)
    return Presentation(locale=locale, theme=theme, formats=formats)


def _locale(text: str | None, report: ReportDefinition) -> str | None:
    if text is None:
        return None
    offered = offered_locales(report)
    wanted = text.strip().replace("_", "-").lower()
    for one in offered:
        if one.lower() == wanted:
            return one
    # `de` is whichever German the report comes in.
    for one in offered:
        if one.lower().partition("-")[0] == wanted:
            return one
    raise _not_offered("locale", [text], offered)


def _theme(text: str | None, themes: Collection[str] | None) -> str | None:
    if text is None or themes is None or text in themes:
        return text
    raise _not_offered("theme", [text], sorted(themes))


def _formats(wanted: tuple[str, ...] | None, report: ReportDefinition) -> tuple[str, ...] | None:
    if wanted is None:
        return None
    unknown = [one for one in wanted if one not in report.formats]
    if unknown or not wanted:
        raise _not_offered("formats", unknown, report.formats)
    return tuple(one for one in report.formats if one in wanted or one == DOCUMENT)


def _not_offered(field: str, unknown: Iterable[str], offered: Iterable[str]) -> InputError:
    named = ", ".join(map(ascii, unknown))[:100] or "nothing"
    choices = ", ".join(offered)
    return InputError(
        f"{field}: {named} is not offered; choose of {choices}" if choices else f"{field}: none is offered",
        field=field,
    )
