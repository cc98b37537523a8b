"""Subscriptions: list, show, make, edit, pause, resume, delete and restore them, and leave other people's.

The rules of ownership stand here, once: what is not the caller's does not exist for them.
"""

from __future__ import annotations

from datetime import datetime

from broadsheet.domain.access import Caller
from broadsheet.errors import InputError
from broadsheet.services.installation import Installation
from broadsheet.services.job_views import Job
from broadsheet.services.subscribe import SubscriptionDraft
from broadsheet.services.subscription_views import EventKind, HistoryEntry, LastRun, SubscriptionView

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
    "resume_subscription",
    "run_subscription",
    "subscription_history",
    "unsubscribe_me",
]


def list_subscriptions(
    inst: Installation, caller: Caller, *, include_deleted: bool = False, owner: str | None = None
) -> tuple[SubscriptionView, ...]:
    """Return the caller's subscriptions, newest first; an operator's are everybody's, or one owner's."""
    raise NotImplementedError


def received_subscriptions(inst: Installation, caller: Caller) -> tuple[SubscriptionView, ...]:
    """Return the subscriptions of others that mail the caller, without the other recipients."""
    raise NotImplementedError


def get_subscription(inst: Installation, caller: Caller, slug: str) -> SubscriptionView:
    """Return a subscription, a deleted one too; NotFoundError when it is not the caller's."""
    raise NotImplementedError


def create_subscription(inst: Installation, caller: Caller, draft: SubscriptionDraft) -> SubscriptionView:
    """Store a draft as the caller's subscription. Raises InputErrors that lists every fault."""
    raise NotImplementedError


def edit_subscription(
    inst: Installation, caller: Caller, slug: str, draft: SubscriptionDraft, *, revision: int
) -> SubscriptionView:
    """Store a draft as a subscription's next revision; the same terms make none.

    ``revision`` is the one that the caller saw: StaleError when there is a newer one. Raises InputErrors that
    lists every fault, and ConflictError for a deleted subscription.
    """
    raise NotImplementedError


def check_draft(
    inst: Installation, caller: Caller, draft: SubscriptionDraft, *, slug: str | None = None
) -> list[InputError]:
    """Return every fault of a draft; nothing is stored. ``slug``: the subscription that it is an edit of."""
    raise NotImplementedError


def pause_subscription(inst: Installation, caller: Caller, slug: str) -> SubscriptionView:
    """Stop a schedule until it is resumed; ConflictError for a deleted subscription."""
    raise NotImplementedError


def resume_subscription(inst: Installation, caller: Caller, slug: str) -> SubscriptionView:
    """Start a paused schedule again, from its next slot on; ConflictError for a deleted subscription."""
    raise NotImplementedError


def delete_subscription(inst: Installation, caller: Caller, slug: str) -> SubscriptionView:
    """Delete a subscription; its runs, files and links stay, and it can be restored."""
    raise NotImplementedError


def restore_subscription(inst: Installation, caller: Caller, slug: str) -> SubscriptionView:
    """Undo a deletion: the subscription is active or paused, as it was before."""
    raise NotImplementedError


def run_subscription(inst: Installation, caller: Caller, slug: str) -> Job:
    """Run a subscription now, for all its recipients; ConflictError for a deleted one."""
    raise NotImplementedError


def subscription_history(inst: Installation, caller: Caller, slug: str) -> tuple[HistoryEntry, ...]:
    """Return everything that happened to a subscription, newest first."""
    raise NotImplementedError


def next_slots(cron: str, zone: str, *, count: int = 5, after: datetime) -> tuple[datetime, ...]:
    """Return the next slots of a schedule, in UTC; InputErrors names ``cron`` and ``zone`` when wrong."""
    raise NotImplementedError


def unsubscribe_me(inst: Installation, caller: Caller, slug: str) -> None:
    """Stop a subscription's mails to the caller's address; NotFoundError when it does not mail them."""
    raise NotImplementedError
