"""``broadsheet runs`` on the command line: what a person and a program read of a run."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests import seed
from tests.unit.cli.conftest import Run

from broadsheet.domain.delivery import DeliveryState
from broadsheet.domain.run import RunSpec, RunState
from broadsheet.store.database import transaction
from broadsheet.store.deliveries import claim_delivery, settle_delivery
from broadsheet.store.ledger import close_run
from broadsheet.store.links import Visitor, find_link, issue_link, record_access, revoke_link


@pytest.fixture(autouse=True)
def database(database_dsn: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The ledger that the commands read."""
    monkeypatch.setenv("AIRFLOW_CONN_BROADSHEET_DB", database_dsn)
    return database_dsn


def completed(dsn: str) -> tuple[RunSpec, UUID]:
    """Store a run whose one mail was accepted and opened once, and whose link was revoked and tried again."""
    spec = seed.run_spec()
    artifact_id = seed.store_run(dsn, spec)
    (delivery,) = seed.plan(dsn, spec, "ada@example.com")
    with transaction(dsn) as connection:
        claim = claim_delivery(
            connection, delivery.delivery_id, artifact_id=artifact_id, lease=timedelta(minutes=5)
        )
        assert claim is not None
        settle_delivery(connection, claim, state=DeliveryState.ACCEPTED, reply="250 kept")
        token = issue_link(
            connection,
            delivery_id=delivery.delivery_id,
            artifact_id=artifact_id,
            at=seed.NOW,
            lifetime=timedelta(days=1),
        )
        record_access(connection, find_link(connection, token, at=seed.NOW), Visitor(method="GET"))
        revoke_link(connection, token, at=seed.NOW, by="ada")
        record_access(connection, find_link(connection, token, at=seed.NOW), Visitor(method="HEAD"))
        close_run(connection, spec.run_id, state=RunState.PARTIAL, reason="1 not sent", at=seed.NOW)
    return spec, artifact_id


def test_a_program_reads_everything_that_came_of_a_run(
    database: str, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    spec, artifact_id = completed(database)
    assert run("runs", "show", str(spec.run_id), "--json") == 0
    record: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (record["state"], record["reason"]) == ("partial", "1 not sent")
    assert (record["subscription"], record["revision"]) == (None, None)
    assert (record["period"]["name"], record["period"]["first_day"]) == ("2013-W12", "2013-03-18")
    (artifact,) = record["artifacts"]
    assert artifact["artifact_id"] == str(artifact_id)
    assert len(artifact["sha256"]) == 64
    assert artifact["key"].endswith("main.pdf")
    (delivery,) = record["deliveries"]
    assert (delivery["recipient"], delivery["state"]) == ("ada@example.com", "accepted")
    assert (delivery["attempts"], delivery["smtp_reply"]) == (1, "250 kept")
    assert delivery["settled_at"] is not None
    (link,) = delivery["links"]
    assert link["revoked_at"] is not None
    assert [(access["method"], access["outcome"]) for access in link["accesses"]] == [
        ("GET", "served"),
        ("HEAD", "revoked"),
    ]


def test_a_run_is_found_by_airflow_s_id_too(
    database: str, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    spec, _ = completed(database)
    assert run("runs", "show", f"manual__{spec.run_id}", "--dag", "report__x") == 0
    said = capsys.readouterr().out
    assert f"run       {spec.run_id}" in said
    assert "state     partial (1 not sent)" in said
    assert "delivery  ada@example.com  accepted  1 attempt  250 kept" in said
    assert "GET served" in said


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["show", "7"], "not a UUID"),
        (["show", str(UUID(int=7))], "the ledger has no run"),
        (["show", "manual__1", "--dag", "report__x"], "no run 'manual__1' of DAG 'report__x'"),
    ],
)
def test_a_run_that_is_not_there_is_said_to_be_missing(
    run: Run, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert run("runs", *arguments) == 2
    assert told in capsys.readouterr().err


def test_runs_are_listed_with_and_without_a_choice(
    database: str, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("runs") == 0
    assert capsys.readouterr().out == "no runs yet\n"
    spec, _ = completed(database)
    assert run("runs") == 0
    assert str(spec.run_id) in capsys.readouterr().out
    assert run("runs", "list", "--dag", "report__x") == 0
    assert "1/1 mails accepted  (1 not sent)" in capsys.readouterr().out
    assert run("runs", "list", "another") == 0
    assert capsys.readouterr().out == "no runs yet\n"
