"""The course of ``broadsheet demo``, with what it prints."""

from __future__ import annotations

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import typer

from broadsheet.cli.progress import Progress
from broadsheet.cli.wording import counted
from broadsheet.embedded import demonstration as demo
from broadsheet.embedded.airflow_client import TaskInstance
from broadsheet.embedded.environment import airflow_url, inbox_url
from broadsheet.embedded.mail.inbox import USER as INBOX_USER
from broadsheet.embedded.objects import endpoint_url
from broadsheet.embedded.stack import Stack
from broadsheet.embedded.state import default_state
from broadsheet.settings import get_settings
from broadsheet.store.ledger import Artifact

_USERS = ("admin", "operator", "author", "subscriber")


@dataclass(frozen=True)
class DemoResult:
    """What the demo has to show."""

    artifact: Artifact
    copy: Path
    mail: demo.Mail
    link: str
    stages: dict[str, float]


def demonstrate(*, leave: bool, since: float | None) -> None:
    """Run the demo; stay up until Ctrl-C unless ``leave``. The stack is stopped in the end, whatever happens.

    ``since`` is when the clock started, in seconds since the epoch: before the installation, for ``make
    demo``.
    """
    progress = Progress(since or time.time())
    stack = Stack(default_state(get_settings().home), report=progress.say)
    _take_termination_as_interrupt()
    try:
        with progress.signs_of_life():
            result = _run(stack, progress)
        _print_result(stack, result, progress)
        if not leave:
            _stay()
    finally:
        # From here on nothing interrupts: a stack half stopped is what nobody wants.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        progress.say("stopping")
        stack.down()
        progress.say("stopped")


def _run(stack: Stack, progress: Progress) -> DemoResult:
    now = datetime.now(UTC)
    stack.up_servers(tied=True)
    with ThreadPoolExecutor(max_workers=2) as pool:
        # Two cores' worth of work that does not depend on one another: Airflow's tables, and our data.
        set_up = pool.submit(stack.set_up_airflow)
        with progress.phase("migrate", "application database: migrations"):
            demo.migrate_database(stack)
        data = pool.submit(demo.load_data, stack, now=now)
        with progress.phase("subscribe", f"subscribing {demo.RECIPIENT} to {demo.REPORT}"):
            demo.subscribe_demo_user(stack, now=now)
        progress.say("loading the flights of 2013, while Airflow's database is set up")
        set_up.result()
        stack.up_airflow(wait=False)
        summary = data.result()
    progress.note(
        f"{summary.flights:,} flights of {summary.source}, moved {summary.shift_weeks} weeks forward to "
        f"{summary.first_day} - {summary.last_day} so that last week has some"
    )
    stack.wait_for_airflow()
    return _run_report(stack, progress)


def _run_report(stack: Stack, progress: Progress) -> DemoResult:
    client = demo.log_in(stack)
    with progress.phase("dag", "waiting for the subscription's DAG"):
        dag_id = demo.wait_for_dag(client, stack)
    triggered_at = datetime.now(UTC)
    tasks: list[TaskInstance] = []
    with progress.phase("run", f"running {dag_id}"):
        run_id = client.trigger(dag_id)
        for task in demo.follow_run(client, dag_id, run_id):
            if task.state == demo.RETRY:
                progress.note(f"  {task.task_id}: failed at try {task.try_number}; it is tried again")
                continue
            tasks.append(task)
            progress.note(f"  {task.task_id}: {task.state}")
    with progress.phase("mail", "waiting for the mail"):
        mail = demo.wait_for_mail(stack, since=triggered_at)
    link = demo.find_link(mail, airflow_url(stack.site()))
    with progress.phase("link", "opening the link in it"):
        pdf = demo.open_link(link)
    copy = stack.state.root / "demo-report.pdf"
    copy.write_bytes(pdf)
    artifact = demo.find_artifact(stack, dag_id, run_id)
    return DemoResult(artifact=artifact, copy=copy, mail=mail, link=link, stages=demo.stage_seconds(tasks))


def _print_result(stack: Stack, result: DemoResult, progress: Progress) -> None:
    site, secrets, artifact = stack.site(), stack.secrets, result.artifact
    timings = {**stack.timings, **progress.phases, "total": progress.elapsed()}
    stack.state.save_timings(timings)
    size = f"{counted(artifact.pages or 0, 'page')}, {artifact.size_bytes:,} bytes"
    rows = [
        ("mail", f"{result.mail.subject!r} to {demo.RECIPIENT}"),
        ("PDF", f"s3://{get_settings().storage_bucket}/{artifact.key}"),
        (
            "",
            f"{size}, on {endpoint_url(site.ports)}",
        ),
        ("copy", str(result.copy)),
        ("link", result.link),
        ("stages", ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in result.stages.items())),
        ("start", ", ".join(f"{phase} {seconds:.1f} s" for phase, seconds in timings.items())),
        ("Portal", f"{airflow_url(site)}/reports/"),
        ("Airflow", airflow_url(site)),
        *(("", f"{user} / {getattr(secrets, f'user_{user}')}") for user in _USERS),
        ("Inbox", inbox_url(site)),
        ("", f"{INBOX_USER} / {secrets.inbox}"),
    ]
    typer.echo("\nThe report has arrived.\n")
    for name, value in rows:
        typer.echo(f"  {name:<8} {value}")
    typer.echo("")


def _stay() -> None:
    typer.echo("Everything runs on. Ctrl-C stops it.")
    try:
        while True:
            signal.pause()
    except KeyboardInterrupt:
        typer.echo("")


def _take_termination_as_interrupt() -> None:
    def interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature of a handler
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
