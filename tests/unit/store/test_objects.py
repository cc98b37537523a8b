"""The object store on a real S3 server: what it keeps, and what its errors mean."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.servers import Servers, bucket_name

from broadsheet.domain.objects import StoredObject
from broadsheet.errors import ConfigurationError, NotFoundError, StorageUnavailableError
from broadsheet.settings import parse_endpoint
from broadsheet.store.objects import S3ObjectStore

BINARY = "application/octet-stream"


def test_bytes_come_back_as_they_were_put(object_store: S3ObjectStore) -> None:
    data = bytes(range(256)) * 5000
    object_store.put("staging/a b/ü.bin", data, content_type=BINARY)
    assert object_store.get("staging/a b/ü.bin") == data


def test_a_put_replaces_and_a_put_if_absent_does_not(object_store: S3ObjectStore) -> None:
    assert object_store.put_if_absent("key", b"first", content_type=BINARY)
    assert not object_store.put_if_absent("key", b"second", content_type=BINARY)
    assert object_store.get("key") == b"first"
    object_store.put("key", b"third", content_type=BINARY)
    assert object_store.get("key") == b"third"


def test_of_many_that_put_at_once_one_wins(object_store: S3ObjectStore) -> None:
    barrier = threading.Barrier(8)

    def put(number: int) -> bool:
        barrier.wait(timeout=30)
        return object_store.put_if_absent("race", b"%d" % number, content_type=BINARY)

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(put, range(8)))
    assert won.count(True) == 1
    assert object_store.get("race") == b"%d" % won.index(True)


def test_a_stream_gives_an_object_in_pieces(object_store: S3ObjectStore) -> None:
    data = b"0123456789abcdef" * 65_536
    object_store.put("big", data, content_type=BINARY)
    stream = object_store.stream("big")
    pieces = list(stream.chunks)
    stream.close()
    assert stream.size_bytes == len(data)
    assert max(map(len, pieces)) <= 256 * 1024
    assert b"".join(pieces) == data


def test_a_listing_has_the_prefix_only_in_order_over_several_pages(object_store: S3ObjectStore) -> None:
    keys = [f"list/{number:04d}" for number in range(1005)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: object_store.put(key, b"x", content_type=BINARY), keys))
    object_store.put("lists", b"x", content_type=BINARY)
    assert list(object_store.list("list/")) == [StoredObject(key, 1) for key in keys]
    assert object_store.delete_prefix("list/") == 1005
    assert [found.key for found in object_store.list("")] == ["lists"]
    assert object_store.delete_prefix("list/") == 0


def test_a_missing_object_is_not_found(object_store: S3ObjectStore) -> None:
    with pytest.raises(NotFoundError, match="nowhere"):
        object_store.get("nowhere")
    with pytest.raises(NotFoundError, match="nowhere"):
        object_store.stream("nowhere")


def test_a_missing_bucket_is_a_fault_of_the_configuration_until_it_is_made(servers: Servers) -> None:
    store = S3ObjectStore(servers.storage_endpoint(), bucket_name())
    with pytest.raises(ConfigurationError, match="bucket"):
        store.get("key")
    with pytest.raises(ConfigurationError, match="bucket"):
        list(store.list(""))
    store.ensure_bucket()
    store.ensure_bucket()
    store.put("key", b"x", content_type=BINARY)


@pytest.mark.parametrize("wrong", ["login", "password"])
def test_wrong_keys_are_a_fault_of_the_configuration_and_are_not_told(servers: Servers, wrong: str) -> None:
    store = S3ObjectStore(servers.storage_endpoint(**{wrong: "WRONG-VALUE"}), "broadsheet")
    with pytest.raises(ConfigurationError, match="broadsheet_s3") as caught:
        store.get("key")
    assert "WRONG-VALUE" not in str(caught.value)


def test_a_server_that_is_not_there_is_unavailable(servers: Servers) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        store = S3ObjectStore(servers.storage_endpoint(url=url), "broadsheet")
        with pytest.raises(StorageUnavailableError):
            store.get("key")
        with pytest.raises(StorageUnavailableError):
            store.put_if_absent("key", b"x", content_type=BINARY)
        with pytest.raises(StorageUnavailableError):
            list(store.list(""))


def test_a_wrong_address_is_a_fault_of_the_configuration() -> None:
    with pytest.raises(ConfigurationError, match="broadsheet_s3"):
        S3ObjectStore(parse_endpoint("aws://a:b@/?endpoint_url=nonsense"), "broadsheet")
