"""What the parts of a report's definition have in common: names, texts, types and formats."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
"""A name that other parts refer to, in lower case: ``on_time_share``."""
Text = Annotated[str, StringConstraints(min_length=1, max_length=500)]
"""One line for readers; a sandboxed Jinja template where its field says so."""
Scalar = str | int | float | bool


class Part(BaseModel):
    """Base of every part of a definition: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ColumnType(StrEnum):
    """Types that a dataset's column can have."""

    INTEGER = "integer"
    NUMBER = "number"
    DECIMAL = "decimal"
    """Postgres' numeric, kept exact: amounts of money."""
    TEXT = "text"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"


class Rounding(StrEnum):
    """Where a number goes that lies in the middle between two that can be written."""

    HALF_UP = "half_up"
    """Away from zero, as people and invoices do it: 2.665 is written 2.67, 2.675 is 2.68."""
    HALF_EVEN = "half_even"
    """To the even digit, as banks do it, so that many such numbers even out: 2.665 is 2.66, 2.675 is 2.68."""


class Format(StrEnum):
    """How a value is written for readers. ``percent`` takes a fraction: 0.781 is written 78.1 %."""

    INTEGER = "integer"
    DECIMAL1 = "decimal1"
    DECIMAL2 = "decimal2"
    PERCENT = "percent"
    TEXT = "text"
    DATE = "date"
    DATETIME = "datetime"
