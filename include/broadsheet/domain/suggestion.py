"""What to say to whoever misspelt a name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def suggest(name: str, known: Iterable[str], *, otherwise: str = "there are", form: str = "{!r}") -> str:
    """Return "did you mean 'carrier'?" or, where nothing is near, "there are carrier, origin".

    ``otherwise`` begins the second answer; ``form`` is how the first one writes a name.
    """
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1)
    return f"did you mean {form.format(near[0])}?" if near else f"{otherwise} {', '.join(names) or 'none'}"
