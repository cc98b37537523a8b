"""The delivery ledger: every state change of a delivery, each a conditional UPDATE."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from broadsheet.domain.delivery import REISSUABLE, Delivery, DeliveryState, computed_id, message_id_of
from broadsheet.errors import ConflictError, NotFoundError
from broadsheet.store.database import Connection, fetch_all, fetch_one, statements

_NOT_AGAIN = {
    DeliveryState.PLANNED: "the mail is on its way already, or the run failed before it: repeat the run then",
    DeliveryState.SENDING: "the mail is on its way already",
    DeliveryState.SUPPRESSED: "no mail was made, since the recipient had unsubscribed then",
}


@dataclass(frozen=True)
class Claim:
    """The right to send one delivery until its lease ends."""

    delivery_id: UUID
    attempt_token: UUID


def plan_deliveries(
    connection: Connection,
    run_id: UUID,
    *,
    variant: str,
    recipients: Iterable[str],
    resend_unknown: bool,
    mail_domain: str,
) -> None:
    """Add one delivery per recipient, planned or, if they left the subscription, suppressed.

    Those that exist already stay as they are.
    """
    for recipient in recipients:
        delivery_id = computed_id(run_id, variant, "mail", recipient.lower())
        values = {
            "delivery_id": delivery_id,
            "run_id": run_id,
            "variant": variant,
            "recipient": recipient,
            "message_id": message_id_of(delivery_id, mail_domain),
            "resend_unknown": resend_unknown,
        }
        connection.execute(statements("deliveries")["plan_delivery"], values)


def deliveries_of_run(connection: Connection, run_id: UUID) -> list[Delivery]:
    """Return a run's deliveries, ordered by variant and recipient."""
    rows = fetch_all(connection, statements("deliveries")["of_run"], {"run_id": run_id})
    return [Delivery.model_validate(row) for row in rows]


def expire_leases(connection: Connection, run_id: UUID) -> int:
    """Move a run's deliveries whose sender vanished to ``unknown`` and return how many there were."""
    return len(fetch_all(connection, statements("deliveries")["expire_leases"], {"run_id": run_id}))


def claim_delivery(
    connection: Connection, delivery_id: UUID, *, artifact_id: UUID, lease: timedelta
) -> Claim | None:
    """Claim a delivery for one attempt, or return None when it is not to be sent.

    That is when another sender has it, when it is settled, when its run was cancelled, and when its recipient
    left the subscription. Commit before SMTP DATA: the ledger must know of the attempt before the mail server
    does.
    """
    claim = Claim(delivery_id, uuid4())
    values = {
        "delivery_id": delivery_id,
        "artifact_id": artifact_id,
        "attempt_token": claim.attempt_token,
        "lease": lease,
    }
    return claim if fetch_one(connection, statements("deliveries")["claim"], values) else None


def settle_delivery(connection: Connection, claim: Claim, *, state: DeliveryState, reply: str) -> bool:
    """Record how an attempt ended and return whether the claim still held.

    ``planned`` gives the delivery back for another attempt: only when the server surely did not accept the
    mail. The delivery becomes ``unknown`` instead if that is what it was before the claim.
    """
    values = {
        "delivery_id": claim.delivery_id,
        "attempt_token": claim.attempt_token,
        "state": state.value,
        "reply": reply,
    }
    return fetch_one(connection, statements("deliveries")["settle"], values) is not None


def reissue_delivery(connection: Connection, delivery_id: UUID, *, by: str, at: datetime) -> None:
    """Plan a delivery again that was accepted or refused, or of which nobody knows: the next sender sends it.

    It becomes another mail, with an id of its own; what it was before is kept, with who wanted it. Raises
    NotFoundError when there is none, ConflictError when it was not sent yet or never, its run was cancelled,
    or its recipient left the subscription.
    """
    row = fetch_one(connection, statements("deliveries")["for_reissue"], {"delivery_id": delivery_id})
    if row is None:
        raise NotFoundError(f"there is no delivery {delivery_id}")
    if row["is_unsubscribed"]:
        raise ConflictError("the recipient has unsubscribed, and only they can change that")
    if row["is_cancelled"]:
        raise ConflictError("the run was cancelled; run it again to mail its report")
    if DeliveryState(row["state"]) not in REISSUABLE:
        raise ConflictError(_NOT_AGAIN[DeliveryState(row["state"])])
    domain = row["message_id"].rpartition("@")[2].rstrip(">")
    values = {
        "delivery_id": delivery_id,
        "by": by,
        "at": at,
        "message_id": message_id_of(delivery_id, domain, reissues=row["reissues"] + 1),
    }
    connection.execute(statements("deliveries")["note_reissue"], values)
    connection.execute(statements("deliveries")["reissue"], values)
