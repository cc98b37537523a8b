"""The password of a subscription's documents, on the subscription's page: set or taken away, never shown."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from broadsheet.domain.access import Caller
from broadsheet.errors import InputError
from broadsheet.portal.identity import CallerDep, InstallationDep, current_caller
from broadsheet.portal.pages.answers import form_again
from broadsheet.portal.pages.forms import Fault, SentForm, faults_of
from broadsheet.portal.pages.rendering import page, say
from broadsheet.services.installation import Installation
from broadsheet.services.passwords import clear_password, find_password, keeps_passwords, set_password
from broadsheet.services.subscriptions import get_subscription

router = APIRouter(prefix="/subscriptions", dependencies=[Depends(current_caller)])

_FIELD = "password"


@router.post("/{slug}/password", response_class=Response)
def protect(
    request: Request, slug: str, sent: SentForm, inst: InstallationDep, caller: CallerDep
) -> Response:
    """Protect later documents; or say beside the field what is wrong with the password."""
    # Spaces at its ends are the person's, to be told of.
    given = next(iter(sent.texts(_FIELD)), "")
    try:
        set_password(inst, caller, slug, given)
    except InputError as error:
        faults = faults_of([error])
        shown = page(request, "subscription_password", **_context(inst, caller, slug, faults=faults))
        return form_again(shown, "password-card")
    return say(_shown(request, inst, caller, slug), "Later documents open with this password alone.")


@router.post("/{slug}/password/remove", response_class=Response)
def leave_open(request: Request, slug: str, inst: InstallationDep, caller: CallerDep) -> Response:
    """Leave later documents open."""
    clear_password(inst, caller, slug)
    return say(_shown(request, inst, caller, slug), "Later documents open without a password.")


def password_context(inst: Installation, caller: Caller, slug: str) -> dict[str, Any]:
    """Return what the part about the password shows of a subscription of the caller's."""
    return {
        "protection": find_password(inst, caller, slug),
        "keeps_passwords": keeps_passwords(inst),
        "faults": (),
    }


def _shown(request: Request, inst: Installation, caller: Caller, slug: str) -> Response:
    return page(request, "subscription_password", **_context(inst, caller, slug))


def _context(
    inst: Installation, caller: Caller, slug: str, *, faults: tuple[Fault, ...] = ()
) -> dict[str, Any]:
    view = get_subscription(inst, caller, slug)
    return {**password_context(inst, caller, slug), "view": view, "faults": faults}
