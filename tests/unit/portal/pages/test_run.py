"""The page of one run: progress, trouble in words, files, mails, and what can be done."""

from __future__ import annotations

import re

import pytest
from tests.office import ADA, Office
from tests.unit.portal.pages.browser import Browser, words
from tests.unit.portal.pages.run_site import RunSite

from broadsheet.domain.job import STAGE_WORDS, StageState
from broadsheet.domain.run import RunState
from broadsheet.portal.pages.run import AT_ONCE
from broadsheet.services.jobs import Job, get_job, job_deliveries
from broadsheet.store.database import transaction
from broadsheet.store.passwords import replace_password

FETCH_FAILED = "fetch failed; its log says why"


@pytest.fixture
def site(office: Office, browser: Browser) -> RunSite:
    office.limit(requests_at_once=1000, requests_per_hour=1000)
    return RunSite(office, browser)


def state_of(site: RunSite, job: Job) -> RunState:
    return get_job(site.office.inst, ADA, job.id).state


def test_a_run_of_somebody_else_is_not_there(site: RunSite) -> None:
    job = site.run(recipients=("bob@broadsheet.example",))
    link, (delivery,) = site.first_link(job.id), job_deliveries(site.office.inst, ADA, job.id)
    for path in ("", "/progress", "/deliveries", "/files", "/picture.png"):
        assert site.get(f"/runs/{job.id}{path}", by="bob").status_code == 404
    for path in ("cancel", "repeat", f"links/{link}/revoke", f"deliveries/{delivery.delivery_id}/resend"):
        assert site.post(f"/runs/{job.id}/{path}", by="bob").status_code == 404
    assert site.get(f"/runs/{job.id}", by="olga").status_code == 200


@pytest.mark.parametrize("name", ["x", "0b5e7a2c-6a44-4f5b-9d51-3f1c2a7e9b10", "rows/more"])
def test_a_run_that_is_none_is_404(site: RunSite, name: str) -> None:
    assert site.get(f"/runs/{name}").status_code == 404


def test_an_open_run_shows_every_stage_and_asks_again_each_second(site: RunSite) -> None:
    job = site.run(RunState.ACTIVE, files=())
    key = (job.dag_id, job.dag_run_id)
    site.office.engine.set_stages(key, plan=StageState.DONE, fetch=StageState.ACTIVE)
    page = site.get(f"/runs/{job.id}").text
    assert 'hx-trigger="every 1s"' in page
    assert '<progress id="run-bar" class="active" max="100" value="18"' in page
    for told in STAGE_WORDS.values():
        assert told in page
    assert '<li class="stage active" aria-current="step">' in page
    assert "Stop this run" in page
    assert "The first page is shown here" in page


def test_a_poll_answers_with_the_progress_alone(site: RunSite) -> None:
    job = site.run(RunState.ACTIVE, files=())
    answer = site.get(f"/runs/{job.id}/progress?files=0&said=Starting", htmx=True)
    assert answer.text.lstrip().startswith('<section class="card run-progress"')
    assert "HX-Retarget" not in answer.headers
    assert 'id="run-said"' not in answer.text


def test_the_words_are_read_out_only_when_they_change(site: RunSite) -> None:
    job = site.run(RunState.ACTIVE, files=())
    key = (job.dag_id, job.dag_run_id)
    site.office.engine.set_stages(key, plan=StageState.DONE, fetch=StageState.ACTIVE)
    part = site.get(f"/runs/{job.id}/progress?files=0&said=Starting", htmx=True).text
    assert re.search(r'id="run-said"[^>]*hx-swap-oob="innerHTML">Collecting data<', part)


def test_a_retry_is_said_with_its_number(site: RunSite) -> None:
    job = site.run(RunState.ACTIVE, files=())
    site.office.engine.set_stages((job.dag_id, job.dag_run_id), fetch=StageState.RETRYING)
    page = site.get(f"/runs/{job.id}").text
    assert "Collecting data: trying again soon" in page
    assert "try 2 soon" in page


def test_the_last_poll_replaces_the_page_and_asks_no_more(site: RunSite) -> None:
    job = site.run(RunState.COMPLETED)
    answer = site.get(f"/runs/{job.id}/progress?files=0&said=Finishing", htmx=True)
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == ("#run", "outerHTML")
    assert answer.text.lstrip().startswith('<div class="run" id="run">')
    assert "hx-trigger" not in answer.text
    assert "picture.png" in answer.text


def test_a_document_is_shown_as_soon_as_it_is_stored(site: RunSite) -> None:
    job = site.run(RunState.ACTIVE)
    assert site.get(f"/runs/{job.id}/progress?files=0", htmx=True).headers["HX-Retarget"] == "#run"
    assert "HX-Retarget" not in site.get(f"/runs/{job.id}/progress?files=1", htmx=True).headers


def test_a_finished_run_offers_its_files_the_document_first(site: RunSite) -> None:
    job = site.run(files=("csv", "xlsx", "pdf"))
    page = site.get(f"/runs/{job.id}").text
    files = re.findall(rf'href="/reports/api/v1/jobs/{job.id}/artifacts/([^"]+)" download>', page)
    assert files == ["report.pdf", "report.csv", "report.xlsx", "report.pdf"]
    assert "18 kB, 3 pages" in page
    assert f'src="/reports/runs/{job.id}/picture.png?v=' in page
    assert 'width="595" height="842"' in page


def test_a_run_without_a_document_has_no_picture(site: RunSite) -> None:
    job = site.run(RunState.FAILED, reason=FETCH_FAILED, files=())
    assert site.get(f"/runs/{job.id}/picture.png").status_code == 404
    assert "picture.png" not in site.get(f"/runs/{job.id}").text


def test_a_failure_is_told_in_words_with_an_id_for_the_log(site: RunSite) -> None:
    job = site.run(RunState.FAILED, reason=FETCH_FAILED, files=())
    page = site.get(f"/runs/{job.id}").text
    assert "It stopped while collecting data" in page
    assert "The data could not be read" in page
    assert f'Id for operators: <code class="copy">{job.id}</code>' in page
    assert "fetch failed" not in page


def test_airflows_page_is_for_operators(site: RunSite) -> None:
    job = site.run()
    address = f"/dags/{job.dag_id}/runs/{job.dag_run_id}"
    assert address not in site.get(f"/runs/{job.id}").text
    page = site.get(f"/runs/{job.id}", by="olga").text
    assert f'<a href="{address}" data-airflow>' in page
    assert f"http://127.0.0.1:8080{address}</code>" in page


def test_parameters_are_said_in_words(site: RunSite) -> None:
    page = site.get(f"/runs/{site.run().id}").text
    assert "<dt>Airline</dt><dd>United Air Lines</dd>" in page


def test_mails_are_listed_with_their_state_and_link(site: RunSite) -> None:
    job = site.run(recipients=("bob@broadsheet.example", "eve@broadsheet.example"))
    page = site.get(f"/runs/{job.id}").text
    assert "2 of 2 mails delivered" in page
    assert page.count("Not opened yet") == 2
    assert page.count("Revoke the link") == 2
    assert page.count("Send again") == 2


def test_a_burst_shows_some_mails_and_hands_out_the_rest_on_request(site: RunSite) -> None:
    job = site.run(recipients=tuple(f"reader{number:03}@broadsheet.example" for number in range(AT_ONCE + 5)))
    page = site.get(f"/runs/{job.id}").text
    assert page.count('<li class="mail"') == AT_ONCE
    assert len(page) < 100_000
    more = re.search(r'hx-get="/reports(/runs/[^"]+/deliveries\?start=\d+)"', page)
    assert more is not None
    rest = site.get(more[1], htmx=True).text
    assert rest.count('<li class="mail"') == 5
    assert "run-more" not in rest


def test_a_link_is_revoked_in_its_place(site: RunSite) -> None:
    job = site.run(recipients=("bob@broadsheet.example",))
    answer = site.post(f"/runs/{job.id}/links/{site.first_link(job.id)}/revoke")
    assert answer.status_code == 200
    assert answer.headers["HX-Retarget"] == "#run"
    assert "link revoked" in answer.text
    assert "Revoke the link" not in answer.text
    assert "opens nothing any more" in answer.headers["HX-Trigger"]


def test_a_mail_is_sent_again_and_the_run_moves(site: RunSite) -> None:
    job = site.run(recipients=("bob@broadsheet.example",))
    (delivery,) = job_deliveries(site.office.inst, ADA, job.id)
    answer = site.post(f"/runs/{job.id}/deliveries/{delivery.delivery_id}/resend")
    assert answer.status_code == 200
    assert 'hx-trigger="every 1s"' in answer.text
    assert site.office.engine.repeats == [((job.dag_id, job.dag_run_id), ("email",))]


def test_an_open_run_is_stopped(site: RunSite) -> None:
    job = site.run(RunState.ACTIVE, files=())
    answer = site.post(f"/runs/{job.id}/cancel")
    assert "It was stopped" in answer.text
    assert "Cancelled by ada." in answer.text
    assert state_of(site, job) is RunState.CANCELLED


def test_what_comes_too_late_is_said_and_the_present_state_is_shown(site: RunSite) -> None:
    job = site.run(RunState.COMPLETED)
    answer = site.post(f"/runs/{job.id}/cancel")
    assert answer.status_code == 200
    assert '"tone": "bad"' in answer.headers["HX-Trigger"]
    assert "Run again from the beginning" in answer.text


@pytest.mark.parametrize(("whole", "stages"), [("true", ("plan",)), ("false", None)])
def test_a_failed_run_is_repeated_whole_or_from_where_it_stopped(
    site: RunSite, whole: str, stages: tuple[str, ...] | None
) -> None:
    job = site.run(RunState.FAILED, reason=FETCH_FAILED, files=())
    key = (job.dag_id, job.dag_run_id)
    site.office.engine.set_stages(key, fetch=StageState.FAILED)
    answer = site.post(f"/runs/{job.id}/repeat", whole=whole)
    assert site.office.engine.repeats == [(key, stages)]
    assert 'hx-trigger="every 1s"' in answer.text


@pytest.mark.parametrize(
    ("state", "offered"), [(RunState.FAILED, True), (RunState.COMPLETED, False), (RunState.CANCELLED, True)]
)
def test_going_on_is_offered_only_where_something_stopped(
    site: RunSite, state: RunState, *, offered: bool
) -> None:
    reason = FETCH_FAILED if state is RunState.FAILED else None
    page = site.get(f"/runs/{site.run(state, reason=reason, files=()).id}").text
    assert ("Run again from where it stopped" in page) is offered
    assert "Run again from the beginning" in page


def test_a_change_without_the_header_of_our_pages_is_refused(site: RunSite) -> None:
    job = site.run(RunState.ACTIVE, files=())
    client = site.browser.client
    headers = {"Cookie": "who=ada", "Origin": str(client.base_url).rstrip("/")}
    assert client.post(f"/reports/runs/{job.id}/cancel", headers=headers).status_code == 403
    assert client.get(f"/reports/runs/{job.id}/cancel", headers=headers).status_code == 405
    assert state_of(site, job) is RunState.ACTIVE


def test_without_airflow_the_ledger_still_tells(site: RunSite) -> None:
    job = site.run(RunState.ACTIVE, files=())
    site.office.engine.fail()
    page = site.get(f"/runs/{job.id}").text
    assert "Starting" in page
    assert STAGE_WORDS["email"] in page


def test_a_protected_document_is_shown_as_locked_without_a_picture(site: RunSite) -> None:
    job = site.run()
    assert "run-locked" not in site.get(f"/runs/{job.id}").text
    subscription = site.office.subscribe()
    with transaction(site.office.dsn) as connection:
        replace_password(connection, subscription.subscription_id, b"sealed", by="ada", at=site.office.now)
        connection.execute(
            "INSERT INTO protected_documents (run_id, variant, plain_sha256, password_id, sha256) "
            "SELECT %s, 'main', 'plain', password_id, %s FROM subscription_passwords",
            (job.id, job.artifacts[0].sha256),
        )

    page = site.get(f"/runs/{job.id}")

    assert "Protected by a password" in words(page)
    assert "3 pages, opens with a password" in words(page)
    assert "picture.png" not in page.text
    assert get_job(site.office.inst, ADA, job.id).artifacts[0].is_protected
