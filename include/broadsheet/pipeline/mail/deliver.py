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
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from broadsheet.domain.delivery import (
    RECORD_PAUSES,
    Delivery,
    DeliveryState,
    completion_time,
    lease_of,
    new_link_token,
)
from broadsheet.domain.letter import Mailing
from broadsheet.domain.recipient import check_recipient
from broadsheet.domain.run import RunSpec
from broadsheet.errors import DatabaseUnavailableError, InputError
from broadsheet.pipeline.mail.envelope import Envelope, link_url, list_id, unsubscribe_url
from broadsheet.pipeline.mail.message import build_message, message_bytes
from broadsheet.pipeline.mail.summary import DeliverySummary, deliveries_of_variants, summary_of
from broadsheet.pipeline.mail.transport import MailSession, Verdict, anonymous_reply, open_session
from broadsheet.settings import Endpoint, Settings
from broadsheet.store.database import Connection, transaction
from broadsheet.store.deliveries import (
    Claim,
    claim_delivery,
    expire_leases,
    settle_delivery,
)
from broadsheet.store.links import issue_link, revoke_link
from broadsheet.store.unsubscribes import suppress_unsubscribed

log = logging.getLogger(__name__)

# A server that hangs up on so many recipients in a row is left alone for now.
_MOST_LOST_CONNECTIONS = 3


@dataclass(frozen=True)
class Attempt:
    """A claimed delivery: the right to send it, to whom, the token of its link, and the mail."""

    claim: Claim
    recipient: str
    token: str
    mail: bytes
    deadline: float
    """Until when the mail may be completed, by this process's own clock."""


def send_deliveries(
    spec: RunSpec,
    mailings: Mapping[str, Mailing],
    *,
    dsn: str,
    endpoint: Endpoint,
    settings: Settings,
    clock: Callable[[], datetime],
    only_reissued: bool = False,
    pause: Callable[[float], None] = time.sleep,
) -> DeliverySummary:
    """Mail what is open of a run's variants; ``mailings`` maps each variant to what its recipients get.

    Safe to repeat: what was accepted or refused is never sent again. Who has unsubscribed since the run was
    planned gets nothing. ``only_reissued`` is for a run that is to mail nobody by itself.

    Raises MailUnavailableError when deliveries are left to try again, LeaseHeldError when another sender
    holds some (both after trying all others), and ConfigurationError when the mail server refuses our log-in
    or sender.
    """
    sender = _Sender(
        spec=spec, dsn=dsn, endpoint=endpoint, settings=settings, clock=clock, pause=pause, line=_Line()
    )
    with transaction(dsn) as connection:
        if expired := expire_leases(connection, spec.run_id):
            log.warning("run %s: %d deliveries were left by a sender that died", spec.run_id, expired)
        if suppressed := suppress_unsubscribed(connection, spec.run_id):
            log.info("run %s: %d recipients unsubscribed meanwhile", spec.run_id, suppressed)
        found = deliveries_of_variants(connection, spec.run_id, mailings, only_reissued=only_reissued)
        todo = [delivery for delivery in found if delivery.sendable]
    with closing(sender.line):
        for delivery in todo:
            if sender.line.lost >= _MOST_LOST_CONNECTIONS:
                log.warning("run %s: the mail server keeps hanging up, leaving it alone", spec.run_id)
                break
            sender.send(delivery, mailings[delivery.variant])
    with transaction(dsn) as connection:
        # Who left while this went on was not claimed any more, and is nothing to try again.
        suppress_unsubscribed(connection, spec.run_id)
        found = deliveries_of_variants(connection, spec.run_id, mailings, only_reissued=only_reissued)
    return summary_of(spec.run_id, found)


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

    def send(self, delivery: Delivery, mailing: Mailing) -> None:
        """Try one delivery and record how it ended."""
        try:
            recipient = check_recipient(delivery.recipient, domains=self.settings.recipient_domains)
        except InputError:
            verdict = Verdict(DeliveryState.REFUSED, "not sent: the recipient is no permitted address")
            self.record_unsent(delivery, mailing, verdict)
            return
        session = self.line.session(self.endpoint, self.settings)
        refusal = session.offer(recipient)
        if refusal is not None:
            self.record_unsent(delivery, mailing, refusal)
        elif (attempt := self.claim(delivery, mailing, recipient=recipient)) is None:
            log.info("delivery %s was taken by another sender, or is not wanted now", delivery.delivery_id)
            session.withdraw()
        else:
            verdict = session.transmit(attempt.mail, still_ours=lambda: time.monotonic() < attempt.deadline)
            self.record(attempt, verdict)
        self.line.count()

    def claim(self, delivery: Delivery, mailing: Mailing, *, recipient: str) -> Attempt | None:
        """Commit the claim with a fresh link; None when it is not to be sent (`claim_delivery`)."""
        deadline = time.monotonic() + completion_time(self.settings.mail_timeout).total_seconds()
        with transaction(self.dsn) as connection:
            claim = self._claim(connection, delivery, mailing)
            if claim is None:
                return None
            at, lifetime = self.clock(), self.settings.link_lifetime
            leave = new_link_token() if self.spec.subscription_id else None
            token = issue_link(
                connection,
                delivery_id=delivery.delivery_id,
                artifact_id=mailing.artifact_id,
                at=at,
                lifetime=lifetime,
                unsubscribe_token=leave,
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
                unsubscribe=unsubscribe_url(self.settings, leave) if leave else None,
            )
            # Built before the commit: a mail that cannot be built leaves no claim behind.
            message = build_message(mailing.letter, envelope, templates_dir=self.settings.templates_dir)
            return Attempt(claim, recipient, token, message_bytes(message), deadline)

    def _claim(self, connection: Connection, delivery: Delivery, mailing: Mailing) -> Claim | None:
        return claim_delivery(
            connection,
            delivery.delivery_id,
            artifact_id=mailing.artifact_id,
            lease=lease_of(self.settings.mail_timeout),
        )

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
        _log_verdict(attempt.claim.delivery_id, verdict, recipient=attempt.recipient, held=held)

    def record_unsent(self, delivery: Delivery, mailing: Mailing, verdict: Verdict) -> None:
        """Claim and settle in one transaction a delivery for which no mail was made."""
        with transaction(self.dsn) as connection:
            claim = self._claim(connection, delivery, mailing)
            if claim is not None:
                held = settle_delivery(connection, claim, state=verdict.state, reply=verdict.reply)
                _log_verdict(claim.delivery_id, verdict, recipient=delivery.recipient, held=held)


def _log_verdict(delivery_id: UUID, verdict: Verdict, *, recipient: str, held: bool) -> None:
    level = logging.WARNING if verdict.state is DeliveryState.REFUSED else logging.INFO
    words = anonymous_reply(verdict.reply, recipient)
    log.log(level, "delivery %s: %s (%s)", delivery_id, verdict.state.value, words)
    if not held:
        log.warning("delivery %s: the claim was lost before its verdict was recorded", delivery_id)
