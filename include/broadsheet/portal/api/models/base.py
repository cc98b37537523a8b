"""What the models of the API share: unknown fields are refused, and texts have an end."""

from __future__ import annotations

import json
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, StringConstraints

# What no field of one line may hold: line breaks and other control characters.
_ONE_LINE = r"^[^\x00-\x1f\x7f]*$"

REPORT_ID = r"^[a-z][a-z0-9_]{0,62}$"
SLUG = r"^[a-z0-9][a-z0-9_-]{0,99}$"


class Answer(BaseModel):
    """Base of what the API answers."""

    model_config = ConfigDict(frozen=True)


class Input(BaseModel):
    """Base of what the API takes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _plain_json(values: dict[str, JsonValue]) -> dict[str, JsonValue]:
    # Python's reader takes NaN and halves of surrogate pairs, which neither Postgres nor a reader would.
    try:
        json.dumps(values, allow_nan=False, ensure_ascii=False).encode()
    except ValueError as error:
        raise ValueError("holds a number that is not finite, or broken Unicode") from error
    return values


Short = Annotated[str, StringConstraints(max_length=100, pattern=_ONE_LINE)]
Line = Annotated[str, StringConstraints(max_length=300, pattern=_ONE_LINE)]
Address = Annotated[str, StringConstraints(max_length=320, pattern=_ONE_LINE)]
ReportId = Annotated[str, StringConstraints(pattern=REPORT_ID)]
Formats = Annotated[tuple[Short, ...], Field(max_length=10)]
Slug = Annotated[str, StringConstraints(pattern=SLUG)]
Parameters = Annotated[
    dict[Annotated[str, StringConstraints(max_length=63, pattern=_ONE_LINE)], JsonValue],
    Field(max_length=100),
    AfterValidator(_plain_json),
]
