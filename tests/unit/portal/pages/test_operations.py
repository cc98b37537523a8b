"""The page of operations: for operators alone, true to the figures, and the same without Airflow."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.office import MONDAY, Office
from tests.unit.portal.pages.browser import Browser
from tests.unit.portal.pages.run_site import RunSite

from broadsheet.domain.run import RunState
from broadsheet.store.objects import S3ObjectStore


@pytest.fixture
def site(office: Office, browser: Browser, object_store: S3ObjectStore) -> RunSite:
    office.artifacts = object_store
    office.limit(requests_at_once=1000, requests_per_hour=1000)
    return RunSite(office, browser)


@pytest.mark.parametrize("path", ["/operations", "/operations/parts"])
def test_it_is_not_there_for_others(site: RunSite, path: str) -> None:
    assert site.get(path).status_code == 404
    assert site.get(path, by="olga").status_code == 200
    assert 'href="/reports/operations"' not in site.get("/runs").text


def test_runs_are_counted_now_and_over_days(site: RunSite) -> None:
    for state in (RunState.COMPLETED, RunState.COMPLETED, RunState.FAILED):
        site.run(state, reason="fetch failed; its log says why", files=())
    site.run(RunState.ACTIVE, files=())
    page = site.get("/operations", by="olga").text
    for label, value in (("Waiting", 0), ("Under way", 1), ("Done", 2), ("Failed", 1)):
        assert f'<span class="tile-label">{label}</span> <strong>{value}</strong>' in page
    assert "<title>25 Mar: 2 done, 1 failed</title>" in page
    assert "The same as a table" in page


def test_failures_are_told_in_words_and_lead_to_the_last_one(site: RunSite) -> None:
    site.run(RunState.FAILED, reason="build_pdf failed; its log says why", files=())
    last = site.run(RunState.FAILED, reason="build_pdf failed; its log says why", files=())
    page = site.get("/operations", by="olga").text
    assert "It stopped while laying out pages." in page
    assert f'href="/reports/runs/{last.id}">see the run' in page


def test_queues_workers_and_stages_are_shown(site: RunSite) -> None:
    page = site.get("/operations", by="olga").text
    assert "celery@one" in page
    assert "1 of 4" in page
    assert "<strong>fetch</strong>" in page
    assert "Laying out pages" in page
    assert 'href="/task_instances?task_state=queued" data-airflow' in page


def test_a_slot_that_nobody_began_is_late(site: RunSite) -> None:
    site.office.now = MONDAY - timedelta(days=1)
    site.office.subscribe(name="united")
    site.office.now = MONDAY + timedelta(hours=1)
    page = site.get("/operations", by="olga").text
    assert "Due, but not begun" in page
    assert 'href="/reports/subscriptions/united"' in page


def test_nothing_to_tell_is_said_too(site: RunSite) -> None:
    page = site.get("/operations", by="olga").text
    for words in ("Nothing is late.", "Nothing went wrong", "No report ran", "Nothing is held back"):
        assert words in page


def test_without_airflow_the_rest_is_still_there(site: RunSite) -> None:
    site.run(files=())
    site.office.engine.fail()
    answer = site.get("/operations", by="olga")
    assert answer.status_code == 200
    assert "Airflow does not answer" in answer.text
    assert '<span class="tile-label">Done</span> <strong>1</strong>' in answer.text


def test_it_keeps_itself_fresh_unless_it_is_held(site: RunSite) -> None:
    assert 'hx-trigger="every 5s"' in site.get("/operations", by="olga").text
    held = site.get("/operations?paused=true", by="olga").text
    assert 'hx-trigger="every' not in held
    assert "load, every" not in held
    part = site.get("/operations", by="olga", htmx=True).text
    assert part.lstrip().startswith('<div id="figures"')


def test_parts_are_listed_with_what_was_tried(site: RunSite) -> None:
    page = site.get("/operations/parts", by="olga").text
    assert "Database" in page
    assert "Does not work" in page
