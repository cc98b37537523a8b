"""The list of runs: whose they are, filters, pages, rows that move; the way from a DAG run."""

from __future__ import annotations

import re

import pytest
from tests.office import ADA, BOB, Office
from tests.unit.portal.pages.browser import Browser
from tests.unit.portal.pages.run_site import RunSite

from broadsheet.domain.job import StageState
from broadsheet.domain.run import RunState
from broadsheet.portal.pages.run_filter import ON_PAGE


@pytest.fixture
def site(office: Office, browser: Browser) -> RunSite:
    office.limit(requests_at_once=1000, requests_per_hour=1000)
    return RunSite(office, browser)


def rows(text: str) -> list[str]:
    """Return the ids of the runs that a page lists, in its order."""
    return re.findall(r'<li class="run-row" id="run-([0-9a-f-]{36})"', text)


def test_without_a_run_the_page_says_what_will_be_there(site: RunSite) -> None:
    answer = site.get("/runs")
    assert answer.status_code == 200
    assert "Nothing has run yet" in answer.text


def test_readers_see_their_own_runs_newest_first_and_operators_see_all(site: RunSite) -> None:
    first, second = site.run(by=ADA), site.run(by=ADA)
    bobs = site.run(by=BOB)
    assert rows(site.get("/runs").text) == [str(second.id), str(first.id)]
    assert rows(site.get("/runs", by="olga").text) == [str(bobs.id), str(second.id), str(first.id)]
    assert rows(site.get("/runs", by="eve").text) == []


def test_a_state_is_said_in_words(site: RunSite) -> None:
    site.run(RunState.FAILED, reason="fetch failed; its log says why", files=())
    site.run(RunState.SKIPPED, reason="no data for this period", files=())
    page = site.get("/runs").text
    assert '<span class="badge failed">Failed</span>' in page
    assert "It stopped while collecting data" in page
    assert "Nothing to report" in page


def test_runs_are_found_by_state_words_report_and_day(site: RunSite) -> None:
    done = site.run()
    failed = site.run(RunState.FAILED, reason="fetch failed; its log says why", files=())
    assert rows(site.get("/runs?state=trouble").text) == [str(failed.id)]
    assert rows(site.get("/runs?state=completed&q=&report=&since=").text) == [str(done.id)]
    assert len(rows(site.get("/runs?q=PUNCTUALITY").text)) == 2
    assert rows(site.get("/runs?q=zebra").text) == []
    assert rows(site.get("/runs?report=other").text) == []
    assert len(rows(site.get("/runs?since=2013-03-25").text)) == 2
    assert rows(site.get("/runs?since=2013-03-26").text) == []


def test_a_filter_that_finds_nothing_leads_back(site: RunSite) -> None:
    page = site.get("/runs?q=zebra").text
    assert "No run fits" in page
    assert "Show all runs" in page


@pytest.mark.parametrize("query", ["state=nonsense", "since=yesterday", "q=%00", "q=%25_", "more=1"])
def test_an_address_that_somebody_typed_is_no_error(site: RunSite, query: str) -> None:
    assert site.get(f"/runs?{query}").status_code == 200


def test_a_cursor_that_is_none_of_ours_is_refused(site: RunSite) -> None:
    assert site.get("/runs?cursor=x").status_code == 422


def test_what_is_searched_for_is_escaped(site: RunSite) -> None:
    page = site.get("/runs?q=%22%3E%3Cscript%3E").text
    assert "<script>" not in page.replace("<script src", "")
    assert "&#34;&gt;&lt;script&gt;" in page


def test_htmx_gets_the_list_alone_and_the_address_that_shows_it_again(site: RunSite) -> None:
    site.run()
    answer = site.get("/runs?q=&state=completed&report=&since=", htmx=True)
    assert answer.text.lstrip().startswith('<div id="runs">')
    assert answer.headers["HX-Push-Url"] == "/reports/runs?state=completed"


def test_older_runs_come_a_page_at_a_time(site: RunSite) -> None:
    made = [str(site.run(files=()).id) for _ in range(ON_PAGE + 2)]
    page = site.get("/runs").text
    assert rows(page) == made[:1:-1]
    more = re.search(r'href="/reports(/runs\?cursor=[^"]+)"', page)
    assert more is not None
    rest = site.get(more[1], htmx=True).text
    assert rows(rest) == [made[1], made[0]]
    assert "Show older runs" not in rest
    assert "<html" not in rest


def test_only_open_runs_are_asked_for_again(site: RunSite) -> None:
    site.run()
    moving = site.run(RunState.ACTIVE, files=())
    page = site.get("/runs").text
    assert re.findall(r'hx-get="(/reports/runs/rows\?[^"]*)"', page) == [f"/reports/runs/rows?id={moving.id}"]


def test_rows_that_moved_are_replaced_where_they_are(site: RunSite) -> None:
    moving = site.run(RunState.ACTIVE, files=())
    site.office.engine.set_stages((moving.dag_id, moving.dag_run_id), plan=StageState.DONE)
    part = site.get(f"/runs/rows?id={moving.id}", htmx=True).text
    assert f'<li class="run-row" id="run-{moving.id}" hx-swap-oob="true">' in part
    assert '<progress max="100" value="8"' in part
    assert "hx-trigger" in part
    site.office.set_state(moving.id, RunState.COMPLETED)
    part = site.get(f"/runs/rows?id={moving.id}", htmx=True).text
    assert "Done" in part
    assert "hx-trigger" not in part


def test_rows_of_others_are_not_told(site: RunSite) -> None:
    bobs = site.run(RunState.ACTIVE, by=BOB, files=())
    assert rows(site.get(f"/runs/rows?id={bobs.id}", htmx=True).text) == []


def test_many_open_runs_ask_airflow_once(site: RunSite) -> None:
    ids = [site.run(RunState.ACTIVE, files=()).id for _ in range(5)]
    site.office.engine.asked.clear()
    site.get("/runs/rows?" + "&".join(f"id={one}" for one in ids), htmx=True)
    assert len(site.office.engine.asked) == 1


def test_a_run_in_airflow_leads_to_its_page(site: RunSite) -> None:
    job = site.run()
    answer = site.get(f"/of-run?dag_id={job.dag_id}&run_id={job.dag_run_id}")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/reports/runs/{job.id}")


@pytest.mark.parametrize("by", ["ada", "bob"])
def test_a_run_that_is_not_in_the_ledger_or_not_theirs_is_said_to_be_none(site: RunSite, by: str) -> None:
    job = site.run(by=ADA)
    run_id = "other" if by == "ada" else job.dag_run_id
    answer = site.get(f"/of-run?dag_id={job.dag_id}&run_id={run_id}", by=by)
    assert answer.status_code == 404
    assert "There is no report of this run" in answer.text


@pytest.mark.parametrize("query", ["dag_id=a%00&run_id=b", "dag_id=a&run_id=%00"])
def test_a_name_that_no_run_in_airflow_can_have_is_said_to_be_none(site: RunSite, query: str) -> None:
    assert site.get(f"/of-run?{query}").status_code == 404
