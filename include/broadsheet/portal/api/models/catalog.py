"""The catalog: which reports there are for the caller, and what each takes."""

from __future__ import annotations

from pydantic import Field, JsonValue

from broadsheet.domain.period import PeriodKind
from broadsheet.domain.presentation import offered_locales
from broadsheet.domain.report import ReportDefinition
from broadsheet.portal.api.models.base import Answer, Input, Line

_SCHEMA = {
    "type": "object",
    "properties": {"carrier": {"type": "string", "title": "Airline", "default": "UA", "enum": ["all", "UA"]}},
}


class CatalogQuery(Input):
    """Which reports to list."""

    text: Line = Field(
        "",
        description="Only reports that say each of these words in their title, summary or parameters.",
        examples=["punctuality"],
    )


class ReportSummary(Answer):
    """A report that the caller may have."""

    id: str = Field(description="Its id, which a request takes.", examples=["airline_punctuality"])
    url: str = Field(
        description="Path of its description.", examples=["/reports/api/v1/catalog/airline_punctuality"]
    )
    title: str = Field(description="Its title.", examples=["Airline punctuality"])
    summary: str = Field(
        description="What it tells.", examples=["On-time arrivals, delays and cancellations of one airline."]
    )
    audience: tuple[str, ...] = Field(description="Roles that may have it.", examples=[["subscriber"]])
    period_kinds: tuple[PeriodKind, ...] = Field(
        description="Lengths of time that it can be about; the first is the usual one.",
        examples=[["week", "day", "month"]],
    )
    zone: str = Field(
        description="Time zone in which days are counted when nobody says otherwise.",
        examples=["America/New_York"],
    )
    formats: tuple[str, ...] = Field(description="Files that can be made of it.", examples=[["pdf"]])
    locales: tuple[str, ...] = Field(
        description="Languages that it comes in, as BCP 47 tags; the first is its own.", examples=[["en-GB"]]
    )

    @classmethod
    def of(cls, report: ReportDefinition, *, root: str) -> ReportSummary:
        """Return a report as a list tells it; ``root`` is the path that the API is mounted at."""
        return cls(url=f"{root}/catalog/{report.id}", **_told(report))


class Report(ReportSummary):
    """A report that the caller may have, with what it takes."""

    version: str = Field(description="Version of its definition.", examples=["1"])
    parameters: dict[str, JsonValue] = Field(
        description="JSON Schema (2020-12) of its parameters; `values_display` says what the values of an "
        "`enum` mean.",
        examples=[_SCHEMA],
    )
    themes: tuple[str, ...] = Field(
        (), description="Themes that its documents may have.", examples=[["broadsheet"]]
    )

    @classmethod
    def of(cls, report: ReportDefinition, *, root: str, themes: tuple[str, ...] = ()) -> Report:
        """Return a report as its own path tells it, with the installed themes."""
        return cls(
            url=f"{root}/catalog/{report.id}",
            version=report.version,
            parameters=report.parameters,
            themes=themes,
            **_told(report),
        )


class ReportList(Answer):
    """The reports that the caller may have, by title."""

    reports: tuple[ReportSummary, ...] = Field(description="The reports.", examples=[[]])


def _told(report: ReportDefinition) -> dict[str, object]:
    told = ("id", "title", "summary", "audience", "period_kinds", "zone", "formats")
    return {**{name: getattr(report, name) for name in told}, "locales": offered_locales(report)}
