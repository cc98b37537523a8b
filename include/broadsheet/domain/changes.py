"""What an edit changed, in a reader's words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict

from broadsheet.domain.parameters import display_parameter
from broadsheet.domain.presentation_words import language_words, theme_words
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.subscription import SubscriptionTerms
from broadsheet.domain.wording import schedule_words
from broadsheet.errors import InputError

_NOTHING = "–"
_REPORTS_OWN = "the report’s own"


class TermChange(BaseModel):
    """One term that an edit changed. Of a list of recipients, ``before`` and ``after`` hold what differs."""

    model_config = ConfigDict(frozen=True)

    field: str
    """Name of the term, as in drafts: ``parameters.carrier``."""
    label: str
    """Name of the term for readers: ``Airline``."""
    before: str
    after: str


def term_changes(
    before: SubscriptionTerms, after: SubscriptionTerms, *, report: ReportDefinition | None
) -> tuple[TermChange, ...]:
    """Return what differs between two revisions; ``report``, where known, has the words for parameters."""
    compared = (
        ("title", "Title", before.title, after.title),
        ("report_id", "Report", before.report_id, after.report_id),
        ("cron", "Schedule", _schedule(before), _schedule(after)),
        ("period_kind", "Period", before.period_kind.value, after.period_kind.value),
        *_parameters(before.parameters, after.parameters, report),
        ("locale", "Language", _language(before), _language(after)),
        ("theme", "Theme", _theme(before), _theme(after)),
        ("formats", "Files", _files(before), _files(after)),
        ("recipients", "Recipients", *_differing(before.recipients, after.recipients)),
        ("resend_unknown", "Mails of unknown fate", _fate(before), _fate(after)),
    )
    return tuple(
        TermChange(field=field, label=label, before=old, after=new)
        for field, label, old, new in compared
        if old != new
    )


def readable_schedule(cron: str, zone: str) -> str:
    """Return a stored schedule in words, or as it is written where it is not valid (any more)."""
    try:
        return schedule_words(cron, zone)
    except InputError:
        return f"{cron} ({zone})"


def _schedule(terms: SubscriptionTerms) -> str:
    return readable_schedule(terms.cron, terms.zone)


def _parameters(
    before: dict[str, Any], after: dict[str, Any], report: ReportDefinition | None
) -> Iterator[tuple[str, str, str, str]]:
    schemas = report.parameter_schemas if report else {}
    for name in dict.fromkeys([*before, *after]):
        schema = schemas.get(name, {})
        title = schema.get("title")
        old, new = (
            display_parameter(schema, values[name]) if name in values else _NOTHING
            for values in (before, after)
        )
        yield f"parameters.{name}", title if isinstance(title, str) else name, old, new


def _differing(before: Iterable[str], after: Iterable[str]) -> tuple[str, str]:
    kept = set(before) & set(after)
    left, joined = (
        ", ".join(one for one in addresses if one not in kept) or _NOTHING for addresses in (before, after)
    )
    return left, joined


def _language(terms: SubscriptionTerms) -> str:
    return language_words(terms.locale) if terms.locale else _REPORTS_OWN


def _theme(terms: SubscriptionTerms) -> str:
    return theme_words(terms.theme) if terms.theme else _REPORTS_OWN


def _files(terms: SubscriptionTerms) -> str:
    return "all" if terms.formats is None else ", ".join(terms.formats).upper()


def _fate(terms: SubscriptionTerms) -> str:
    return "sent once more" if terms.resend_unknown else "never sent twice"
