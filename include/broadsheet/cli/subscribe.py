"""``broadsheet subscribe`` and ``broadsheet subscriptions``: make, list, edit, pause, delete, restore."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from broadsheet.cli.as_operator import installation, operator
from broadsheet.cli.wording import counted
from broadsheet.domain.parameters import parse_parameters, read_parameters
from broadsheet.errors import ConfigurationError
from broadsheet.services.passwords import clear_password, set_password
from broadsheet.services.subscribe import SubscriptionDraft, subscribe
from broadsheet.services.subscriptions import (
    SubscriptionView,
    delete_subscription,
    edit_subscription,
    get_subscription,
    list_subscriptions,
    pause_subscription,
    restore_subscription,
    resume_subscription,
    subscription_history,
)
from broadsheet.settings import get_settings
from broadsheet.store.snapshot import confirm_shrink

subscriptions = typer.Typer(
    help="List, edit, pause, resume, delete and restore subscriptions.", no_args_is_help=True
)


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
    language: Annotated[
        str | None, typer.Option(help="Language of the documents: de-DE; default: the report's.")
    ] = None,
    theme: Annotated[str | None, typer.Option(help="Theme of the documents; default: the report's.")] = None,
    formats: Annotated[
        list[str] | None, typer.Option("--format", help="File beside the PDF: xlsx; repeat for more.")
    ] = None,
    never_twice: Annotated[
        bool,
        typer.Option("--never-twice", help="Send no second copy when it is unknown whether a mail arrived."),
    ] = False,
) -> None:
    """Subscribe recipients to a report: its DAG appears in Airflow a few seconds later."""
    inst = installation()
    catalog = inst.catalog()
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
        locale=language,
        theme=theme,
        formats=tuple(formats) if formats else None,
    )
    now = inst.clock()
    made = subscribe(
        draft,
        catalog,
        dsn=inst.dsn(),
        owner=owner or operator().name,
        settings=inst.settings(),
        at=now,
    )
    local = ZoneInfo(made.terms.zone)
    print(f"subscribed: {made.slug}")
    print(f"DAG: {made.dag_id}")
    print(f"recipients: {len(made.terms.recipients)}")
    for slot in made.terms.schedule.next_slots(now, 3):
        print(f"due: {slot.astimezone(local):%a %Y-%m-%d %H:%M %Z}")


@subscriptions.command("list")
def list_command(
    owner: Annotated[str | None, typer.Option(help="Only those of this user.")] = None,
    deleted: Annotated[bool, typer.Option("--deleted", help="Deleted ones, too.")] = False,
) -> None:
    """List active and paused subscriptions in the order in which they were made."""
    found = list_subscriptions(installation(), operator(), owner=owner, include_deleted=deleted)
    if not found:
        print("no subscriptions yet; `broadsheet subscribe REPORT --to ADDRESS` makes one")
    for view in reversed(found):
        one = view.subscription
        due = f"{one.terms.cron} {one.terms.zone}"
        recipients = counted(len(one.terms.recipients), "recipient")
        print(f"{one.slug}  {one.state.value}  {one.terms.report_id}  {due}  {recipients}")


@subscriptions.command("edit")
def edit_command(
    name: str,
    to: Annotated[
        list[str] | None, typer.Option("--to", help="Recipient's mail address, instead of all there are.")
    ] = None,
    cron: Annotated[str | None, typer.Option(help="When it is due, as a cron line of five fields.")] = None,
    zone: Annotated[str | None, typer.Option(help="IANA time zone of the cron line and the periods.")] = None,
    param: Annotated[
        list[str] | None, typer.Option("--param", "-p", help="Parameter as name=value; others stay.")
    ] = None,
    period_kind: Annotated[str | None, typer.Option(help="day, week, month, quarter or year.")] = None,
    title: Annotated[str | None, typer.Option(help="Title of the subscription.")] = None,
    language: Annotated[
        str | None, typer.Option(help="Language of the documents: de-DE; empty: the report's.")
    ] = None,
    theme: Annotated[str | None, typer.Option(help="Theme of the documents; empty: the report's.")] = None,
    formats: Annotated[
        list[str] | None, typer.Option("--format", help="File beside the PDF, instead of those there are.")
    ] = None,
    never_twice: Annotated[
        bool | None,
        typer.Option(
            "--never-twice/--send-again",
            help="Whether to send no second copy when it is unknown whether a mail arrived.",
        ),
    ] = None,
    revision: Annotated[
        int | None, typer.Option(help="Only if it still is at this revision; default: as it is now.")
    ] = None,
) -> None:
    """Change a subscription: what is not given stays as it is. The next run is the first that differs."""
    inst, caller = installation(), operator()
    seen = get_subscription(inst, caller, name).subscription
    schema = inst.catalog().get(seen.terms.report_id).parameters
    changes = {
        "cron": cron,
        "zone": zone,
        "period_kind": period_kind,
        "title": title,
        "recipients": tuple(to) if to else None,
        "resend_unknown": None if never_twice is None else not never_twice,
        "formats": tuple(formats) if formats else None,
    }
    # An empty text takes back what was chosen.
    own = {"locale": language, "theme": theme}
    draft = SubscriptionDraft.model_validate(
        seen.terms.model_dump()
        | {"parameters": seen.terms.parameters | parse_parameters(schema, param or [])}
        | {field: value for field, value in changes.items() if value is not None}
        | {field: value or None for field, value in own.items() if value is not None}
    )
    view = edit_subscription(inst, caller, name, draft, revision=revision or seen.revision)
    print(f"{name}: revision {view.subscription.revision}")
    print(f"due: {view.words}")


@subscriptions.command("history")
def history_command(name: str) -> None:
    """Show every edit and every change of state, with who made it and when."""
    for entry in subscription_history(installation(), operator(), name):
        revision = f"  revision {entry.revision}" if entry.revision else ""
        print(f"{entry.at:%Y-%m-%d %H:%M:%SZ}  {entry.words.lower()} by {entry.by}{revision}")
        for change in entry.changes:
            print(f"    {change.label}: {change.before} -> {change.after}")


@subscriptions.command("pause")
def pause_command(name: str) -> None:
    """Stop a subscription's schedule until it is resumed."""
    _say_state(pause_subscription(installation(), operator(), name))


@subscriptions.command("resume")
def resume_command(name: str) -> None:
    """Start a paused subscription's schedule again, from its next slot on."""
    _say_state(resume_subscription(installation(), operator(), name))


@subscriptions.command("delete")
def delete_command(name: str) -> None:
    """Delete a subscription; its runs, artifacts and links stay in the ledger, and it can be restored."""
    _say_state(delete_subscription(installation(), operator(), name))


@subscriptions.command("restore")
def restore_command(name: str) -> None:
    """Undo a deletion: the subscription is active or paused, as it was before."""
    _say_state(restore_subscription(installation(), operator(), name))


@subscriptions.command("protect")
def protect_command(
    name: str,
    remove: Annotated[bool, typer.Option("--remove", help="Leave later documents open again.")] = False,
) -> None:
    """Protect the documents of later runs by a password, which is asked for and never shown."""
    if remove:
        clear_password(installation(), operator(), name)
        print(f"{name}: open")
        return
    password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    set_password(installation(), operator(), name, password)
    print(f"{name}: protected")


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


def _say_state(view: SubscriptionView) -> None:
    print(f"{view.subscription.slug}: {view.subscription.state.value}")
