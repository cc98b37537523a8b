"""Jobs: who sees which, pages that stay in order, and what can be done with one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError
from tests.office import ADA, BOB, OPERATOR, Office, ask, key_of, requested

from broadsheet.domain.access import Caller
from broadsheet.domain.job import StageState
from broadsheet.domain.run import RunState
from broadsheet.errors import InputError, NotFoundError
from broadsheet.services import jobs as use_cases
from broadsheet.services.jobs import Job, JobQuery, cancel_job, get_job, list_jobs, repeat_job
from broadsheet.services.requests import open_subscription_run, request_report
from broadsheet.store.database import transaction
from broadsheet.store.ledger import add_artifact
from broadsheet.store.objects import S3ObjectStore

PDF = b"%PDF-1.7 " + bytes(range(256)) * 4


@pytest.fixture
def office(database_dsn: str) -> Office:
    office = Office(database_dsn)
    office.limit(requests_per_hour=1000, requests_at_once=1000)
    return office


def listed(office: Office, caller: Caller = OPERATOR, **query: Any) -> list[UUID]:
    page = list_jobs(office.inst, caller, JobQuery(**query))
    return [job.id for job in page.jobs]


def store_file(office: Office, job: Job, *, name: str = "report.pdf", sha256: str = "0" * 64) -> str:
    key = f"artifacts/{uuid4()}"
    with transaction(office.dsn) as connection:
        add_artifact(
            connection,
            job.id,
            variant="main",
            artifact_format="pdf",
            key=key,
            file_name=name,
            sha256=sha256,
            size_bytes=len(PDF),
            pages=2,
        )
    return key


def test_a_caller_sees_what_they_asked_for_and_what_their_subscriptions_made(office: Office) -> None:
    mine, other = requested(office, ADA), requested(office, BOB)
    office.pass_time(minutes=1)
    run = open_subscription_run(office.inst, OPERATOR, office.subscribe(owner="ada"))
    assert listed(office, ADA) == [run.id, mine.id]
    assert listed(office, BOB) == [other.id]
    assert listed(office, OPERATOR) == [run.id, other.id, mine.id]


ACTS: list[Callable[[Office, Job], object]] = [
    lambda office, job: get_job(office.inst, BOB, job.id),
    lambda office, job: cancel_job(office.inst, BOB, job.id),
    lambda office, job: repeat_job(office.inst, BOB, job.id),
    lambda office, job: use_cases.open_artifact(office.inst, BOB, job.id, "report.pdf"),
    lambda office, job: use_cases.job_deliveries(office.inst, BOB, job.id),
    lambda office, job: use_cases.revoke_job_link(office.inst, BOB, job.id, uuid4()),
    lambda office, job: use_cases.resend(office.inst, BOB, job.id, uuid4()),
]


@pytest.mark.parametrize("act", ACTS)
def test_other_peoples_jobs_do_not_exist(office: Office, act: Callable[[Office, Job], object]) -> None:
    job = requested(office, ADA)
    store_file(office, job)
    with pytest.raises(NotFoundError) as others:
        act(office, job)
    missing = job.model_copy(update={"id": uuid4()})
    with pytest.raises(NotFoundError) as nobodys:
        act(office, missing)
    assert str(others.value) == str(nobodys.value).replace(str(missing.id), str(job.id))
    assert office.row(job.id).state is RunState.WAITING
    assert office.engine.repeats == []


def test_pages_neither_repeat_nor_miss_a_job_while_others_are_added(office: Office) -> None:
    before = [requested(office).id for _ in range(7)]
    seen: list[UUID] = []
    cursor = None
    for _ in range(4):
        page = list_jobs(office.inst, ADA, JobQuery(limit=2, cursor=cursor))
        seen += [job.id for job in page.jobs]
        requested(office)
        cursor = page.next_cursor
    assert cursor is None
    assert seen == before[::-1]


def test_jobs_of_one_instant_are_paged_too(office: Office) -> None:
    made = {request_report(office.inst, ADA, ask()).id for _ in range(5)}
    first = list_jobs(office.inst, ADA, JobQuery(limit=3))
    second = list_jobs(office.inst, ADA, JobQuery(limit=3, cursor=first.next_cursor))
    assert len(first.jobs) + len(second.jobs) == 5
    assert {job.id for job in (*first.jobs, *second.jobs)} == made
    assert second.next_cursor is None


@pytest.mark.parametrize("cursor", ["x", "Zm9v", "MjAxMy0wMy0yNVQxMTowMDowMCBmb28", "é", "=", "a\x00"])
def test_a_cursor_that_is_not_ours_is_refused(office: Office, cursor: str) -> None:
    with pytest.raises(InputError) as caught:
        list_jobs(office.inst, ADA, JobQuery(cursor=cursor))
    assert caught.value.field == "cursor"


def test_jobs_are_found_by_what_they_are(office: Office) -> None:
    subscription = office.subscribe(title="Delta & Söhne", name="delta")
    run = open_subscription_run(office.inst, ADA, subscription)
    failed = requested(office, BOB, state=RunState.FAILED)
    office.set_state(failed.id, RunState.FAILED, reason="build_pdf failed; its log says why")
    done = requested(office, ADA, state=RunState.COMPLETED)
    assert listed(office, states={RunState.FAILED, RunState.COMPLETED}) == [done.id, failed.id]
    assert listed(office, subscription="delta") == [run.id]
    assert listed(office, requested_by="bob") == [failed.id]
    assert listed(office, since=done.created_at) == [done.id]
    assert listed(office, report="airline_punctuality") == [done.id, failed.id, run.id]
    assert listed(office, report="no_such_report") == []
    assert listed(office, text="söhne") == [run.id]
    assert listed(office, text="BUILD_PDF") == [failed.id]
    assert listed(office, text="airline punct") == [done.id, failed.id]
    assert listed(office, text="100%") == listed(office, text="_x") == []
    assert listed(office, ADA, requested_by="bob") == []


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 201}, {"color": 1}, {"since": "2013-01-01T00:00"}])
def test_a_query_that_makes_no_sense_is_refused(query: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        JobQuery.model_validate(query)


@pytest.mark.parametrize("field", ["report", "subscription", "requested_by", "text"])
@pytest.mark.parametrize("text", ["a\x00b", "a\nb", "\ud800", "x" * 201])
def test_a_text_that_nothing_can_hold_is_refused(office: Office, field: str, text: str) -> None:
    with pytest.raises(InputError) as caught:
        list_jobs(office.inst, OPERATOR, JobQuery.model_construct(**{field: text}))
    assert caught.value.field == field


def test_airflow_is_asked_once_and_of_open_jobs_only(office: Office) -> None:
    requested(office, state=RunState.COMPLETED)
    active = requested(office, state=RunState.ACTIVE)
    office.engine.set_stages(key_of(active), plan=StageState.DONE, fetch=StageState.ACTIVE)
    office.engine.asked.clear()
    first, second = list_jobs(office.inst, ADA, JobQuery()).jobs
    assert office.engine.asked == [(key_of(active),)]
    assert (first.progress.stage, first.progress.percent) == ("fetch", 18)
    assert (second.progress.percent, second.stages) == (100, ())


def test_without_airflow_the_ledger_still_answers(office: Office) -> None:
    job = requested(office, state=RunState.ACTIVE)
    office.engine.fail()
    assert get_job(office.inst, ADA, job.id).stages == ()
    assert listed(office) == [job.id]


def test_a_job_shows_the_newest_file_of_each_name(office: Office) -> None:
    job = requested(office)
    store_file(office, job, sha256="1" * 64)
    newest = store_file(office, job, sha256="2" * 64)
    (view,) = get_job(office.inst, ADA, job.id).artifacts
    assert (view.name, view.key, view.pages, view.media_type) == ("report.pdf", newest, 2, "application/pdf")
    assert "key" not in view.model_dump()


def test_a_file_is_read_whole_or_in_part(office: Office, object_store: S3ObjectStore) -> None:
    office.artifacts = object_store
    job = requested(office)
    object_store.put(store_file(office, job), PDF, content_type="application/pdf")
    view, whole = use_cases.open_artifact(office.inst, ADA, job.id, "report.pdf")
    assert (b"".join(whole.chunks), view.size_bytes) == (PDF, len(PDF))
    _, part = use_cases.open_artifact(office.inst, ADA, job.id, "report.pdf", bounds=(5, 9))
    assert (b"".join(part.chunks), part.size_bytes) == (PDF[5:10], 5)
    with pytest.raises(NotFoundError):
        use_cases.open_artifact(office.inst, ADA, job.id, "../report.pdf")


def test_the_title_of_a_report_that_left_the_catalog_is_its_id(office: Office) -> None:
    job = requested(office)
    office.without_report()
    assert get_job(office.inst, ADA, job.id).title == "airline_punctuality"
