"""The mails of a job: who got it, when it was opened; revoke a link, send a mail again."""

from __future__ import annotations

import logging
from uuid import UUID

from broadsheet.domain.access import Caller
from broadsheet.domain.delivery import DeliveryState
from broadsheet.domain.run import RunState
from broadsheet.errors import BroadsheetError, ConflictError, NotFoundError
from broadsheet.services.installation import Installation
from broadsheet.services.job_reading import check_right, is_open, visible_job
from broadsheet.services.job_views import DeliveryView, LinkView
from broadsheet.store.database import transaction
from broadsheet.store.deliveries import reissue_delivery
from broadsheet.store.jobs import (
    StoredDelivery,
    StoredLink,
    deliveries_of_job,
    has_delivery,
    links_of_job,
    move_job,
    revoke_link_of_job,
)

log = logging.getLogger(__name__)

_WORDS = {
    DeliveryState.PLANNED: "Not sent yet",
    DeliveryState.SENDING: "Being sent",
    DeliveryState.ACCEPTED: "Accepted by the mail server",
    DeliveryState.REFUSED: "Refused by the mail server",
    DeliveryState.UNKNOWN: "Perhaps sent: the mail server's answer was lost",
    DeliveryState.SUPPRESSED: "Not sent: the recipient has unsubscribed",
}


def job_deliveries(inst: Installation, caller: Caller, job_id: UUID) -> tuple[DeliveryView, ...]:
    """Return a job's deliveries with the links of their mails."""
    with transaction(inst.dsn()) as connection:
        row = visible_job(connection, caller, job_id)
        deliveries, links = deliveries_of_job(connection, job_id), links_of_job(connection, job_id)
    is_cancelled = row.state is RunState.CANCELLED
    return tuple(
        DeliveryView(
            delivery_id=delivery.delivery_id,
            recipient=delivery.recipient,
            state=delivery.state,
            words=_words(delivery, is_cancelled=is_cancelled),
            settled_at=delivery.settled_at,
            links=tuple(_link(link) for link in links.get(delivery.delivery_id, ())),
        )
        for delivery in deliveries
    )


def revoke_job_link(inst: Installation, caller: Caller, job_id: UUID, link_id: UUID) -> None:
    """Revoke one link of a job; a repeated call changes nothing. NotFoundError when the job has none such."""
    at = inst.clock()
    with transaction(inst.dsn()) as connection:
        visible_job(connection, caller, job_id)
        if not revoke_link_of_job(connection, job_id, link_id, by=caller.name, at=at):
            raise NotFoundError(f"job {job_id} has no link {link_id}")
    log.info("link %s of job %s was revoked by %s", link_id, job_id, caller.name)


def resend(inst: Installation, caller: Caller, job_id: UUID, delivery_id: UUID) -> None:
    """Mail a settled delivery once more, on purpose.

    Raises NotFoundError when the job has no such delivery, ConflictError when the job is not over, was
    cancelled or forgotten by Airflow, or the mail is not to be sent, and ForbiddenError when the caller may
    not have the report any more. When Airflow does not answer, nothing is changed.
    """
    at = inst.clock()
    key = None
    try:
        with transaction(inst.dsn()) as connection:
            row = visible_job(connection, caller, job_id)
            check_right(inst, caller, row)
            if not has_delivery(connection, job_id, delivery_id):
                raise NotFoundError(f"job {job_id} has no delivery {delivery_id}")
            if row.state is RunState.CANCELLED:
                raise ConflictError("the job was cancelled; repeat it to mail its report")
            if is_open(row) or not move_job(connection, job_id, RunState.ACTIVE, allowed=[row.state]):
                raise ConflictError("the job is not over; wait until it is")
            key = (row.dag_id, row.dag_run_id)
            reissue_delivery(connection, delivery_id, by=caller.name, at=at)
            # Inside the transaction: what Airflow refuses leaves nothing behind here. It takes seconds to
            # start the stage, which looks at the deliveries only then.
            inst.engine.repeat(key, stages=("email",))
    except BroadsheetError as error:
        if key is not None and isinstance(error, NotFoundError):
            raise ConflictError("Airflow has forgotten this run; ask for the report again") from error
        raise
    log.info("delivery %s of job %s is sent again for %s", delivery_id, job_id, caller.name)


def _words(delivery: StoredDelivery, *, is_cancelled: bool) -> str:
    if delivery.state is DeliveryState.PLANNED and is_cancelled:
        return "Not sent: the run was cancelled"
    return _WORDS[delivery.state]


def _link(link: StoredLink) -> LinkView:
    return LinkView(
        link_id=link.link_id,
        created_at=link.created_at,
        expires_at=link.expires_at,
        revoked_at=link.revoked_at,
        opened=link.opened,
        last_opened_at=link.last_opened_at,
    )
