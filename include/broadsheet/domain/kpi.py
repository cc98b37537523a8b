"""The tiles of key figures of a report's definition."""

from __future__ import annotations

from typing import Literal

from broadsheet.domain.parts import Name, Part, Text


class Kpi(Part):
    """A tile: a measure's value, its change, its way through the period, and where it should be."""

    measure: Name
    label: Text | None = None
    """Default: the measure's own."""
    compare: Literal["previous", "year_before", "none"] = "previous"
    """What the change is against; `year_before` needs a dataset that says `year_before: true`."""
    change: Literal["absolute", "relative"] = "absolute"
    """Whether the change is a difference, of shares in points, or a share of the value before."""
    target: float | None = None
    """Where the value should be: at least there where up is better, at most where down is; a share is a
    fraction."""
    spark: Name | None = None
    """Column whose values make the points of a small line below the value: its day, or an hour."""
