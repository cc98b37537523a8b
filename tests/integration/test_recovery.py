"""A server that goes away in the middle of a run costs delay, not a report, and never a second mail."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.integration.airflow_api import Airflow, wait_for, wait_out
from tests.integration.conftest import Broadsheet, Inbox

pytestmark = pytest.mark.integration

PROBE = "report__probe"
# Seconds that a server stays away at least.
OUTAGE = 30.0


def test_a_run_outlives_half_a_minute_without_postgres_s3_and_the_mail_server(
    broadsheet: Broadsheet, airflow: Airflow, inbox: Inbox
):
    """All three go at once in mid-run and come back one by one, each after it was missed."""
    answer = airflow.trigger(PROBE, case="slow", recipients=["outage@example.com"])
    run_id = answer.json()["dag_run_id"]
    wait_for(
        lambda: airflow.task_states(PROBE, run_id).get("fetch") == "running",
        what="the run to be in the middle",
    )
    with outages(broadsheet, "postgres", "seaweedfs", "mail") as end:
        # Airflow itself cannot answer now; its own health says when it has noticed.
        wait_for(lambda: not broadsheet.stack.healthy(), what="Airflow to notice")
        end("postgres")
        # What gave up meanwhile starts anew, which takes long where the cores have other work.
        wait_for(broadsheet.stack.healthy, what="Airflow to be well again", seconds=240)
        # The query was lost with Postgres; what it gives the second time cannot be stored.
        wait_for(lambda: failures(airflow, run_id, "fetch") == 2, what="fetch to miss S3", seconds=180)
        end("seaweedfs")
        wait_for(
            lambda: failures(airflow, run_id, "email") == 1, what="email to miss its server", seconds=180
        )
        end("mail")
    assert airflow.wait_for_run(PROBE, run_id, seconds=300) == "success", airflow.task_states(PROBE, run_id)
    run = broadsheet.run(PROBE, run_id)
    assert run["state"] == "completed"
    assert len(run["artifacts"]) == 1
    assert len(inbox.to("outage@example.com")) == 1


def failures(airflow: Airflow, run_id: str, task_id: str) -> int:
    """Return how many tries of a task have failed."""
    (task,) = [task for task in airflow.task_instances(PROBE, run_id) if task["task_id"] == task_id]
    tries = int(task["try_number"])
    return tries if task["state"] == "up_for_retry" else max(0, tries - 1)


@contextmanager
def outages(broadsheet: Broadsheet, *servers: str) -> Iterator[Callable[[str], None]]:
    """Stop servers; yield what starts one again, not before it was away for half a minute."""
    down: dict[str, float] = {}

    def end(server: str) -> None:
        wait_out(OUTAGE, since=down[server])
        broadsheet.stack.start_program(server)
        del down[server]

    try:
        for server in servers:
            broadsheet.stack.stop_program(server)
            down[server] = time.monotonic()
        yield end
    finally:
        # Where the test failed: the others need the servers.
        for server in down:
            broadsheet.stack.start_program(server)


def test_a_deferred_mail_is_sent_once_by_the_retry(airflow: Airflow, inbox: Inbox):
    inbox.faults(
        {"kind": "reply", "step": "rcpt", "match": "later@", "times": 1, "code": 451, "text": "try later"}
    )
    run_id = airflow.complete(PROBE, recipients=["later@example.com", "now@example.com"])
    (email,) = [task for task in airflow.task_instances(PROBE, run_id) if task["task_id"] == "email"]
    assert email["try_number"] == 2
    assert len(inbox.to("later@example.com")) == 1
    assert len(inbox.to("now@example.com")) == 1


def test_a_refused_recipient_does_not_stop_the_others_and_the_run_says_so(
    broadsheet: Broadsheet, airflow: Airflow, inbox: Inbox
):
    inbox.faults(
        {"kind": "reply", "step": "rcpt", "match": "gone@", "times": 9, "code": 550, "text": "no such user"}
    )
    run_id = airflow.complete(PROBE, recipients=["gone@example.com", "here@example.com"])
    assert len(inbox.to("here@example.com")) == 1
    assert inbox.to("gone@example.com") == []
    run = broadsheet.run(PROBE, run_id)
    assert run["state"] == "partial"
    assert "1 refused" in run["reason"]


def test_when_the_reply_is_lost_the_one_repeat_carries_the_same_message_id(airflow: Airflow, inbox: Inbox):
    inbox.faults({"kind": "drop_after_store", "step": "data", "match": "lost@", "times": 1})
    airflow.complete(PROBE, recipients=["lost@example.com"])
    copies = inbox.to("lost@example.com")
    assert len(copies) == 2
    assert len({dict(copy["headers"])["Message-ID"] for copy in copies}) == 1
