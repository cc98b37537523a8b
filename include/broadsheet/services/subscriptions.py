"""Subscriptions: list, show, make, edit, pause, resume, delete and restore them, and leave other people's.

The rules of ownership stand here, once: what is not the caller's does not exist for them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from broadsheet.domain.access import Caller
from broadsheet.domain.schedule import Schedule, check_cron, check_zone
from broadsheet.domain.subscription import (
    Subscription,
    SubscriptionState,
    SubscriptionTerms,
    is_slug,
)
from broadsheet.errors import ConflictError, InputError, InputErrors, StaleError
from broadsheet.services.catalog import offered_report
from broadsheet.services.installation import Installation
from broadsheet.services.job_views import Job
from broadsheet.services.requests import open_subscription_run
from broadsheet.services.subscribe import SubscriptionDraft, check_room, check_terms, subscribe
from broadsheet.services.subscription_views import (
    SLOTS_SHOWN,
    EventKind,
    HistoryEntry,
    LastRun,
    SubscriptionView,
    history_of,
    read_facts,
    views_of,
)
from broadsheet.store import subscriptions as store
from broadsheet.store.database import Connection, transaction
from broadsheet.store.unsubscribes import Means, undo_unsubscribe, unsubscribe

__all__ = [
    "EventKind",
    "HistoryEntry",
    "LastRun",
    "SubscriptionView",
    "check_draft",
    "create_subscription",
    "delete_subscription",
    "edit_subscription",
    "get_subscription",
    "list_subscriptions",
    "next_slots",
    "pause_subscription",
    "received_subscriptions",
    "restore_subscription",
    "resubscribe_me",
    "resume_subscription",
    "run_subscription",
    "subscription_history",
    "unsubscribe_me",
]


def list_subscriptions(
    inst: Installation, caller: Caller, *, include_deleted: bool = False, owner: str | None = None
) -> tuple[SubscriptionView, ...]:
    """Return the caller's subscriptions, newest first; an operator's are everybody's, or one owner's."""
    if not caller.is_operator:
        if owner not in (None, caller.name):
            return ()
        owner = caller.name
    with transaction(inst.dsn()) as connection:
        found = store.list_subscriptions(connection, owner=owner, include_deleted=include_deleted)
        facts = read_facts(connection, found[::-1])
    return views_of(inst, caller, facts)


def received_subscriptions(inst: Installation, caller: Caller) -> tuple[SubscriptionView, ...]:
    """Return the subscriptions of others that mail the caller, newest first.

    Those that the caller has left are among them: their ``unsubscribed`` holds the caller's address.
    """
    if caller.email is None:
        return ()
    with transaction(inst.dsn()) as connection:
        found = store.subscriptions_received(connection, name=caller.name, address=caller.email)
        facts = read_facts(connection, found[::-1])
    return views_of(inst, caller, facts)


def get_subscription(inst: Installation, caller: Caller, slug: str) -> SubscriptionView:
    """Return a subscription, a deleted one too; NotFoundError when it is not the caller's."""
    with transaction(inst.dsn()) as connection:
        facts = read_facts(connection, [_find(connection, caller, slug)])
    return views_of(inst, caller, facts)[0]


def create_subscription(
    inst: Installation, caller: Caller, draft: SubscriptionDraft, *, secret: bytes | None = None
) -> SubscriptionView:
    """Store a draft as the caller's subscription, with its documents' password if there is a sealed one.

    Raises NotFoundError for a report that is unknown or not the caller's, InputErrors that lists every fault,
    and InputError for a name that is taken.
    """
    offered_report(inst, caller, draft.report_id)
    made = subscribe(
        draft,
        inst.catalog(),
        dsn=inst.dsn(),
        owner=caller.name,
        settings=inst.settings(),
        at=inst.clock(),
        secret=secret,
    )
    return get_subscription(inst, caller, made.slug)


def edit_subscription(
    inst: Installation, caller: Caller, slug: str, draft: SubscriptionDraft, *, revision: int
) -> SubscriptionView:
    """Store a draft as a subscription's next revision; the same terms make none.

    ``revision`` is the one that the caller saw: StaleError when there is a newer one. Raises InputErrors that
    lists every fault, NotFoundError for a report that is unknown or not the caller's, and ConflictError for a
    deleted subscription.
    """
    with transaction(inst.dsn()) as connection:
        found = _find_kept(connection, caller, slug)
        if found.revision != revision:
            raise StaleError(
                f"subscription {slug!r} was changed by somebody else meanwhile: it is at revision "
                f"{found.revision}, not {revision}; read it again"
            )
        terms, faults = _checked(inst, caller, draft, slug=slug)
        if terms is None or faults:
            raise InputErrors(faults)
        if terms != found.terms:
            store.revise_subscription(connection, found, terms, by=caller.name, at=inst.clock())
    return get_subscription(inst, caller, slug)


def check_draft(
    inst: Installation, caller: Caller, draft: SubscriptionDraft, *, slug: str | None = None
) -> list[InputError]:
    """Return every fault of a draft; nothing is stored. ``slug``: the subscription that it is an edit of.

    Raises NotFoundError for a report, or a subscription, that is unknown or not the caller's.
    """
    _, faults = _checked(inst, caller, draft, slug=slug)
    if slug is None and not draft.name:
        return faults
    with transaction(inst.dsn()) as connection:
        if slug is not None:
            _find(connection, caller, slug)
        elif is_slug(draft.name or "") and store.is_taken(connection, draft.name or ""):
            faults.append(store.taken(draft.name or ""))
    return faults


def pause_subscription(inst: Installation, caller: Caller, slug: str) -> SubscriptionView:
    """Stop a schedule until it is resumed; ConflictError for a deleted subscription."""
    return _move(inst, caller, slug, SubscriptionState.PAUSED)


def resume_subscription(inst: Installation, caller: Caller, slug: str) -> SubscriptionView:
    """Start a paused schedule again, from its next slot on; ConflictError for a deleted subscription."""
    return _move(inst, caller, slug, SubscriptionState.ACTIVE)


def delete_subscription(inst: Installation, caller: Caller, slug: str) -> SubscriptionView:
    """Delete a subscription; its runs, files and links stay, and it can be restored."""
    return _move(inst, caller, slug, SubscriptionState.DELETED)


def restore_subscription(inst: Installation, caller: Caller, slug: str) -> SubscriptionView:
    """Undo a deletion: the subscription is active or paused, as it was before; one not deleted stays.

    Raises ConflictError when its owner has as many others as anybody may have.
    """
    with transaction(inst.dsn()) as connection:
        found = _find(connection, caller, slug)
        if found.state is SubscriptionState.DELETED:
            try:
                check_room(connection, owner=found.owner, settings=inst.settings())
            except InputError as error:
                raise ConflictError(str(error)) from error
        store.restore_subscription(connection, slug, by=caller.name, at=inst.clock())
    return get_subscription(inst, caller, slug)


def run_subscription(inst: Installation, caller: Caller, slug: str) -> Job:
    """Run a subscription now, for all its recipients.

    Raises ConflictError for a deleted one and for one whose report is not in the catalog, and ForbiddenError
    when the caller may not have the report any more.
    """
    with transaction(inst.dsn()) as connection:
        found = _find_kept(connection, caller, slug)
    if found.terms.report_id not in inst.catalog().reports:
        raise ConflictError(f"subscription {slug!r} cannot be run: its report is not in the catalog now")
    return open_subscription_run(inst, caller, found)


def subscription_history(inst: Installation, caller: Caller, slug: str) -> tuple[HistoryEntry, ...]:
    """Return everything that happened to a subscription, newest first: each edit and each change of state."""
    with transaction(inst.dsn()) as connection:
        return history_of(inst, connection, _find(connection, caller, slug))


def next_slots(cron: str, zone: str, *, count: int = SLOTS_SHOWN, after: datetime) -> tuple[datetime, ...]:
    """Return the next slots of a schedule, in UTC; InputErrors names ``cron`` and ``zone`` when wrong."""
    faults: list[InputError] = []

    def gather(check: Callable[[str], str], text: str) -> str:
        try:
            return check(text)
        except InputError as error:
            faults.append(error)
            return text

    schedule = Schedule(cron=gather(check_cron, cron), zone=gather(check_zone, zone))
    if faults:
        raise InputErrors(faults)
    return tuple(schedule.next_slots(after, count))


def unsubscribe_me(inst: Installation, caller: Caller, slug: str) -> None:
    """Stop a subscription's mails to the caller's address; NotFoundError when it does not mail them."""
    with transaction(inst.dsn()) as connection:
        found, address = _find_received(connection, caller, slug)
        unsubscribe(connection, found.subscription_id, address, how=Means.PORTAL, at=inst.clock())


def resubscribe_me(inst: Installation, caller: Caller, slug: str) -> None:
    """Let a subscription mail the caller's address again; NotFoundError when that is no recipient of it."""
    with transaction(inst.dsn()) as connection:
        found, address = _find_received(connection, caller, slug)
        undo_unsubscribe(connection, found.subscription_id, address, how=Means.PORTAL, at=inst.clock())


def _find(connection: Connection, caller: Caller, slug: str) -> Subscription:
    """Return a subscription of the caller's; other people's are as unknown as those that do not exist."""
    found = _lookup(connection, slug)
    if not caller.may_act_for(found.owner):
        raise store.no_subscription(slug)
    return found


def _find_kept(connection: Connection, caller: Caller, slug: str) -> Subscription:
    """Return a subscription of the caller's; ConflictError for a deleted one."""
    found = _find(connection, caller, slug)
    if found.state is SubscriptionState.DELETED:
        raise ConflictError(f"subscription {slug!r} is deleted; restore it first")
    return found


def _find_received(connection: Connection, caller: Caller, slug: str) -> tuple[Subscription, str]:
    """Return a subscription that mails the caller, and the address, whoever owns it."""
    found = _lookup(connection, slug)
    address = (caller.email or "").lower()
    if address not in [one.lower() for one in found.terms.recipients]:
        raise store.no_subscription(slug)
    return found, address


def _lookup(connection: Connection, slug: str) -> Subscription:
    # What cannot be a slug may be what the database cannot even compare.
    if not is_slug(slug):
        raise store.no_subscription(slug)
    return store.subscription_by_slug(connection, slug)


def _checked(
    inst: Installation, caller: Caller, draft: SubscriptionDraft, *, slug: str | None
) -> tuple[SubscriptionTerms | None, list[InputError]]:
    """Return a draft's terms, unless something is wrong with them, and every fault."""
    report = offered_report(inst, caller, draft.report_id)
    faults: list[InputError] = []
    if slug is not None:
        if draft.name not in (None, "", slug):
            faults.append(InputError("the name of a subscription stays as it is", field="name"))
        draft = draft.model_copy(update={"name": None})
    try:
        return check_terms(draft, report, settings=inst.settings(), themes=inst.catalog().theme_names), faults
    except InputErrors as error:
        return None, [*error.errors, *faults]


def _move(inst: Installation, caller: Caller, slug: str, state: SubscriptionState) -> SubscriptionView:
    with transaction(inst.dsn()) as connection:
        is_deletion = state is SubscriptionState.DELETED
        found = (_find if is_deletion else _find_kept)(connection, caller, slug)
        if found.state is not SubscriptionState.DELETED:
            store.set_subscription_state(connection, slug, state, by=caller.name, at=inst.clock())
    return get_subscription(inst, caller, slug)
