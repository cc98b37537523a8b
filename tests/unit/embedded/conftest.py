"""The parts of the embedded mail server, without a server."""

from __future__ import annotations

from pathlib import Path

import pytest

from broadsheet.embedded.mail.faults import Faults
from broadsheet.embedded.mail.mailbox import Mailbox


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    """A folder for mails, still empty."""
    return Mailbox(tmp_path)


@pytest.fixture
def faults() -> Faults:
    """No faults yet."""
    return Faults()
