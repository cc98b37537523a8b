"""Send a run's deliveries: claim, transmit, record, one recipient at a time.

A mail cannot be sent exactly once: between the final dot and our commit, nobody knows whether the server has
it. What is done instead (docs/adr/0005-own-mail-sender.md):

1. the recipient is offered to the server; what it refuses there is recorded, and no mail exists;
2. the claim is committed, together with a fresh link;
3. the mail is transmitted;
4. the verdict is committed at once, in a transaction of its own.

A sender that dies between 2 and 4 leaves a claim behind whose lease ends; the delivery is unknown then, and
sent once more unless the subscription says never to.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from broadsheet.domain.delivery import (
    RECORD_PAUSES,
    Delivery,
    DeliveryState,
    completion_time,
    lease_of,
)
from broadsheet.domain.letter import Letter
from broadsheet.domain.recipient import check_recipient
from broadsheet.domain.run import RunSpec
from broadsheet.errors import DatabaseUnavailableError, InputError, LeaseHeldError, MailUnavailableError
from broadsheet.pipeline.mail.message import Envelope, build_message, message_bytes
from broadsheet.pipeline.mail.transport import MailSession, Verdict, open_session
from broadsheet.settings import Endpoint, Settings
from broadsheet.store.database import Connection, transaction
from broadsheet.store.deliveries import (
    Claim,
    claim_delivery,
    deliveries_of_run,
    expire_leases,
    settle_delivery,
)
from broadsheet.store.ledger import Artifact, artifact_of_variant
from broadsheet.store.links import issue_link, revoke_link

log = logging.getLogger(__name__)

# A server that hangs up on so many recipients in a row is left alone for now.
_MOST_LOST_CONNECTIONS = 3


class DeliverySummary(BaseModel):
    """The deliveries of some variants of a run, by state, after all were tried; all of them are settled."""

    model_config = ConfigDict(frozen=True)

    accepted: int = 0
    refused: int = 0
    unknown: int = 0
    suppressed: int = 0


@dataclass(frozen=True)
class Attempt:
    """A claimed delivery: the right to send it, the token of its link, and the mail."""

    claim: Claim
    token: str
    mail: bytes
    deadline: float
    """Until when the mail may be completed, by this process's own clock."""


def send_deliveries(
    spec: RunSpec,
    letters: Mapping[str, Letter],
    *,
    dsn: str,
    endpoint: Endpoint,
    settings: Settings,
    clock: Callable[[], datetime],
    pause: Callable[[float], None] = time.sleep,
) -> DeliverySummary:
    """Mail what is open of a run's variants; ``letters`` maps each variant to what its mails say.

    Safe to repeat: what was accepted or refused is never sent again. Raises MailUnavailableError when
    deliveries are left to try again, LeaseHeldError when another sender holds some (both after trying all
    others), and ConfigurationError when the mail server refuses our log-in or sender.
    """
    sender = _Sender(
        spec=spec, dsn=dsn, endpoint=endpoint, settings=settings, clock=clock, pause=pause, line=_Line()
    )
    with transaction(dsn) as connection:
        if expired := expire_leases(connection, spec.run_id):
            log.warning("run %s: %d deliveries were left by a sender that died", spec.run_id, expired)
        todo = [delivery for delivery in _deliveries(connection, spec, letters) if delivery.sendable]
        names = {delivery.variant for delivery in todo}
        artifacts = {name: artifact_of_variant(connection, spec.run_id, name) for name in names}
    with closing(sender.line):
        for delivery in todo:
            if sender.line.lost >= _MOST_LOST_CONNECTIONS:
                log.warning("run %s: the mail server keeps hanging up, leaving it alone", spec.run_id)
                break
            sender.send(delivery, artifacts[delivery.variant], letters[delivery.variant])
    with transaction(dsn) as connection:
        return _summary(_deliveries(connection, spec, letters), spec)


def settled_summary(run_id: UUID, variants: Iterable[str], *, dsn: str) -> DeliverySummary | None:
    """Return how the deliveries of a run's variants ended, or None while there is something left to send."""
    wanted = frozenset(variants)
    with transaction(dsn) as connection:
        found = [row for row in deliveries_of_run(connection, run_id) if row.variant in wanted]
    if any(row.sendable or row.state is DeliveryState.SENDING for row in found):
        return None
    return _counted(found)


class _Line:
    """The one connection to the mail server, made when it is needed and made again when it was lost."""

    def __init__(self) -> None:
        self._session: MailSession | None = None
        self.lost = 0
        """Transactions in a row that ended with the connection."""

    def session(self, endpoint: Endpoint, settings: Settings) -> MailSession:
        """Return a live session."""
        if self._session is None or not self._session.alive:
            self._session = open_session(endpoint, sender=settings.mail_from, timeout=settings.mail_timeout)
        return self._session

    def count(self) -> None:
        """Note whether the transaction that just ended took the connection with it."""
        self.lost = 0 if self._session is not None and self._session.alive else self.lost + 1

    def close(self) -> None:
        """Say goodbye."""
        if self._session is not None:
            self._session.close()


@dataclass(frozen=True)
class _Sender:
    """What every delivery of one call needs."""

    spec: RunSpec
    dsn: str
    endpoint: Endpoint
    settings: Settings
    clock: Callable[[], datetime]
    pause: Callable[[float], None]
    line: _Line

    def send(self, delivery: Delivery, artifact: Artifact, letter: Letter) -> None:
        """Try one delivery and record how it ended."""
        try:
            recipient = check_recipient(delivery.recipient, domains=self.settings.recipient_domains)
        except InputError:
            verdict = Verdict(DeliveryState.REFUSED, "not sent: the recipient is no permitted address")
            self.record_unsent(delivery, artifact, verdict)
            return
        session = self.line.session(self.endpoint, self.settings)
        refusal = session.offer(recipient)
        if refusal is not None:
            self.record_unsent(delivery, artifact, refusal)
        elif (attempt := self.claim(delivery, artifact, letter, recipient=recipient)) is None:
            log.info("delivery %s was taken by another sender", delivery.delivery_id)
            session.withdraw()
        else:
            verdict = session.transmit(attempt.mail, still_ours=lambda: time.monotonic() < attempt.deadline)
            self.record(attempt, verdict)
        self.line.count()

    def claim(
        self, delivery: Delivery, artifact: Artifact, letter: Letter, *, recipient: str
    ) -> Attempt | None:
        """Commit the claim with a fresh link; None when another sender was quicker."""
        lease = lease_of(self.settings.mail_timeout)
        deadline = time.monotonic() + completion_time(self.settings.mail_timeout).total_seconds()
        at, lifetime = self.clock(), self.settings.link_lifetime
        with transaction(self.dsn) as connection:
            claim = claim_delivery(
                connection, delivery.delivery_id, artifact_id=artifact.artifact_id, lease=lease
            )
            if claim is None:
                return None
            token = issue_link(
                connection,
                delivery_id=delivery.delivery_id,
                artifact_id=artifact.artifact_id,
                at=at,
                lifetime=lifetime,
            )
            envelope = Envelope(
                sender=self.settings.mail_from,
                sender_name=self.settings.mail_from_name,
                recipient=recipient,
                message_id=delivery.message_id,
                list_id=list_id(self.spec, sender=self.settings.mail_from),
                date=at,
                link=link_url(self.settings, token),
                link_expires_at=at + lifetime,
            )
            # Built before the commit: a mail that cannot be built leaves no claim behind.
            message = build_message(letter, envelope, templates_dir=self.settings.templates_dir)
            return Attempt(claim, token, message_bytes(message), deadline)

    def record(self, attempt: Attempt, verdict: Verdict) -> None:
        """Commit the verdict on a transmitted mail, waiting for Postgres if it is away.

        Giving up would turn an accepted mail into an unknown one, which is then sent a second time.
        """
        for wait in (*RECORD_PAUSES, None):
            try:
                with transaction(self.dsn) as connection:
                    self._settle(connection, attempt, verdict)
            except DatabaseUnavailableError:
                if wait is None:
                    raise
                log.warning("verdict on %s not recorded yet, trying again", attempt.claim.delivery_id)
                self.pause(wait)
            else:
                return

    def _settle(self, connection: Connection, attempt: Attempt, verdict: Verdict) -> None:
        held = settle_delivery(connection, attempt.claim, state=verdict.state, reply=verdict.reply)
        if verdict.state in (DeliveryState.PLANNED, DeliveryState.REFUSED):
            # No mail with this link is anywhere.
            revoke_link(connection, attempt.token, at=self.clock(), by="sender")
        _log_verdict(attempt.claim, verdict, held=held)

    def record_unsent(self, delivery: Delivery, artifact: Artifact, verdict: Verdict) -> None:
        """Claim and settle in one transaction a delivery for which no mail was made."""
        with transaction(self.dsn) as connection:
            claim = claim_delivery(
                connection,
                delivery.delivery_id,
                artifact_id=artifact.artifact_id,
                lease=lease_of(self.settings.mail_timeout),
            )
            if claim is not None:
                held = settle_delivery(connection, claim, state=verdict.state, reply=verdict.reply)
                _log_verdict(claim, verdict, held=held)


def link_url(settings: Settings, token: str) -> str:
    """Return the address of a link as it stands in the mail."""
    return f"{str(settings.public_url).rstrip('/')}/r/{quote(token, safe='')}"


def list_id(spec: RunSpec, *, sender: str) -> str:
    """Return the List-Id that mails of one subscription share, so that readers can sort by it (RFC 2919)."""
    name = spec.subscription_id or spec.report_id.replace("_", "-")
    return f"{name}.reports.{sender.rpartition('@')[2]}"


def _deliveries(connection: Connection, spec: RunSpec, letters: Mapping[str, Letter]) -> list[Delivery]:
    found = deliveries_of_run(connection, spec.run_id)
    return [delivery for delivery in found if delivery.variant in letters]


def _summary(deliveries: list[Delivery], spec: RunSpec) -> DeliverySummary:
    held = sum(delivery.state is DeliveryState.SENDING for delivery in deliveries)
    if held:
        raise LeaseHeldError(
            f"run {spec.run_id}: {held} of {len(deliveries)} deliveries are held by another sender, or by "
            "one that died, until their lease ends; the next try looks again"
        )
    left = sum(delivery.sendable for delivery in deliveries)
    if left:
        raise MailUnavailableError(
            f"run {spec.run_id}: {left} of {len(deliveries)} deliveries are left to send; the next try sends "
            "only those, and the ledger has the mail server's answers"
        )
    return _counted(deliveries)


def _counted(deliveries: list[Delivery]) -> DeliverySummary:
    states = [delivery.state.value for delivery in deliveries]
    return DeliverySummary(**{name: states.count(name) for name in DeliverySummary.model_fields})


def _log_verdict(claim: Claim, verdict: Verdict, *, held: bool) -> None:
    # Only the code of the reply: servers repeat the recipient's address in its text.
    log.info("delivery %s: %s (%.3s)", claim.delivery_id, verdict.state.value, verdict.reply)
    if not held:
        log.warning("delivery %s: the claim was lost before its verdict was recorded", claim.delivery_id)
