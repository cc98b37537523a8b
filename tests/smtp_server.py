"""A real mail server in a thread, which fails at the step and for the recipient that a test names."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from types import TracebackType
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from broadsheet.settings import Endpoint

USER, PASSWORD = "sender", "right-password"


@dataclass
class Fault:
    """What happens, once, when a mail reaches a step: ``mail``, ``rcpt``, ``data``, ``body`` or ``final``."""

    step: str
    recipient: str = ""
    reply: str = ""
    """The answer; empty cuts the connection instead."""
    store: bool = False
    """At ``final``: keep the mail first, so that it is delivered, whatever the answer is."""
    stall: bool = False
    """Answer nothing at all until the client gives up."""


@dataclass
class Copy:
    """A mail that the server has kept."""

    recipient: str
    message: EmailMessage


@dataclass
class ScriptedMailServer:
    """Use as a context manager; ``copies`` are the mails that reached somebody."""

    auth: bool = False
    tls: ssl.SSLContext | None = None
    starttls: bool = False
    faults: list[Fault] = field(default_factory=list)
    copies: list[Copy] = field(default_factory=list)
    on_mail: Callable[[str], None] | None = None
    """Called in the server's thread for each mail, after it was kept and before the answer."""
    meeting: int = 0
    """Senders that must have named the same recipient before any of them is answered."""
    connections: int = 0
    port: int = 0

    def __enter__(self) -> ScriptedMailServer:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._offers: Counter[str] = Counter()
        implicit = self.tls if not self.starttls else None
        start = self._loop.create_server(self._protocol, host="127.0.0.1", port=0, ssl=implicit)
        self._server = asyncio.run_coroutine_threadsafe(start, self._loop).result(timeout=10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    async def _stop(self) -> None:
        self._server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def endpoint(self, *, login: str = "", password: str = "", **options: str) -> Endpoint:
        """Return the connection to this server."""
        return Endpoint(
            scheme="smtp",
            host="127.0.0.1",
            port=self.port,
            login=login,
            password=password,
            path="",
            options={"tls": "none", **options},
        )

    def received(self, recipient: str) -> list[EmailMessage]:
        """Return the copies that one recipient has."""
        return [copy.message for copy in self.copies if copy.recipient == recipient]

    def take(self, step: str, recipient: str) -> Fault | None:
        """Return the fault that is due, once."""
        for fault in self.faults:
            if fault.step == step and fault.recipient in ("", recipient):
                self.faults.remove(fault)
                return fault
        return None

    def keep(self, envelope: Envelope) -> None:
        """Keep a mail."""
        content = envelope.content
        assert isinstance(content, bytes)
        for recipient in envelope.rcpt_tos:
            self.copies.append(Copy(recipient, message_from_bytes(content, policy=default)))
            if self.on_mail is not None:
                self.on_mail(recipient)

    async def meet(self, recipient: str) -> None:
        """Wait until enough senders have named a recipient."""
        self._offers[recipient] += 1
        async with asyncio.timeout(10):
            while self._offers[recipient] < self.meeting:
                await asyncio.sleep(0.01)

    def _protocol(self) -> SMTP:
        self.connections += 1
        return _Protocol(
            self,
            hostname="mail.test",
            authenticator=_authenticate if self.auth else None,
            auth_require_tls=False,
            tls_context=self.tls if self.starttls else None,
            loop=self._loop,
        )


def _authenticate(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=right, handled=False)


class _Protocol(SMTP):
    """aiosmtpd with faults at steps that its hooks do not reach."""

    def __init__(self, script: ScriptedMailServer, **options: Any) -> None:
        super().__init__(_Handler(script), **options)
        self._script = script

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - the library's name
        recipient = self.envelope.rcpt_tos[0] if self.envelope.rcpt_tos else ""
        fault = self._script.take("data", recipient)
        if fault is not None:
            answer = await commit(fault, self)
            await self.push(answer)
            return
        fault = self._script.take("body", recipient)
        if fault is not None:
            await self.push("354 go on")
            await self._reader.readline()
            await commit(fault, self)
            return
        await super().smtp_DATA(arg)


class _Handler:
    """The library's hooks."""

    def __init__(self, script: ScriptedMailServer) -> None:
        self._script = script

    async def handle_MAIL(  # noqa: N802 - the library's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        fault = self._script.take("mail", "")
        if fault is not None:
            return await commit(fault, server)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        await self._script.meet(address)
        fault = self._script.take("rcpt", address)
        if fault is not None:
            return await commit(fault, server)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the library's name
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        fault = self._script.take("final", envelope.rcpt_tos[0])
        if fault is None or fault.store:
            self._script.keep(envelope)
        return await commit(fault, server) if fault is not None else "250 2.0.0 queued as test"


async def commit(fault: Fault, server: SMTP) -> str:
    """Do what a fault says and return the answer to give, if there still is anybody to give it to."""
    if fault.stall:
        await asyncio.sleep(60)
    if not fault.reply:
        server.transport.abort()
    return fault.reply or "421 gone"
