"""``broadsheet subscribe`` and ``broadsheet subscriptions``: make, list, pause, resume, delete them."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from broadsheet.catalog import load_catalog
from broadsheet.cli.wording import counted
from broadsheet.domain.parameters import read_parameters
from broadsheet.domain.subscription import SubscriptionState
from broadsheet.errors import ConfigurationError
from broadsheet.services.subscribe import SubscriptionDraft, subscribe
from broadsheet.settings import DATABASE, connection_uri, get_settings
from broadsheet.store.database import transaction
from broadsheet.store.snapshot import confirm_shrink
from broadsheet.store.subscriptions import list_subscriptions, set_subscription_state

subscriptions = typer.Typer(help="List, pause, resume and delete subscriptions.", no_args_is_help=True)


def subscribe_command(
    report: Annotated[str, typer.Argument(help="Id of the report, as `broadsheet check` lists it.")],
    to: Annotated[list[str], typer.Option("--to", help="Recipient's mail address; repeat for more.")],
    cron: Annotated[str, typer.Option(help="When it is due, as a cron line of five fields.")] = "0 7 * * MON",
    zone: Annotated[str | None, typer.Option(help="IANA time zone of the cron line and the periods.")] = None,
    param: Annotated[list[str] | None, typer.Option("--param", "-p", help="Parameter as name=value.")] = None,
    period_kind: Annotated[str | None, typer.Option(help="day, week, month, quarter or year.")] = None,
    title: Annotated[str | None, typer.Option(help="Title of the subscription.")] = None,
    name: Annotated[str | None, typer.Option(help="Short name: the DAG is subscription__NAME.")] = None,
    owner: Annotated[str | None, typer.Option(help="User who owns it; default: who runs this.")] = None,
    never_twice: Annotated[
        bool,
        typer.Option("--never-twice", help="Send no second copy when it is unknown whether a mail arrived."),
    ] = False,
) -> None:
    """Subscribe recipients to a report: its DAG appears in Airflow a few seconds later."""
    settings = get_settings()
    catalog = load_catalog(
        settings.catalog_dir, sql_dir=settings.sql_dir, templates_dir=settings.templates_dir
    )
    definition = catalog.get(report)
    draft = SubscriptionDraft(
        report_id=report,
        cron=cron,
        recipients=tuple(to),
        parameters=read_parameters(definition.parameters, param or []),
        zone=zone,
        period_kind=period_kind,
        title=title,
        name=name,
        resend_unknown=not never_twice,
    )
    now = datetime.now(UTC)
    made = subscribe(
        draft,
        catalog,
        dsn=connection_uri(DATABASE),
        owner=owner or getpass.getuser(),
        settings=settings,
        at=now,
    )
    local = ZoneInfo(made.terms.zone)
    print(f"subscribed: {made.slug}")
    print(f"DAG: {made.dag_id}")
    print(f"recipients: {len(made.terms.recipients)}")
    for slot in made.terms.schedule.next_slots(now, 3):
        print(f"due: {slot.astimezone(local):%a %Y-%m-%d %H:%M %Z}")


@subscriptions.command("list")
def list_command() -> None:
    """List active and paused subscriptions."""
    with transaction(connection_uri(DATABASE)) as connection:
        found = list_subscriptions(connection)
    if not found:
        print("no subscriptions yet; `broadsheet subscribe REPORT --to ADDRESS` makes one")
    for one in found:
        due = f"{one.terms.cron} {one.terms.zone}"
        recipients = counted(len(one.terms.recipients), "recipient")
        print(f"{one.slug}  {one.state.value}  {one.terms.report_id}  {due}  {recipients}")


@subscriptions.command("pause")
def pause_command(name: str) -> None:
    """Stop a subscription's schedule until it is resumed."""
    _set_state(name, SubscriptionState.PAUSED)


@subscriptions.command("resume")
def resume_command(name: str) -> None:
    """Start a paused subscription's schedule again, from its next slot on."""
    _set_state(name, SubscriptionState.ACTIVE)


@subscriptions.command("delete")
def delete_command(name: str) -> None:
    """Delete a subscription; its runs, artifacts and links stay in the ledger."""
    _set_state(name, SubscriptionState.DELETED)


@subscriptions.command("confirm-shrink")
def confirm_shrink_command() -> None:
    """Confirm that so many subscriptions are gone: their DAGs are held back until then.

    Run it where the dag-processor's folder of generated DAG files is.
    """
    folder = get_settings().shards_dir
    if folder is None:
        raise ConfigurationError(
            "BROADSHEET_SHARDS_DIR is not set: give the dag-processor's folder of generated DAG files in it"
        )
    confirmed = confirm_shrink(folder)
    print(f"confirmed: {confirmed.refused} subscriptions instead of {confirmed.accepted}")


def _set_state(name: str, state: SubscriptionState) -> None:
    with transaction(connection_uri(DATABASE)) as connection:
        set_subscription_state(connection, name, state, at=datetime.now(UTC))
    print(f"{name}: {state.value}")
