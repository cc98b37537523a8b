"""My subscriptions: what I ordered and what others send me; pause, resume, run, delete with undo, history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from broadsheet.domain.access import Caller
from broadsheet.domain.parameters import display_parameter
from broadsheet.domain.subscription import SubscriptionState
from broadsheet.portal.identity import CallerDep, InstallationDep, current_caller
from broadsheet.portal.pages.password import password_context
from broadsheet.portal.pages.rendering import go_to, page, say
from broadsheet.services.installation import Installation
from broadsheet.services.subscriptions import (
    SubscriptionView,
    delete_subscription,
    get_subscription,
    list_subscriptions,
    pause_subscription,
    received_subscriptions,
    restore_subscription,
    resume_subscription,
    run_subscription,
    subscription_history,
    unsubscribe_me,
)

router = APIRouter(prefix="/subscriptions", dependencies=[Depends(current_caller)])

ON_PAGE = 10
"""Subscriptions that the list shows at a time."""
Shown = Literal["row", "page"]
"""Whether a change was asked for in the list or on the subscription's own page."""
_SAVED = {"new": "Your subscription is saved.", "edit": "Your changes are saved."}


class Listing(BaseModel):
    """Which subscriptions the list shows, as its address says it."""

    model_config = ConfigDict(frozen=True)

    of: str = "me"
    """``all`` shows operators everybody's."""
    deleted: bool = False
    page: int = Field(1, ge=1, le=10_000)


@router.get("", response_class=Response)
def subscriptions_page(
    request: Request, inst: InstallationDep, caller: CallerDep, listing: Annotated[Listing, Query()]
) -> Response:
    """Show the reader's subscriptions and those of others that mail them; operators may see everybody's."""
    return page(request, "subscriptions", section="subscriptions", **_listed(inst, caller, listing))


@router.get("/{slug}", response_class=Response)
def subscription_page(
    request: Request, slug: str, inst: InstallationDep, caller: CallerDep, saved: str = ""
) -> Response:
    """Show one subscription: what it sends, to whom, when, and whether Airflow has it."""
    view = get_subscription(inst, caller, slug)
    return page(request, "subscription", saved=_SAVED.get(saved), **_context(inst, caller, view))


@router.get("/{slug}/dag", response_class=Response)
def dag_part(request: Request, slug: str, inst: InstallationDep, caller: CallerDep) -> Response:
    """Show whether Airflow has the subscription's DAG by now."""
    return page(request, "subscription_dag", view=get_subscription(inst, caller, slug))


@router.get("/{slug}/history", response_class=Response)
def history_page(request: Request, slug: str, inst: InstallationDep, caller: CallerDep) -> Response:
    """Show everything that happened to a subscription."""
    view = get_subscription(inst, caller, slug)
    entries = subscription_history(inst, caller, slug)
    return page(request, "subscription_history", section="subscriptions", view=view, entries=entries)


@dataclass(frozen=True)
class Change:
    """A change of one subscription, asked for in the list or on its own page."""

    request: Request
    slug: str
    inst: Installation
    caller: Caller
    shown: Shown

    def made(self, make: Callable[[Installation, Caller, str], SubscriptionView], words: str) -> Response:
        """Make the change, and show the subscription anew with a message that says what happened."""
        view = make(self.inst, self.caller, self.slug)
        whole = self.shown == "page"
        answer = page(
            self.request,
            "subscription_body" if whole else "subscription_row",
            saved=None,
            changed=True,
            **_context(self.inst, self.caller, view, whole=whole),
        )
        return say(answer, words.format(f"“{view.subscription.terms.title}”"))


def asked_change(
    request: Request, slug: str, inst: InstallationDep, caller: CallerDep, shown: Shown = "row"
) -> Change:
    """Return the change that a request is about."""
    return Change(request, slug, inst, caller, shown)


ChangeDep = Annotated[Change, Depends(asked_change)]


@router.post("/{slug}/pause", response_class=Response)
def pause(change: ChangeDep) -> Response:
    """Stop a subscription until it is resumed."""
    return change.made(pause_subscription, "{} is paused.")


@router.post("/{slug}/resume", response_class=Response)
def resume(change: ChangeDep) -> Response:
    """Start a paused subscription again."""
    return change.made(resume_subscription, "{} goes on.")


@router.post("/{slug}/delete", response_class=Response)
def delete(change: ChangeDep) -> Response:
    """Delete a subscription; the answer offers to undo it."""
    return change.made(delete_subscription, "{} is deleted.")


@router.post("/{slug}/restore", response_class=Response)
def restore(change: ChangeDep) -> Response:
    """Undo a deletion."""
    return change.made(restore_subscription, "{} is back.")


@router.post("/{slug}/run", response_class=Response)
def run(request: Request, slug: str, inst: InstallationDep, caller: CallerDep) -> Response:
    """Run a subscription now and lead to its run."""
    job = run_subscription(inst, caller, slug)
    return go_to(request, f"/runs/{job.id}")


@router.post("/{slug}/unsubscribe", response_class=Response)
def unsubscribe(request: Request, slug: str, inst: InstallationDep, caller: CallerDep) -> Response:
    """Stop the mails of somebody else's subscription to the caller."""
    found = [view for view in received_subscriptions(inst, caller) if view.subscription.slug == slug]
    unsubscribe_me(inst, caller, slug)
    title = found[0].subscription.terms.title if found else "This report"
    return say(page(request, "unsubscribed", title=title), f"You get no more mails of {title}.")


def _listed(inst: Installation, caller: Caller, listing: Listing) -> dict[str, Any]:
    everybody = caller.is_operator and listing.of == "all"
    found = list_subscriptions(
        inst, caller, include_deleted=listing.deleted, owner=None if everybody else caller.name
    )
    if listing.deleted:
        found = tuple(view for view in found if view.subscription.state is SubscriptionState.DELETED)
    is_first = not (everybody or listing.deleted or listing.page > 1)
    return {
        "everybody": everybody,
        "deleted": listing.deleted,
        "views": found[(listing.page - 1) * ON_PAGE : listing.page * ON_PAGE],
        "number": listing.page,
        "last": max(1, -(-len(found) // ON_PAGE)),
        "received": received_subscriptions(inst, caller) if is_first else (),
    }


def _context(
    inst: Installation, caller: Caller, view: SubscriptionView, *, whole: bool = True
) -> dict[str, Any]:
    shown = {"section": "subscriptions", "view": view, "parameters": _parameter_words(inst, view)}
    if whole and view.may_edit:
        shown |= password_context(inst, caller, view.subscription.slug)
    return shown


def _parameter_words(inst: Installation, view: SubscriptionView) -> list[tuple[str, str]]:
    """Return a subscription's parameters for readers; by their names where the report is gone."""
    terms = view.subscription.terms
    report = inst.catalog().reports.get(terms.report_id)
    schemas = report.parameter_schemas if report else {}
    order = {name: place for place, name in enumerate(schemas)}
    return [
        (str(schemas.get(name, {}).get("title") or name), display_parameter(schemas.get(name, {}), value))
        for name, value in sorted(terms.parameters.items(), key=lambda pair: order.get(pair[0], len(order)))
    ]
