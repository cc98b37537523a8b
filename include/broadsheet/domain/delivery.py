"""Deliveries: one artifact to one recipient by one channel, and the states it can be in."""

from __future__ import annotations

import hashlib
import secrets
from enum import StrEnum
from uuid import UUID, uuid5

from pydantic import AwareDatetime, BaseModel, ConfigDict

# Namespace of the ids that are computed, so that a repeated task arrives at the same ones.
NAMESPACE = UUID("6f1f3a0e-6f0b-5a55-9a53-b0ad5ee70001")

_TOKEN_BYTES = 32


class DeliveryState(StrEnum):
    """States of a delivery; ``accepted``, ``refused`` and ``suppressed`` are final."""

    PLANNED = "planned"
    SENDING = "sending"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"


class Delivery(BaseModel):
    """One row of the ledger, as the sender sees it."""

    model_config = ConfigDict(frozen=True)

    delivery_id: UUID
    run_id: UUID
    variant: str
    recipient: str
    state: DeliveryState
    message_id: str
    attempts: int
    unknowns: int
    resend_unknown: bool
    lease_until: AwareDatetime | None

    @property
    def sendable(self) -> bool:
        """Whether an attempt may claim this delivery; the ledger's own condition, for choosing what to try.

        An attempt of unknown fate is repeated once: at most one copy more than there should be.
        """
        if self.state is DeliveryState.UNKNOWN:
            return self.resend_unknown and self.unknowns < 2
        return self.state is DeliveryState.PLANNED


def computed_id(*parts: object) -> UUID:
    """Return an id that is the same whenever it is computed from the same parts."""
    return uuid5(NAMESPACE, "\x1f".join(str(part) for part in parts))


def message_id_of(delivery_id: UUID, domain: str) -> str:
    """Return the Message-ID that every attempt of a delivery carries."""
    return f"<{delivery_id}@{domain}>"


def new_link_token() -> str:
    """Return 256 random bits as URL-safe text."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def token_digest(token: str) -> bytes:
    """Return the SHA-256 of a link token: the only form in which a token is stored."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
