"""Real servers for the unit tests that need one; nothing is started for those that do not."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.servers import Servers, bucket_name
from tests.smtp_server import ScriptedMailServer

from broadsheet.embedded.stack import Stack
from broadsheet.settings import get_settings
from broadsheet.store.objects import S3ObjectStore


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Postgres and S3, started once; they stop with the session, however that ends."""
    folder = tmp_path_factory.mktemp("servers") / "state"
    with _resources_let_go():
        Stack(folder).up_servers(tied=True)
    running = Servers(Stack(folder))
    running.make_template()
    yield running
    with _resources_let_go():
        Stack(folder).remove()


@contextmanager
def _resources_let_go() -> Iterator[None]:
    """Let a stack's object go without a warning: its supervisor is a process that outlives it, on purpose."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


@pytest.fixture
def database_dsn(servers: Servers) -> Iterator[str]:
    """DSN of an application database of the test's own: migrated and empty."""
    get_settings.cache_clear()
    with servers.database() as dsn:
        yield dsn


@pytest.fixture(scope="session")
def _bucket(servers: Servers) -> S3ObjectStore:
    store = S3ObjectStore(servers.storage_endpoint(), bucket_name())
    store.ensure_bucket()
    return store


@pytest.fixture
def object_store(_bucket: S3ObjectStore) -> Iterator[S3ObjectStore]:
    """An empty bucket."""
    yield _bucket
    _bucket.delete_prefix("")


@pytest.fixture
def mail_server() -> Iterator[ScriptedMailServer]:
    """A mail server that commits the faults that the test asks for."""
    with ScriptedMailServer() as server:
        yield server
