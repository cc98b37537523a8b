"""A server that goes away in the middle of a run costs delay, not a report, and never a second mail."""

from __future__ import annotations

import pytest

from tests.integration.airflow_api import Airflow, wait_for
from tests.integration.conftest import Broadsheet, Inbox

pytestmark = pytest.mark.integration

PROBE = "report__probe"


@pytest.mark.parametrize("server", ["seaweedfs", "mail", "postgres"])
def test_a_run_outlives_a_server_that_is_down_for_a_while(
    broadsheet: Broadsheet, airflow: Airflow, inbox: Inbox, server: str
):
    address = f"{server}@example.com"
    answer = airflow.trigger(PROBE, case="slow", recipients=[address])
    run_id = answer.json()["dag_run_id"]
    wait_for(
        lambda: airflow.task_states(PROBE, run_id).get("fetch") == "running",
        what="the run to be in the middle",
    )
    broadsheet.stack.stop_program(server)
    try:
        hold(broadsheet, airflow, run_id, server=server)
    finally:
        broadsheet.stack.start_program(server)
        wait_for(broadsheet.stack.healthy, what="Airflow to be well again")
    assert airflow.wait_for_run(PROBE, run_id, seconds=300) == "success"
    run = broadsheet.run(PROBE, run_id)
    assert run["state"] == "completed"
    assert len(run["artifacts"]) == 1
    assert len(inbox.to(address)) == 1


def hold(broadsheet: Broadsheet, airflow: Airflow, run_id: str, *, server: str) -> None:
    """Wait until the run has felt that the server is away."""
    if server == "postgres":
        # Airflow itself cannot answer now; its own health says when it has noticed.
        wait_for(lambda: not broadsheet.stack.healthy(), what="Airflow to notice")
        return
    wait_for(
        lambda: "up_for_retry" in airflow.task_states(PROBE, run_id).values(),
        what="a task to wait for its retry",
    )


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
