"""What the use cases around subscriptions return: views, made for many subscriptions at once, and history."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from broadsheet.catalog import Catalog
from broadsheet.domain.access import Caller
from broadsheet.domain.changes import TermChange, readable_schedule, term_changes
from broadsheet.domain.job import words_of_state
from broadsheet.domain.run import RunState
from broadsheet.domain.schedule import Schedule, check_cron, check_zone
from broadsheet.domain.subscription import Subscription, SubscriptionState
from broadsheet.errors import EngineUnavailableError, InputError
from broadsheet.services.installation import Installation
from broadsheet.store.database import Connection
from broadsheet.store.subscription_history import (
    LatestRun,
    Revision,
    StateChange,
    latest_runs,
    leavers,
    revisions_of,
    state_changes_of,
)

log = logging.getLogger(__name__)

SLOTS_SHOWN = 5
"""Slots that a view tells."""
_STATE_WORDS = {
    SubscriptionState.ACTIVE: "Active",
    SubscriptionState.PAUSED: "Paused",
    SubscriptionState.DELETED: "Deleted",
}


class LastRun(BaseModel):
    """The run of a subscription's latest slot that has one."""

    model_config = ConfigDict(frozen=True)

    job_id: UUID | None
    """None where the run is not the caller's to see."""
    state: RunState
    words: str
    """The state in a reader's words."""
    slot: AwareDatetime
    """When it was due or asked for."""
    at: AwareDatetime
    """When it ended or, while it is under way, when it began."""


class SubscriptionView(BaseModel):
    """A subscription as its reader sees it."""

    model_config = ConfigDict(frozen=True)

    subscription: Subscription
    """For somebody who only gets its mails, the recipients are that person's address alone."""
    report_title: str
    """Title of the report; its id where the catalog has it no more."""
    words: str
    """The schedule in words: ``Every Monday at 07:00 (New York time)``."""
    state_words: str
    """The state in words: ``Active``."""
    next_slots: tuple[AwareDatetime, ...]
    """The next five slots; none while it is paused or deleted."""
    last_run: LastRun | None
    dag_known: bool
    """Whether Airflow has its DAG; False, too, while Airflow does not answer."""
    may_edit: bool
    unsubscribed: tuple[str, ...] = ()
    """Recipients who have left: they stay in the list, and get no mail."""


class EventKind(StrEnum):
    """What happened to a subscription."""

    MADE = "made"
    EDITED = "edited"
    PAUSED = "paused"
    RESUMED = "resumed"
    DELETED = "deleted"
    RESTORED = "restored"


class HistoryEntry(BaseModel):
    """One thing that happened to a subscription."""

    model_config = ConfigDict(frozen=True)

    kind: EventKind
    words: str
    """What happened: ``Paused``."""
    by: str
    at: AwareDatetime
    revision: int | None
    """The revision that it made, or None for what changed no terms."""
    changes: tuple[TermChange, ...] = ()
    """What an edit changed, in words."""


@dataclass(frozen=True)
class Facts:
    """What the database has about some subscriptions."""

    subscriptions: tuple[Subscription, ...]
    runs: Mapping[UUID, LatestRun]
    left: Mapping[UUID, tuple[str, ...]]


def read_facts(connection: Connection, subscriptions: Sequence[Subscription]) -> Facts:
    """Read what views of some subscriptions need, in as many statements as for one."""
    ids = [one.subscription_id for one in subscriptions]
    return Facts(tuple(subscriptions), latest_runs(connection, ids), leavers(connection, ids))


def views_of(inst: Installation, caller: Caller, facts: Facts) -> tuple[SubscriptionView, ...]:
    """Return how a caller sees subscriptions, in their order; Airflow is asked about all of them at once."""
    known = _known(inst, [one.dag_id for one in facts.subscriptions])
    catalog, now = inst.catalog(), inst.clock()
    return tuple(
        _view(caller, one, facts, catalog=catalog, now=now, dag_known=one.dag_id in known)
        for one in facts.subscriptions
    )


def history_of(
    inst: Installation, connection: Connection, subscription: Subscription
) -> tuple[HistoryEntry, ...]:
    """Return what happened to a subscription, newest first."""
    revisions = revisions_of(connection, subscription.subscription_id)
    entries = [
        _revision_entry(inst, revision, before)
        for revision, before in zip(revisions, [None, *revisions], strict=False)
    ]
    entries += [_state_entry(one) for one in state_changes_of(connection, subscription.subscription_id)]
    return tuple(reversed(sorted(entries, key=lambda entry: entry.at)))


def upcoming(subscription: Subscription, *, after: datetime) -> tuple[datetime, ...]:
    """Return the next slots of a subscription; none while it is not active, or its terms are not valid."""
    if subscription.state is not SubscriptionState.ACTIVE:
        return ()
    # Slots are whole minutes: within one, the answer is the same.
    return _slots_after(subscription.terms.schedule, after.replace(second=0, microsecond=0))


@lru_cache(maxsize=8192)
def _slots_after(schedule: Schedule, after: datetime) -> tuple[datetime, ...]:
    # A millisecond each: too much for a list of thousands that is asked for again and again.
    try:
        check_cron(schedule.cron)
        check_zone(schedule.zone)
    except InputError:
        return ()
    return tuple(schedule.next_slots(after, SLOTS_SHOWN))


def _known(inst: Installation, dag_ids: Collection[str]) -> frozenset[str]:
    if not dag_ids:
        return frozenset()
    try:
        return inst.engine.known(dag_ids)
    except EngineUnavailableError as error:
        # The list is of use without it.
        log.warning("Airflow does not say which of %d DAGs it knows: %s", len(dag_ids), error)
        return frozenset()


def _view(
    caller: Caller,
    subscription: Subscription,
    facts: Facts,
    *,
    catalog: Catalog,
    now: datetime,
    dag_known: bool,
) -> SubscriptionView:
    terms = subscription.terms
    report = catalog.reports.get(terms.report_id)
    is_own = caller.may_act_for(subscription.owner)
    left = {address.lower() for address in facts.left.get(subscription.subscription_id, ())}
    if not is_own:
        # Who else gets the mails is nobody's business but the owner's.
        mine = tuple(one for one in terms.recipients if one.lower() == (caller.email or "").lower())
        subscription = subscription.model_copy(
            update={"terms": terms.model_copy(update={"recipients": mine})}
        )
    return SubscriptionView(
        subscription=subscription,
        report_title=report.title if report else terms.report_id,
        words=readable_schedule(terms.cron, terms.zone),
        state_words=_STATE_WORDS[subscription.state],
        next_slots=upcoming(subscription, after=now),
        last_run=_last_run(facts.runs.get(subscription.subscription_id), is_own=is_own),
        dag_known=dag_known,
        may_edit=is_own,
        unsubscribed=tuple(one for one in subscription.terms.recipients if one.lower() in left),
    )


def _last_run(run: LatestRun | None, *, is_own: bool) -> LastRun | None:
    if run is None:
        return None
    return LastRun(
        job_id=run.run_id if is_own else None,
        state=run.state,
        words=words_of_state(run.state),
        slot=run.slot,
        at=run.at,
    )


def _revision_entry(inst: Installation, revision: Revision, before: Revision | None) -> HistoryEntry:
    kind = EventKind.MADE if before is None else EventKind.EDITED
    report = inst.catalog().reports.get(revision.terms.report_id)
    return HistoryEntry(
        kind=kind,
        words=kind.value.capitalize(),
        by=revision.by,
        at=revision.at,
        revision=revision.revision,
        changes=term_changes(before.terms, revision.terms, report=report) if before else (),
    )


def _state_entry(change: StateChange) -> HistoryEntry:
    match change.new:
        case SubscriptionState.PAUSED if change.former is SubscriptionState.ACTIVE:
            kind = EventKind.PAUSED
        case SubscriptionState.DELETED:
            kind = EventKind.DELETED
        case _ if change.former is SubscriptionState.DELETED:
            kind = EventKind.RESTORED
        case _:
            kind = EventKind.RESUMED
    return HistoryEntry(kind=kind, words=kind.value.capitalize(), by=change.by, at=change.at, revision=None)
