"""``broadsheet runs`` and ``broadsheet links``: what was due, built and sent, and who opened it."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from broadsheet.cli.run_record import RunRecord, read_dag_run, read_run
from broadsheet.cli.wording import counted
from broadsheet.domain.period import Period
from broadsheet.domain.subscription import subscription_dag_id
from broadsheet.errors import InputError, NotFoundError
from broadsheet.settings import DATABASE, connection_uri
from broadsheet.store.database import transaction
from broadsheet.store.ledger import recent_runs
from broadsheet.store.links import revoke_link, revoke_links_of_run

_SHOWN = 20

runs = typer.Typer(help="List runs, and show what came of one.")
links = typer.Typer(help="Revoke mailed links.", no_args_is_help=True)


@runs.callback(invoke_without_command=True)
def runs_command(context: typer.Context) -> None:
    """List the newest runs; the commands below list others, or show one."""
    if context.invoked_subcommand is None:
        _print_runs(dag_id=None, limit=_SHOWN)


@runs.command("list")
def list_command(
    subscription: Annotated[str | None, typer.Argument(help="Only runs of this subscription.")] = None,
    dag: Annotated[str | None, typer.Option(help="Only runs of this DAG, report__<id> for instance.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Most runs to list.")] = _SHOWN,
) -> None:
    """List the newest runs, of all DAGs or of one."""
    _print_runs(dag_id=subscription_dag_id(subscription) if subscription else dag, limit=limit)


@runs.command("show")
def show_command(
    run: Annotated[str, typer.Argument(help="Id of the run or, with --dag, Airflow's id of it.")],
    dag: Annotated[str | None, typer.Option(help="DAG whose run it is, if RUN is Airflow's id.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything, for programs.")] = False,
) -> None:
    """Show a run: its state, files, deliveries, and who opened the links."""
    with transaction(connection_uri(DATABASE)) as connection:
        record = read_dag_run(connection, dag, run) if dag else read_run(connection, _run_id(run))
    if as_json:
        print(record.model_dump_json(indent=2))
    else:
        _print_record(record)


@links.command("revoke")
def revoke_command(
    link: Annotated[str | None, typer.Argument(help="The link, or its last part.")] = None,
    run: Annotated[str | None, typer.Option(help="Revoke every link of this run instead.")] = None,
) -> None:
    """Revoke a link, or all links of a run: at once, and for good."""
    if (link is None) == (run is None):
        raise InputError("give either a link or --run", field="link")
    now, who = datetime.now(UTC), getpass.getuser()
    with transaction(connection_uri(DATABASE)) as connection:
        if run is not None:
            count = revoke_links_of_run(connection, _run_id(run), at=now, by=who)
            print(f"revoked {counted(count, 'link')}")
        elif revoke_link(connection, (link or "").rstrip("/").rpartition("/")[2], at=now, by=who):
            print("revoked")
        else:
            raise NotFoundError("there is no such link, or it is revoked already")


def _print_runs(*, dag_id: str | None, limit: int) -> None:
    with transaction(connection_uri(DATABASE)) as connection:
        found = recent_runs(connection, dag_id=dag_id, limit=limit)
    if not found:
        print("no runs yet")
    for row in found:
        period = Period(
            kind=row["period_kind"], first_day=row["first_day"], end_day=row["end_day"], zone=row["zone"]
        )
        print(
            f"{row['run_id']}  {row['state']:<9}  {row['dag_id']}  {period.name}  {row['trigger']}  "
            f"{counted(row['artifacts'], 'artifact')}  {row['accepted']}/{row['deliveries']} mails accepted"
            + (f"  ({row['reason']})" if row["reason"] else "")
        )


def _print_record(record: RunRecord) -> None:
    because = f" ({record.reason})" if record.reason else ""
    whose = f"{record.subscription}, revision {record.revision}" if record.subscription else "on demand"
    print(f"run       {record.run_id}")
    print(f"state     {record.state.value}{because}")
    print(f"report    {record.report_id}  {whose}  {record.trigger.value}")
    print(f"period    {record.period.name}  {record.period.zone}")
    print(f"Airflow   {record.dag_id}  {record.dag_run_id}")
    for artifact in record.artifacts:
        size = f"{counted(artifact.pages or 0, 'page')}, {artifact.size_bytes:,} bytes"
        print(f"artifact  {artifact.key}  {size}  sha256 {artifact.sha256}")
    for delivery in record.deliveries:
        attempts = counted(delivery.attempts, "attempt")
        reply = f"  {delivery.smtp_reply}" if delivery.smtp_reply else ""
        print(f"delivery  {delivery.recipient}  {delivery.state.value}  {attempts}{reply}")
        for link in delivery.links:
            for access in link.accesses:
                at = f"{access.accessed_at:%Y-%m-%d %H:%M:%SZ}"
                print(f"opened    {delivery.recipient}  {at}  {access.method} {access.outcome}")


def _run_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InputError(
            f"run id {text!r} is not a UUID; `broadsheet runs` lists them, and --dag takes Airflow's",
            field="run",
        ) from error
