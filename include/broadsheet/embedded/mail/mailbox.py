"""Received mails: one file each, complete or not there."""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

_ID = re.compile(r"[0-9]{8}T[0-9]{12}-[0-9a-f]{8}")
_SUFFIX = ".eml"


@dataclass(frozen=True)
class StoredMail:
    """A received mail with its envelope."""

    ident: str
    received_at: datetime
    size_bytes: int
    message: EmailMessage

    @property
    def mail_from(self) -> str:
        """Sender of the envelope."""
        return str(self.message.get("Return-Path", "")).strip("<> ")

    @property
    def recipients(self) -> list[str]:
        """Recipients of the envelope."""
        return [str(value) for value in self.message.get_all("Delivered-To", [])]


class Mailbox:
    """A folder of .eml files whose names sort by time of arrival."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def store(self, content: bytes, *, mail_from: str, recipients: list[str], now: datetime) -> str:
        """Keep a mail for good and return its id. When this returns, the mail is on disk whole."""
        ident = f"{now.astimezone(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
        envelope = [f"Return-Path: <{mail_from}>", *(f"Delivered-To: {address}" for address in recipients)]
        head = "".join(f"{line}\r\n" for line in envelope).encode("utf-8", "surrogateescape")
        descriptor, temporary = tempfile.mkstemp(dir=self._folder, prefix=".")
        with os.fdopen(descriptor, "wb") as file:
            file.write(head + content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).rename(self._path(ident))
        directory = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
        return ident

    def idents(self) -> list[str]:
        """Return the ids, the newest mail first."""
        return sorted((path.stem for path in self._folder.glob(f"*{_SUFFIX}")), reverse=True)

    def read(self, ident: str) -> StoredMail | None:
        """Return a mail; None when there is none with this id."""
        raw = self.raw(ident)
        if raw is None:
            return None
        return StoredMail(
            ident=ident,
            received_at=datetime.strptime(ident.split("-")[0], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC),
            size_bytes=len(raw),
            message=message_from_bytes(raw, policy=default),
        )

    def raw(self, ident: str) -> bytes | None:
        """Return a mail's bytes, the envelope's lines first; None when there is none with this id."""
        if not _ID.fullmatch(ident):
            return None
        try:
            return self._path(ident).read_bytes()
        except FileNotFoundError:
            return None

    def clear(self) -> int:
        """Delete every mail and return how many there were."""
        idents = self.idents()
        for ident in idents:
            self._path(ident).unlink(missing_ok=True)
        return len(idents)

    def _path(self, ident: str) -> Path:
        return self._folder / f"{ident}{_SUFFIX}"
