"""``broadsheet runs`` and ``broadsheet links``: what was due, built and sent, and who opened it."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from broadsheet.cli.wording import counted
from broadsheet.domain.period import Period
from broadsheet.domain.subscription import subscription_dag_id
from broadsheet.errors import InputError, NotFoundError
from broadsheet.settings import DATABASE, connection_uri
from broadsheet.store.database import transaction
from broadsheet.store.deliveries import deliveries_of_run
from broadsheet.store.ledger import artifacts_of_run, recent_runs
from broadsheet.store.links import accesses_of_run, revoke_link, revoke_links_of_run

links = typer.Typer(help="Revoke mailed links and see who opened them.", no_args_is_help=True)


def runs_command(
    subscription: Annotated[str | None, typer.Argument(help="Only runs of this subscription.")] = None,
    dag: Annotated[str | None, typer.Option(help="Only runs of this DAG, report__<id> for instance.")] = None,
    run: Annotated[str | None, typer.Option(help="One run by its id, with artifacts and deliveries.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Most runs to list.")] = 20,
) -> None:
    """List the newest runs, or show one with its artifacts and deliveries."""
    if run is not None:
        _show_run(_run_id(run))
        return
    dag_id = subscription_dag_id(subscription) if subscription else dag
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


def _show_run(run_id: UUID) -> None:
    with transaction(connection_uri(DATABASE)) as connection:
        for artifact in artifacts_of_run(connection, run_id):
            size = f"{counted(artifact.pages or 0, 'page')}, {artifact.size_bytes:,} bytes"
            print(f"artifact  {artifact.key}  {size}")
        for delivery in deliveries_of_run(connection, run_id):
            attempts = counted(delivery.attempts, "attempt")
            print(f"delivery  {delivery.recipient}  {delivery.state.value}  {attempts}")
        for access in accesses_of_run(connection, run_id):
            at = f"{access['accessed_at']:%Y-%m-%d %H:%M:%SZ}"
            print(f"opened    {access['recipient']}  {at}  {access['method']} {access['outcome']}")


def _run_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InputError(
            f"run id {text!r} is not a UUID; `broadsheet runs` lists them", field="run"
        ) from error
