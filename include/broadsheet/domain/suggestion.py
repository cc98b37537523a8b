"""What to say to whoever misspelt a name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_MOST_LISTED = 20
_MOST_WITHIN = 3


def nearest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return what was probably meant, best first: at most three names, none where nothing is near.

    Case, hyphens and blanks make no difference; a name that is a word of others (``delay`` of
    ``arr_delay``) means one of those.
    """
    wanted = _plain(name)
    by_plain: dict[str, str] = {}
    for one in known:
        by_plain.setdefault(_plain(one), one)
    if near := difflib.get_close_matches(wanted, by_plain, n=1):
        return (by_plain[near[0]],)
    words = set(wanted.split("_"))
    within = [one for plain, one in by_plain.items() if words <= set(plain.split("_"))]
    return tuple(within) if len(within) <= _MOST_WITHIN else ()


def suggest(name: str, known: Iterable[str], *, otherwise: str = "there are", form: str = "{!r}") -> str:
    """Return "did you mean 'carrier'?" or, where nothing is near, "there are carrier, origin".

    ``otherwise`` begins the second answer; ``form`` is how the first one writes a name.
    """
    names = list(known)
    if near := nearest(name, names):
        return f"did you mean {' or '.join(form.format(one) for one in near)}?"
    listed = ", ".join(names[:_MOST_LISTED]) or "none"
    more = len(names) - _MOST_LISTED
    return f"{otherwise} {listed} and {more} more" if more > 0 else f"{otherwise} {listed}"


def _plain(name: str) -> str:
    return name.strip().lower().replace("-", "_").replace(" ", "_")
