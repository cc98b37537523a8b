"""Secrets that the database keeps: encrypted under a key that only the settings hold."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from broadsheet.errors import ConfigurationError, IntegrityError
from broadsheet.settings import Settings


def seal(secret: str, settings: Settings) -> bytes:
    """Encrypt a secret with the newest key; ConfigurationError without a key."""
    return _cipher(settings).encrypt(secret.encode())


def unseal(sealed: bytes, settings: Settings) -> str:
    """Decrypt a secret; IntegrityError when none of the keys is the one that it was sealed with."""
    try:
        return _cipher(settings).decrypt(sealed).decode()
    except InvalidToken as error:
        raise IntegrityError(
            "a stored password cannot be decrypted: put the key that it was sealed with back into "
            "BROADSHEET_SECRET_KEY, behind the new one, or set the password again"
        ) from error


def _cipher(settings: Settings) -> MultiFernet:
    given = settings.secret_key.get_secret_value() if settings.secret_key else ""
    keys = [key.strip() for key in given.split(",") if key.strip()]
    if not keys:
        raise ConfigurationError(
            "passwords of documents need a key: set BROADSHEET_SECRET_KEY to what this prints: "
            "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
        )
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise ConfigurationError("BROADSHEET_SECRET_KEY holds something that is no Fernet key") from error
