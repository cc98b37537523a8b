"""What the fields of a payload hold: texts made safe when a part is made, and numbers that are finite."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict

from broadsheet.pipeline.cleaning import clean


def _short(text: str) -> str:
    return clean(text, limit=300).strip()


def _long(text: str) -> str:
    return clean(text, limit=2_000).strip()


def _cell(text: str) -> str:
    # Most cells are short; how long those of a column may be, its own lines say.
    return clean(text, limit=5_000).strip()


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


Label = Annotated[str, AfterValidator(_short)]
Text = Annotated[str, AfterValidator(_long)]
CellText = Annotated[str, AfterValidator(_cell)]
Number = int | float | None
Value = int | float | str | None
Plotted = Annotated[float | None, AfterValidator(_finite)]
Direction = Literal["up", "down", "flat", "none"]
Tone = Literal["", "good", "warn", "bad"]
SeriesTone = Literal["", "main", "good", "warn", "bad", "quiet", "dark"]


class Part(BaseModel):
    """A part of a payload: never changed after it is made."""

    model_config = ConfigDict(frozen=True)
