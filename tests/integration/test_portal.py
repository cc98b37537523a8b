"""The portal inside the real api-server: reports on demand by HTTP, and what is denied to whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.integration.airflow_api import Airflow, wait_for
from tests.integration.conftest import Broadsheet

pytestmark = pytest.mark.integration

DAG = "report__airline_punctuality"
WISH = {"report": "airline_punctuality", "parameters": {"carrier": "VX"}, "period": "2013-W12"}
OVER = {"completed", "partial", "failed", "skipped", "cancelled"}


class Person:
    """Somebody with a bearer token for the portal's API."""

    def __init__(self, url: str, name: str, password: str) -> None:
        answer = httpx.post(f"{url}/auth/token", json={"username": name, "password": password}, timeout=60)
        self.token = str(answer.raise_for_status().json()["access_token"])
        self.api = httpx.Client(
            base_url=f"{url}/reports/api/v1", headers={"Authorization": f"Bearer {self.token}"}, timeout=60
        )

    def ask(self, **changes: Any) -> str:
        """Ask for a report and return the job's id."""
        answer = self.api.post("/reports/generate", json={**WISH, **changes})
        assert answer.status_code == 202, answer.text
        assert answer.headers["location"].endswith(answer.json()["id"])
        return str(answer.json()["id"])

    def job(self, job_id: str) -> dict[str, Any]:
        """Return a job."""
        return dict(self.api.get(f"/jobs/{job_id}").raise_for_status().json())

    def follow(self, job_id: str) -> list[int]:
        """Follow a job to its end and return every progress that it had."""
        seen: list[int] = []

        def is_over() -> bool:
            job = self.job(job_id)
            seen.extend([job["progress"]] if job["progress"] not in seen else [])
            return job["state"] in OVER

        wait_for(is_over, what=f"the end of job {job_id}", seconds=240)
        return seen


@pytest.fixture(scope="module")
def subscriber(broadsheet: Broadsheet) -> Iterator[Person]:
    person = Person(broadsheet.url, "subscriber", broadsheet.stack.secrets.user_subscriber)
    yield person
    person.api.close()


@pytest.fixture(scope="module")
def author(broadsheet: Broadsheet) -> Iterator[Person]:
    person = Person(broadsheet.url, "author", broadsheet.stack.secrets.user_author)
    yield person
    person.api.close()


@pytest.fixture(scope="module")
def operator(broadsheet: Broadsheet) -> Iterator[Person]:
    person = Person(broadsheet.url, "operator", broadsheet.stack.secrets.user_operator)
    yield person
    person.api.close()


@pytest.fixture(scope="module")
def done(subscriber: Person, airflow: Airflow) -> str:
    """A job of the subscriber's that was cancelled while it ran, repeated, and is complete."""
    airflow.wait_for_dag(DAG)
    job_id = subscriber.ask()
    wait_for(lambda: subscriber.job(job_id)["stage"] not in (None, "plan"), what="a stage after plan")
    cancelled = subscriber.api.delete(f"/jobs/{job_id}")
    assert cancelled.status_code == 200, cancelled.text
    assert cancelled.json()["state"] == "cancelled"
    assert subscriber.job(job_id)["error"] == "cancelled by subscriber"
    assert subscriber.api.delete(f"/jobs/{job_id}").status_code == 409
    repeated = subscriber.api.post(f"/jobs/{job_id}/repeat", json={})
    assert repeated.status_code in (200, 202), repeated.text
    assert repeated.json()["state"] in ("waiting", "active")
    progress = subscriber.follow(job_id)
    assert progress == sorted(progress)
    assert progress[-1] == 100
    return job_id


def document_of(job: dict[str, Any]) -> dict[str, Any]:
    """Return the PDF of a job."""
    (document,) = [one for one in job["artifacts"] if one["name"].endswith(".pdf")]
    return dict(document)


def asked_for(airflow: Airflow) -> list[dict[str, Any]]:
    """Return the runs that were asked for by way of these tests, as Airflow has them, the first one first."""
    runs = [
        one
        for one in airflow.runs(DAG)
        if one["triggering_user_name"] == "subscriber" and one["conf"].get("carrier") == "VX"
    ]
    return sorted(runs, key=lambda one: str(one["run_after"]))


def first_run(airflow: Airflow) -> dict[str, Any]:
    """Return the DAG run of the job ``done``."""
    return asked_for(airflow)[0]


def test_a_report_is_asked_for_cancelled_repeated_and_downloaded(
    subscriber: Person, done: str, airflow: Airflow
) -> None:
    job = subscriber.job(done)
    assert job["state"] == "completed", job
    artifact = document_of(job)
    answer = subscriber.api.get(f"/jobs/{done}/artifacts/{artifact['name']}")
    assert answer.content.startswith(b"%PDF-")
    assert len(answer.content) == artifact["size_bytes"]
    assert subscriber.api.get(f"/jobs/{done}/picture").content.startswith(b"\x89PNG")
    assert first_run(airflow)["state"] == "success"


def test_others_see_nothing_of_it_and_operators_all(
    author: Person, operator: Person, subscriber: Person, done: str
) -> None:
    artifact = document_of(subscriber.job(done))
    for path in (f"/jobs/{done}", f"/jobs/{done}/artifacts/{artifact['name']}", f"/jobs/{done}/picture"):
        assert author.api.get(path).status_code == 404
        assert operator.api.get(path).status_code == 200
    assert author.api.delete(f"/jobs/{done}").status_code == 404
    assert done not in [job["id"] for job in author.api.get("/jobs").json()["jobs"]]
    assert done in [job["id"] for job in operator.api.get("/jobs").json()["jobs"]]


def test_who_is_not_logged_in_is_led_to_airflows_log_in(broadsheet: Broadsheet, done: str) -> None:
    with httpx.Client(base_url=broadsheet.url, timeout=60) as nobody:
        for path in (f"/jobs/{done}", "/jobs", "/stats", "/healthz", "/openapi.json"):
            assert nobody.get(f"/reports/api/v1{path}").status_code == 401
        page = nobody.get("/reports", follow_redirects=True)
        assert page.status_code == 200
        assert page.url.path == "/auth/login/"
        assert page.url.params["next"] == "/reports/"
        assert nobody.get("/reports/static/portal.css").status_code == 200
        forged = nobody.get(
            "/reports/api/v1/jobs", headers={"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."}
        )
        assert forged.status_code == 401


def test_a_browsers_cookie_opens_pages_and_changes_nothing_from_elsewhere(
    broadsheet: Broadsheet, subscriber: Person, airflow: Airflow, done: str
) -> None:
    cookies = {"_token": subscriber.token}
    with httpx.Client(base_url=broadsheet.url, cookies=cookies, timeout=60) as browser:
        for path in ("/", "/subscriptions", "/runs", f"/runs/{done}"):
            page = browser.get(f"/reports{path}")
            assert page.status_code == 200, page.text
            assert "no-store" in page.headers["cache-control"]
        run = first_run(airflow)
        tab = browser.get("/reports/of-run", params={"dag_id": DAG, "run_id": run["dag_run_id"]})
        assert tab.headers["location"].endswith(f"/runs/{done}")
        assert browser.post("/reports/api/v1/reports/generate", json=WISH).status_code == 403
        foreign = {"X-Broadsheet": "1", "Origin": "https://evil.example"}
        assert browser.post(f"/reports/runs/{done}/repeat", headers=foreign).status_code == 403


def test_the_same_key_leads_to_the_same_job(subscriber: Person, airflow: Airflow, done: str) -> None:
    del done  # the DAG is known then
    headers = {"Idempotency-Key": "the-same-again"}
    jobs = [subscriber.api.post("/reports/generate", json=WISH, headers=headers).json() for _ in range(2)]
    assert jobs[0]["id"] == jobs[1]["id"]
    subscriber.api.delete(f"/jobs/{jobs[0]['id']}").raise_for_status()
    asked_by_key = [
        one for one in asked_for(airflow) if one["dag_run_id"] != first_run(airflow)["dag_run_id"]
    ]
    assert len(asked_by_key) == 1


def test_every_part_is_found_healthy_and_counted(operator: Person, subscriber: Person, done: str) -> None:
    del done  # something to count

    def healthy() -> dict[str, Any] | None:
        answer = operator.api.get("/healthz")
        return answer.json() if answer.status_code == 200 else None

    health = wait_for(healthy, what="every part to be healthy")
    names = {part["name"] for part in health["parts"]}
    assert {"database", "object store", "mail server", "scheduler", "workers"} <= names
    assert operator.api.get("/stats").status_code == 200
    assert 'broadsheet_runs{state="completed"}' in operator.api.get("/metrics").text
    workers = operator.api.get("/workers").json()
    assert "celery@" in str(workers)
    assert subscriber.api.get("/metrics").status_code == 403
