"""``broadsheet subscriptions`` on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from broadsheet.cli import main as command_line
from broadsheet.settings import get_settings
from broadsheet.store.snapshot import accept_snapshot


@pytest.fixture
def shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The dag-processor's folder."""
    monkeypatch.setenv("BROADSHEET_SHARDS_DIR", str(tmp_path))
    get_settings.cache_clear()
    yield tmp_path
    get_settings.cache_clear()


def confirm(monkeypatch: pytest.MonkeyPatch) -> int:
    """Run the command and return its exit status."""
    monkeypatch.setattr("sys.argv", ["broadsheet", "subscriptions", "confirm-shrink"])
    try:
        command_line.main()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def test_a_refused_snapshot_is_taken_once_an_operator_has_confirmed_it(
    shards: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert accept_snapshot(shards, 50)
    assert not accept_snapshot(shards, 20)
    assert confirm(monkeypatch) == 0
    assert "20 subscriptions instead of 50" in capsys.readouterr().out
    assert accept_snapshot(shards, 20)


@pytest.mark.usefixtures("shards")
def test_without_a_refused_snapshot_there_is_nothing_to_confirm(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert confirm(monkeypatch) == 2
    assert "nothing to confirm" in capsys.readouterr().err


def test_without_the_folder_s_setting_the_command_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    get_settings.cache_clear()
    assert confirm(monkeypatch) == 2
    assert "BROADSHEET_SHARDS_DIR" in capsys.readouterr().err
