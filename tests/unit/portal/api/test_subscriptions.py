"""Subscriptions by the API: made, edited without losing anybody's edit, paused, deleted, restored, run."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.portal.api.site import REPORT, ROOT, SECRET_REPORT, Site, terms

from broadsheet.portal.problems import PROBLEM_TYPE


def test_a_subscription_is_made_and_shown(site: Site) -> None:
    answer = site.post(
        "/subscriptions",
        json=terms(title="Punctuality of United", parameters={"carrier": "UA"}, zone="Europe/Vienna"),
    )
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert answer.headers["location"] == made["url"] == f"{ROOT}/subscriptions/{made['name']}"
    assert answer.headers["etag"] == '"1"'
    assert (made["owner"], made["state"], made["revision"], made["may_edit"]) == ("ada", "active", 1, True)
    assert made["schedule"].startswith("Every Monday at 07:00")
    assert len(made["next_slots"]) == 5
    assert made["dag_id"] == f"subscription__{made['name']}"
    shown = site.get(f"/subscriptions/{made['name']}")
    assert (shown.headers["etag"], shown.json()) == ('"1"', made)
    assert site.get("/subscriptions").json() == {"subscriptions": [made]}


def test_a_subscription_can_be_named(site: Site) -> None:
    assert site.subscribe(name="monday-figures")["name"] == "monday-figures"
    again = site.post("/subscriptions", by="bob", json=terms("bob", name="monday-figures"))
    assert again.status_code == 422
    assert again.json()["errors"][0]["field"] == "name"


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        (
            {
                "cron": "whenever",
                "zone": "Mars/Base",
                "recipients": ["nobody"],
                "parameters": {"carrier": "XX"},
            },
            {"cron", "zone", "recipients", "parameters.carrier"},
        ),
        ({"recipients": []}, {"recipients"}),
        ({"title": "x" * 200}, {"title"}),
        ({"title": "two\nlines"}, {"title"}),
        ({"name": "Not A Name"}, {"name"}),
        ({"period_kind": "decade"}, {"period_kind"}),
        ({"period_kind": "year"}, {"period_kind"}),
        ({"owner": "bob"}, {"owner"}),
        ({"cron": None}, {"cron"}),
    ],
)
def test_every_wrong_field_is_told_and_nothing_is_stored(
    site: Site, changed: dict[str, Any], fields: set[str]
) -> None:
    answer = site.post("/subscriptions", json=terms(**changed))
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == PROBLEM_TYPE
    assert {error["field"] for error in answer.json()["errors"]} == fields
    assert site.get("/subscriptions").json()["subscriptions"] == []


def test_a_report_that_is_not_for_the_caller_cannot_be_subscribed_to(site: Site) -> None:
    for by, report in (("ada", SECRET_REPORT), ("eve", REPORT)):
        assert site.post("/subscriptions", by=by, json=terms(by, report=report)).status_code == 404
    name = site.subscribe()["name"]
    edit = site.put(f"/subscriptions/{name}", json=terms(report=SECRET_REPORT), headers={"If-Match": "*"})
    assert edit.status_code == 404


def test_an_edit_makes_a_revision_and_of_two_editors_the_second_is_told(site: Site) -> None:
    path = f"/subscriptions/{site.subscribe()['name']}"
    first = site.put(path, json=terms(cron="0 8 * * TUE"), headers={"If-Match": '"1"'})
    assert first.status_code == 200, first.text
    assert first.headers["etag"] == '"2"'
    assert first.json()["cron"] == "0 8 * * TUE"
    second = site.put(path, by="olga", json=terms(cron="0 9 * * WED"), headers={"If-Match": '"1"'})
    assert second.status_code == 412
    assert second.json()["code"] == "stale"
    assert site.get(path).json()["cron"] == "0 8 * * TUE"
    told = [entry["kind"] for entry in site.get(f"{path}/history").json()["history"]]
    assert told == ["edited", "made"]
    change = site.get(f"{path}/history").json()["history"][0]
    assert change["by"] == "ada"
    assert change["changes"]


def test_an_edit_must_say_what_it_is_an_edit_of(site: Site) -> None:
    path = f"/subscriptions/{site.subscribe()['name']}"
    answer = site.put(path, json=terms(cron="0 8 * * TUE"))
    assert answer.status_code == 428
    assert "If-Match" in answer.json()["detail"]
    assert site.put(path, json=terms(name="other"), headers={"If-Match": '"1"'}).status_code == 422
    assert site.get(path).json()["revision"] == 1


def test_pause_resume_delete_and_restore(site: Site) -> None:
    path = f"/subscriptions/{site.subscribe()['name']}"
    assert site.post(f"{path}/pause").json()["state"] == "paused"
    assert site.get(path).json()["next_slots"] == []
    assert site.post(f"{path}/resume").json()["state"] == "active"
    assert site.delete(path, headers={"If-Match": '"7"'}).status_code == 412
    deleted = site.delete(path, headers={"If-Match": '"1"'})
    assert (deleted.status_code, deleted.json()["state"]) == (200, "deleted")
    assert site.get("/subscriptions").json()["subscriptions"] == []
    (listed,) = site.get("/subscriptions", params={"deleted": "true"}).json()["subscriptions"]
    assert listed["state"] == "deleted"
    assert site.post(f"{path}/pause").status_code == 409
    assert site.post(f"{path}/run").status_code == 409
    assert site.put(path, json=terms(), headers={"If-Match": "*"}).status_code == 409
    assert site.post(f"{path}/restore").json()["state"] == "active"


def test_a_subscription_is_run_now_for_all_and_tested_for_the_caller_alone(site: Site) -> None:
    made = site.subscribe(recipients=["cy@broadsheet.example", "di@broadsheet.example"])
    path = f"/subscriptions/{made['name']}"
    run = site.post(f"{path}/run")
    assert run.status_code == 202, run.text
    assert run.headers["location"] == run.json()["url"]
    assert run.json()["subscription"] == made["name"]
    assert (
        site.get("/jobs", params={"subscription": made["name"]}).json()["jobs"][0]["id"] == run.json()["id"]
    )
    for test in (site.post(f"{path}/test"), site.post("/subscriptions/test", json=terms(cron="0 9 * * *"))):
        assert test.status_code == 202, test.text
        assert test.json()["subscription"] is None
        run_key = (test.json()["dag_id"], test.json()["dag_run_id"])
        assert list(site.engine.runs[run_key].conf["recipients"]) == ["ada@broadsheet.example"]


def test_the_next_slots_are_told_for_subscriptions_and_for_drafts(site: Site) -> None:
    name = site.subscribe(cron="0 7 * * MON", zone="Europe/Vienna")["name"]
    slots = site.get(f"/subscriptions/{name}/next-slots", params={"count": "3"}).json()["slots"]
    draft = {"cron": "0 7 * * MON", "zone": "Europe/Vienna", "count": 3}
    assert site.post("/subscriptions/next-slots", json=draft).json()["slots"] == slots
    assert len(slots) == 3
    # The clock goes forward in between.
    assert slots[0] == "2013-04-01T05:00:00Z"
    wrong = site.post("/subscriptions/next-slots", json={"cron": "x", "zone": "y"})
    assert {error["field"] for error in wrong.json()["errors"]} == {"cron", "zone"}
    for count in ("0", "51", "x"):
        assert site.get(f"/subscriptions/{name}/next-slots", params={"count": count}).status_code == 422


def test_a_recipient_sees_and_leaves_the_subscription_of_another(site: Site) -> None:
    name = site.subscribe(recipients=["ada@broadsheet.example", "bob@broadsheet.example"])["name"]
    (received,) = site.get("/subscriptions", by="bob", params={"received": "true"}).json()["subscriptions"]
    assert (received["name"], received["may_edit"]) == (name, False)
    assert received["recipients"] == ["bob@broadsheet.example"]
    assert site.get("/subscriptions", by="bob").json()["subscriptions"] == []
    assert site.post(f"/subscriptions/{name}/unsubscribe", by="bob").status_code == 204
    (left,) = site.get("/subscriptions", by="bob", params={"received": "true"}).json()["subscriptions"]
    assert left["unsubscribed"] == ["bob@broadsheet.example"]
    assert site.get(f"/subscriptions/{name}").json()["unsubscribed"] == ["bob@broadsheet.example"]


ROUTES = [
    ("GET", ""),
    ("PUT", ""),
    ("DELETE", ""),
    ("POST", "/pause"),
    ("POST", "/resume"),
    ("POST", "/restore"),
    ("GET", "/history"),
    ("GET", "/next-slots"),
    ("GET", "/preview"),
    ("POST", "/run"),
    ("POST", "/test"),
    ("POST", "/unsubscribe"),
]


def test_other_peoples_subscriptions_do_not_exist(site: Site) -> None:
    name = site.subscribe(by="bob")["name"]
    for method, path in ROUTES:
        more = {"json": terms(), "headers": {"If-Match": "*"}} if method == "PUT" else {}
        theirs = site.request(method, f"/subscriptions/{name}{path}", **more)
        nobodys = site.request(method, f"/subscriptions/no-such-one{path}", **more)
        assert theirs.status_code == nobodys.status_code == 404, (method, path, theirs.text)
        assert theirs.json()["detail"].replace(name, "no-such-one") == nobodys.json()["detail"]
    assert site.get(f"/subscriptions/{name}", by="bob").json()["state"] == "active"


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("wrong", ["UPPER", "~", "%00", "x" * 101, "-dash"])
def test_a_name_that_is_none_leads_nowhere(offline: Site, method: str, path: str, wrong: str) -> None:
    assert offline.request(method, f"/subscriptions/{wrong}{path}").status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *((method, f"/x{path}") for method, path in ROUTES),
        ("GET", ""),
        ("POST", ""),
        ("POST", "/test"),
        ("POST", "/preview"),
        ("POST", "/next-slots"),
    ],
)
def test_without_credentials_there_is_nothing(offline: Site, method: str, path: str) -> None:
    assert offline.request(method, f"/subscriptions{path}", by=None).status_code == 401


def test_an_operator_sees_and_edits_everybodys(site: Site) -> None:
    name = site.subscribe(by="bob")["name"]
    assert [one["name"] for one in site.get("/subscriptions", by="olga").json()["subscriptions"]] == [name]
    assert site.post(f"/subscriptions/{name}/pause", by="olga").json()["owner"] == "bob"


def test_a_cookie_alone_changes_nothing_without_origin_and_header(offline: Site) -> None:
    # The gate takes whoever sends no bearer token for a browser.
    answer = offline.request(
        "POST", "/subscriptions", by=None, headers={"Authorization": "ada"}, json=terms()
    )
    assert answer.status_code == 403
