"""The catalog as a caller sees it: the reports that they may have, and what a form needs to ask for one."""

from __future__ import annotations

import difflib
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from broadsheet.domain.access import Caller
from broadsheet.domain.parameters import display_parameter
from broadsheet.domain.period import PeriodKind
from broadsheet.domain.presentation import offered_locales
from broadsheet.domain.presentation_words import language_words
from broadsheet.domain.report import ReportDefinition
from broadsheet.errors import NotFoundError
from broadsheet.services.installation import Installation


class Choice(BaseModel):
    """One permitted value of a parameter."""

    model_config = ConfigDict(frozen=True)

    value: JsonValue
    words: str
    """The value for readers: ``United Air Lines``."""


class ParameterField(BaseModel):
    """One parameter of a report, as a field of a form."""

    model_config = ConfigDict(frozen=True)

    name: str
    title: str
    description: str
    type: Literal["string", "integer", "number", "boolean", "date"]
    """JSON type of the value; ``date`` is a string like 2013-03-18."""
    choices: tuple[Choice, ...]
    """The permitted values; empty when the parameter is no choice."""
    default: JsonValue
    required: bool
    """Whether it must be given: it has no default and may not be left out."""
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    """The value is a multiple of this."""
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None


class ReportCard(BaseModel):
    """What a reader is told of a report, and what a form for it asks."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    summary: str
    audience: tuple[str, ...]
    """Roles that may have it."""
    parameters: tuple[ParameterField, ...]
    period_kinds: tuple[PeriodKind, ...]
    """The first is the default."""
    zone: str
    """Time zone in which periods are counted when nobody says otherwise."""
    formats: tuple[str, ...]
    locales: tuple[Choice, ...]
    """Languages that it comes in; the first is its own."""
    theme: str
    """Its own theme."""


def offered_reports(inst: Installation, caller: Caller) -> list[ReportDefinition]:
    """Return the reports that a caller may have, in the order of their titles."""
    return sorted(
        (report for report in inst.catalog() if caller.may_have(report)), key=lambda one: one.title.lower()
    )


def offered_report(inst: Installation, caller: Caller, report_id: str) -> ReportDefinition:
    """Return a report; NotFoundError when there is none or the caller may not have it: both look the same.

    An operator or author gets DefinitionError for a report whose definition is wrong.
    """
    catalog = inst.catalog()
    report = catalog.reports.get(report_id)
    if report is not None and caller.may_have(report):
        return report
    if report is None and report_id in catalog.broken and (caller.is_operator or caller.is_author):
        return catalog.get(report_id)
    offered = [one.id for one in offered_reports(inst, caller)]
    close = difflib.get_close_matches(report_id, offered, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"you may have {', '.join(offered) or 'none'}"
    raise NotFoundError(f"there is no report {report_id[:100]!r}: {hint}")


def report_cards(inst: Installation, caller: Caller, *, search: str = "") -> tuple[ReportCard, ...]:
    """Return the cards of the reports that a caller may have and that say every word of a search."""
    words = search.lower().split()
    cards = (report_card(report) for report in offered_reports(inst, caller))
    return tuple(card for card in cards if all(word in _searched(card) for word in words))


def report_card(report: ReportDefinition) -> ReportCard:
    """Return the card of a report."""
    required = report.parameters.get("required")
    names = required if isinstance(required, list) else []
    return ReportCard(
        id=report.id,
        title=report.title,
        summary=report.summary,
        audience=report.audience,
        parameters=tuple(
            _field(name, schema, required=name in names) for name, schema in report.parameter_schemas.items()
        ),
        period_kinds=report.period_kinds,
        zone=report.zone,
        formats=report.formats,
        theme=report.theme,
        locales=tuple(Choice(value=one, words=language_words(one)) for one in offered_locales(report)),
    )


def _field(name: str, schema: dict[str, JsonValue], *, required: bool) -> ParameterField:
    permitted = schema.get("enum")
    values = permitted if isinstance(permitted, list) else []
    if schema.get("type") == "boolean" and not values:
        values = [True, False]
    return ParameterField(
        name=name,
        title=_text(schema.get("title")) or name.replace("_", " ").capitalize(),
        description=_text(schema.get("description")) or "",
        type=_type(schema),
        choices=tuple(Choice(value=value, words=display_parameter(schema, value)) for value in values),
        default=schema.get("default"),
        required=required and "default" not in schema,
        minimum=_number(schema.get("minimum")),
        maximum=_number(schema.get("maximum")),
        step=_number(schema.get("multipleOf")),
        min_length=_whole(schema.get("minLength")),
        max_length=_whole(schema.get("maxLength")),
        pattern=_text(schema.get("pattern")),
    )


def _type(schema: dict[str, JsonValue]) -> Literal["string", "integer", "number", "boolean", "date"]:
    match schema.get("type"):
        case "integer" | "number" | "boolean" as simple:
            return simple
    return "date" if schema.get("format") == "date" else "string"


def _searched(card: ReportCard) -> str:
    fields = " ".join(f"{field.title} {field.description}" for field in card.parameters)
    return f"{card.id} {card.title} {card.summary} {fields}".lower()


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: JsonValue) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _whole(value: JsonValue) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
