"""Write what the mail about a document says, from the same payload that the document was built from.

A letter is kept in the ledger: a mail can be sent again after the run's working files are gone.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from uuid import UUID

from broadsheet.catalog import Catalog
from broadsheet.catalog.texts import render_text
from broadsheet.domain.letter import Headline, Letter, Mailing
from broadsheet.domain.objects import ObjectStore
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.run import RunSpec
from broadsheet.errors import DefinitionError, NotFoundError
from broadsheet.pipeline.formats import NBSP, with_unit
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.payload import KpiPart, read_payload, text_context
from broadsheet.store.database import transaction
from broadsheet.store.letters import keep_letter, kept_letter

log = logging.getLogger(__name__)

_MOST_HEADLINES = 4


def prepare_mailings(
    spec: RunSpec, artifacts: Mapping[str, UUID], catalog: Catalog, *, staging: ObjectStore, dsn: str
) -> dict[str, Mailing]:
    """Return what the recipients of each variant get; ``artifacts`` maps variants to their stored documents.

    A letter that cannot be written any more is the one that was kept. Raises NotFoundError when there is none
    either.
    """
    return {
        variant: Mailing(
            letter=_letter(spec, variant, artifact_id, catalog, staging=staging, dsn=dsn),
            artifact_id=artifact_id,
        )
        for variant, artifact_id in artifacts.items()
    }


def write_letter(spec: RunSpec, report: ReportDefinition, variant: str, *, staging: ObjectStore) -> Letter:
    """Return the letter about a variant's document.

    Raises NotFoundError when the run's working files were dropped already: clear the run from ``plan`` then.
    """
    report = report.in_language(spec.locale)
    payload = read_payload(spec, variant, staging=staging)
    first_kpis = () if payload.empty else next(iter(payload.kpis.values()), ())
    headlines = tuple(_headline(kpi, spec.locale) for kpi in first_kpis[:_MOST_HEADLINES])
    compared = payload.previous_period if any(headline.change for headline in headlines) else None
    return Letter(
        subject=render_text(report.email.subject, text_context(payload), report_id=report.id),
        title=payload.title,
        period=payload.period.label,
        zone=payload.period.zone,
        reason=_reason(spec),
        headlines=headlines,
        comparison=compared.label if compared else "",
        parameters=tuple((part.label, part.display) for part in payload.parameters),
        notices=payload.notices,
        data_as_of=payload.data_as_of_display,
        locale=spec.locale,
    )


def _letter(
    spec: RunSpec, variant: str, artifact_id: UUID, catalog: Catalog, *, staging: ObjectStore, dsn: str
) -> Letter:
    try:
        letter = write_letter(spec, catalog.get(spec.report_id), variant, staging=staging)
    except (NotFoundError, DefinitionError) as error:
        with transaction(dsn) as connection:
            kept = kept_letter(connection, artifact_id)
        if kept is None:
            raise NotFoundError(
                f"run {spec.run_id} has no letter about {variant!r}, and none can be written: {error}; "
                "clear the whole run, from `plan` on, to build it again"
            ) from error
        log.info("run %s: the mails about %s say what they said before", spec.run_id, variant)
        return kept
    with transaction(dsn) as connection:
        keep_letter(connection, artifact_id, letter)
    return letter


def _reason(spec: RunSpec) -> str:
    if spec.subscription_id is None:
        return say(
            spec.locale,
            "You get this mail because somebody asked for this report and named you as a recipient.",
        )
    return say(spec.locale, "You get this mail because you are a recipient of a subscription to this report.")


def _headline(kpi: KpiPart, locale: str) -> Headline:
    value = with_unit(kpi.display, kpi.unit, locale=locale).replace(NBSP, " ")
    change = {"none": "", "flat": say(locale, "unchanged")}.get(kpi.direction, kpi.change_display)
    return Headline(label=kpi.label, value=value, change=change, good=kpi.good)
