"""The ports of the embedded S3 beside its own are closed to whoever is not a part of it."""

import socket
import ssl
import stat
from pathlib import Path

import httpx
import pytest
from tests.servers import Servers

from broadsheet.embedded.certificates import make_certificates
from broadsheet.embedded.ports import LOOPBACK

GRPC = ("s3_grpc", "s3_master_grpc", "s3_volume_grpc", "s3_filer_grpc", "s3_admin_grpc")
# What a gRPC client says first: HTTP/2's preface and empty settings.
GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))


def trusting() -> ssl.SSLContext:
    """Return a context that takes any certificate and shows none."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    return context


def answer(port: int, context: ssl.SSLContext | None) -> bytes:
    """Greet a gRPC server and return what it says, by TLS or without."""
    with socket.create_connection((LOOPBACK, port), timeout=10) as plain:
        if context is None:
            plain.sendall(GREETING)
            return plain.recv(64)
        with context.wrap_socket(plain) as secured:
            secured.sendall(GREETING)
            return secured.recv(64)


@pytest.mark.parametrize("name", GRPC)
def test_grpc_answers_its_own_parts_only(servers: Servers, name: str):
    port = getattr(servers.stack.ports, name)
    assert answer(port, None) == b""
    with pytest.raises(ssl.SSLError, match="certificate required"):
        answer(port, trusting())
    certificates = make_certificates(servers.stack.state.config)
    ours = ssl.create_default_context(cafile=str(certificates.authority))
    ours.load_cert_chain(certificates.certificate, certificates.key)
    ours.check_hostname = False
    ours.set_alpn_protocols(["h2"])
    assert answer(port, ours)


def test_the_masters_http_port_asks_for_a_certificate(servers: Servers):
    port = servers.stack.ports.s3_master
    refused = httpx.get(f"http://{LOOPBACK}:{port}/dir/status", trust_env=False)
    assert refused.status_code == httpx.codes.BAD_REQUEST
    with pytest.raises(httpx.TransportError, match="certificate required"):
        httpx.get(f"https://{LOOPBACK}:{port}/dir/status", verify=trusting(), trust_env=False)


def test_certificates_are_made_once_and_are_private(tmp_path: Path):
    first = make_certificates(tmp_path)
    texts = [path.read_bytes() for path in tmp_path.iterdir()]
    assert make_certificates(tmp_path) == first
    assert [path.read_bytes() for path in tmp_path.iterdir()] == texts
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
