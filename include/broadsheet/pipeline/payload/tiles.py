"""Tiles of key figures."""

from __future__ import annotations

from broadsheet.pipeline.payload.fields import Direction, Label, Number, Part, Plotted


class KpiPart(Part):
    """A figure with its change against the period before; ``good`` is None where no way is good news."""

    label: Label
    value: Number = None
    display: Label
    unit: Label = ""
    change: Number = None
    change_display: Label = ""
    against: Label = ""
    """What the change is against, where that is not the period before."""
    direction: Direction = "none"
    good: bool | None = None
    target_display: Label = ""
    reached: bool | None = None
    """Whether the value is where it should be; None without a target or a value."""
    points: tuple[Plotted, ...] = ()
    """The value's way through the period, for a small line."""
    note: Label = ""
