"""The password of a subscription's documents: written, never read."""

from __future__ import annotations

from pydantic import AwareDatetime, Field, SecretStr

from broadsheet.portal.api.models.base import Answer, Input
from broadsheet.store.passwords import PasswordInForce


class NewPassword(Input):
    """What the documents of later runs are opened with."""

    password: SecretStr = Field(
        max_length=500,
        description="8 characters or more, 127 bytes at most; it is never told again.",
        examples=["correct horse battery"],
    )


class Protection(Answer):
    """Whether documents are protected, and who saw to it."""

    is_protected: bool = Field(description="Whether later runs are protected by a password.", examples=[True])
    set_by: str | None = Field(description="Who set the password; null without one.", examples=["ada"])
    set_at: AwareDatetime | None = Field(
        description="When it was set; null without one.", examples=["2026-03-23T11:00:00Z"]
    )

    @classmethod
    def of(cls, found: PasswordInForce | None) -> Protection:
        """Return what is known of a password."""
        return cls(
            is_protected=found is not None,
            set_by=found.set_by if found else None,
            set_at=found.set_at if found else None,
        )
