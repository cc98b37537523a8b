"""TLS to the mail server: certificates are checked, and nothing falls back to plain text."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.smtp_server import PASSWORD, USER, ScriptedMailServer

from broadsheet.errors import ConfigurationError, MailUnavailableError
from broadsheet.pipeline.mail.transport import open_session

SENDER = "reports@broadsheet.example"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that nobody has signed but itself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "mail.pem"
    path.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@pytest.fixture(params=["starttls", "implicit"])
def secure_server(
    request: pytest.FixtureRequest, certificate: Path
) -> Iterator[tuple[str, ScriptedMailServer]]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    mode = str(request.param)
    with ScriptedMailServer(auth=True, tls=context, starttls=mode == "starttls") as server:
        yield mode, server


def test_a_server_whose_certificate_is_trusted_gets_the_login(
    secure_server: tuple[str, ScriptedMailServer], certificate: Path
) -> None:
    mode, server = secure_server
    endpoint = server.endpoint(login=USER, password=PASSWORD, tls=mode, ca_file=str(certificate))
    session = open_session(endpoint, sender=SENDER, timeout=10)
    assert session.offer("ada@broadsheet.example") is None
    session.close()


def test_a_certificate_that_nobody_vouches_for_is_a_fault_of_the_configuration(
    secure_server: tuple[str, ScriptedMailServer],
) -> None:
    mode, server = secure_server
    endpoint = server.endpoint(login=USER, password=PASSWORD, tls=mode)
    with pytest.raises(ConfigurationError, match="certificate is not valid"):
        open_session(endpoint, sender=SENDER, timeout=10)


def test_a_server_without_tls_does_not_get_the_password_in_plain_text() -> None:
    with ScriptedMailServer(auth=True) as server:
        for mode in ("starttls", "implicit"):
            endpoint = server.endpoint(login=USER, password=PASSWORD, tls=mode)
            with pytest.raises((ConfigurationError, MailUnavailableError)):
                open_session(endpoint, sender=SENDER, timeout=2)
        endpoint = server.endpoint(login=USER, password=PASSWORD)
        endpoint.options.pop("tls")
        with pytest.raises(ConfigurationError):
            open_session(endpoint, sender=SENDER, timeout=2)


def test_an_unknown_mode_and_an_unreadable_ca_file_are_named(mail_server: ScriptedMailServer) -> None:
    with pytest.raises(ConfigurationError, match="tls='ssl'"):
        open_session(mail_server.endpoint(tls="ssl"), sender=SENDER, timeout=2)
    with pytest.raises(ConfigurationError, match="ca_file"):
        open_session(mail_server.endpoint(tls="implicit", ca_file="/nowhere"), sender=SENDER, timeout=2)
