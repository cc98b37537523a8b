"""Names of a database put into words for readers, and into names that a definition may have."""

from __future__ import annotations

import re
import unicodedata

LONGEST_NAME = 63
# Where a word begins in orderDate and in HTTPStatus.
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# All that could be markup in Markdown, Jinja or YAML.
_NOT_IN_LABELS = re.compile(r"[^\w&%.,'()/+°€$£-]+|_+")


def in_words(name: str) -> str:
    """Make a label of a name: ``dep_delay`` and ``depDelay`` say ``Dep delay``, ``Straße & Nr.`` stays."""
    shouted = name.isupper() and "_" in name
    split = _HUMP.sub("_", name)
    if shouted or split != name:
        # An abbreviation stays one: orderID is an Order ID.
        parts = (part.lower() if shouted or not part.isupper() else part for part in split.split("_"))
        split = "_".join(parts)
    words = _NOT_IN_LABELS.sub(" ", split).strip() or "Rows"
    return words[:1].upper() + words[1:]


def as_name(text: str) -> str:
    """Make a name of any text: ``Größe (m²)`` gives ``grosse_m2``, ``orderDate`` ``order_date``."""
    split = _HUMP.sub("_", text).lower().replace("ß", "ss")
    bare = "".join(one for one in unicodedata.normalize("NFKD", split) if not unicodedata.combining(one))
    name = re.sub(r"[^a-z0-9]+", "_", bare.lower()).strip("_")
    return (name if name[:1].isalpha() else f"c_{name}".rstrip("_"))[:LONGEST_NAME]


def uncapitalised(words: str) -> str:
    """Return words as they stand within a sentence: an abbreviation keeps its capitals."""
    first = words.partition(" ")[0]
    return words if len(first) > 1 and first.isupper() else words[:1].lower() + words[1:]
