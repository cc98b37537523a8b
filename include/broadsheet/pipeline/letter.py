"""Write what the mail about a document says, from the same payload that the document was built from."""

from __future__ import annotations

from broadsheet.catalog.texts import render_text
from broadsheet.domain.letter import Headline, Letter
from broadsheet.domain.objects import ObjectStore
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.run import RunSpec
from broadsheet.pipeline.payload import KpiPart, read_payload, text_context

_MOST_HEADLINES = 4


def write_letter(spec: RunSpec, report: ReportDefinition, variant: str, *, staging: ObjectStore) -> Letter:
    """Return the letter about a variant's document.

    Raises NotFoundError when the run's working files were dropped already: clear the run from ``plan`` then.
    """
    payload = read_payload(spec, variant, staging=staging)
    first_kpis = () if payload.empty else next(iter(payload.kpis.values()), ())
    headlines = tuple(_headline(kpi) for kpi in first_kpis[:_MOST_HEADLINES])
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
    )


def _reason(spec: RunSpec) -> str:
    if spec.subscription_id is None:
        return "You get this mail because somebody asked for this report and named you as a recipient."
    return "You get this mail because you are a recipient of a subscription to this report."


def _headline(kpi: KpiPart) -> Headline:
    value = f"{kpi.display} {kpi.unit}".strip()
    change = {"none": "", "flat": "unchanged"}.get(kpi.direction, kpi.change_display)
    return Headline(label=kpi.label, value=value, change=change, good=kpi.good)
