"""My subscriptions: the list, one subscription, its history, and what can be done to it."""

from __future__ import annotations

import json

import pytest
from tests.office import ADA, OPERATOR, Office
from tests.unit.portal.pages.browser import Browser, words

from broadsheet.domain.run import RunState
from broadsheet.services.subscriptions import get_subscription, run_subscription

HOSTILE = "<img src=x onerror=alert(1)>"


def said(answer: object) -> str:
    return str(json.loads(answer.headers["HX-Trigger"])["say"]["text"])


def test_without_a_subscription_the_page_leads_to_the_reports(browser: Browser) -> None:
    page = browser.get("/subscriptions")

    assert "No subscription yet" in words(page)
    assert "What others send me" not in words(page)


def test_a_row_says_when_it_comes_and_how_the_last_one_went(office: Office, browser: Browser) -> None:
    office.subscribe(recipients=("ada@broadsheet.example", "bob@broadsheet.example"))
    job = run_subscription(office.inst, ADA, "united")
    office.set_state(job.id, RunState.FAILED, reason="fetch failed")
    office.pass_time(hours=2)
    browser.zone = "Europe/Vienna"

    page = browser.get("/subscriptions")

    said = words(page)
    assert "United, every Monday" in said
    assert "Every Monday at 07:00 (New York time)" in said
    assert "To ada@broadsheet.example and 1 more" in said
    assert "Next Mon 1 Apr, 13:00" in said
    assert "Last Failed 2 hours ago" in said
    assert f'href="/reports/runs/{job.id}"' in page.text


def test_everybody_sees_their_own_and_operators_all(office: Office, browser: Browser) -> None:
    office.subscribe()
    office.subscribe(name="bobs", owner="bob", title="Of bob", recipients=("bob@broadsheet.example",))

    assert "Of bob" not in words(browser.get("/subscriptions"))
    assert "Of bob" not in words(browser.get("/subscriptions?of=all"))
    assert "Of bob" not in words(browser.get("/subscriptions", who="olga"))
    everybody = words(browser.get("/subscriptions?of=all", who="olga"))
    assert "Of bob" in everybody
    assert "United, every Monday" in everybody


def test_a_long_list_comes_by_pages(office: Office, browser: Browser) -> None:
    for number in range(12):
        office.subscribe(name=f"s{number}", title=f"Number {number}.")

    first, second = words(browser.get("/subscriptions")), words(browser.get("/subscriptions?page=2"))

    assert "Page 1 of 2" in first
    assert first.count("Run now") == 10
    assert second.count("Run now") == 2
    assert "Page 2 of 2" in second


def test_pause_and_resume_answer_with_the_row_as_it_is_then(office: Office, browser: Browser) -> None:
    office.subscribe()

    paused = browser.post("/subscriptions/united/pause")

    assert said(paused) == "“United, every Monday” is paused."
    assert "<li" in paused.text
    assert "Resume" in words(paused)
    assert "Paused" in words(paused)
    resumed = browser.post("/subscriptions/united/resume?shown=page")
    assert 'id="subscription"' in resumed.text
    assert "Pause" in words(resumed)


def test_a_deletion_can_be_undone_at_once_and_later(office: Office, browser: Browser) -> None:
    office.subscribe()

    deleted = browser.post("/subscriptions/united/delete")

    assert "United, every Monday is deleted." in words(deleted)
    assert "/reports/subscriptions/united/restore" in deleted.text
    assert "No subscription yet" in words(browser.get("/subscriptions"))
    assert "Restore" in words(browser.get("/subscriptions?deleted=true"))
    assert "This subscription is deleted" in words(browser.get("/subscriptions/united"))
    assert "Run now" in words(browser.post("/subscriptions/united/restore"))
    assert "Nothing is deleted" in words(browser.get("/subscriptions?deleted=true"))


def test_run_now_leads_to_the_run(office: Office, browser: Browser) -> None:
    office.subscribe()

    answer = browser.post("/subscriptions/united/run")

    assert answer.headers["HX-Redirect"].startswith("/reports/runs/")
    assert office.runs() == 1


def test_what_cannot_be_done_is_said_and_changes_nothing(office: Office, browser: Browser) -> None:
    office.subscribe()
    browser.post("/subscriptions/united/delete")

    answer = browser.post("/subscriptions/united/pause")

    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert "HX-Retarget" not in answer.headers


@pytest.mark.parametrize("act", ["pause", "resume", "delete", "restore", "run", "unsubscribe"])
def test_nothing_can_be_done_to_what_is_not_ones_own(office: Office, browser: Browser, act: str) -> None:
    office.subscribe(recipients=("carol@broadsheet.example",))

    assert browser.post(f"/subscriptions/united/{act}", who="bob").status_code == 404
    assert browser.get(f"/subscriptions/united/{act}").status_code in (404, 405)
    assert get_subscription(office.inst, ADA, "united").subscription.state == "active"


def test_a_new_subscription_shows_its_dag_appear_and_links_to_it(office: Office, browser: Browser) -> None:
    office.subscribe()
    office.engine.dags = set()

    before = browser.get("/subscriptions/united?saved=new")

    assert "Your subscription is saved. It comes next on Mon 1 Apr, 11:00 ." in words(before)
    assert "Airflow is picking it up." in words(before)
    assert 'hx-get="/reports/subscriptions/united/dag" hx-trigger="every 2s"' in before.text
    office.engine.dags = {"subscription__united"}
    after = browser.get("/subscriptions/united/dag", htmx=True)
    assert '<a href="/dags/subscription__united" data-airflow>' in after.text
    assert "hx-get" not in after.text


def test_the_page_of_a_subscription_shows_its_terms_in_words(office: Office, browser: Browser) -> None:
    office.subscribe(parameters={"carrier": "DL", "origin": "JFK"}, zone="Europe/Vienna")

    said = words(browser.get("/subscriptions/united"))

    assert "Airline Delta Air Lines Origin airport John F. Kennedy (JFK)" in said
    assert "The latest complete week, days counted in Europe/Vienna" in said
    assert "Owner ada" in said


def test_the_history_tells_who_changed_what(office: Office, browser: Browser) -> None:
    office.subscribe()
    browser.post("/subscriptions/united/pause", who="olga")

    said = words(browser.get("/subscriptions/united/history"))

    assert "Paused by olga" in said
    assert said.index("Paused") < said.index("by ada")


def test_what_others_send_me_can_be_left(office: Office, browser: Browser) -> None:
    office.subscribe(
        name="bobs",
        owner="bob",
        title="Of bob",
        recipients=("ada@broadsheet.example", "carol@broadsheet.example"),
    )
    page = browser.get("/subscriptions")
    assert "What others send me" in words(page)
    assert "from bob" in words(page)
    assert "carol" not in page.text

    answer = browser.post("/subscriptions/bobs/unsubscribe")

    assert "You get no more mails of Of bob ." in words(answer)
    left = words(browser.get("/subscriptions"))
    assert "You have unsubscribed from Of bob by bob." in left.replace(" ,", ",")
    assert "Yes, unsubscribe me" not in left


def test_hostile_titles_are_shown_as_text(office: Office, browser: Browser) -> None:
    office.subscribe(title=HOSTILE)
    office.subscribe(name="bobs", owner="bob", title=HOSTILE)

    for path in ("", "/united", "/united/history", "/united/edit"):
        assert HOSTILE not in browser.get(f"/subscriptions{path}").text
    deleted = browser.post("/subscriptions/united/delete")
    assert HOSTILE not in deleted.text
    assert said(deleted) == f"“{HOSTILE}” is deleted."
    assert HOSTILE not in browser.post("/subscriptions/bobs/unsubscribe").text


def test_pages_are_private_and_hold_to_the_policy(browser: Browser) -> None:
    page = browser.get("/subscriptions")

    assert page.headers["Cache-Control"] == "private, no-store"
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert OPERATOR.name not in page.text
