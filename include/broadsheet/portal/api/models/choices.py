"""What requests, previews and subscriptions all say: which report, about what, and how its document looks."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from broadsheet.portal.api.models.base import Address, Formats, Parameters, ReportId, Short

Report = Annotated[
    ReportId, Field(description="Id of a report in the catalog.", examples=["airline_punctuality"])
]
ReportParameters = Annotated[
    Parameters,
    Field(
        description="Values of the report's parameters; what is left out has the report's default.",
        examples=[{"carrier": "UA"}],
    ),
]
OwnLocale = Annotated[
    Short | None,
    Field(
        description="Language of the document, as a BCP 47 tag; null is the report's own.", examples=["en-GB"]
    ),
]
OwnTheme = Annotated[
    Short | None,
    Field(description="Theme of the document; null is the report's own.", examples=["broadsheet"]),
]
OwnFormats = Annotated[
    Formats | None,
    Field(description="Files to make; a PDF always is. Null: all that the report has.", examples=[["pdf"]]),
]
Recipients = Annotated[tuple[Address, ...], Field(max_length=1000)]
