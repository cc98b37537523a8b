"""The main job on real servers and real data: subscribe → DAG → PDF in S3 → mail with a safe link."""

from __future__ import annotations

import hashlib
import io
import re

import httpx
import pypdf
import pytest

from tests.integration.airflow_api import PATIENCE, Airflow, wait_for
from tests.integration.conftest import Broadsheet, Inbox

pytestmark = pytest.mark.integration

REPORT = "report__airline_punctuality"
WEEK = {"carrier": "UA", "origin": "EWR", "period": "2013-W12"}
# Monday 07:00 in New York, when the week before it was over.
SLOT = "2013-03-25T11:00:00Z"
STAGES = {"plan", "fetch", "aggregate", "render_charts", "build_pdf", "upload", "email", "finalize"}


@pytest.fixture(scope="module")
def subscription(broadsheet: Broadsheet, airflow: Airflow) -> str:
    """Subscribe two people by command and return the id of the DAG that appears."""
    done = broadsheet.command(
        *("subscribe", "airline_punctuality", "--to", "ada@example.com", "--to", "ben@example.com"),
        *("-p", "carrier=UA", "-p", "origin=EWR", "--cron", "0 7 * * MON", "--zone", "America/New_York"),
        *("--title", "United from Newark", "--name", "united-newark", "--owner", "subscriber"),
    )
    assert done.returncode == 0, done.stderr
    assert "DAG: subscription__united-newark" in done.stdout
    airflow.wait_for_dag("subscription__united-newark")
    return "subscription__united-newark"


@pytest.fixture(scope="module")
def run_id(airflow: Airflow, subscription: str) -> str:
    """Run the subscription once, as if its slot had come, and return the id of the finished DAG run."""
    return airflow.complete(subscription, logical_date=SLOT)


def test_a_subscription_is_a_dag_with_title_owner_schedule_and_words(airflow: Airflow, subscription: str):
    dag = airflow.wait_for_dag(subscription)
    assert dag["dag_display_name"] == "United from Newark"
    assert dag["owners"] == ["subscriber"]
    assert dag["is_paused"] is False
    assert dag["timetable_description"] == "0 7 * * MON in America/New_York"
    assert {tag["name"] for tag in dag["tags"]} == {"broadsheet", "subscription", "airline_punctuality"}
    details = airflow.client.get(f"/dags/{subscription}/details").json()
    assert "airline_punctuality" in details["doc_md"]


def test_a_run_passes_through_all_stages_on_their_queues(airflow: Airflow, subscription: str, run_id: str):
    tasks = airflow.task_instances(subscription, run_id)
    assert {task["task_id"]: task["state"] for task in tasks} == dict.fromkeys(STAGES, "success")
    assert {task["queue"] for task in tasks} == {"default", "fetch", "aggregate", "render", "deliver"}
    assert len(tasks) == len(STAGES)


def test_the_pdf_in_s3_tells_the_week_that_was_over(broadsheet: Broadsheet, subscription: str, run_id: str):
    stored = {found["format"]: found for found in broadsheet.run(subscription, run_id)["artifacts"]}
    assert set(stored) == {"pdf", "xlsx", "csv"}
    artifact = stored["pdf"]
    data = broadsheet.bucket("broadsheet").get(artifact["key"])
    assert hashlib.sha256(data).hexdigest() == artifact["sha256"]
    document = pypdf.PdfReader(io.BytesIO(data))
    texts = [page.extract_text() for page in document.pages]
    assert len(document.pages) == artifact["pages"] >= 3
    assert "United Air Lines" in texts[0]
    for number, text in enumerate(texts, start=1):
        assert "18–24 March 2013" in text
        assert "America/New_York" in text
        assert re.search(rf"{number} of {len(texts)}", text), text[-300:]
    everything = "\n".join(texts)
    assert "Showing 100 of" in everything or "100 of" in everything
    assert "nan" not in everything.lower().split()
    assert sum(len(page.images) for page in document.pages) >= 3


def test_the_run_is_in_the_ledger_as_completed_and_its_staging_files_are_gone(
    broadsheet: Broadsheet, subscription: str, run_id: str
):
    run = broadsheet.run(subscription, run_id)
    assert (run["state"], run["reason"], run["trigger"], run["revision"]) == ("completed", None, "manual", 1)
    assert run["period"]["first_day"] == "2013-03-18"
    assert list(broadsheet.bucket("broadsheet").list(f"staging/{run['run_id']}/")) == []
    listed = broadsheet.command("runs", "list", "united-newark")
    assert run["run_id"] in listed.stdout
    assert "2/2 mails accepted" in listed.stdout


def test_each_recipient_gets_one_mail_of_two_parts_with_the_period_in_its_subject(inbox: Inbox, run_id: str):
    assert run_id
    for address in ("ada@example.com", "ben@example.com"):
        (mail,) = inbox.to(address)
        assert "18–24 March 2013" in mail["subject"]
        assert "/r/" in mail["text"]
        assert "/r/" in mail["html"]
        assert mail["attachments"] == []
    assert link_in(inbox, "ada@example.com") != link_in(inbox, "ben@example.com")


def test_the_link_answers_with_the_pdf_and_is_audited(
    broadsheet: Broadsheet, inbox: Inbox, subscription: str, run_id: str
):
    link = link_in(inbox, "ada@example.com")
    answer = httpx.get(link, follow_redirects=True, timeout=PATIENCE)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content == broadsheet.pdf(subscription, run_id)
    assert "no-store" in answer.headers["cache-control"]
    (ada,) = [
        delivery
        for delivery in broadsheet.run(subscription, run_id)["deliveries"]
        if delivery["recipient"] == "ada@example.com"
    ]
    (sent,) = ada["links"]
    assert ("GET", "served") in {(access["method"], access["outcome"]) for access in sent["accesses"]}


def test_a_revoked_link_is_refused_and_the_other_recipients_still_works(
    broadsheet: Broadsheet, inbox: Inbox, run_id: str
):
    assert run_id
    link = link_in(inbox, "ben@example.com")
    assert httpx.get(link, timeout=PATIENCE).status_code == 200
    revoked = broadsheet.command("links", "revoke", link)
    assert revoked.returncode == 0, revoked.stderr
    assert httpx.get(link, timeout=PATIENCE).status_code == 410
    assert httpx.head(link, timeout=PATIENCE).status_code == 410
    assert broadsheet.command("links", "revoke", link).returncode == 2
    assert httpx.get(link_in(inbox, "ada@example.com"), timeout=PATIENCE).status_code == 200


def test_an_unknown_or_expired_token_leads_nowhere(broadsheet: Broadsheet, inbox: Inbox, run_id: str):
    assert httpx.get(f"{broadsheet.url}/r/{'x' * 43}", timeout=PATIENCE).status_code == 404
    assert httpx.get(f"{broadsheet.url}/r/{'x' * 5000}", timeout=PATIENCE).status_code in (404, 414)
    link = link_in(inbox, "ada@example.com")
    changed = link[:-1] + ("A" if link[-1] != "A" else "B")
    assert httpx.get(changed, timeout=PATIENCE).status_code == 404
    assert run_id


def test_a_cleared_run_builds_the_same_document_and_mails_nobody_again(
    broadsheet: Broadsheet, airflow: Airflow, inbox: Inbox, subscription: str, run_id: str
):
    before = broadsheet.run(subscription, run_id)["artifacts"]
    assert airflow.repeat(subscription, run_id) == "success", airflow.task_states(subscription, run_id)
    run = broadsheet.run(subscription, run_id)
    assert run["artifacts"] == before
    assert len(inbox.to("ada@example.com")) == 1
    assert len(inbox.to("ben@example.com")) == 1
    assert run["state"] == "completed"


def test_an_edit_or_a_deletion_later_changes_no_finished_run(
    broadsheet: Broadsheet, airflow: Airflow, subscription: str, run_id: str
):
    paused = broadsheet.command("subscriptions", "pause", "united-newark")
    assert paused.returncode == 0, paused.stderr
    wait_for(
        lambda: airflow.dag(subscription)["timetable_description"] != "0 7 * * MON in America/New_York",
        what="the pause to reach the DAG",
    )
    assert broadsheet.run(subscription, run_id)["revision"] == 1
    assert broadsheet.command("subscriptions", "resume", "united-newark").returncode == 0


def test_two_runs_of_one_period_give_the_same_bytes(broadsheet: Broadsheet, airflow: Airflow):
    first, second = (airflow.complete(REPORT, **WEEK) for _ in range(2))
    assert first != second
    assert broadsheet.pdf(REPORT, first) == broadsheet.pdf(REPORT, second)


def test_a_report_on_demand_without_recipients_is_stored_and_mails_nobody(
    broadsheet: Broadsheet, airflow: Airflow
):
    run_id = airflow.complete(REPORT, carrier="DL", origin="JFK", period="2013-06-03")
    run = broadsheet.run(REPORT, run_id)
    assert (run["state"], run["deliveries"]) == ("completed", [])
    document = pypdf.PdfReader(io.BytesIO(broadsheet.pdf(REPORT, run_id)))
    assert "Monday, 3 June 2013" in document.pages[0].extract_text()


def test_a_backfill_stores_a_report_for_each_past_week_and_mails_nobody(
    broadsheet: Broadsheet, airflow: Airflow, inbox: Inbox, subscription: str
):
    mails = len(inbox.to("@example.com"))
    dates = ("--from-date", "2013-05-06", "--to-date", "2013-05-21")
    done = broadsheet.command("backfill", "create", "--dag-id", subscription, *dates, program="airflow")
    assert done.returncode == 0, done.stderr[-2000:]
    runs = wait_for(
        lambda: (
            runs
            if len(runs := [run for run in airflow.runs(subscription) if run["run_type"] == "backfill"]) == 3
            else None
        ),
        what="three runs of the backfill",
    )
    first_days = set()
    for run in runs:
        assert airflow.wait_for_run(subscription, run["dag_run_id"], seconds=400) == "success"
        stored = broadsheet.run(subscription, run["dag_run_id"])
        assert sorted(found["format"] for found in stored["artifacts"]) == ["csv", "csv", "pdf", "xlsx"]
        first_days.add(stored["period"]["first_day"])
    assert first_days == {"2013-04-29", "2013-05-06", "2013-05-13"}
    assert len(inbox.to("@example.com")) == mails


def link_in(inbox: Inbox, address: str) -> str:
    """Return the link in the one mail of an address."""
    (mail,) = inbox.to(address)
    return re.search(r"http://\S+/r/[A-Za-z0-9_-]+", mail["text"]).group()
