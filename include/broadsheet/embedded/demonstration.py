"""What the demo does once the stack runs: data, a subscription, one run, its mail and its link."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from broadsheet.catalog import installed_catalog
from broadsheet.domain.job import STAGES
from broadsheet.domain.subscription import Subscription, SubscriptionState, subscription_dag_id
from broadsheet.embedded.airflow_client import AirflowClient, TaskInstance
from broadsheet.embedded.documents import load_documents
from broadsheet.embedded.environment import airflow_url, inbox_url
from broadsheet.embedded.flights import LoadSummary, demo_shift_weeks, load_flights
from broadsheet.embedded.mail.inbox import USER as INBOX_USER
from broadsheet.embedded.stack import Stack
from broadsheet.errors import NotFoundError, TransientError
from broadsheet.services.subscribe import SubscriptionDraft, subscribe
from broadsheet.settings import STORAGE, connection_variable, get_settings, parse_endpoint
from broadsheet.store.database import transaction
from broadsheet.store.ledger import Artifact, artifacts_of_run, find_run
from broadsheet.store.migrations import migrate
from broadsheet.store.objects import S3ObjectStore
from broadsheet.store.subscriptions import (
    restore_subscription,
    set_subscription_state,
    subscription_by_slug,
)

REPORT = "airline_punctuality"
SLUG = "demo-airline-punctuality"
OWNER = "subscriber"
RECIPIENT = "subscriber@broadsheet.example"
RETRY = "up_for_retry"
_VISIBLE_TIMEOUT = 60.0
_RUN_TIMEOUT = 300.0
_MAIL_TIMEOUT = 30.0
_POLL = 0.25
_LOG_TAIL = 25


class DemoError(TransientError):
    """The demo did not reach its end; the message says where it stopped and what the log says."""

    code = "demo_error"


@dataclass(frozen=True)
class Mail:
    """The mail that the demo waited for."""

    ident: str
    subject: str
    text: str
    received_at: datetime


def migrate_database(stack: Stack) -> None:
    """Bring the application database to its newest version."""
    migrate(stack.owner_dsn("broadsheet"))


def load_data(stack: Stack, *, now: datetime) -> LoadSummary:
    """Load the flights, moved to the present by whole weeks, and the documents."""
    summary = load_flights(
        stack.owner_dsn("flights"),
        shift_weeks=demo_shift_weeks(now.date()),
        reader_password=stack.secrets.postgres_reader,
        loaded_at=now,
    )
    endpoint = parse_endpoint(stack.environment()[connection_variable(STORAGE)])
    load_documents(S3ObjectStore(endpoint, get_settings().documents_bucket))
    return summary


def subscribe_demo_user(stack: Stack, *, now: datetime) -> Subscription:
    """Return the demo's subscription, made at the first start and made active again at later ones."""
    settings = get_settings()
    dsn = stack.owner_dsn("broadsheet")
    try:
        with transaction(dsn) as connection:
            restore_subscription(connection, SLUG, by="broadsheet", at=now)
            set_subscription_state(connection, SLUG, SubscriptionState.ACTIVE, at=now)
            return subscription_by_slug(connection, SLUG)
    except NotFoundError:
        catalog = installed_catalog(settings)
        draft = SubscriptionDraft(
            report_id=REPORT, cron="0 7 * * MON", recipients=(RECIPIENT,), name=SLUG, title="My airline"
        )
        return subscribe(draft, catalog, dsn=dsn, owner=OWNER, settings=settings, at=now)


def log_in(stack: Stack) -> AirflowClient:
    """Log in to Airflow as its administrator."""
    return AirflowClient(airflow_url(stack.site()), user="admin", password=stack.secrets.user_admin)


def wait_for_dag(client: AirflowClient, stack: Stack) -> str:
    """Wait until Airflow knows the subscription's DAG and return its id."""
    dag_id = subscription_dag_id(SLUG)
    if not _wait(lambda: client.knows(dag_id), _VISIBLE_TIMEOUT):
        errors = "\n".join(client.import_errors())
        raise DemoError(
            f"Airflow does not know DAG {dag_id} after {_VISIBLE_TIMEOUT:.0f} s\n{errors}\n"
            f"the end of dag-processor's log:\n{stack.tail('dag-processor')}"
        )
    return dag_id


def follow_run(client: AirflowClient, dag_id: str, run_id: str) -> Iterator[TaskInstance]:
    """Yield each task of a run when it ends, until the run does; DemoError with its log when one fails.

    A task that failed and will be tried again is yielded too, once for each try.
    """
    seen: set[tuple[str, int, int]] = set()
    deadline = time.monotonic() + _RUN_TIMEOUT
    while True:
        state = client.run_state(dag_id, run_id)
        for task in client.tasks(dag_id, run_id):
            attempt = (task.task_id, task.map_index, task.try_number)
            if attempt in seen or task.ended_at is None:
                continue
            if task.state == "failed":
                log = "\n".join(client.log(dag_id, run_id, task)[-_LOG_TAIL:])
                raise DemoError(f"task {task.task_id} failed; the end of its log:\n{log}")
            if task.state in ("success", "skipped", RETRY):
                seen.add(attempt)
                yield task
        if state == "success":
            return
        if state == "failed" or time.monotonic() > deadline:
            states = {task.task_id: task.state for task in client.tasks(dag_id, run_id)}
            raise DemoError(
                f"run {run_id} of {dag_id} is {state} after {_RUN_TIMEOUT:.0f} s at most: {states}"
            )
        time.sleep(_POLL)


def stage_seconds(tasks: list[TaskInstance]) -> dict[str, float]:
    """Return how long each stage took, from its first task's start to its last one's end."""
    seconds: dict[str, float] = {}
    for stage in STAGES:
        times = [(t.started_at, t.ended_at) for t in tasks if t.task_id == stage]
        starts = [start for start, _ in times if start]
        ends = [end for _, end in times if end]
        if starts and ends:
            seconds[stage] = (max(ends) - min(starts)).total_seconds()
    return seconds


def wait_for_mail(stack: Stack, *, since: datetime) -> Mail:
    """Wait for the demo's mail; DemoError with the mail server's log when it does not come."""
    with _inbox(stack) as inbox:
        if _wait(lambda: bool(_mails(inbox, since)), _MAIL_TIMEOUT):
            return _mails(inbox, since)[0]
    raise DemoError(
        f"no mail for {RECIPIENT} within {_MAIL_TIMEOUT:.0f} s of the run's end\n"
        f"the end of the worker's log:\n{stack.tail('worker')}\n"
        f"the end of the mail server's log:\n{stack.tail('mail')}"
    )


def find_link(mail: Mail, public_url: str) -> str:
    """Return the safe link in a mail's text."""
    match = re.search(rf"{re.escape(public_url.rstrip('/'))}/r/[\w-]+", mail.text)
    if match is None:
        raise DemoError(f"mail {mail.subject!r} holds no link to the report")
    return match.group()


def open_link(link: str) -> bytes:
    """Open a safe link as its reader would, and return the PDF."""
    answer = httpx.get(link, timeout=30, follow_redirects=True, trust_env=False)
    if answer.status_code != httpx.codes.OK or not answer.content.startswith(b"%PDF-"):
        kind = answer.headers.get("content-type")
        raise DemoError(f"the link in the mail answers {answer.status_code} with {kind}, not with a PDF")
    return answer.content


def find_artifact(stack: Stack, dag_id: str, run_id: str) -> Artifact:
    """Return what the ledger says about the run's PDF."""
    with transaction(stack.owner_dsn("broadsheet")) as connection:
        run = find_run(connection, dag_id, run_id)
        artifacts = artifacts_of_run(connection, run.spec.run_id) if run else []
    for artifact in artifacts:
        if artifact.format == "pdf":
            return artifact
    raise DemoError(f"the ledger has no PDF of run {run_id}")


def _inbox(stack: Stack) -> httpx.Client:
    auth = (INBOX_USER, stack.secrets.inbox)
    return httpx.Client(base_url=inbox_url(stack.site()), auth=auth, timeout=10, trust_env=False)


def _mails(inbox: httpx.Client, since: datetime) -> list[Mail]:
    """Return the demo's mails since an instant, the newest first."""
    found: list[Mail] = []
    for item in inbox.get("/api/messages").raise_for_status().json():
        received_at = datetime.fromisoformat(item["received_at"]).astimezone(UTC)
        if RECIPIENT in item["recipients"] and received_at >= since:
            detail = inbox.get(f"/api/messages/{item['id']}").raise_for_status().json()
            found.append(Mail(item["id"], item["subject"], detail["text"] or "", received_at))
    return found


def _wait(check: Callable[[], bool], timeout: float) -> bool:
    """Repeat a check until it is true; false at the deadline."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if check():
            return True
        time.sleep(_POLL)
    return False
