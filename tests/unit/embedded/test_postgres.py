"""Where root's Postgres lives, to which state folder that belongs, and who may enter which database."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.servers import Servers

from broadsheet.embedded import postgres
from broadsheet.embedded.state import StateFolder


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateFolder]:
    if os.geteuid() != 0:
        pytest.skip("only root's Postgres lives outside the state folder")
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


@pytest.mark.parametrize(
    ("role", "databases"),
    [
        ("airflow", {"airflow"}),
        ("broadsheet", {"broadsheet"}),
        ("flights", {"flights"}),
        (postgres.READER, {"flights"}),
    ],
)
def test_a_role_may_enter_no_database_but_its_own(servers: Servers, role: str, databases: set[str]):
    stacks = ["airflow", "broadsheet", "flights", "postgres", "template1"]
    with psycopg.connect(servers.admin_dsn) as connection:
        found = connection.execute(
            "SELECT datname FROM pg_database"
            " WHERE datname = ANY(%s) AND has_database_privilege(%s, datname, 'CONNECT')",
            (stacks, role),
        ).fetchall()
    assert {name for (name,) in found} == databases


def test_the_servers_own_databases_refuse_a_password_that_is_right(servers: Servers):
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(servers.dsn("postgres"))
