"""What the modules for the kinds of chart hand back: the part of a chart that differs by kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from broadsheet.pipeline.formats import finite
from broadsheet.pipeline.payload import PanelPart, SeriesPart, SpreadPart


@dataclass(frozen=True)
class Content:
    """Groups with their names, and what is drawn for them; ``keys`` are the groups as in the data."""

    keys: list[object]
    x: list[str]
    series: list[SeriesPart] = field(default_factory=list)
    shown: int = 0
    total: int = 0
    note: str = ""
    empty: str = ""
    spreads: list[SpreadPart] = field(default_factory=list)
    panels: list[PanelPart] = field(default_factory=list)
    totals: tuple[int, ...] = ()
    previous_keys: Sequence[object] = ()
    """Counterparts of the groups a period earlier, where they are others, and what readers call them."""
    previous_x: Sequence[str] = ()


def plotted(value: object) -> float | None:
    """Return a number as charts take it."""
    found = finite(value)
    return None if found is None else float(found)
