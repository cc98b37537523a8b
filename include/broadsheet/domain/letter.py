"""What a mail about one document says, apart from whom it goes to and the link that it carries."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Headline(BaseModel):
    """One number worth knowing before the report is opened, written out for a reader."""

    model_config = ConfigDict(frozen=True)

    label: str
    value: str
    """With its unit: ``78.1 %``."""
    change: str = ""
    """Against the previous period: ``+4.3 points``; empty when there is no comparison."""
    good: bool | None = None
    """Whether the change is welcome, unwelcome, or neither."""


class Letter(BaseModel):
    """The mail about one variant's document; every text is plain text in the reader's words."""

    model_config = ConfigDict(frozen=True)

    subject: str
    title: str
    """Name of the report."""
    period: str
    """The period in words: ``Week 12, 18 to 24 March 2013``."""
    zone: str
    """IANA name of the zone in which the period is counted."""
    reason: str
    """A sentence that says why the reader gets this mail."""
    headlines: tuple[Headline, ...] = ()
    comparison: str = ""
    """What the headlines' changes are against: ``Week 11, 11 to 17 March 2013``."""
    parameters: tuple[tuple[str, str], ...] = ()
    """Label and value of each parameter, in the order of the report's definition."""
    notices: tuple[str, ...] = ()
    """What a reader must know about the data."""
    data_as_of: str = ""
    locale: str = "en-GB"
    """Language that it is written in."""
    protected: bool = False
    """Whether the document opens with a password only."""


class Mailing(BaseModel):
    """What a variant's recipients get: a letter, and the stored document that its link opens."""

    model_config = ConfigDict(frozen=True)

    letter: Letter
    artifact_id: UUID
