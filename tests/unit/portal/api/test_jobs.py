"""Ask for reports, follow, cancel and repeat their jobs."""

from __future__ import annotations

import threading
import time
from typing import Any
from uuid import uuid4

import pytest
from tests.unit.portal.api.site import FILE, REPORT, ROOT, SECRET_REPORT, Site

from broadsheet.domain.job import StageState
from broadsheet.domain.run import RunState
from broadsheet.portal.api.waiting import Waiters
from broadsheet.portal.problems import PROBLEM_TYPE
from broadsheet.settings import Settings

ASK = {"report": REPORT, "period": "2013-W12"}


def test_a_report_is_asked_for_and_its_job_can_be_followed(site: Site) -> None:
    answer = site.post("/reports/generate", json={**ASK, "parameters": {"carrier": "DL"}})
    assert answer.status_code == 202
    job = answer.json()
    assert answer.headers["location"] == job["url"] == f"{ROOT}/jobs/{job['id']}"
    assert (job["state"], job["is_over"], job["error"]) == ("waiting", False, None)
    assert job["parameters"]["carrier"] == "DL"
    assert job["period"]["name"] == "2013-W12"
    assert job["requested_by"] == "ada"

    site.engine.set_stages((job["dag_id"], job["dag_run_id"]), plan=StageState.DONE, fetch=StageState.ACTIVE)
    seen = site.get(f"/jobs/{job['id']}").json()
    assert seen["stage"] == "fetch"
    assert 0 < seen["progress"] < 100
    assert [stage["name"] for stage in seen["stages"]][:2] == ["plan", "fetch"]

    site.finish(job["id"])
    over = site.get(f"/jobs/{job['id']}").json()
    assert (over["state"], over["progress"], over["is_over"]) == ("completed", 100, True)
    assert over["artifacts"][0]["name"] == FILE
    assert "key" not in over["artifacts"][0]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"report"}),
        (
            {"report": REPORT, "parameters": {"carrier": "XX"}, "period": "soon"},
            {"parameters.carrier", "period"},
        ),
        ({**ASK, "recipients": ["not an address"]}, {"recipients"}),
        ({**ASK, "recipient": "ada@broadsheet.example"}, {"recipient"}),
        ({**ASK, "parameters": {"nonsense": 1}}, {"parameters.nonsense"}),
        ({**ASK, "formats": ["doc"]}, {"formats"}),
        ({**ASK, "formats": []}, {"formats"}),
        ({**ASK, "locale": "x" * 200}, {"locale"}),
        ({**ASK, "report": "../../etc/passwd"}, {"report"}),
    ],
)
def test_every_wrong_field_is_told_at_once(site: Site, body: dict[str, Any], fields: set[str]) -> None:
    answer = site.post("/reports/generate", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == PROBLEM_TYPE
    assert {error["field"] for error in answer.json()["errors"]} == fields
    assert site.get("/jobs").json()["jobs"] == []


@pytest.mark.parametrize(
    "body",
    [
        b'{"report": "airline_punctuality", "parameters": {"carrier": "\\ud800"}}',
        b'{"report": "airline_punctuality", "parameters": {"\\ud800": 1}}',
        b'{"report": "airline_punctuality", "parameters": {"carrier": NaN}}',
        b'{"report": "airline_punctuality", "period": "\\u0000"}',
        b'{"report": "airline_punctuality", "\\ud800": 1}',
        b'{"report": "airline_punctuality", "parameters": {"carrier": ' + b"[" * 500 + b"]" * 500 + b"}}",
        b"[" * 30_000,
        b'{"report": ' + b"9" * 10_000 + b"}",
        b"\xff\xfe",
        b"null",
        b"not JSON",
    ],
)
def test_a_body_that_no_program_would_send_is_refused(offline: Site, body: bytes) -> None:
    answer = offline.post("/reports/generate", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422), answer.text
    assert answer.headers["content-type"] == PROBLEM_TYPE


def test_a_body_over_the_limit_is_refused(offline: Site) -> None:
    def endless() -> Any:
        yield from (b" " * 1024 for _ in range(100))

    for content in (b" " * 70_000, endless()):
        answer = offline.post(
            "/reports/generate", content=content, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 413, answer.text
        assert answer.headers["content-type"] == PROBLEM_TYPE


def test_a_form_is_no_body(offline: Site) -> None:
    for media_type in ("text/plain", "application/x-www-form-urlencoded"):
        answer = offline.post("/reports/generate", content=b"{}", headers={"Content-Type": media_type})
        assert answer.status_code == 422


def test_a_report_that_is_not_for_the_caller_does_not_exist(site: Site) -> None:
    for by, report in (("ada", SECRET_REPORT), ("eve", REPORT), ("ada", "no_such_report")):
        answer = site.post("/reports/generate", by=by, json={"report": report, "period": "2013-W12"})
        assert answer.status_code == 404, answer.text
        assert answer.json()["code"] == "not_found"
    assert site.engine.runs == {}


def test_the_same_key_and_body_get_the_same_job_and_another_body_is_refused(site: Site) -> None:
    key = {"Idempotency-Key": "monday"}
    first = site.post("/reports/generate", json=ASK, headers=key).json()["id"]
    again = site.post("/reports/generate", json=ASK, headers=key)
    assert (again.status_code, again.json()["id"]) == (202, first)
    other = site.post("/reports/generate", json={**ASK, "period": "2013-W11"}, headers=key)
    assert other.status_code == 422
    assert other.json()["errors"][0]["field"] == "Idempotency-Key"
    assert site.post("/reports/generate", by="bob", json=ASK, headers=key).json()["id"] != first
    assert len(site.engine.runs) == 2


@pytest.mark.parametrize("key", ["", "x" * 201, "two words"])
def test_a_key_has_a_length_and_no_spaces(offline: Site, key: str) -> None:
    answer = offline.post("/reports/generate", json=ASK, headers={"Idempotency-Key": key})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].lower() == "idempotency-key"


def test_who_asks_for_too_much_is_told_when_to_ask_again(site: Site) -> None:
    site.settings = Settings(requests_at_once=1)
    site.ask()
    answer = site.post("/reports/generate", json=ASK)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["code"] == "quota_exceeded"


def test_prefer_wait_answers_with_the_result(site: Site) -> None:
    def finish_when_asked() -> None:
        end = time.monotonic() + 25
        while time.monotonic() < end:
            if jobs := site.get("/jobs").json()["jobs"]:
                site.finish(jobs[0]["id"])
                return

    site.get("/jobs")
    other = threading.Thread(target=finish_when_asked)
    other.start()
    answer = site.post("/reports/generate", json=ASK, headers={"Prefer": "wait=30"})
    other.join()
    assert answer.status_code == 200
    assert answer.headers["preference-applied"] == "wait=30"
    assert answer.json()["state"] == "completed"
    assert answer.json()["artifacts"]


def test_prefer_wait_ends_with_its_time(site: Site) -> None:
    answer = site.post("/reports/generate", json=ASK, headers={"Prefer": "wait=1"})
    assert answer.status_code == 202
    assert answer.headers["preference-applied"] == "wait=1"
    assert not answer.json()["is_over"]


def test_where_too_many_wait_the_answer_comes_at_once(site: Site) -> None:
    site.api.state.waiters = Waiters(most=0)
    answer = site.post("/reports/generate", json=ASK, headers={"Prefer": "wait=60"})
    assert answer.status_code == 202
    assert "preference-applied" not in answer.headers


def test_a_list_has_filters_pages_and_only_the_callers_own(site: Site) -> None:
    mine = [site.ask() for _ in range(3)]
    theirs = site.ask(by="bob")
    site.finish(mine[0])
    page = site.get("/jobs", params={"limit": 2}).json()
    assert [job["id"] for job in page["jobs"]] == [mine[2], mine[1]]
    rest = site.get("/jobs", params={"limit": 2, "cursor": page["next_cursor"]}).json()
    assert [job["id"] for job in rest["jobs"]] == [mine[0]]
    assert rest["next_cursor"] is None
    done = site.get("/jobs", params={"state": ["completed", "failed"]}).json()["jobs"]
    assert [job["id"] for job in done] == [mine[0]]
    assert site.get("/jobs", params={"report": "other_report"}).json()["jobs"] == []
    assert {job["id"] for job in site.get("/jobs", by="olga").json()["jobs"]} == {*mine, theirs}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"state": "finished"}, "state.0"),
        ({"since": "yesterday"}, "since"),
        ({"since": "2013-03-25T10:00:00"}, "since"),
        ({"limit": "0"}, "limit"),
        ({"limit": "100000"}, "limit"),
        ({"cursor": "not ours"}, "cursor"),
        ({"stat": "failed"}, "stat"),
        ({"subscription": "Not A Slug"}, "subscription"),
    ],
)
def test_a_wrong_filter_is_told(site: Site, query: dict[str, str], field: str) -> None:
    answer = site.get("/jobs", params=query)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_a_job_is_cancelled_once(site: Site) -> None:
    job = site.ask()
    answer = site.delete(f"/jobs/{job}")
    assert answer.status_code == 200
    assert answer.json()["state"] == "cancelled"
    assert "ada" in answer.json()["error"]
    assert all(run.cancelled for run in site.engine.runs.values())
    assert site.delete(f"/jobs/{job}").status_code == 409


def test_a_failed_job_is_repeated_and_a_running_one_is_not(site: Site) -> None:
    job = site.ask()
    assert site.post(f"/jobs/{job}/repeat").status_code == 409
    site.finish(job, state=RunState.FAILED, reason="the source did not answer")
    assert site.get(f"/jobs/{job}").json()["error"] == "the source did not answer"
    answer = site.post(f"/jobs/{job}/repeat", params={"whole": "true"})
    assert answer.status_code == 202
    assert answer.headers["location"] == f"{ROOT}/jobs/{job}"
    assert not answer.json()["is_over"]
    assert len(site.engine.repeats) == 1
    assert site.post(f"/jobs/{job}/repeat", params={"all": "true"}).status_code == 422


def test_mails_are_shown_with_their_links_and_a_link_is_revoked(site: Site) -> None:
    job = site.ask()
    site.finish(job)
    delivery, link = site.mail(job, "cy@broadsheet.example")
    (found,) = site.get(f"/jobs/{job}/deliveries").json()["deliveries"]
    assert (found["id"], found["recipient"], found["state"]) == (delivery, "cy@broadsheet.example", "planned")
    assert (found["links"][0]["id"], found["links"][0]["revoked_at"]) == (link, None)
    for _ in range(2):
        assert site.delete(f"/jobs/{job}/links/{link}").status_code == 204
    (found,) = site.get(f"/jobs/{job}/deliveries").json()["deliveries"]
    assert found["links"][0]["revoked_at"] is not None
    assert site.delete(f"/jobs/{job}/links/{uuid4()}").status_code == 404


def test_a_settled_mail_is_sent_again_on_purpose(site: Site) -> None:
    job = site.ask()
    site.finish(job)
    delivery, _ = site.mail(job, "cy@broadsheet.example")
    assert site.post(f"/jobs/{job}/deliveries/{delivery}/resend").status_code == 409
    site.settle(delivery)
    assert site.post(f"/jobs/{job}/deliveries/{delivery}/resend").status_code == 202
    assert site.engine.repeats[-1][1] == ("email",)
    assert site.post(f"/jobs/{job}/deliveries/{uuid4()}/resend").status_code == 404


ROUTES = [
    ("GET", "/jobs/{job}"),
    ("DELETE", "/jobs/{job}"),
    ("POST", "/jobs/{job}/repeat"),
    ("GET", "/jobs/{job}/events"),
    ("GET", "/jobs/{job}/picture"),
    ("GET", f"/jobs/{{job}}/artifacts/{FILE}"),
    ("HEAD", f"/jobs/{{job}}/artifacts/{FILE}"),
    ("GET", "/jobs/{job}/deliveries"),
    ("DELETE", "/jobs/{job}/links/{link}"),
    ("POST", "/jobs/{job}/deliveries/{delivery}/resend"),
]


def test_other_peoples_jobs_do_not_exist(site: Site) -> None:
    job, none = site.ask(by="bob"), str(uuid4())
    site.finish(job)
    delivery, link = site.mail(job, "cy@broadsheet.example")
    for method, path in ROUTES:
        theirs = site.request(method, path.format(job=job, delivery=delivery, link=link))
        nobodys = site.request(method, path.format(job=none, delivery=delivery, link=link))
        assert theirs.status_code == nobodys.status_code == 404, (method, path, theirs.text)
        if method != "HEAD":
            assert theirs.json()["detail"].replace(job, none) == nobodys.json()["detail"]


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("wrong", ["1", "~", "*", "%00", "not-an-id"])
def test_an_id_that_is_none_leads_nowhere(offline: Site, method: str, path: str, wrong: str) -> None:
    answer = offline.request(method, path.format(job=wrong, delivery=wrong, link=wrong))
    assert answer.status_code == 404


def test_one_jobs_link_cannot_be_reached_through_another(site: Site) -> None:
    mine, theirs = site.ask(), site.ask(by="bob")
    site.finish(theirs)
    delivery, link = site.mail(theirs, "cy@broadsheet.example")
    assert site.delete(f"/jobs/{mine}/links/{link}").status_code == 404
    assert site.post(f"/jobs/{mine}/deliveries/{delivery}/resend").status_code == 404


@pytest.mark.parametrize(("method", "path"), [*ROUTES, ("GET", "/jobs"), ("POST", "/reports/generate")])
def test_without_credentials_there_is_nothing(offline: Site, method: str, path: str) -> None:
    ids = {name: str(uuid4()) for name in ("job", "delivery", "link")}
    answer = offline.request(method, path.format(**ids), by=None)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == PROBLEM_TYPE


def test_an_engine_that_is_away_is_told_as_such(site: Site) -> None:
    site.engine.fail("secret host 10.0.0.1 does not answer")
    answer = site.post("/reports/generate", json=ASK)
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
    assert "10.0.0.1" not in answer.text
    assert answer.json()["error_id"]
