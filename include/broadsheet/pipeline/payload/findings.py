"""What a report is about and what was found, for the texts of its definition."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import AwareDatetime, Field, JsonValue

from broadsheet.catalog.texts import CONTEXT
from broadsheet.pipeline.payload.fields import Label, Part, Text, Value


class ParameterPart(Part):
    """A parameter and its value in words."""

    name: str
    label: Label
    value: JsonValue = None
    display: Label


class PeriodPart(Part):
    """A period: ``end`` is the first instant after it, ``last_day`` the last day in it."""

    name: Label
    label: Label
    short: Label = ""
    kind: str = ""
    zone: Label
    start: AwareDatetime
    end: AwareDatetime
    first_day: str = ""
    last_day: str = ""


class Findings(Part):
    """What a report is about and what was found: all that the texts of its definition may name."""

    report_id: str
    title: Label
    parameters: tuple[ParameterPart, ...] = ()
    period: PeriodPart
    previous_period: PeriodPart | None = None
    values: dict[str, Value] = Field(default_factory=dict)
    displays: dict[str, Text] = Field(default_factory=dict)


def text_context(findings: Findings) -> Mapping[str, object]:
    """Return the names that the texts of a definition may use, for ``catalog.texts.render_text``."""
    names = findings.model_dump(mode="json", include=set(CONTEXT))
    return {**names, "parameters": {part["name"]: part for part in names["parameters"]}}
