"""Subscribe somebody to a report: check everything, say everything that is wrong at once, then store it."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import uuid4

from pydantic import BaseModel, ConfigDict

from broadsheet.catalog import Catalog
from broadsheet.domain.period import PeriodKind
from broadsheet.domain.presentation import Presentation, check_presentation
from broadsheet.domain.recipient import check_recipients
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.schedule import check_cron, check_often, check_zone
from broadsheet.domain.subscription import Subscription, SubscriptionTerms, check_slug, slug_from_title
from broadsheet.errors import InputError, InputErrors
from broadsheet.services.faults import gather
from broadsheet.settings import Settings
from broadsheet.store.database import Connection, transaction
from broadsheet.store.passwords import replace_password
from broadsheet.store.subscriptions import add_subscription, count_subscriptions, subscription_by_slug

_LONGEST_TITLE = 120
_LONGEST_OWNER = 250
# Control characters, lone surrogates, line and paragraph separators.
_BREAKS = frozenset({"Cc", "Cs", "Zl", "Zp"})
# Marks that make the text after them, which is not the person's, read backwards.
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class SubscriptionDraft(BaseModel):
    """What a person or a program asks for, as given: nothing in it is checked yet."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    report_id: str
    cron: str
    recipients: tuple[str, ...]
    parameters: dict[str, Any] = {}
    zone: str | None = None
    """Default: the report's zone."""
    period_kind: str | None = None
    """Default: the report's first."""
    title: str | None = None
    """Default: the report's title."""
    name: str | None = None
    """The slug; default: made from the title."""
    resend_unknown: bool = True
    locale: str | None = None
    """Language of the documents; None: the report's own."""
    theme: str | None = None
    """Theme of the documents; None: the report's own."""
    formats: tuple[str, ...] | None = None
    """Formats of the files; None: all that the report has. A PDF is always among them."""


def subscribe(
    draft: SubscriptionDraft,
    catalog: Catalog,
    *,
    dsn: str,
    owner: str,
    settings: Settings,
    at: datetime,
    secret: bytes | None = None,
) -> Subscription:
    """Store a checked draft as a new subscription and return it.

    ``secret`` is the sealed password of its documents: there is no moment at which they would be open.

    Raises NotFoundError for an unknown report, InputErrors that lists every other fault, and InputError for a
    name that is taken or an owner who cannot be one. Nothing is stored unless everything is right. Whether
    the owner may have the report is not asked here: ``services.subscriptions`` does.
    """
    report = catalog.get(draft.report_id)
    terms = check_terms(draft, report, settings=settings, themes=catalog.theme_names)
    _check_line(owner, "owner", longest=_LONGEST_OWNER)
    slug = draft.name or slug_from_title(terms.title, suffix=secrets.token_hex(3))
    with transaction(dsn) as connection:
        check_room(connection, owner=owner, settings=settings)
        subscription_id = uuid4()
        add_subscription(connection, terms, subscription_id=subscription_id, slug=slug, owner=owner, at=at)
        if secret is not None:
            replace_password(connection, subscription_id, secret, by=owner, at=at)
        return subscription_by_slug(connection, slug)


def check_room(connection: Connection, *, owner: str, settings: Settings) -> None:
    """Raise InputError when somebody has as many subscriptions as anybody may have."""
    if count_subscriptions(connection, owner=owner) >= settings.max_subscriptions:
        raise InputError(
            f"{owner} has {settings.max_subscriptions} subscriptions, which is the most that anybody may "
            "have; delete one first"
        )


def check_terms(
    draft: SubscriptionDraft, report: ReportDefinition, *, settings: Settings, themes: Collection[str]
) -> SubscriptionTerms:
    """Return a draft's terms in normal form; InputErrors lists every fault. ``themes`` are installed."""
    faults: list[InputError] = []

    parameters = gather(faults, lambda: report.validate_parameters(draft.parameters))
    cron = gather(faults, lambda: check_often(check_cron(draft.cron)))
    zone = gather(faults, lambda: check_zone(draft.zone or report.zone))
    kind = gather(faults, lambda: _period_kind(draft.period_kind, report))
    title = gather(faults, lambda: _title(draft.title, report))
    recipients, wrong = check_recipients(
        draft.recipients, domains=settings.recipient_domains, limit=settings.max_recipients
    )
    faults.extend(wrong)
    if draft.name:
        name = draft.name
        gather(faults, lambda: check_slug(name))
    wanted = Presentation(locale=draft.locale, theme=draft.theme, formats=draft.formats)
    shown = gather(faults, lambda: check_presentation(wanted, report, themes=themes))
    if not recipients and not wrong:
        faults.append(InputError("recipients: give at least one mail address", field="recipients"))
    if (
        faults
        or parameters is None
        or cron is None
        or zone is None
        or kind is None
        or title is None
        or shown is None
    ):
        raise InputErrors(faults)
    return SubscriptionTerms(
        title=title,
        report_id=report.id,
        parameters=parameters,
        cron=cron,
        zone=zone,
        period_kind=kind,
        recipients=tuple(recipients),
        resend_unknown=draft.resend_unknown,
        **shown.model_dump(),
    )


def _period_kind(text: str | None, report: ReportDefinition) -> PeriodKind:
    offered = [kind.value for kind in report.period_kinds]
    if text is None:
        return report.period_kinds[0]
    if text not in offered:
        raise InputError(
            f"period {text!r} is not offered by report {report.id!r}; choose one of: {', '.join(offered)}",
            field="period_kind",
        )
    return PeriodKind(text)


def _title(text: str | None, report: ReportDefinition) -> str:
    title = (text or report.title).strip()
    _check_line(title, "title", longest=_LONGEST_TITLE)
    return title


def _check_line(text: str, field: str, *, longest: int) -> None:
    """Refuse what would break a line or turn its direction wherever the text is shown later."""
    wrong = any(unicodedata.category(one) in _BREAKS or one in _DIRECTIONS for one in text)
    if not text.strip() or len(text) > longest or wrong:
        raise InputError(
            f"{field} must have 1 to {longest} characters, no line break and no control character",
            field=field,
        )
