"""What ``broadsheet doctor`` says when something is wrong."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from broadsheet.cli import diagnosis
from broadsheet.cli.diagnosis import checks
from broadsheet.cli.main import build_app
from broadsheet.cli.wrong import WrongError
from broadsheet.settings import get_settings
from broadsheet.store.quarantine import write_quarantine
from broadsheet.store.snapshot import accept_snapshot, confirm_shrink

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


@pytest.fixture
def shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The dag-processor's folder."""
    monkeypatch.setenv("BROADSHEET_SHARDS_DIR", str(tmp_path))
    return tmp_path


def test_a_refused_snapshot_is_wrong_until_it_is_confirmed(shards: Path):
    assert accept_snapshot(shards, 50)
    assert look("subscriptions") == "none are held back"
    assert not accept_snapshot(shards, 20)
    with pytest.raises(WrongError, match="20 are left, or good, of 50") as wrong:
        look("subscriptions")
    assert "broadsheet subscriptions confirm-shrink" in wrong.value.remedy
    confirm_shrink(shards)
    assert look("subscriptions") == "none are held back"


def test_a_snapshot_that_lost_more_than_was_confirmed_is_wrong_again(shards: Path):
    assert accept_snapshot(shards, 50)
    assert not accept_snapshot(shards, 20)
    confirm_shrink(shards)
    assert not accept_snapshot(shards, 19)
    with pytest.raises(WrongError, match="19 are left"):
        look("subscriptions")


def test_subscriptions_in_quarantine_are_named_with_their_reasons(shards: Path):
    assert look("quarantine") == "empty"
    fault = "1 validation error\ntitle\n  too long\n    For further information visit https://errors.example"
    write_quarantine(shards, {"weekly": "time zone 'Mars/Olympus' does not exist", "daily": fault})
    with pytest.raises(WrongError, match="2 subscriptions cannot") as wrong:
        look("quarantine")
    assert "\n       daily: 1 validation error title too long\n       weekly: time zone" in str(wrong.value)
    assert "broadsheet subscriptions delete" in wrong.value.remedy


def test_a_long_quarantine_is_cut_and_says_so(shards: Path):
    write_quarantine(shards, {f"report-{number:02d}": "bad" for number in range(13)})
    with pytest.raises(WrongError, match="and 3 more") as wrong:
        look("quarantine")
    assert "report-09" in str(wrong.value)
    assert "report-10" not in str(wrong.value)


def test_a_damaged_quarantine_does_not_stop_the_doctor(shards: Path):
    (shards / "quarantine.json").write_text("[")
    assert look("quarantine") == "empty"


@pytest.mark.parametrize("subject", ["subscriptions", "quarantine"])
def test_where_the_generated_files_are_elsewhere_the_doctor_says_that_it_did_not_look(subject: str):
    assert look(subject).startswith("not looked at: BROADSHEET_SHARDS_DIR")
