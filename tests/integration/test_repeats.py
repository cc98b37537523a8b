"""Runs that are repeated, or come when nobody wants them any more: nobody is mailed who should not be."""

from __future__ import annotations

import pytest

from tests.integration.airflow_api import Airflow, wait_for
from tests.integration.conftest import Broadsheet, Inbox

pytestmark = pytest.mark.integration

SLOT = "2013-06-10T11:00:00Z"


def subscribed(broadsheet: Broadsheet, airflow: Airflow, name: str) -> str:
    """Subscribe one person and return the id of the DAG that appears."""
    done = broadsheet.command(
        *("subscribe", "airline_punctuality", "--to", f"{name}@example.com", "--name", name),
        *("--cron", "0 7 * * MON", "--zone", "America/New_York", "--owner", "subscriber"),
    )
    assert done.returncode == 0, done.stderr
    airflow.wait_for_dag(f"subscription__{name}")
    return f"subscription__{name}"


def test_a_run_of_a_deleted_subscription_is_skipped_while_airflow_still_knows_its_dag(
    broadsheet: Broadsheet, airflow: Airflow, inbox: Inbox
):
    dag = subscribed(broadsheet, airflow, "deleted-soon")
    assert broadsheet.command("subscriptions", "delete", "deleted-soon").returncode == 0
    run_id = airflow.complete(dag, logical_date=SLOT)
    states = {task["task_id"]: task["state"] for task in airflow.task_instances(dag, run_id)}
    assert states.pop("plan") == states.pop("finalize") == "success"
    assert set(states.values()) == {"skipped"}
    run = broadsheet.run(dag, run_id)
    assert (run["state"], run["reason"]) == ("skipped", "the subscription was deleted")
    assert run["closed_at"] is not None
    assert inbox.to("deleted-soon@example.com") == []


def test_tasks_of_a_finished_run_that_are_cleared_by_themselves_mail_nobody_again(
    broadsheet: Broadsheet, airflow: Airflow, inbox: Inbox
):
    dag = subscribed(broadsheet, airflow, "cleared-later")
    run_id = airflow.complete(dag, logical_date=SLOT)
    answer = airflow.client.post(
        f"/dags/{dag}/clearTaskInstances",
        json={
            "dry_run": False,
            "dag_run_id": run_id,
            "task_ids": ["email"],
            "include_downstream": True,
            "only_failed": False,
            "reset_dag_runs": True,
        },
    )
    assert answer.status_code == 200, answer.text

    def tries() -> dict[str, int]:
        return {task["task_id"]: task["try_number"] for task in airflow.task_instances(dag, run_id)}

    wait_for(lambda: tries()["finalize"] == 2, what="the cleared tasks to start again")
    assert airflow.wait_for_run(dag, run_id) == "success"
    assert (tries()["plan"], tries()["email"]) == (1, 2)
    assert broadsheet.run(dag, run_id)["state"] == "completed"
    assert len(inbox.to("cleared-later@example.com")) == 1


def test_a_run_cleared_after_its_subscription_was_edited_builds_the_same_document_again(
    broadsheet: Broadsheet, airflow: Airflow, inbox: Inbox
):
    """Airflow checks a cleared run's tasks anew when its DAG has changed since it ran."""
    dag = subscribed(broadsheet, airflow, "edited-later")
    run_id = airflow.complete(dag, logical_date=SLOT)
    before = broadsheet.run(dag, run_id)["artifacts"]
    described = airflow.wait_for_dag(dag)["timetable_description"]
    assert broadsheet.command("subscriptions", "pause", "edited-later").returncode == 0
    wait_for(
        lambda: airflow.wait_for_dag(dag)["timetable_description"] != described,
        what="the pause to reach the DAG",
    )
    assert airflow.repeat(dag, run_id) == "success", airflow.task_states(dag, run_id)
    run = broadsheet.run(dag, run_id)
    assert run["artifacts"] == before
    assert run["state"] == "completed"
    assert len(inbox.to("edited-later@example.com")) == 1


def test_a_backfill_that_repeats_a_mailed_slot_mails_nobody_again(
    broadsheet: Broadsheet, airflow: Airflow, inbox: Inbox
):
    dag = subscribed(broadsheet, airflow, "repeated")
    run_id = airflow.complete(dag, logical_date=SLOT)
    before = broadsheet.run(dag, run_id)["artifacts"]
    done = broadsheet.command(
        *("backfill", "create", "--dag-id", dag, "--from-date", "2013-06-10", "--to-date", "2013-06-11"),
        *("--reprocess-behavior", "completed"),
        program="airflow",
    )
    assert done.returncode == 0, done.stderr[-2000:]
    wait_for(
        lambda: [run for run in airflow.runs(dag) if run["run_type"] == "backfill"],
        what="the run to become one of the backfill",
    )
    assert airflow.wait_for_run(dag, run_id) == "success"
    run = broadsheet.run(dag, run_id)
    assert run["artifacts"] == before
    assert run["state"] == "completed"
    assert len(inbox.to("repeated@example.com")) == 1
