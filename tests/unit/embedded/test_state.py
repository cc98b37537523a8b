"""The state folder."""

import os
import shutil
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest

from broadsheet.embedded.stack import Stack
from broadsheet.embedded.state import StateFolder, default_state, write_private
from broadsheet.errors import ConfigurationError


def test_everything_in_it_is_closed_to_others_whatever_the_umask(tmp_path: Path):
    state = StateFolder(tmp_path / "state")
    before = os.umask(0)
    try:
        state.create()
    finally:
        os.umask(before)
    folders = {path for path in (state.root, *state.root.iterdir()) if path.is_dir()}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in set(state.root.iterdir()) - folders} == {0o600}


def test_a_folder_that_others_could_enter_is_closed(tmp_path: Path):
    tmp_path.chmod(0o755)
    StateFolder(tmp_path).create()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


def test_a_folder_of_other_things_is_neither_taken_nor_changed_nor_deleted(tmp_path: Path):
    tmp_path.chmod(0o755)
    (tmp_path / "letters").mkdir()
    with pytest.raises(ConfigurationError, match=r"holds other things.*BROADSHEET_STATE"):
        StateFolder(tmp_path).create()
    with pytest.raises(ConfigurationError, match="was not made by a stack"):
        Stack(tmp_path).remove()
    assert [path.name for path in tmp_path.iterdir()] == ["letters"]
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_a_folder_keeps_the_name_it_was_given_when_it_was_made(tmp_path: Path):
    state = StateFolder(tmp_path / "state")
    state.create()
    first = state.instance
    (state.root / "notes of the user").touch()
    state.create()
    assert state.ours
    assert state.instance == first
    Stack(state.root).remove()
    assert not state.root.exists()


def test_sockets_are_inside_while_their_path_fits():
    state = StateFolder(Path("/tmp/short"))
    assert state.sockets == Path("/tmp/short/run")


def test_sockets_of_a_deep_folder_get_a_short_one_of_their_own(tmp_path: Path):
    one, two = StateFolder(tmp_path / ("d" * 120)), StateFolder(tmp_path / ("e" * 120))
    assert len(os.fsencode(one.sockets / "supervisor.sock")) < 104
    assert one.sockets != two.sockets


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
def test_a_folder_of_another_user_is_refused(tmp_path: Path):
    folder = tmp_path / "state"
    folder.mkdir()
    os.chown(folder, 65534, 65534)
    with pytest.raises(ConfigurationError, match="belongs to another user"):
        StateFolder(folder).create()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path):
    blocker = tmp_path / "file"
    blocker.touch()
    with pytest.raises(ConfigurationError, match=r"cannot be made.*BROADSHEET_STATE"):
        StateFolder(blocker / "state").create()


def test_a_disk_that_is_nearly_full_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    state = StateFolder(tmp_path / "state")
    state.create()
    state.check_space()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=90 * 2**20))
    with pytest.raises(ConfigurationError, match=r"has 90 MiB left.*BROADSHEET_STATE"):
        state.check_space()


def test_a_private_file_is_replaced_whole_or_not_at_all(tmp_path: Path):
    path = tmp_path / "file"
    write_private(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_private(path, "new \udcff")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_work_is_stamped_for_its_key_only(tmp_path: Path):
    state = StateFolder(tmp_path)
    state.create()
    state.stamp("airflow", "3.3.2")
    assert state.stamped("airflow", "3.3.2")
    assert not state.stamped("airflow", "3.3.3")
    assert not state.stamped("other", "3.3.2")


def test_the_environment_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BROADSHEET_STATE", str(tmp_path / "elsewhere"))
    assert default_state(Path("/project")) == tmp_path / "elsewhere"
    monkeypatch.delenv("BROADSHEET_STATE")
    assert default_state(Path("/project")) == Path("/project/.broadsheet")
