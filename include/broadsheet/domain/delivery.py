"""Deliveries: one artifact to one recipient by one channel, and the states it can be in."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from enum import StrEnum
from uuid import UUID, uuid5

from pydantic import AwareDatetime, BaseModel, ConfigDict

# Namespace of the ids that are computed, so that a repeated task arrives at the same ones.
NAMESPACE = UUID("6f1f3a0e-6f0b-5a55-9a53-b0ad5ee70001")

# Pauses between a sender's tries to record a verdict: together longer than a restart of Postgres.
RECORD_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0)

_TOKEN_BYTES = 32
# Seconds that a try to record takes at most while Postgres cannot be reached.
_RECORD_TRY = 10.0
# Leases end by Postgres's clock, and retries are due by Airflow's.
_CLOCKS_APART = timedelta(minutes=1)


class DeliveryState(StrEnum):
    """States of a delivery; ``accepted``, ``refused`` and ``suppressed`` are final for every sender.

    A person may have a mail sent again, on purpose: `store.deliveries.reissue_delivery`.
    """

    PLANNED = "planned"
    SENDING = "sending"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"


# States of a delivery that somebody may have sent again.
REISSUABLE = frozenset({DeliveryState.ACCEPTED, DeliveryState.REFUSED, DeliveryState.UNKNOWN})


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
    is_reissued: bool = False
    """Whether somebody had it sent again, on purpose."""

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


def message_id_of(delivery_id: UUID, domain: str, *, reissues: int = 0) -> str:
    """Return the Message-ID that every attempt of a delivery carries.

    A delivery that somebody had sent again, on purpose, is another mail: ``reissues`` is how often.
    """
    again = f".{reissues}" if reissues else ""
    return f"<{delivery_id}{again}@{domain}>"


def lease_of(mail_timeout: float) -> timedelta:
    """Return how long a sender may hold a delivery: for three answers of the server and recording the last.

    ``mail_timeout`` is how many seconds the sender waits for an answer.
    """
    recording = sum(RECORD_PAUSES) + _RECORD_TRY * (len(RECORD_PAUSES) + 1)
    return timedelta(seconds=3 * mail_timeout + recording)


def completion_time(mail_timeout: float) -> timedelta:
    """Return how long after its claim a sender may still complete the mail.

    After that the last answer, and recording it, might outlast the lease: whoever takes over would send a
    mail that was accepted.
    """
    return timedelta(seconds=2 * mail_timeout)


def lease_retry_delay(mail_timeout: float) -> timedelta:
    """Return after how long a delivery that another sender holds is surely held no more."""
    return lease_of(mail_timeout) + _CLOCKS_APART


def new_link_token() -> str:
    """Return 256 random bits as URL-safe text."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def token_digest(token: str) -> bytes:
    """Return the SHA-256 of a link token: the only form in which a token is stored."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
