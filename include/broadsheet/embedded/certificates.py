"""Certificates of one stack, for servers that talk to each other and to nobody else.

An authority is made, signs one certificate and is forgotten; the servers show that certificate to each
other. Nobody else has its key, which lies in the state folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from broadsheet.embedded.ports import LOOPBACK
from broadsheet.embedded.state import write_private

_LIFETIME = timedelta(days=365 * 20)
# A clock that is set back a little must not make them invalid.
_GRACE = timedelta(days=1)
_AUTHORITY = "Broadsheet stack"


@dataclass(frozen=True)
class Certificates:
    """Where a stack's certificates lie: PEM files that only their owner can read."""

    authority: Path
    certificate: Path
    key: Path


def make_certificates(folder: Path) -> Certificates:
    """Return a stack's certificates, made at its first start."""
    made = Certificates(folder / "authority.pem", folder / "server.pem", folder / "server.key")
    # The key is written last: where it is, the others are, too.
    if not made.key.exists():
        _make(made)
    return made


def _make(target: Certificates) -> None:
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = (
        _certificate(_AUTHORITY, authority_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(authority_key, SHA256())
    )
    purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    certificate = (
        _certificate("Broadsheet server", key)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(LOOPBACK))]), critical=False)
        .sign(authority_key, SHA256())
    )
    write_private(target.authority, authority.public_bytes(Encoding.PEM).decode())
    write_private(target.certificate, certificate.public_bytes(Encoding.PEM).decode())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_private(target.key, private.decode())


def _certificate(name: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        issuer_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _AUTHORITY)]),
        subject_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]),
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - _GRACE,
        not_valid_after=now + _LIFETIME,
    )
