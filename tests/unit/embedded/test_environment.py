"""Airflow's settings: the shared file, and what is computed for this machine."""

import json
import re
from pathlib import Path

import airflow
import pytest
import yaml
from airflow.providers.celery.get_provider_info import get_provider_info as celery_info
from airflow.providers.fab.get_provider_info import get_provider_info as fab_info
from tests.conftest import HOME

from broadsheet.embedded.credentials import Credentials
from broadsheet.embedded.environment import (
    base_environment,
    shared_settings,
    stack_environment,
    worker_slots,
)
from broadsheet.embedded.ports import PORT_NAMES, Ports
from broadsheet.embedded.servers import Site
from broadsheet.embedded.state import StateFolder
from broadsheet.errors import ConfigurationError
from broadsheet.settings import parse_endpoint

FILE = HOME / "deploy" / "airflow.env"
# Read by Airflow 3.3.2, but missing from its reference; see the tests below.
UNLISTED = {("scheduler", "num_stuck_in_queued_retries")}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    ports = Ports(**{name: 20_000 + number for number, name in enumerate(PORT_NAMES)})
    return Site(StateFolder(tmp_path), ports, Credentials(), HOME, ("broadsheet", "broadsheet-documents"))


def options(names: list[str]) -> set[tuple[str, str]]:
    matches = [re.fullmatch(r"AIRFLOW__(.+?)__(.+)", name) for name in names]
    return {(match[1].lower(), match[2].lower()) for match in matches if match}


def known_options() -> dict[tuple[str, str], object]:
    reference = Path(airflow.__path__[0]) / "config_templates" / "config.yml"
    sections = yaml.safe_load(reference.read_text())
    listed = {
        (section, option): details.get("default")
        for section, content in sections.items()
        for option, details in content.get("options", {}).items()
    }
    for info in (celery_info(), fab_info()):
        for section, content in info["config"].items():
            for option, details in content["options"].items():
                listed[section, option] = details.get("default")
    return listed


def test_airflow_knows_every_shared_setting():
    shared = options(list(shared_settings(FILE)))
    # Whatever stands in this section is handed to the broker's client as it is.
    free = {pair for pair in shared if pair[0] == "celery_broker_transport_options"}
    assert shared - free - UNLISTED - known_options().keys() == set()


def test_airflow_knows_every_computed_setting(site: Site):
    assert (
        options(list(stack_environment(site))) - UNLISTED >= options(list(shared_settings(FILE))) - UNLISTED
    )
    computed = set(stack_environment(site)) - set(shared_settings(FILE))
    assert options(list(computed)) - known_options().keys() == set()


@pytest.mark.parametrize("pair", sorted(UNLISTED))
def test_what_the_reference_does_not_list_is_read_by_the_code(pair: tuple[str, str]):
    source = Path(airflow.__path__[0], "jobs", "scheduler_job_runner.py").read_text()
    assert f'key="{pair[1]}"' in source


def test_no_shared_setting_only_repeats_the_default():
    defaults = known_options()
    stated_on_purpose = {("dag_processor", "file_parsing_sort_mode")}
    for name, value in shared_settings(FILE).items():
        for pair in options([name]) - stated_on_purpose:
            assert str(defaults.get(pair)) != value, f"{name} is Airflow's default anyway"


def test_the_shared_file_holds_no_secret_and_no_address():
    shared = shared_settings(FILE)
    assert not [name for name in shared if re.search("KEY$|SECRET|PASSWORD|CONN|URL|HOST$|PORT$", name)]


def test_values_that_are_json_can_be_read():
    shared = shared_settings(FILE)
    bundles = json.loads(shared["AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"])
    assert [bundle["name"] for bundle in bundles] == ["broadsheet", "subscriptions"]
    assert "Subscriber" in json.loads(shared["AIRFLOW__FAB__CUSTOM_ROLES"])
    json.loads(shared["AIRFLOW__CELERY__EXTRA_CELERY_CONFIG"])


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("NAME", "expected KEY=VALUE"), ("A B=1", "expected KEY=VALUE"), ("A=1\nA=2", "A is set twice")],
)
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, text: str, complaint: str):
    path = tmp_path / "airflow.env"
    path.write_text(f"# comment\n\n{text}\n")
    with pytest.raises(
        ConfigurationError, match=rf"airflow\.env:[34]: .*{complaint}|airflow\.env:[34]: {complaint}"
    ):
        shared_settings(path)


def test_values_are_taken_literally(tmp_path: Path):
    path = tmp_path / "airflow.env"
    path.write_text('A={"b": "c=d"} # not a comment\n')
    assert shared_settings(path) == {"A": '{"b": "c=d"} # not a comment'}


def test_connections_can_be_read_back(site: Site):
    environment = stack_environment(site)
    mail = parse_endpoint(environment["AIRFLOW_CONN_BROADSHEET_SMTP"])
    assert (mail.host, mail.port, mail.password) == ("127.0.0.1", site.ports.smtp, site.credentials.smtp)
    assert mail.options == {"tls": "none"}
    storage = parse_endpoint(environment["AIRFLOW_CONN_BROADSHEET_S3"])
    assert storage.password == site.credentials.s3_secret_key
    assert storage.options["endpoint_url"] == f"http://127.0.0.1:{site.ports.s3}"
    source = parse_endpoint(environment["AIRFLOW_CONN_BROADSHEET_SOURCE_FLIGHTS"])
    assert (source.login, source.path) == ("broadsheet_reader", "flights")


def test_as_many_tasks_are_queued_as_there_are_slots(site: Site):
    environment = stack_environment(site)
    slots = environment["AIRFLOW__CELERY__WORKER_CONCURRENCY"]
    assert environment["AIRFLOW__CORE__PARALLELISM"] == slots
    assert environment["AIRFLOW__CORE__DEFAULT_POOL_TASK_SLOT_COUNT"] == slots


@pytest.mark.parametrize(("cores", "slots"), [(1, 4), (2, 4), (4, 8), (64, 16)])
def test_slots_follow_the_cores_within_limits(cores: int, slots: int):
    assert worker_slots(cores) == slots


def test_results_never_go_to_the_broker(site: Site):
    assert stack_environment(site)["AIRFLOW__CELERY__RESULT_BACKEND"].startswith("db+postgresql")


def test_what_is_set_outside_does_not_lead_the_stack_astray(monkeypatch: pytest.MonkeyPatch):
    for name in ("AIRFLOW_HOME", "AIRFLOW__CORE__EXECUTOR", "HTTP_PROXY", "PYTHONPATH", "PGPASSWORD"):
        monkeypatch.setenv(name, "elsewhere")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("BROADSHEET_LINK_DAYS", "3")
    environment = base_environment()
    assert "elsewhere" not in environment.values()
    assert "PYTHONDONTWRITEBYTECODE" not in environment
    assert environment["BROADSHEET_LINK_DAYS"] == "3"


def test_a_source_of_the_user_s_own_reaches_the_stack(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AIRFLOW_CONN_BROADSHEET_SOURCE_SHOP", "postgresql://shop")
    monkeypatch.setenv("AIRFLOW_CONN_OTHER", "postgresql://other")
    environment = base_environment()
    assert environment["AIRFLOW_CONN_BROADSHEET_SOURCE_SHOP"] == "postgresql://shop"
    assert "AIRFLOW_CONN_OTHER" not in environment
