"""Passwords and keys of an embedded stack: generated once, kept in one private file."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from broadsheet.embedded.state import write_private
from broadsheet.errors import ConfigurationError

_KEY_BYTES = 64


def _password() -> str:
    """Return a password of 144 bits without characters that a URI or a shell would mind."""
    return secrets.token_urlsafe(18)


def _key() -> str:
    return secrets.token_urlsafe(_KEY_BYTES)


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _access_key() -> str:
    return "BS" + secrets.token_hex(9).upper()


def _secret(maker: object = None) -> str:
    """Declare a field that is generated and never shown by ``repr``."""
    return field(default_factory=maker or _password, repr=False)  # type: ignore[call-overload, no-any-return]


@dataclass(frozen=True)
class Credentials:
    """Every secret of one stack."""

    postgres_admin: str = _secret()
    postgres_airflow: str = _secret()
    postgres_broadsheet: str = _secret()
    postgres_flights: str = _secret()
    postgres_reader: str = _secret()
    broker: str = _secret()
    s3_access_key: str = _secret(_access_key)
    s3_secret_key: str = _secret(_key)
    s3_jwt_key: str = _secret(_key)
    smtp: str = _secret()
    inbox: str = _secret()
    airflow_fernet_key: str = _secret(_fernet_key)
    airflow_jwt_secret: str = _secret(_key)
    broadsheet_secret_key: str = _secret(_fernet_key)
    airflow_api_secret_key: str = _secret(_key)
    user_admin: str = _secret()
    user_operator: str = _secret()
    user_author: str = _secret()
    user_subscriber: str = _secret()


def load_credentials(path: Path) -> Credentials:
    """Read the secrets, generating the file, or what a newer version asks for beyond it, at first use."""
    known: dict[str, str] = {}
    if path.exists():
        try:
            known = dict(json.loads(path.read_text(encoding="utf-8")))
        except ValueError as error:
            raise ConfigurationError(
                f"{path} is damaged: {error}. Run `make clean` to start afresh (removes the stack's data)"
            ) from error
    names = {entry.name for entry in fields(Credentials)}
    credentials = Credentials(**{name: value for name, value in known.items() if name in names})
    if asdict(credentials) != known:
        write_private(path, json.dumps(asdict(credentials), indent=2) + "\n")
    return credentials
