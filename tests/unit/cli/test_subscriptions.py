"""``broadsheet subscriptions`` on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from tests.unit.cli.conftest import Run

from broadsheet.settings import DATABASE, connection_variable, get_settings
from broadsheet.store.snapshot import accept_snapshot


@pytest.fixture
def shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The dag-processor's folder."""
    monkeypatch.setenv("BROADSHEET_SHARDS_DIR", str(tmp_path))
    get_settings.cache_clear()
    yield tmp_path
    get_settings.cache_clear()


CONFIRM = ("subscriptions", "confirm-shrink")


def test_a_refused_snapshot_is_taken_once_an_operator_has_confirmed_it(
    shards: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert accept_snapshot(shards, 50)
    assert not accept_snapshot(shards, 20)
    assert run(*CONFIRM) == 0
    assert "20 subscriptions instead of 50" in capsys.readouterr().out
    assert accept_snapshot(shards, 20)


@pytest.mark.usefixtures("shards")
def test_without_a_refused_snapshot_there_is_nothing_to_confirm(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*CONFIRM) == 2
    assert "nothing to confirm" in capsys.readouterr().err


def test_without_the_folder_s_setting_the_command_says_what_to_set(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    get_settings.cache_clear()
    assert run(*CONFIRM) == 2
    assert "BROADSHEET_SHARDS_DIR" in capsys.readouterr().err


class Command(Protocol):
    """Runs ``broadsheet`` with words and returns its exit status and all it printed."""

    def __call__(self, *words: str) -> tuple[int, str]: ...


@pytest.fixture
def broadsheet(
    database_dsn: str, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """The command line on a database with one subscription, ``united`` of ada."""
    monkeypatch.setenv(connection_variable(DATABASE), database_dsn)
    monkeypatch.setenv("LOGNAME", "root")

    def command(*words: str) -> tuple[int, str]:
        status = run(*words)
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    made = ["--to", "ada@broadsheet.example", "--name", "united", "--owner", "ada", "-p", "origin=JFK"]
    status, printed = command("subscribe", "airline_punctuality", *made)
    assert status == 0, printed
    return command


def test_pause_resume_delete_and_restore_say_the_state(broadsheet: Command) -> None:
    for act, state in [
        ("pause", "paused"),
        ("delete", "deleted"),
        ("restore", "paused"),
        ("resume", "active"),
    ]:
        assert broadsheet("subscriptions", act, "united") == (0, f"united: {state}\n")


def test_a_deleted_subscription_is_listed_only_when_asked_for(broadsheet: Command) -> None:
    line = "united  {}  airline_punctuality  0 7 * * MON America/New_York  1 recipient\n"
    assert broadsheet("subscriptions", "list") == (0, line.format("active"))
    assert broadsheet("subscriptions", "list", "--owner", "ada") == (0, line.format("active"))
    assert "no subscriptions yet" in broadsheet("subscriptions", "list", "--owner", "eve")[1]
    broadsheet("subscriptions", "delete", "united")
    assert "no subscriptions yet" in broadsheet("subscriptions", "list")[1]
    assert broadsheet("subscriptions", "list", "--deleted") == (0, line.format("deleted"))


def test_a_deleted_subscription_must_be_restored_first(broadsheet: Command) -> None:
    broadsheet("subscriptions", "delete", "united")
    for act in ("pause", "resume", "edit"):
        status, printed = broadsheet("subscriptions", act, "united")
        assert status == 2
        assert "restore it first" in printed


def test_an_unknown_subscription_is_said_to_be_unknown(broadsheet: Command) -> None:
    for act in ("pause", "resume", "delete", "restore", "history", "edit"):
        told = broadsheet("subscriptions", act, "untied")
        assert told == (2, "broadsheet: there is no subscription 'untied'\n")


def test_an_edit_changes_what_is_given_and_nothing_else_and_history_tells_it(broadsheet: Command) -> None:
    status, printed = broadsheet("subscriptions", "edit", "united", "--cron", "0 8 1 * *", "-p", "carrier=DL")
    assert (status, printed) == (
        0,
        "united: revision 2\ndue: On the 1st of every month at 08:00 (New York time)\n",
    )
    status, printed = broadsheet("subscriptions", "history", "united")
    edited, schedule, airline, made = printed.splitlines()
    assert status == 0
    assert edited.endswith("edited by root  revision 2")
    assert schedule.endswith(
        "Every Monday at 07:00 (New York time) -> On the 1st of every month at 08:00 (New York time)"
    )
    assert airline == "    Airline: United Air Lines -> Delta Air Lines"
    assert made.endswith("made by ada  revision 1")


def test_an_edit_replaces_recipients_and_the_promise_about_second_copies(broadsheet: Command) -> None:
    broadsheet("subscriptions", "edit", "united", "--to", "eve@broadsheet.example", "--never-twice")
    printed = broadsheet("subscriptions", "history", "united")[1]
    assert "Recipients: ada@broadsheet.example -> eve@broadsheet.example" in printed
    assert "sent once more -> never sent twice" in printed


def test_an_edit_of_what_somebody_else_has_changed_is_refused(broadsheet: Command) -> None:
    broadsheet("subscriptions", "edit", "united", "--title", "First")
    status, printed = broadsheet("subscriptions", "edit", "united", "--title", "Second", "--revision", "1")
    assert status == 2
    assert "changed by somebody else" in printed


def test_every_fault_of_an_edit_is_told_at_once(broadsheet: Command) -> None:
    wrong = ["--cron", "0 7 * *", "--zone", "Mars/Olympus", "-p", "carrier=??", "--to", "nobody"]
    status, printed = broadsheet("subscriptions", "edit", "united", *wrong)
    assert status == 2
    for part in ("parameters.carrier", "cron line", "Mars/Olympus", "nobody"):
        assert part in printed


def test_a_theme_is_chosen_and_taken_back(broadsheet: Command) -> None:
    broadsheet("subscriptions", "edit", "united", "--theme", "broadsheet", "--language", "en")
    assert broadsheet("subscriptions", "edit", "united", "--theme", "", "--format", "docx")[0] == 2
    broadsheet("subscriptions", "edit", "united", "--theme", "")
    printed = broadsheet("subscriptions", "history", "united")[1]
    assert "Theme: the report’s own -> Broadsheet" in printed
    assert "Language: the report’s own -> English (United Kingdom)" in printed
    assert "Theme: Broadsheet -> the report’s own" in printed
