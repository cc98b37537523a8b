"""The API on real servers, and without any."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.unit.portal.api.site import Site

from broadsheet.store.objects import S3ObjectStore


@pytest.fixture
def site(database_dsn: str, object_store: S3ObjectStore) -> Iterator[Site]:
    """Return the API with nothing in it."""
    site = Site(database_dsn, object_store)
    yield site
    site.close()


@pytest.fixture(scope="session")
def offline() -> Iterator[Site]:
    """Return the API without servers, for what needs none."""
    site = Site("", None)  # type: ignore[arg-type]  # nothing here reaches a server
    yield site
    site.close()
