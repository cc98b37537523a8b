"""The supervisor's configuration, and the private files that start its programs."""

import configparser
import stat
from pathlib import Path

import pytest

from broadsheet.embedded.launch import load_spec
from broadsheet.embedded.processes import MARK
from broadsheet.embedded.programs import Program
from broadsheet.embedded.state import StateFolder
from broadsheet.embedded.supervisor import write_configuration
from broadsheet.errors import ConfigurationError

PROGRAM = Program(
    name="server",
    command=("/bin/server", "--flag", "a b%c"),
    priority=10,
    stop_signal="INT",
    wait_for=(1234,),
    environment={"PASSWORD": "pa55"},
)


def written(state: StateFolder, *programs: Program) -> configparser.RawConfigParser:
    state.create()
    write_configuration(state, programs)
    config = configparser.RawConfigParser()
    config.read(state.config / "supervisord.conf")
    return config


def test_no_secret_stands_in_the_configuration(tmp_path: Path):
    state = StateFolder(tmp_path)
    written(state, PROGRAM)
    assert "pa55" not in (state.config / "supervisord.conf").read_text()


def test_the_launch_file_is_private_and_says_everything(tmp_path: Path):
    state = StateFolder(tmp_path)
    written(state, PROGRAM)
    path = state.environments / "server.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    spec = load_spec(path)
    assert spec.command == PROGRAM.command
    assert (spec.stop_signal, spec.death_signal) == ("INT", "INT")
    assert spec.wait_for == (1234,)
    assert spec.environment == {"PASSWORD": "pa55", MARK: state.ident}


def test_a_program_is_restarted_stopped_its_own_way_and_its_log_is_rotated(tmp_path: Path):
    section = written(StateFolder(tmp_path), PROGRAM)["program:server"]
    assert section["autorestart"] == "true"
    assert section["stopsignal"] == "INT"
    assert section["killasgroup"] == "true"
    assert int(section["stdout_logfile_maxbytes"]) > 0
    assert int(section["stdout_logfile_backups"]) > 0


def test_percent_signs_and_spaces_in_paths_are_quoted(tmp_path: Path):
    state = StateFolder(tmp_path / "100% of it")
    section = written(state, PROGRAM)["program:server"]
    assert '100%% of it/environments/server.json"' in section["command"]
    assert "100%% of it" in section["stdout_logfile"]


def test_a_path_that_cannot_be_quoted_is_refused(tmp_path: Path):
    with pytest.raises(ConfigurationError, match="cannot be handled"):
        written(StateFolder(tmp_path / 'a"b'), PROGRAM)
