"""What the pipeline asks of an object store: S3 in production, memory for previews and tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from broadsheet.errors import NotFoundError


@dataclass(frozen=True)
class StoredObject:
    """One listed object."""

    key: str
    size_bytes: int


class ObjectStore(Protocol):
    """One bucket. Every method raises StorageUnavailableError when the store cannot be reached."""

    def put(self, key: str, data: bytes, *, content_type: str) -> None:
        """Store bytes under a key, replacing what was there."""

    def put_if_absent(self, key: str, data: bytes, *, content_type: str) -> bool:
        """Store bytes unless the key exists; return whether they were stored by this call."""

    def get(self, key: str) -> bytes:
        """Return an object's bytes; NotFoundError when the key does not exist."""

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Yield the objects whose key starts with a prefix, in the order of their keys."""

    def delete_prefix(self, prefix: str) -> int:
        """Delete every object whose key starts with a prefix and return how many there were."""


class MemoryObjectStore:
    """An object store in a dict, for previews and tests."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put(self, key: str, data: bytes, *, content_type: str) -> None:
        """Store bytes under a key, replacing what was there."""
        del content_type  # of use only to who fetches by HTTP
        self.objects[key] = data

    def put_if_absent(self, key: str, data: bytes, *, content_type: str) -> bool:
        """Store bytes unless the key exists; return whether they were stored by this call."""
        if key in self.objects:
            return False
        self.put(key, data, content_type=content_type)
        return True

    def get(self, key: str) -> bytes:
        """Return an object's bytes; NotFoundError when the key does not exist."""
        if key not in self.objects:
            raise NotFoundError(f"no object {key!r}")
        return self.objects[key]

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Yield the objects whose key starts with a prefix, in the order of their keys."""
        for key in sorted(key for key in self.objects if key.startswith(prefix)):
            yield StoredObject(key, len(self.objects[key]))

    def delete_prefix(self, prefix: str) -> int:
        """Delete every object whose key starts with a prefix and return how many there were."""
        keys = [key for key in self.objects if key.startswith(prefix)]
        for key in keys:
            del self.objects[key]
        return len(keys)
