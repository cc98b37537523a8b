"""Documents behind a password: AES-256, one stored file however often it is tried, no password in clear."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pikepdf
import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from tests.seed import NOW, run_spec, subscribe
from tests.unit.pipeline.foreign import make_pdf

from broadsheet.domain.access import Caller
from broadsheet.domain.objects import MemoryObjectStore
from broadsheet.domain.run import RunSpec, Trigger
from broadsheet.errors import ConfigurationError, InputError, IntegrityError
from broadsheet.pipeline.protection import Protector, encrypt_pdf, find_protector, is_protected, refuse_open
from broadsheet.services import passwords
from broadsheet.settings import Settings
from broadsheet.store.database import transaction
from broadsheet.store.ledger import open_run
from broadsheet.store.passwords import password_in_force, replace_password
from broadsheet.store.sealing import seal, unseal

PASSWORD = "correct horse ünd battery"
PLAIN = make_pdf(2)
SETTINGS = Settings(secret_key=SecretStr(Fernet.generate_key().decode()))


class Desk:
    """A subscription, its password, and runs of it."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.subscription = subscribe(dsn, "reader@broadsheet.example")
        self.staging = MemoryObjectStore()
        self.published = MemoryObjectStore()

    def set(self, password: str | None, *, minutes: int = -5) -> None:
        secret = None if password is None else seal(password, SETTINGS)
        at = NOW + timedelta(minutes=minutes)
        with transaction(self.dsn) as connection:
            replace_password(connection, self.subscription.subscription_id, secret, by="ada", at=at)

    def run(self) -> RunSpec:
        spec = run_spec(subscription=self.subscription)
        with transaction(self.dsn) as connection:
            open_run(connection, spec, dag_id="d", dag_run_id="r", trigger=Trigger.MANUAL, at=NOW)
        return spec

    def protect(self, spec: RunSpec, *, settings: Settings = SETTINGS) -> bytes:
        """Protect a document as ``build_pdf`` does and publish it; return what is stored."""
        protector = self.protector(spec, settings=settings)
        assert protector is not None
        ready = protector.protect("main", PLAIN)
        data = self.staging.get(ready.key)
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (ready.sha256, ready.size_bytes)
        refuse_open(spec, "main", sha256=ready.sha256, dsn=self.dsn)
        self.published.put(spec.artifact_key("main", ready.sha256), data, content_type="")
        return data

    def protector(self, spec: RunSpec, *, settings: Settings = SETTINGS) -> Protector | None:
        return find_protector(
            spec, staging=self.staging, stored=self.published.get, dsn=self.dsn, settings=settings
        )


@pytest.fixture
def desk(database_dsn: str) -> Desk:
    return Desk(database_dsn)


def test_a_document_opens_with_its_password_only_and_is_encrypted_with_aes_256() -> None:
    data = encrypt_pdf(PLAIN, password=PASSWORD)
    for wrong in ("", "wrong"):
        with pytest.raises(pikepdf.PasswordError):
            pikepdf.open(BytesIO(data), password=wrong)
    with pikepdf.open(BytesIO(data), password=PASSWORD) as pdf:
        assert (pdf.encryption.R, pdf.encryption.stream_method.name) == (6, "aesv3")
        assert pdf.allow.accessibility
        assert len(pdf.pages) == 2


def test_encryption_gives_other_bytes_each_time() -> None:
    assert encrypt_pdf(PLAIN, password=PASSWORD) != encrypt_pdf(PLAIN, password=PASSWORD)


def test_without_a_password_nothing_is_protected(desk: Desk) -> None:
    spec = desk.run()
    assert desk.protector(spec) is None
    refuse_open(spec, "main", sha256="of an open document", dsn=desk.dsn)


def test_a_report_on_demand_is_not_protected(desk: Desk) -> None:
    desk.set(PASSWORD)
    assert desk.protector(run_spec()) is None


def test_two_tries_at_a_time_keep_one_document(desk: Desk) -> None:
    desk.set(PASSWORD)
    spec = desk.run()
    first, second = desk.protector(spec), desk.protector(spec)
    assert first.protect("main", PLAIN) == second.protect("main", PLAIN)
    assert len(desk.staging.objects) == 1


def test_an_open_document_of_a_protected_run_is_not_published(desk: Desk) -> None:
    desk.set(PASSWORD)
    spec = desk.run()
    protected = desk.protect(spec)
    with pytest.raises(IntegrityError, match="from `build_pdf` on"):
        refuse_open(spec, "main", sha256=hashlib.sha256(PLAIN).hexdigest(), dsn=desk.dsn)
    with pytest.raises(IntegrityError, match="'other'"):
        refuse_open(spec, "other", sha256=hashlib.sha256(protected).hexdigest(), dsn=desk.dsn)


def test_a_retry_publishes_the_same_bytes_even_when_the_working_files_are_gone(desk: Desk) -> None:
    desk.set(PASSWORD)
    spec = desk.run()
    first = desk.protect(spec)
    assert first != PLAIN
    assert desk.protect(spec) == first
    desk.staging.delete_prefix("")
    assert desk.protect(spec) == first
    assert len(desk.published.objects) == 1


def test_a_try_that_was_lost_before_it_was_published_is_made_good(desk: Desk) -> None:
    desk.set(PASSWORD)
    spec = desk.run()
    desk.protect(spec)
    desk.staging.delete_prefix("")
    desk.published.delete_prefix("")
    again = desk.protect(spec)
    desk.staging.delete_prefix("")
    assert desk.protect(spec) == again


def test_a_password_set_in_mid_run_counts_from_the_next_run_on(desk: Desk) -> None:
    spec = desk.run()
    desk.set(PASSWORD, minutes=5)
    assert not is_protected(spec.run_id, dsn=desk.dsn)
    assert desk.protector(spec) is None


def test_a_password_taken_away_in_mid_run_still_protects_that_run(desk: Desk) -> None:
    desk.set(PASSWORD)
    spec = desk.run()
    desk.set(None, minutes=5)
    assert is_protected(spec.run_id, dsn=desk.dsn)
    with pikepdf.open(BytesIO(desk.protect(spec)), password=PASSWORD) as pdf:
        assert pdf.is_encrypted


def test_a_document_is_never_published_open_because_its_key_is_missing(desk: Desk) -> None:
    desk.set(PASSWORD)
    spec = desk.run()
    with pytest.raises(ConfigurationError, match="BROADSHEET_SECRET_KEY"):
        desk.protect(spec, settings=Settings(secret_key=None))
    other = Settings(secret_key=SecretStr(Fernet.generate_key().decode()))
    with pytest.raises(IntegrityError, match="cannot be decrypted"):
        desk.protect(spec, settings=other)


def test_the_password_stands_nowhere_in_clear(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.set(PASSWORD)
    spec = desk.run()
    with caplog.at_level("DEBUG"):
        desk.protect(spec)
    with transaction(desk.dsn) as connection:
        rows = connection.execute("SELECT * FROM subscription_passwords").fetchall()
        kept = connection.execute("SELECT * FROM runs, protected_documents").fetchall()
    protector = desk.protector(spec)
    everything = repr(
        (rows, kept, spec, caplog.text, sorted(desk.staging.objects.items()), SETTINGS, protector)
    )
    assert rows[0]["secret"].hex() not in repr(protector)
    assert PASSWORD not in everything
    assert PASSWORD.encode().hex() not in everything


def test_an_older_key_still_opens_what_it_sealed() -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    sealed = seal(PASSWORD, Settings(secret_key=SecretStr(old)))
    assert unseal(sealed, Settings(secret_key=SecretStr(f"{new}, {old}"))) == PASSWORD


@pytest.mark.parametrize("password", ["", "short", "x" * 128, "tab\tinside it", " spaces at ends ", "ü" * 64])
def test_a_password_that_readers_could_not_take_is_refused(password: str) -> None:
    with pytest.raises(InputError) as caught:
        passwords.check_password(password)
    assert caught.value.field == "password"
    assert not password.strip() or password not in str(caught.value)


def test_the_owner_sets_replaces_and_takes_away_the_password(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    inst: Any = SimpleNamespace(dsn=lambda: desk.dsn, settings=lambda: SETTINGS, clock=lambda: NOW)
    monkeypatch.setattr(
        passwords, "get_subscription", lambda *_: SimpleNamespace(subscription=desk.subscription)
    )
    ada = Caller(name="ada")
    passwords.set_password(inst, ada, "united", PASSWORD)
    passwords.set_password(inst, ada, "united", PASSWORD + " 2")
    found = passwords.find_password(inst, ada, "united")
    assert (found.set_by, found.set_at) == ("ada", NOW)
    passwords.clear_password(inst, ada, "united")
    with transaction(desk.dsn) as connection:
        assert password_in_force(connection, desk.subscription.subscription_id) is None
