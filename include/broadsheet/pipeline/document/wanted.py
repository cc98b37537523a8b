"""Which drawings a page needs, so that no other is made."""

from __future__ import annotations

from collections.abc import Iterable

from broadsheet.pipeline.document.template import Block

HALF = "half"
FULL = "full"


def wanted_sizes(blocks: Iterable[Block]) -> dict[str, set[str]]:
    """Return the sizes in which each chart stands on a page, by the chart's name.

    It is what ``BlockBuilder`` asks for. On a page with columns a chart may stand in one of them or outside:
    which it is, only its Markdown says, so that both sizes are wanted.
    """
    named = list(blocks)
    columns = any(block.kind == "columns" for block in named)
    sizes: dict[str, set[str]] = {}
    for block in named:
        if block.kind == "chart":
            for name in block.names:
                sizes.setdefault(name, set()).update({HALF, FULL} if columns else {FULL})
        elif block.kind == "charts":
            for name in block.names:
                sizes.setdefault(name, set()).add(HALF)
    return sizes


def wanted_tiles(blocks: Iterable[Block]) -> set[str]:
    """Return the names of the sets of tiles that stand on a page."""
    return {name for block in blocks if block.kind == "kpis" for name in block.names}
