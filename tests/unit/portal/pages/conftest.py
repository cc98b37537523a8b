"""A portal with pages, over a real database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.office import Office
from tests.unit.portal.pages.browser import Browser, browsing


@pytest.fixture
def office(database_dsn: str) -> Office:
    """Return an installation with nothing in it."""
    return Office(database_dsn)


@pytest.fixture
def browser(office: Office) -> Iterator[Browser]:
    """Return a browser of ada's, at the office's portal."""
    with browsing(office) as found:
        yield found
