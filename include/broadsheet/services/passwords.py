"""The password of a subscription's documents: set, replaced, taken away; it is never told again."""

from __future__ import annotations

import unicodedata

from broadsheet.domain.access import Caller
from broadsheet.errors import ConflictError, InputError
from broadsheet.services.installation import Installation
from broadsheet.services.subscriptions import get_subscription
from broadsheet.store import passwords as store
from broadsheet.store.database import transaction
from broadsheet.store.passwords import PasswordInForce
from broadsheet.store.sealing import seal

SHORTEST = 8
LONGEST = 127
"""Bytes in UTF-8, by the standard."""
OPEN_TEST = "its documents open with a password, and a test would be open: run the subscription instead"


def keeps_passwords(inst: Installation) -> bool:
    """Tell whether the installation has a key to keep passwords with."""
    return inst.settings().secret_key is not None


def sealed_password(inst: Installation, password: str) -> bytes:
    """Return a password as it is kept.

    InputError for one that readers could not take, ConflictError where there is no key to keep it with.
    """
    form = check_password(password)
    if not keeps_passwords(inst):
        raise ConflictError("this installation has no key to keep passwords with; its operator can set one")
    return seal(form, inst.settings())


def set_password(inst: Installation, caller: Caller, slug: str, password: str) -> None:
    """Protect the documents of a subscription's later runs; its files of rows are not made any more.

    Raises NotFoundError for a subscription that is not the caller's, InputError for a password that readers
    could not take, and ConflictError where the installation has no key to keep it with.
    """
    found = get_subscription(inst, caller, slug)
    secret = sealed_password(inst, password)
    with transaction(inst.dsn()) as connection:
        store.replace_password(
            connection, found.subscription.subscription_id, secret, by=caller.name, at=inst.clock()
        )


def clear_password(inst: Installation, caller: Caller, slug: str) -> None:
    """Leave the documents of a subscription's later runs open; NotFoundError when it is not the caller's."""
    found = get_subscription(inst, caller, slug)
    with transaction(inst.dsn()) as connection:
        store.replace_password(
            connection, found.subscription.subscription_id, None, by=caller.name, at=inst.clock()
        )


def find_password(inst: Installation, caller: Caller, slug: str) -> PasswordInForce | None:
    """Return who protected a subscription's documents and when; None where they are open."""
    found = get_subscription(inst, caller, slug)
    with transaction(inst.dsn()) as connection:
        return store.password_in_force(connection, found.subscription.subscription_id)


def refuse_open_test(inst: Installation, caller: Caller, slug: str) -> None:
    """Raise ConflictError where documents are protected: a test would be one without its password."""
    if find_password(inst, caller, slug) is not None:
        raise ConflictError(OPEN_TEST)


def check_password(password: str) -> str:
    """Return a password in the form in which readers compare it; InputError for what they could not take."""
    form = unicodedata.normalize("NFKC", password)
    if len(form) < SHORTEST or len(form.encode("utf-8", "replace")) > LONGEST:
        raise InputError(
            f"a password has {SHORTEST} characters or more, and {LONGEST} bytes at most", field="password"
        )
    if not form.isprintable() or form != form.strip():
        raise InputError("a password has no control characters, and no space at its ends", field="password")
    return form
