"""Commands beside an embedded stack find it; commands that were told of other servers leave it alone."""

import json
import os
import sys

import pytest

from broadsheet.cli.environment import adopt_embedded_stack
from broadsheet.cli.main import main
from broadsheet.errors import ConfigurationError
from broadsheet.settings import get_settings

VARIABLE = "AIRFLOW_CONN_BROADSHEET_DB"


@pytest.fixture
def state(tmp_path, monkeypatch):
    """Return a state folder that the environment names, with nothing of it left behind."""
    monkeypatch.setattr(os, "environ", dict(os.environ))
    os.environ["BROADSHEET_STATE"] = str(tmp_path)
    yield tmp_path
    get_settings.cache_clear()


@pytest.mark.usefixtures("state")
def test_without_a_stack_nothing_is_set():
    adopt_embedded_stack()
    assert VARIABLE not in os.environ


def test_the_stacks_variables_are_taken_over_where_the_environment_has_none(state):
    (state / "environment.json").write_text(json.dumps({VARIABLE: "postgresql://own", "LANG": "nowhere"}))
    os.environ["LANG"] = "C.UTF-8"
    adopt_embedded_stack()
    assert os.environ[VARIABLE] == "postgresql://own"
    assert os.environ["LANG"] == "C.UTF-8"


def test_servers_that_the_environment_names_are_not_mixed_with_the_stacks(state):
    (state / "environment.json").write_text(json.dumps({VARIABLE: "postgresql://own"}))
    os.environ["AIRFLOW_CONN_BROADSHEET_S3"] = "aws://other"
    adopt_embedded_stack()
    assert VARIABLE not in os.environ


def test_a_damaged_file_is_named(state):
    (state / "environment.json").write_text("{")
    with pytest.raises(ConfigurationError, match=r"environment\.json"):
        adopt_embedded_stack()


def test_a_command_whose_stack_does_not_run_says_how_to_start_it(state, monkeypatch, capsys):
    uri = "postgresql://a:hidden@127.0.0.1:1/broadsheet"
    (state / "environment.json").write_text(json.dumps({VARIABLE: uri}))
    monkeypatch.setattr(sys, "argv", ["broadsheet", "runs"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    said = capsys.readouterr().err
    assert f"the embedded stack in {state} does not run: `make demo`" in said
    assert "hidden" not in said


@pytest.mark.usefixtures("state")
def test_a_command_without_any_servers_says_how_to_get_some(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["broadsheet", "runs"])
    with pytest.raises(SystemExit):
        main()
    said = capsys.readouterr().err
    assert "`make demo`" in said
    assert VARIABLE in said
