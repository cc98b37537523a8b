"""What forms send, and the faults that are shown beside their fields."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from pydantic import JsonValue
from starlette.exceptions import HTTPException

from broadsheet.errors import InputError, InputErrors
from broadsheet.services.catalog import ParameterField

MOST_BYTES = 64 * 1024
_MOST_FIELDS = 500
_FORM = "application/x-www-form-urlencoded"
_FIELDS = frozenset(
    {
        "recipients",
        "password",
        "title",
        "zone",
        "cron",
        "period",
        "period_kind",
        "locale",
        "theme",
        "formats",
        "schedule.at",
        "schedule.days",
        "schedule.day",
        "schedule.nth",
        "schedule.weekday",
    }
)
_BETWEEN_ADDRESSES = re.compile(r"[\s,;]+")


@dataclass(frozen=True)
class Sent:
    """The fields of a form as texts: as they were sent, or as they are filled in at first."""

    pairs: tuple[tuple[str, str], ...] = ()

    def text(self, name: str, default: str = "") -> str:
        """Return the first value of a field, without spaces around it."""
        return next((value.strip() for key, value in self.pairs if key == name), default)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return all values of a field."""
        return tuple(value for key, value in self.pairs if key == name)

    def has(self, name: str, value: str | None = None) -> bool:
        """Tell whether a field was sent, or was sent with a value: a box that is ticked."""
        return any(key == name and value in (None, given) for key, given in self.pairs)


async def sent_form(request: Request) -> Sent:
    """Read a request's form; HTTPException for one that is too long or of another kind."""
    kind = request.headers.get("content-type", _FORM).split(";")[0].strip().lower()
    if kind != _FORM:
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Send the form as {_FORM}.")
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise HTTPException(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A form has {MOST_BYTES} bytes at most."
            )
    return read_sent(body.decode("utf-8", "replace"))


def read_sent(text: str) -> Sent:
    """Read fields as a form or an address has them."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise HTTPException(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A form has {_MOST_FIELDS} fields at most."
        ) from error
    return Sent(tuple(pairs))


async def sent_query(request: Request) -> Sent:
    """Read the fields of a request's address."""
    return read_sent(request.url.query)


SentForm = Annotated[Sent, Depends(sent_form)]
SentQuery = Annotated[Sent, Depends(sent_query)]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, ready to stand beside its field."""

    field: str | None
    message: str

    @property
    def anchor(self) -> str | None:
        """Id of the field's input."""
        return anchor_of(self.field) if self.field else None


def anchor_of(field: str) -> str:
    """Return the id that a field's input has on the page."""
    return "f-" + re.sub(r"[^a-z0-9_]", "-", field.lower())


def known_fields(fields: Iterable[ParameterField]) -> frozenset[str]:
    """Return the names of the inputs that a form has, for the links from its summary of faults."""
    return _FIELDS | {f"parameters.{field.name}" for field in fields}


def faults_of(errors: Iterable[InputError]) -> tuple[Fault, ...]:
    """Return errors as faults; the field's name is left out of a message that stands beside the field."""
    flat = [one for error in errors for one in (error.errors if isinstance(error, InputErrors) else [error])]
    return tuple(dict.fromkeys(Fault(error.field, _beside(error)) for error in flat))


def read_parameters(fields: Iterable[ParameterField], sent: Sent) -> dict[str, JsonValue]:
    """Return the parameters that a form gives, by their types; a field that is left empty is not given.

    What has not the form of its type stays a text, for the report's schema to refuse in words.
    """
    texts = {field.name: sent.text(f"parameters.{field.name}") for field in fields}
    return {field.name: _value(field, texts[field.name]) for field in fields if texts[field.name]}


def read_addresses(text: str) -> tuple[str, ...]:
    """Return the addresses of a text: one a line, or with commas, semicolons or spaces between them."""
    return tuple(part for part in _BETWEEN_ADDRESSES.split(text) if part)


def parameter_pairs(
    fields: Iterable[ParameterField], values: dict[str, JsonValue] | None = None
) -> list[tuple[str, str]]:
    """Return how a form's parameters are filled in: with given values, or with the report's defaults."""
    given = {field.name: field.default if values is None else values.get(field.name) for field in fields}
    return [(f"parameters.{name}", str(value)) for name, value in given.items() if value is not None]


def _value(field: ParameterField, text: str) -> JsonValue:
    for choice in field.choices:
        if str(choice.value) == text:
            return choice.value
    try:
        if field.type == "integer":
            return int(text)
        if field.type == "number":
            return float(text)
    except ValueError:
        return text
    return text


def _beside(error: InputError) -> str:
    message = str(error)
    for prefix in (f"{error.field}: ", "schedule: "):
        message = message.removeprefix(prefix)
    if error.field and error.field.startswith("parameters."):
        message = message.replace(f"{error.field} ", "this ", 1)
    return message[:1].upper() + message[1:]
