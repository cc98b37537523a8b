"""How the deliveries of a run stand, after a sender tried them or without trying."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from broadsheet.domain.delivery import Delivery, DeliveryState
from broadsheet.errors import LeaseHeldError, MailUnavailableError
from broadsheet.store.database import Connection, transaction
from broadsheet.store.deliveries import deliveries_of_run


class DeliverySummary(BaseModel):
    """The deliveries of some variants of a run, by state, after all were tried; all of them are settled."""

    model_config = ConfigDict(frozen=True)

    accepted: int = 0
    refused: int = 0
    unknown: int = 0
    suppressed: int = 0


def settled_summary(
    run_id: UUID, variants: Iterable[str], *, dsn: str, only_reissued: bool = False
) -> DeliverySummary | None:
    """Return how the deliveries of a run's variants ended, or None while there is something left to send."""
    with transaction(dsn) as connection:
        found = deliveries_of_variants(connection, run_id, variants, only_reissued=only_reissued)
    if any(row.sendable or row.state is DeliveryState.SENDING for row in found):
        return None
    return _counted(found)


def deliveries_of_variants(
    connection: Connection, run_id: UUID, variants: Iterable[str], *, only_reissued: bool
) -> list[Delivery]:
    """Return the deliveries of some of a run's variants; ``only_reissued`` leaves out those nobody asked for
    again."""
    wanted = frozenset(variants)
    found = deliveries_of_run(connection, run_id)
    return [row for row in found if row.variant in wanted and (row.is_reissued or not only_reissued)]


def summary_of(run_id: UUID, deliveries: list[Delivery]) -> DeliverySummary:
    """Count deliveries that were all tried.

    Raises LeaseHeldError when another sender holds some, MailUnavailableError when some are left to send.
    """
    held = sum(delivery.state is DeliveryState.SENDING for delivery in deliveries)
    if held:
        raise LeaseHeldError(
            f"run {run_id}: {held} of {len(deliveries)} deliveries are held by another sender, or by "
            "one that died, until their lease ends; the next try looks again"
        )
    left = sum(delivery.sendable for delivery in deliveries)
    if left:
        raise MailUnavailableError(
            f"run {run_id}: {left} of {len(deliveries)} deliveries are left to send; the next try sends "
            "only those, and the ledger has the mail server's answers"
        )
    return _counted(deliveries)


def _counted(deliveries: list[Delivery]) -> DeliverySummary:
    states = [delivery.state.value for delivery in deliveries]
    return DeliverySummary(**{name: states.count(name) for name in DeliverySummary.model_fields})
