"""What ``broadsheet doctor`` says when something is wrong."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from broadsheet.cli import diagnosis
from broadsheet.cli.diagnosis import WrongError, checks
from broadsheet.cli.main import build_app
from broadsheet.settings import get_settings

NOWHERE = "127.0.0.1:1"
CONNECTIONS = {
    "AIRFLOW_CONN_BROADSHEET_DB": f"postgresql://a:hidden@{NOWHERE}/broadsheet",
    "AIRFLOW_CONN_BROADSHEET_SOURCE_FLIGHTS": f"postgresql://a:hidden@{NOWHERE}/flights",
    "AIRFLOW_CONN_BROADSHEET_S3": f"aws://a:hidden@/?endpoint_url=http%3A%2F%2F{NOWHERE}&region_name=us-east-1",
    "AIRFLOW_CONN_BROADSHEET_SMTP": f"smtp://a:hidden@{NOWHERE}/?tls=none",
    "AIRFLOW__CELERY__BROKER_URL": f"redis://:hidden@{NOWHERE}/0",
    "AIRFLOW__API__BASE_URL": f"http://{NOWHERE}",
}
SERVERS = ("application database", "source databases", "mail server", "broker", "Airflow", "worker")


@pytest.fixture(autouse=True)
def settings() -> Iterator[None]:
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def look(subject: str) -> str:
    (check,) = [check for check in checks() if check.subject == subject]
    return check.look()


@pytest.mark.parametrize("subject", SERVERS)
def test_a_server_that_is_away_is_found_and_no_password_is_shown(
    subject: str, monkeypatch: pytest.MonkeyPatch
):
    for name, value in CONNECTIONS.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(WrongError) as wrong:
        look(subject)
    assert wrong.value.remedy
    assert "hidden" not in str(wrong.value) + wrong.value.remedy


@pytest.mark.parametrize("value", [None, "", "short"])
def test_a_key_that_is_missing_or_short_is_named(value: str | None, monkeypatch: pytest.MonkeyPatch):
    for name in ("AIRFLOW__CORE__FERNET_KEY", "AIRFLOW__API__SECRET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET"):
        monkeypatch.setenv(name, "x" * 64)
    assert look("secrets").startswith("all keys")
    if value is None:
        monkeypatch.delenv("AIRFLOW__API_AUTH__JWT_SECRET")
    else:
        monkeypatch.setenv("AIRFLOW__API_AUTH__JWT_SECRET", value)
    with pytest.raises(WrongError, match="AIRFLOW__API_AUTH__JWT_SECRET"):
        look("secrets")


def test_the_auth_manager_that_is_not_meant_for_production_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("AIRFLOW__CORE__AUTH_MANAGER", raising=False)
    with pytest.raises(WrongError, match="SimpleAuthManager"):
        look("auth manager")


def test_the_celery_that_breaks_airflow_is_refused(monkeypatch: pytest.MonkeyPatch):
    versions = {"celery": "5.7.0"}
    monkeypatch.setattr(diagnosis, "version", lambda name: versions.get(name, "999"))
    with pytest.raises(WrongError, match=r"celery 5\.7\.0"):
        look("packages")


def test_a_wrong_setting_does_not_stop_the_other_checks(monkeypatch: pytest.MonkeyPatch):
    for name, value in CONNECTIONS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("BROADSHEET_LINK_DAYS", "many")
    monkeypatch.setattr(
        diagnosis, "checks", lambda: [check for check in checks() if check.subject in ("settings", "catalog")]
    )
    result = CliRunner().invoke(build_app("doctor"), ["doctor"])
    assert result.exit_code == 1
    assert "BROADSHEET_LINK_DAYS" in result.output
    assert "2 things are wrong" in result.output


@pytest.mark.parametrize("started", [False, True], ids=["never started", "stopped"])
def test_without_servers_one_fault_says_so_and_none_is_asked(
    started: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(os, "environ", {**os.environ, "BROADSHEET_STATE": str(tmp_path)})
    if started:
        (tmp_path / "environment.json").write_text(json.dumps(CONNECTIONS))
    result = CliRunner().invoke(build_app("doctor"), ["doctor"])
    assert result.exit_code == 1
    assert "to mend: `make demo` or `broadsheet stack up`" in result.output
    assert "1 thing is wrong" in result.output
    assert "broker" not in result.output
