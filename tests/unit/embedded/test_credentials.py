"""The generated passwords and keys."""

import json
import stat
from dataclasses import asdict
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from broadsheet.embedded.credentials import load_credentials
from broadsheet.errors import ConfigurationError


def test_the_file_is_readable_by_its_owner_only(tmp_path: Path):
    path = tmp_path / "secrets.json"
    load_credentials(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_secrets_stay_the_same_once_made(tmp_path: Path):
    path = tmp_path / "secrets.json"
    assert load_credentials(path) == load_credentials(path)


def test_every_secret_is_different_and_long(tmp_path: Path):
    values = asdict(load_credentials(tmp_path / "secrets.json")).values()
    assert len(set(values)) == len(values)
    assert all(len(value) >= 20 for value in values)


def test_airflows_keys_are_what_airflow_asks_for(tmp_path: Path):
    secrets = load_credentials(tmp_path / "secrets.json")
    assert len(secrets.airflow_jwt_secret.encode()) >= 64
    Fernet(secrets.airflow_fernet_key)


def test_a_secret_that_a_newer_version_wants_is_added_and_the_others_are_kept(tmp_path: Path):
    path = tmp_path / "secrets.json"
    before = load_credentials(path)
    known = json.loads(path.read_text())
    del known["inbox"]
    path.write_text(json.dumps(known))
    after = load_credentials(path)
    assert after.inbox not in ("", before.inbox)
    assert after.postgres_admin == before.postgres_admin
    assert json.loads(path.read_text())["inbox"] == after.inbox


def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path):
    path = tmp_path / "secrets.json"
    path.write_text("{")
    with pytest.raises(ConfigurationError, match=r"secrets\.json is damaged.*make clean"):
        load_credentials(path)


def test_no_secret_shows_when_printed(tmp_path: Path):
    secrets = load_credentials(tmp_path / "secrets.json")
    shown = repr(secrets)
    assert not any(value in shown for value in asdict(secrets).values())
