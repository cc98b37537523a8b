"""What an edit changed, in a reader's words."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class TermChange(BaseModel):
    """One term that an edit changed. Of a list of recipients, ``before`` and ``after`` hold what differs."""

    model_config = ConfigDict(frozen=True)

    field: str
    """Name of the term, as in drafts: ``parameters.carrier``."""
    label: str
    """Name of the term for readers: ``Airline``."""
    before: str
    after: str
