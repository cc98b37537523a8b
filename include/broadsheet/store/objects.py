"""Object stores on S3: one class for Amazon S3, SeaweedFS and whatever else speaks the protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    FlexibleChecksumError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
)
from urllib3.exceptions import HTTPError

from broadsheet.domain.objects import StoredObject
from broadsheet.errors import BroadsheetError, ConfigurationError, NotFoundError, StorageUnavailableError
from broadsheet.settings import Endpoint

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

_CHUNK_BYTES = 256 * 1024
_DELETE_BATCH = 1000
_MISSING = frozenset({"NoSuchKey", "404", "NotFound"})
# Another writer of the same key is at work right now; S3 asks to try again.
_BUSY = frozenset({"ConditionalRequestConflict", "OperationAborted", "RequestTimeout", "SlowDown"})
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True)
class StoredStream:
    """An object that is being read: its size, and its bytes in pieces of at most 256 KiB.

    The connection is given back when the last piece was read, or by ``close``, which may be called twice.
    """

    size_bytes: int
    chunks: Iterator[bytes]
    close: Callable[[], None]


class S3ObjectStore:
    """One bucket of an S3 server.

    Holds a client, which threads may share. Beside the errors of the protocol, every method raises
    ConfigurationError when the server refuses our credentials or has no such bucket.
    """

    def __init__(self, endpoint: Endpoint, bucket: str) -> None:
        self._client = connect_s3(endpoint)
        self._bucket = bucket

    def put(self, key: str, data: bytes, *, content_type: str) -> None:
        """Store bytes under a key, replacing what was there."""
        with self._translated(key):
            self._client.put_object(Bucket=self._bucket, Key=key, Body=data, ContentType=content_type)

    def put_if_absent(self, key: str, data: bytes, *, content_type: str) -> bool:
        """Store bytes unless the key exists; return whether they were stored by this call.

        False may also mean that an earlier try of this very call stored them and its answer was lost.
        """
        with self._translated(key):
            try:
                self._client.put_object(
                    Bucket=self._bucket, Key=key, Body=data, ContentType=content_type, IfNoneMatch="*"
                )
            except ClientError as error:
                if _status(error) == 412:
                    return False
                raise
        return True

    def get(self, key: str) -> bytes:
        """Return an object's bytes; NotFoundError when the key does not exist."""
        with self._translated(key):
            return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()

    def stream(self, key: str, *, bounds: tuple[int, int] | None = None) -> StoredStream:
        """Open an object for reading piece by piece; NotFoundError when the key does not exist.

        ``bounds`` are the first and the last byte to read, both included; the object must have them.
        """
        with self._translated(key):
            if bounds is None:
                answer = self._client.get_object(Bucket=self._bucket, Key=key)
            else:
                part = f"bytes={bounds[0]}-{bounds[1]}"
                answer = self._client.get_object(Bucket=self._bucket, Key=key, Range=part)
        body = answer["Body"]
        return StoredStream(answer["ContentLength"], self._chunks(key, body), body.close)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Yield the objects whose key starts with a prefix, in the order of their keys."""
        with self._translated(prefix):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
            for page in pages:
                for found in page.get("Contents", ()):
                    yield StoredObject(found["Key"], found["Size"])

    def delete_prefix(self, prefix: str) -> int:
        """Delete every object whose key starts with a prefix and return how many there were."""
        keys: list[ObjectIdentifierTypeDef] = [{"Key": found.key} for found in self.list(prefix)]
        for start in range(0, len(keys), _DELETE_BATCH):
            with self._translated(prefix):
                batch = keys[start : start + _DELETE_BATCH]
                answer = self._client.delete_objects(
                    Bucket=self._bucket, Delete={"Objects": batch, "Quiet": True}
                )
            if faults := answer.get("Errors"):
                raise StorageUnavailableError(
                    f"{len(faults)} objects under {prefix!r} could not be deleted: {faults[0].get('Code')}"
                )
        return len(keys)

    def ensure_bucket(self) -> None:
        """Make the bucket unless it exists."""
        with self._translated(""):
            try:
                self._client.head_bucket(Bucket=self._bucket)
            except ClientError as error:
                if _status(error) != 404:
                    raise
                self._client.create_bucket(Bucket=self._bucket)

    def _chunks(self, key: str, body: Any) -> Iterator[bytes]:
        try:
            with self._translated(key):
                yield from body.iter_chunks(_CHUNK_BYTES)
        finally:
            body.close()

    @contextmanager
    def _translated(self, key: str) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            raise self._refusal(error, key) from error
        except (NoCredentialsError, PartialCredentialsError, ParamValidationError) as error:
            raise ConfigurationError(f"S3 cannot be asked for {key!r}: {error}") from error
        except FlexibleChecksumError as error:
            raise StorageUnavailableError(f"object {key!r} arrived damaged: {error}") from error
        except (BotoCoreError, HTTPError, OSError) as error:
            raise StorageUnavailableError(f"S3 did not answer for {key!r}: {type(error).__name__}") from error

    def _refusal(self, error: ClientError, key: str) -> BroadsheetError:
        code, status = error.response.get("Error", {}).get("Code", "?"), _status(error)
        if code == "NoSuchBucket":
            return ConfigurationError(f"there is no bucket {self._bucket!r}; create it or correct its name")
        if code in _MISSING:
            return NotFoundError(f"no object {key!r} in bucket {self._bucket!r}")
        if status >= 500 or status == 429 or code in _BUSY:
            return StorageUnavailableError(f"S3 answered {status} {code} for {key!r} in {self._bucket!r}")
        return ConfigurationError(
            f"S3 refused {key!r} in bucket {self._bucket!r}: {status} {code}; "
            "check the keys and rights of connection 'broadsheet_s3'"
        )


def connect_s3(endpoint: Endpoint) -> S3Client:
    """Return a client from a connection; without a log-in, from what boto3 finds (a role, a profile).

    Options of the URI: ``endpoint_url`` (a server other than Amazon's, addressed by path), ``region_name``.
    """
    url = endpoint.options.get("endpoint_url")
    try:
        client: S3Client = boto3.client(
            "s3",
            endpoint_url=url,
            region_name=endpoint.options.get("region_name", "us-east-1"),
            aws_access_key_id=endpoint.login or None,
            aws_secret_access_key=endpoint.password or None,
            config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "path" if url else "auto"},
                connect_timeout=5,
                read_timeout=30,
                retries={"mode": "standard", "total_max_attempts": 3},
                max_pool_connections=20,
                # A proxy from the environment cannot reach this machine's own loopback.
                proxies={} if url and urlsplit(url).hostname in _LOOPBACK else None,
            ),
        )
    except (BotoCoreError, ValueError) as error:
        raise ConfigurationError(f"connection 'broadsheet_s3' cannot be used: {error}") from error
    return client


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
