"""Print a `.env` for docker-compose.yaml: `.env.example` with a generated value for each that is empty.

    python deploy/compose/make_env.py > .env

Needs nothing but Python 3.11. The same characters serve as password, key and part of a URI.
"""

from __future__ import annotations

import base64
import secrets
import sys
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[2] / ".env.example"


def fill(example: str) -> str:
    """Return the example with a generated value after every `NAME=` at the end of a line."""
    lines = []
    for line in example.splitlines():
        name, sign, value = line.partition("=")
        if sign and not value and not line.startswith("#"):
            line = f"{name}={generate(name)}"
        lines.append(line)
    return "\n".join(lines) + "\n"


def generate(name: str) -> str:
    """Return a value fit for what the name says: a key of 32 or 64 bytes, or a password of 144 bits."""
    if name in ("AIRFLOW_FERNET_KEY", "BROADSHEET_SECRET_KEY"):
        return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    if name == "S3_ACCESS_KEY":
        return "BS" + secrets.token_hex(9).upper()
    if name.endswith(("_KEY", "_SECRET")):
        return secrets.token_urlsafe(64)
    # Hexadecimal: a command line would take a leading dash for an option.
    return secrets.token_hex(18)


if __name__ == "__main__":
    sys.stdout.write(fill(EXAMPLE.read_text(encoding="utf-8")))
