"""The tasks themselves: what Airflow is told when a run ends, and when one task is cleared by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from airflow.sdk.exceptions import AirflowSkipException
from tests.seed import LETTER, NOW, PDF, plan, run_spec, store_run
from tests.servers import Servers, bucket_name
from tests.smtp_server import ScriptedMailServer

from broadsheet.domain.delivery import DeliveryState
from broadsheet.domain.run import RunSpec
from broadsheet.embedded import objects
from broadsheet.errors import NotFoundError, RunFailedError
from broadsheet.orchestration import tasks
from broadsheet.orchestration.connections import bucket
from broadsheet.settings import get_settings
from broadsheet.store.database import transaction
from broadsheet.store.deliveries import deliveries_of_run, reissue_delivery
from broadsheet.store.ledger import artifacts_of_run
from broadsheet.store.letters import keep_letter

ADA = "ada@broadsheet.example"
STAGES = ("plan", "fetch_0", "aggregate_0", "render_charts_0", "build_pdf_0", "upload_0", "email_0")


class Run:
    """A DAG run with one stored document, as its tasks see it."""

    def __init__(self, dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.dsn = dsn
        self.spec: RunSpec = run_spec()
        self.states: dict[str, str] = dict.fromkeys(STAGES, "success")
        self.artifact_id = store_run(dsn, self.spec)
        dag_run = SimpleNamespace(dag_id="report__x", run_id=f"manual__{self.spec.run_id}")
        states = SimpleNamespace(
            get_task_states=lambda **_: {dag_run.run_id: {**self.states, "finalize": "running"}}
        )
        monkeypatch.setattr(tasks, "get_current_context", lambda: {"dag_run": dag_run, "ti": states})

    @property
    def unit(self) -> dict[str, Any]:
        """What `upload` handed to `email`."""
        return {
            "run_id": str(self.spec.run_id),
            "spec_key": self.spec.key,
            "report_id": self.spec.report_id,
            "deliver": True,
            "variants": ["main"],
            "artifacts": {"main": str(self.artifact_id)},
        }

    def settle(self, state: DeliveryState) -> None:
        """Plan one delivery and end it."""
        plan(self.dsn, self.spec, ADA)
        with transaction(self.dsn) as connection:
            connection.execute(
                "UPDATE deliveries SET state = %s, smtp_reply = '250 OK', "
                "artifact_id = (SELECT artifact_id FROM artifacts)",
                (state.value,),
            )

    def ledger_state(self) -> str:
        with transaction(self.dsn) as connection:
            row = connection.execute("SELECT state FROM runs").fetchone()
        assert row is not None
        return str(row["state"])


@pytest.fixture
def run(database_dsn: str, servers: Servers, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    secrets = servers.stack.secrets
    login = f"{quote(secrets.s3_access_key, safe='')}:{quote(secrets.s3_secret_key, safe='')}"
    url = quote(objects.endpoint_url(servers.stack.ports), safe="")
    monkeypatch.setenv("AIRFLOW_CONN_BROADSHEET_DB", database_dsn)
    monkeypatch.setenv(
        "AIRFLOW_CONN_BROADSHEET_S3", f"aws://{login}@/?endpoint_url={url}&region_name={objects.REGION}"
    )
    # A mail server that nobody may ask.
    monkeypatch.setenv("AIRFLOW_CONN_BROADSHEET_SMTP", "smtp://127.0.0.1:1/?tls=none")
    monkeypatch.setenv("BROADSHEET_STORAGE_BUCKET", bucket_name())
    get_settings.cache_clear()
    bucket("storage").ensure_bucket()
    yield Run(database_dsn, monkeypatch)
    get_settings.cache_clear()


def test_a_finished_run_ends_well(run: Run) -> None:
    run.settle(DeliveryState.ACCEPTED)
    outcome = tasks.finalize.function()
    assert outcome is not None
    assert outcome["state"] == run.ledger_state() == "completed"


@pytest.mark.parametrize(
    ("state", "broken", "ledger"),
    [
        (DeliveryState.ACCEPTED, "email_0", "partial"),
        (DeliveryState.PLANNED, "email_0", "failed"),
        (DeliveryState.REFUSED, None, "failed"),
    ],
)
def test_a_run_that_left_somebody_without_mail_fails_in_airflow_too(
    run: Run, state: DeliveryState, broken: str | None, ledger: str
) -> None:
    run.settle(state)
    if broken is not None:
        run.states[broken] = "failed"
    with pytest.raises(RunFailedError, match=ledger):
        tasks.finalize.function()
    assert run.ledger_state() == ledger


def test_email_cleared_by_itself_after_the_run_was_finished_sends_nothing_and_succeeds(run: Run) -> None:
    run.settle(DeliveryState.ACCEPTED)
    tasks.finalize.function()
    assert tasks.email.function(run.unit)["accepted"] == 1
    assert tasks.finalize.function() is not None
    assert run.ledger_state() == "completed"


def test_a_run_that_is_to_mail_nobody_leaves_open_deliveries_alone(run: Run) -> None:
    run.settle(DeliveryState.PLANNED)
    assert tasks.email.function({**run.unit, "deliver": False})["accepted"] == 0
    tasks.finalize.function()
    assert run.ledger_state() == "partial"


def test_another_task_cleared_by_itself_says_what_to_clear(run: Run) -> None:
    with pytest.raises(NotFoundError, match="from `plan` on"):
        tasks.render_charts.function(run.unit)


@pytest.fixture
def post_office(
    run: Run, mail_server: ScriptedMailServer, monkeypatch: pytest.MonkeyPatch
) -> ScriptedMailServer:
    """The mail server that the task knows, and a letter that was kept when the run's files were there."""
    monkeypatch.setenv("AIRFLOW_CONN_BROADSHEET_SMTP", f"smtp://127.0.0.1:{mail_server.port}/?tls=none")
    with transaction(run.dsn) as connection:
        keep_letter(connection, run.artifact_id, LETTER)
    return mail_server


def reissue(run: Run) -> None:
    with transaction(run.dsn) as connection:
        (delivery,) = deliveries_of_run(connection, run.spec.run_id)
        reissue_delivery(connection, delivery.delivery_id, by="grace", at=NOW)


def test_a_cancelled_run_mails_nobody_and_is_shown_as_failed(
    run: Run, post_office: ScriptedMailServer
) -> None:
    plan(run.dsn, run.spec, ADA)
    with transaction(run.dsn) as connection:
        connection.execute(
            "UPDATE runs SET state = 'cancelled', reason = 'cancelled by ada', closed_at = now()"
        )
    with pytest.raises(AirflowSkipException, match="cancelled"):
        tasks.email.function(run.unit)
    assert post_office.copies == []
    with pytest.raises(RunFailedError, match="cancelled by ada"):
        tasks.finalize.function()
    assert run.ledger_state() == "cancelled"


def test_a_mail_is_sent_again_long_after_the_run_s_working_files_are_gone(
    run: Run, post_office: ScriptedMailServer
) -> None:
    run.settle(DeliveryState.ACCEPTED)
    tasks.finalize.function()
    reissue(run)
    assert tasks.email.function(run.unit)["accepted"] == 1
    (mail,) = post_office.received(ADA)
    assert mail["Subject"] == LETTER.subject
    assert tasks.email.function(run.unit)["accepted"] == 1
    assert len(post_office.copies) == 1
    tasks.finalize.function()
    assert run.ledger_state() == "completed"


def test_it_is_sent_again_also_when_the_run_was_repeated_to_mail_nobody(
    run: Run, post_office: ScriptedMailServer
) -> None:
    run.settle(DeliveryState.ACCEPTED)
    reissue(run)
    assert tasks.email.function({**run.unit, "deliver": False})["accepted"] == 1
    assert len(post_office.received(ADA)) == 1


def test_without_files_and_without_a_kept_letter_the_task_says_what_to_clear(run: Run) -> None:
    run.settle(DeliveryState.ACCEPTED)
    reissue(run)
    with pytest.raises(NotFoundError, match="from `plan` on"):
        tasks.email.function(run.unit)


def test_upload_hands_on_the_very_document_that_it_stored(run: Run) -> None:
    storage = bucket("storage")
    newer = PDF + b"newer"
    storage.put(run.spec.key, run.spec.model_dump_json().encode(), content_type="application/json")
    storage.put("staging/x.pdf", newer, content_type="application/pdf")
    built = {"key": "staging/x.pdf", "sha256": hashlib.sha256(newer).hexdigest(), "pages": 1}
    handed = tasks.upload.function({**run.unit, "built": {"main": built}})
    with transaction(run.dsn) as connection:
        (stored,) = (
            row for row in artifacts_of_run(connection, run.spec.run_id) if row.sha256 == built["sha256"]
        )
    assert handed["artifacts"] == {"main": str(stored.artifact_id)}
    assert stored.artifact_id != run.artifact_id
