"""SMTP, one recipient per transaction, with every way in which a transaction can end told apart.

``smtplib`` gives the connection, TLS and the log-in; its ``sendmail`` is not used, since it raises the same
error for a connection that was lost before the mail was complete (surely not accepted) and after (nobody
knows).
"""

from __future__ import annotations

import logging
import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from broadsheet.domain.delivery import DeliveryState
from broadsheet.errors import ConfigurationError, MailUnavailableError
from broadsheet.settings import MAIL, Endpoint

log = logging.getLogger(__name__)

_PORTS = {"none": 25, "starttls": 587, "implicit": 465}
_LINE_START_DOT = re.compile(rb"^\.", re.MULTILINE)
_ADDRESS = re.compile(r"\S+@\S+")
_LONGEST_REPLY = 500
_READY, _CLOSING = 354, 421
# Log-in required, too weak, wrong, or to be encrypted: about our account, not about a recipient.
_ACCOUNT = frozenset({530, 534, 535, 538})


@dataclass(frozen=True)
class Verdict:
    """How a transaction ended.

    ``state`` is ACCEPTED, REFUSED, UNKNOWN, or PLANNED: surely not accepted, and worth another try.
    """

    state: DeliveryState
    reply: str


@dataclass(frozen=True)
class Reply:
    """One answer of the server."""

    code: int
    text: str

    def __str__(self) -> str:
        return f"{self.code} {self.text}"[:_LONGEST_REPLY]

    @property
    def anonymous(self) -> str:
        """The answer without the addresses that servers like to repeat, for logs and error texts."""
        return anonymous_reply(str(self))

    @property
    def verdict(self) -> Verdict:
        """What this means as the answer to a whole mail."""
        by_class = {2: DeliveryState.ACCEPTED, 4: DeliveryState.PLANNED, 5: DeliveryState.REFUSED}
        return Verdict(by_class.get(self.code // 100, DeliveryState.UNKNOWN), str(self))


def anonymous_reply(reply: str, recipient: str = "") -> str:
    """Return a server's answer as one line for logs, without addresses.

    Servers repeat the recipient's address, or only what stands before its @: ``no such user: ada``.
    """
    line = " ".join(_ADDRESS.sub("(address)", reply).split())
    name = recipient.rpartition("@")[0]
    return re.sub(rf"(?i)(?<!\w){re.escape(name)}(?!\w)", "(name)", line) if name else line


class _ConnectionLostError(Exception):
    """The connection broke, or the server kept silent for longer than the timeout."""


class MailSession:
    """A connection that has logged in. Not to be used further once ``alive`` is False."""

    def __init__(self, client: smtplib.SMTP, *, sender: str) -> None:
        self._client = client
        self._sender = sender
        self.alive = True

    def offer(self, recipient: str) -> Verdict | None:
        """Name sender and recipient to the server; return None when it is ready for the mail.

        Raises ConfigurationError when the server refuses our account or our sender's address: that is nothing
        to hold against the recipient.
        """
        try:
            reply = self._ask(lambda: self._client.mail(self._sender))
            if reply.code // 100 == 5:
                self.close()
                raise ConfigurationError(f"the mail server refuses our sender's address: {reply.anonymous}")
            if reply.code // 100 == 2:
                reply = self._ask(lambda: self._client.rcpt(recipient))
        except _ConnectionLostError as error:
            return Verdict(DeliveryState.PLANNED, f"before the recipient was accepted: {error}")
        if reply.code in _ACCOUNT:
            self.close()
            raise ConfigurationError(f"the mail server wants another log-in: {reply.anonymous}")
        if reply.code // 100 == 2:
            return None
        self.withdraw()
        refused = reply.code // 100 == 5
        return Verdict(DeliveryState.REFUSED if refused else DeliveryState.PLANNED, str(reply))

    def transmit(self, message: bytes, *, still_ours: Callable[[], bool]) -> Verdict:
        """Send a mail that was offered, and return the server's verdict on it.

        ``still_ours`` is asked once more before the mail is completed: a sender that was held up for so long
        that its lease may end before the verdict leaves the mail to whoever takes over.
        """
        try:
            reply = self._ask(lambda: self._client.docmd("DATA"))
            if reply.code != _READY:
                self.withdraw()
                refused = reply.code // 100 == 5
                return Verdict(DeliveryState.REFUSED if refused else DeliveryState.PLANNED, str(reply))
            self._send(_stuffed(message))
        except _ConnectionLostError as error:
            return Verdict(DeliveryState.PLANNED, f"before the mail was complete: {error}")
        if not still_ours():
            self._drop()
            return Verdict(DeliveryState.PLANNED, "held up for too long; the mail was not completed")
        try:
            return self._complete()
        except _ConnectionLostError as error:
            return Verdict(DeliveryState.UNKNOWN, f"after the mail was complete: {error}")

    def withdraw(self) -> None:
        """Take back what was offered, so that the connection can be used for the next recipient."""
        with suppress(_ConnectionLostError):
            self._ask(self._client.rset)

    def close(self) -> None:
        """Say goodbye, if the server still listens."""
        if self.alive:
            with suppress(_ConnectionLostError):
                self._ask(self._client.quit)
        self._drop()

    def _complete(self) -> Verdict:
        """Send the final dot. From here on only the server knows whether it has the mail."""
        self._send(b".\r\n")
        verdict = self._ask(self._client.getreply).verdict
        if verdict.state is DeliveryState.UNKNOWN:
            self._drop()
        return verdict

    def _ask(self, command: Callable[[], tuple[int, bytes]]) -> Reply:
        if not self.alive:
            raise _ConnectionLostError("not connected")
        try:
            code, text = command()
        except OSError as error:  # smtplib's own errors, too
            self._drop()
            raise _ConnectionLostError(str(error)) from error
        if code == _CLOSING or not 200 <= code < 600:
            # It hangs up, or does not speak SMTP any more.
            self._drop()
        return Reply(code, text.decode("utf-8", "replace"))

    def _send(self, data: bytes) -> None:
        try:
            self._client.send(data)
        except OSError as error:  # smtplib's own errors, too
            self._drop()
            raise _ConnectionLostError(str(error)) from error

    def _drop(self) -> None:
        self.alive = False
        self._client.close()


def open_session(endpoint: Endpoint, *, sender: str, timeout: float) -> MailSession:
    """Connect to a mail server and log in.

    Options of the URI: ``tls`` is ``starttls`` (without the option, too), ``implicit`` or ``none``;
    ``ca_file`` names the certificates to trust instead of the system's. Raises MailUnavailableError when the
    server cannot be reached or is busy, ConfigurationError when it refuses the log-in or its certificate is
    not valid.
    """
    mode = endpoint.options.get("tls", "starttls")
    if mode not in _PORTS:
        raise ConfigurationError(f"connection {MAIL!r}: tls={mode!r}; write none, starttls or implicit")
    if not endpoint.host:
        raise ConfigurationError(f"connection {MAIL!r} names no host")
    try:
        client = _connect(endpoint, mode=mode, helo=sender.rpartition("@")[2], timeout=timeout)
    except ssl.SSLCertVerificationError as error:
        reason = error.verify_message
        raise ConfigurationError(f"the mail server's certificate is not valid: {reason}") from error
    except smtplib.SMTPResponseException as error:
        raise _refused_connection(error) from error
    except smtplib.SMTPNotSupportedError as error:
        raise ConfigurationError(f"the mail server cannot do what {MAIL!r} asks for: {error}") from error
    except OSError as error:  # smtplib's own errors, too
        raise MailUnavailableError(f"the mail server cannot be reached: {error}") from error
    return MailSession(client, sender=sender)


def _connect(endpoint: Endpoint, *, mode: str, helo: str, timeout: float) -> smtplib.SMTP:
    port = endpoint.port or _PORTS[mode]
    client: smtplib.SMTP
    if mode == "implicit":
        client = smtplib.SMTP_SSL(endpoint.host, port, helo, timeout=timeout, context=_tls(endpoint))
    else:
        client = smtplib.SMTP(endpoint.host, port, helo, timeout=timeout)
    try:
        if mode == "starttls":
            client.starttls(context=_tls(endpoint))
        client.ehlo_or_helo_if_needed()
        if endpoint.login:
            client.login(endpoint.login, endpoint.password)
    except BaseException:
        client.close()
        raise
    return client


def _tls(endpoint: Endpoint) -> ssl.SSLContext:
    ca_file = endpoint.options.get("ca_file")
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise ConfigurationError(f"connection {MAIL!r}: ca_file cannot be read: {error}") from error


def _refused_connection(error: smtplib.SMTPResponseException) -> ConfigurationError | MailUnavailableError:
    text = error.smtp_error
    reply = Reply(error.smtp_code, text.decode("utf-8", "replace") if isinstance(text, bytes) else text)
    if isinstance(error, smtplib.SMTPAuthenticationError) and reply.code // 100 == 5:
        return ConfigurationError(
            f"the mail server refuses the log-in of connection {MAIL!r}: {reply.anonymous}"
        )
    return MailUnavailableError(f"the mail server does not take mail now: {reply.anonymous}")


def _stuffed(message: bytes) -> bytes:
    """Double the dots at the starts of lines, where a lone one would end the mail; end with a line break."""
    body = _LINE_START_DOT.sub(b"..", message)
    return body if body.endswith(b"\r\n") else body + b"\r\n"
