"""Protect a subscription's documents with a password, and say whether they are."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from broadsheet.portal.api.answers import EVERYWHERE, WRITES, problems
from broadsheet.portal.api.models.passwords import NewPassword, Protection
from broadsheet.portal.api.paths import SubscriptionName
from broadsheet.portal.identity import CallerDep, InstallationDep, current_caller
from broadsheet.services import passwords as use_cases

router = APIRouter(tags=["subscriptions"], dependencies=[Depends(current_caller)])

_PATH = "/subscriptions/{name:slug}/password"


@router.get(_PATH, summary="Tell whether documents are protected", responses=problems(*EVERYWHERE, 404))
def show_protection(name: SubscriptionName, inst: InstallationDep, caller: CallerDep) -> Protection:
    """Answer with whether there is a password, never with the password."""
    return Protection.of(use_cases.find_password(inst, caller, name))


@router.put(
    _PATH, summary="Protect documents by a password", responses=problems(*EVERYWHERE, *WRITES, 404, 409, 422)
)
def set_password(
    name: SubscriptionName, body: NewPassword, inst: InstallationDep, caller: CallerDep
) -> Protection:
    """Protect the PDFs of later runs; their files of rows are not made any more. 409 without a key for it."""
    use_cases.set_password(inst, caller, name, body.password.get_secret_value())
    return Protection.of(use_cases.find_password(inst, caller, name))


@router.delete(_PATH, summary="Leave documents open again", responses=problems(*EVERYWHERE, 403, 404))
def clear_password(name: SubscriptionName, inst: InstallationDep, caller: CallerDep) -> Protection:
    """Leave the documents of later runs without a password."""
    use_cases.clear_password(inst, caller, name)
    return Protection.of(None)
