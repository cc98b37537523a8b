"""A foreign page's drawing operators, written anew: known ones with the right number of operands, balanced.

What readers complain about (unknown operators, a state restored more often than saved) is left out, and so
are the marks of a structure tree that does not come along. Layers are kept: what was hidden stays hidden.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import pikepdf

# Operators of ISO 32000-1, table 51, by the number of their operands; -1 is any.
_OPERANDS: dict[str, int] = {
    **dict.fromkeys(("b", "B", "b*", "B*", "BT", "ET", "f", "F", "f*", "h", "n", "q", "Q", "s", "S"), 0),
    **dict.fromkeys(("T*", "W", "W*", "BX", "EX"), 0),
    **dict.fromkeys(("CS", "cs", "Do", "G", "g", "gs", "i", "j", "J", "M", "ri", "sh", "Tc", "TL"), 1),
    **dict.fromkeys(("Tj", "TJ", "Tr", "Ts", "Tw", "Tz", "w", "'"), 1),
    **dict.fromkeys(("d", "d0", "l", "m", "Td", "TD", "Tf"), 2),
    **dict.fromkeys(("RG", "rg", '"'), 3),
    **dict.fromkeys(("K", "k", "re", "v", "y"), 4),
    **dict.fromkeys(("c", "cm", "d1", "Tm"), 6),
    **dict.fromkeys(("SC", "sc", "SCN", "scn"), -1),
}
_OPTIONAL_CONTENT = "/OC"


def rewrite_content(stream: pikepdf.Object | pikepdf.Page) -> bytes:
    """Return the operators of a page or a form; PdfError when they cannot be parsed."""
    kept = [
        part if isinstance(part, pikepdf.ContentStreamInlineImage) else (list(part.operands), part.operator)
        for part in _kept(pikepdf.parse_content_stream(stream))
    ]
    return pikepdf.unparse_content_stream(kept)


def _kept(
    parts: list[pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage],
) -> Iterator[pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage]:
    saved = 0
    marks: list[bool] = []
    for part in parts:
        if isinstance(part, pikepdf.ContentStreamInlineImage):
            yield part
            continue
        name = str(part.operator)
        if name in ("BDC", "BMC"):
            marks.append(name == "BDC" and str(part.operands[0]) == _OPTIONAL_CONTENT)
            if marks[-1]:
                yield part
            continue
        if name == "EMC":
            if marks and marks.pop():
                yield part
            continue
        count = _OPERANDS.get(name)
        if count is None or count not in (-1, len(part.operands)):
            continue
        saved += {"q": 1, "Q": -1}.get(name, 0)
        if saved < 0:
            saved = 0
            continue
        yield part
    closing = chain(["EMC"] * sum(marks), ["Q"] * saved)
    yield from (pikepdf.ContentStreamInstruction([], pikepdf.Operator(name)) for name in closing)
