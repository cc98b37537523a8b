"""The command line, in the tests' own process."""

from __future__ import annotations

from typing import Protocol

import pytest

from broadsheet.cli import main as command_line


class Run(Protocol):
    """Runs ``broadsheet`` with words and returns its exit status."""

    def __call__(self, *words: str) -> int: ...


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line, as the script calls it."""

    def command(*words: str) -> int:
        monkeypatch.setattr("sys.argv", ["broadsheet", *words])
        try:
            command_line.main()
        except SystemExit as ended:
            return int(ended.code or 0)
        return 0

    return command
