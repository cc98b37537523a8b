"""The embedded mail server: takes mail over SMTP from whoever logs in, and keeps it."""

from __future__ import annotations

import asyncio
import hmac
import logging
import warnings
from datetime import UTC, datetime

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from broadsheet.embedded.mail.faults import Fault, FaultKind, Faults, Step
from broadsheet.embedded.mail.mailbox import Mailbox

logger = logging.getLogger(__name__)

SIZE_LIMIT = 35 * 1024 * 1024


class Login:
    """Compares what a client gives with the one account there is."""

    def __init__(self, user: str, password: str) -> None:
        self._user = user.encode()
        self._password = password.encode()

    def __call__(
        self,
        server: SMTP,  # noqa: ARG002 - the hook's signature, here and below
        session: Session,  # noqa: ARG002
        envelope: Envelope,  # noqa: ARG002
        mechanism: str,  # noqa: ARG002
        auth_data: object,
    ) -> AuthResult:
        """Accept or refuse a log-in. ``handled=False`` on refusal makes aiosmtpd answer 535 itself."""
        if isinstance(auth_data, LoginPassword):
            user_fits = hmac.compare_digest(auth_data.login, self._user)
            password_fits = hmac.compare_digest(auth_data.password, self._password)
            if user_fits and password_fits:
                return AuthResult(success=True)
        return AuthResult(success=False, handled=False)


class Handler:
    """What the server does at each step; the names are those of aiosmtpd's hooks."""

    def __init__(self, mailbox: Mailbox, faults: Faults) -> None:
        self._mailbox = mailbox
        self._faults = faults

    async def handle_RCPT(  # noqa: N802 - the hook's name
        self,
        server: SMTP,
        session: Session,  # noqa: ARG002
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """Take a recipient unless a fault is due."""
        fault = self._faults.take(Step.RECIPIENT, [address])
        if fault is not None:
            return await self._commit(fault, server)
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the hook's name
        self,
        server: SMTP,
        session: Session,  # noqa: ARG002
        envelope: Envelope,
    ) -> str:
        """Keep a mail, then say so, unless a fault is due."""
        recipients = [str(address) for address in envelope.rcpt_tos]
        content = envelope.content
        if not isinstance(content, bytes):
            return "554 no content"
        fault = self._faults.take(Step.DATA, recipients)
        if fault is not None and fault.kind in (FaultKind.REPLY, FaultKind.DROP):
            return await self._commit(fault, server)
        if fault is not None and fault.kind is FaultKind.LOSE:
            await asyncio.sleep(fault.delay)
            return "250 OK"
        ident = await asyncio.to_thread(
            self._mailbox.store,
            content,
            mail_from=envelope.mail_from or "",
            recipients=recipients,
            now=datetime.now(UTC),
        )
        logger.info("stored mail %s of %d bytes for %d recipients", ident, len(content), len(recipients))
        if fault is not None:
            return await self._commit(fault, server)
        return f"250 OK stored as {ident}"

    async def _commit(self, fault: Fault, server: SMTP) -> str:
        await asyncio.sleep(fault.delay)
        logger.info("committing fault %s at %s", fault.kind, fault.step)
        if fault.kind is not FaultKind.REPLY and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return f"{fault.code} {fault.text}"


def smtp_factory(mailbox: Mailbox, faults: Faults, login: Login, *, loop: asyncio.AbstractEventLoop) -> SMTP:
    """Return the protocol of one connection."""
    with warnings.catch_warnings():
        # Loopback only: there is nobody on the way to hide a password from.
        warnings.filterwarnings("ignore", "Requiring AUTH while not requiring TLS", UserWarning)
        return SMTP(
            Handler(mailbox, faults),
            data_size_limit=SIZE_LIMIT,
            enable_SMTPUTF8=True,
            authenticator=login,
            auth_required=True,
            auth_require_tls=False,
            hostname="mail.broadsheet.example",
            loop=loop,
        )
