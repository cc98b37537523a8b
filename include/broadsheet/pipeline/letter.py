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
from broadsheet.pipeline.formats import NBSP
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.payload import KpiPart, Payload, read_payload, text_context
from broadsheet.pipeline.units import with_unit
from broadsheet.store.database import transaction
from broadsheet.store.letters import keep_letter, kept_letter
from broadsheet.store.passwords import password_of_run

log = logging.getLogger(__name__)

_MOST_HEADLINES = 4
# Names in a definition's texts that stand for what was found in the data.
_FIGURES = frozenset({"values", "displays"})
_PROTECTED = (
    "This document opens with a password, which is not in this mail: ask whoever set up the subscription. "
    "Its figures stand in the document only."
)


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


def write_letter(
    spec: RunSpec,
    report: ReportDefinition,
    variant: str,
    *,
    staging: ObjectStore,
    protected: bool = False,
) -> Letter:
    """Return the letter about a variant's document.

    The one about a ``protected`` document has no figures: a mail would tell everybody what the document tells
    those who have its password.

    Raises NotFoundError when the run's working files were dropped already: clear the run from ``plan`` then.
    """
    report = report.in_language(spec.locale)
    payload = read_payload(spec, variant, staging=staging)
    tells = not (payload.empty or protected)
    first_kpis = next(iter(payload.kpis.values()), ()) if tells else ()
    headlines = tuple(_headline(kpi, spec.locale) for kpi in first_kpis[:_MOST_HEADLINES])
    compared = payload.previous_period if any(headline.change for headline in headlines) else None
    return Letter(
        subject=_subject(report, payload, protected=protected),
        title=payload.title,
        period=payload.period.label,
        zone=payload.period.zone,
        reason=_reason(spec),
        headlines=headlines,
        comparison=compared.label if compared else "",
        parameters=tuple((part.label, part.display) for part in payload.parameters),
        # The definition's words may quote figures.
        notices=(say(spec.locale, _PROTECTED),) if protected else payload.notices,
        data_as_of=payload.data_as_of_display,
        locale=spec.locale,
        protected=protected,
    )


def _letter(
    spec: RunSpec, variant: str, artifact_id: UUID, catalog: Catalog, *, staging: ObjectStore, dsn: str
) -> Letter:
    with transaction(dsn) as connection:
        protected = password_of_run(connection, spec.run_id) is not None
    try:
        report = catalog.get(spec.report_id)
        letter = write_letter(spec, report, variant, staging=staging, protected=protected)
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


def _subject(report: ReportDefinition, payload: Payload, *, protected: bool) -> str:
    context = text_context(payload)
    if not protected:
        return render_text(report.email.subject, context, report_id=report.id)
    try:
        bare = {name: value for name, value in context.items() if name not in _FIGURES}
        return render_text(report.email.subject, bare, report_id=report.id)
    except DefinitionError:
        # It quotes figures.
        return f"{payload.title}, {payload.period.label}"


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
