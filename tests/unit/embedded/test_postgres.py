"""Where root's Postgres lives, and to which state folder that belongs."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from broadsheet.embedded import postgres
from broadsheet.embedded.state import StateFolder

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root's Postgres lives outside the state folder"
)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateFolder]:
    state = StateFolder(tmp_path / "state")
    state.create()
    yield state
    shutil.rmtree(state.unprivileged, ignore_errors=True)


def test_others_may_enter_its_folder_whatever_the_umask(state: StateFolder):
    before = os.umask(0o077)
    try:
        postgres.prepare_unprivileged(state)
    finally:
        os.umask(before)
    for folder in (state.unprivileged, state.unprivileged.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o755


def test_its_data_stay_as_long_as_the_state_folder_does(state: StateFolder):
    postgres.prepare_unprivileged(state)
    state.postgres.mkdir()
    postgres.prepare_unprivileged(state)
    assert state.postgres.exists()


def test_data_of_a_state_folder_that_was_deleted_are_not_taken_for_those_of_its_successor(state: StateFolder):
    postgres.prepare_unprivileged(state)
    state.postgres.mkdir()
    shutil.rmtree(state.root)
    state.create()
    postgres.prepare_unprivileged(state)
    assert not state.postgres.exists()
