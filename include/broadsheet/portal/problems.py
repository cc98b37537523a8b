"""Errors as answers: RFC 9457 problem details for programs, a page for browsers.

The one place that knows HTTP codes. What the caller may mend is said in full; of the rest they get an id,
which stands in the log beside the cause.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from broadsheet.errors import (
    BroadsheetError,
    ConflictError,
    ForbiddenError,
    InputError,
    InputErrors,
    NotFoundError,
    QuotaError,
    StaleError,
    TransientError,
    UnauthenticatedError,
)
from broadsheet.portal.addresses import login_address
from broadsheet.portal.problem_page import problem_page

log = logging.getLogger(__name__)

PROBLEM_TYPE = "application/problem+json"

_STATUS: tuple[tuple[type[BroadsheetError], HTTPStatus], ...] = (
    (UnauthenticatedError, HTTPStatus.UNAUTHORIZED),
    (ForbiddenError, HTTPStatus.FORBIDDEN),
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (ConflictError, HTTPStatus.CONFLICT),
    (StaleError, HTTPStatus.PRECONDITION_FAILED),
    (InputError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (QuotaError, HTTPStatus.TOO_MANY_REQUESTS),
    (TransientError, HTTPStatus.SERVICE_UNAVAILABLE),
)
_TITLES = {
    HTTPStatus.UNAUTHORIZED: "You are not logged in",
    HTTPStatus.FORBIDDEN: "You may not do this",
    HTTPStatus.NOT_FOUND: "There is no such thing here",
    HTTPStatus.METHOD_NOT_ALLOWED: "This cannot be done here",
    HTTPStatus.CONFLICT: "This cannot be done now",
    HTTPStatus.PRECONDITION_FAILED: "Somebody else changed this meanwhile",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "That is too much at once",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Something in the input is wrong",
    HTTPStatus.TOO_MANY_REQUESTS: "That was too often",
    HTTPStatus.SERVICE_UNAVAILABLE: "This does not work at the moment",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong on our side",
}
_WORDS = {
    HTTPStatus.NOT_FOUND: "Nothing lives at this address. It may have a typing error, or be out of date.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take such a request.",
}
_RETRY_AFTER = 15
# What the framework calls the parts of a request; users know the fields alone.
_PLACES = frozenset({"body", "query", "path", "header", "cookie"})


class FieldProblem(BaseModel):
    """One wrong input."""

    model_config = ConfigDict(frozen=True)

    field: str | None = Field(description="The input in the user's words.", examples=["parameters.carrier"])
    message: str = Field(
        description="What is wrong with it and what to do.",
        examples=['parameters.carrier: "XX" is not permitted; use one of all, 9E, AA'],
    )


class Problem(BaseModel):
    """An error as RFC 9457 wants it told, media type ``application/problem+json``."""

    model_config = ConfigDict(frozen=True)

    type: str = Field(description="Kind of the problem, as a URI.", examples=["urn:broadsheet:not_found"])
    title: str = Field(description="The same in words.", examples=["There is no such thing here"])
    status: int = Field(description="HTTP status code.", examples=[404])
    detail: str = Field(
        description="What happened this time, and what to do.", examples=["there is no job of this id"]
    )
    instance: str = Field(description="Path that was asked for.", examples=["/reports/api/v1/jobs/x"])
    code: str = Field(description="Stable name of the kind, for programs.", examples=["not_found"])
    errors: tuple[FieldProblem, ...] = Field(
        default=(), description="Every wrong input, in order.", examples=[[]]
    )
    error_id: str | None = Field(
        default=None,
        description="Stands in the api-server's log beside the cause.",
        examples=["9f2c41d07ab3"],
    )


@dataclass(frozen=True)
class Answer:
    """An error made ready to be sent, in either form."""

    problem: Problem
    headers: dict[str, str] = field(default_factory=dict)


def handle_problems(app: FastAPI) -> None:
    """Make an application answer every error with problem details."""
    _handle(app, problem_response)


def handle_problems_by_pages(app: FastAPI) -> None:
    """Make an application answer every error with a page."""
    _handle(app, page_response)


def problem_response(request: Request, error: Exception) -> Response:
    """Return an error as problem details."""
    answer = explain(request, error)
    content = answer.problem.model_dump(mode="json", exclude_defaults=True)
    return JSONResponse(
        content, status_code=answer.problem.status, headers=answer.headers, media_type=PROBLEM_TYPE
    )


def page_response(request: Request, error: Exception) -> Response:
    """Return an error as a page; browsers that are not logged in are led to Airflow's log-in and back."""
    if isinstance(error, UnauthenticatedError):
        if request.method in ("GET", "HEAD") and "hx-request" not in request.headers:
            return RedirectResponse(login_address(request), HTTPStatus.FOUND)
        # htmx follows this one whatever the status is.
        return problem_page(request, explain(request, error).problem, {"HX-Redirect": login_address(request)})
    answer = explain(request, error)
    return problem_page(request, answer.problem, answer.headers)


def explain(request: Request, error: Exception) -> Answer:
    """Say what an error means to whoever sent the request; log what they cannot mend."""
    match error:
        case HTTPException():
            return Answer(_of_http(request, error), dict(error.headers or {}))
        case RequestValidationError():
            return Answer(_of_validation(request, error))
        case BroadsheetError():
            return _of_domain(request, error)
        case _:
            return Answer(_hidden(request, error, HTTPStatus.INTERNAL_SERVER_ERROR, code="internal_error"))


def _handle(app: FastAPI, respond: Any) -> None:
    for kind in (BroadsheetError, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, respond)


def _of_domain(request: Request, error: BroadsheetError) -> Answer:
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), None)
    if status is None:
        return Answer(_hidden(request, error, HTTPStatus.INTERNAL_SERVER_ERROR, code=error.code))
    if isinstance(error, TransientError):
        return Answer(_hidden(request, error, status, code=error.code), {"Retry-After": str(_RETRY_AFTER)})
    headers: dict[str, str] = {}
    if isinstance(error, UnauthenticatedError):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, QuotaError):
        headers["Retry-After"] = str(error.retry_after)
    return Answer(_problem(request, status, error.code, str(error), errors=_fields(error)), headers)


def _of_http(request: Request, error: HTTPException) -> Problem:
    status = HTTPStatus(error.status_code)
    code = status.name.lower()
    # The framework's own errors say nothing but the status once more.
    words = _WORDS.get(status, status.description) if error.detail in ("", status.phrase) else error.detail
    return _problem(request, status, code, str(words))


def _of_validation(request: Request, error: RequestValidationError) -> Problem:
    errors = [
        FieldProblem(field=_field_name(fault["loc"]), message=str(fault["msg"])) for fault in error.errors()
    ]
    detail = "; ".join(f"{one.field}: {one.message}" if one.field else one.message for one in errors)
    return _problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, InputErrors.code, detail, errors=errors)


def _field_name(place: Sequence[int | str]) -> str | None:
    parts = [str(part) for part in (place[1:] if place and place[0] in _PLACES else place)]
    return ".".join(parts) or None


def _fields(error: BroadsheetError) -> list[FieldProblem]:
    if isinstance(error, InputErrors):
        return [FieldProblem(field=one.field, message=str(one)) for one in error.errors]
    if isinstance(error, InputError):
        return [FieldProblem(field=error.field, message=str(error))]
    return []


def _hidden(request: Request, error: Exception, status: HTTPStatus, *, code: str) -> Problem:
    """Keep the cause to the log: it may name servers, statements or other people's things."""
    error_id = uuid4().hex[:12]
    # A fault of the network needs no stack trace; what nobody foresaw does.
    known = isinstance(error, BroadsheetError)
    log.error(
        "error %s: %s %s: %s: %s",
        error_id,
        request.method,
        request.url.path,
        type(error).__name__,
        error,
        exc_info=None if known else error,
    )
    words = "Try again in a moment." if status is HTTPStatus.SERVICE_UNAVAILABLE else "Nothing you did wrong."
    detail = f"{words} If it stays, tell an operator this id: {error_id}."
    return _problem(request, status, code, detail, error_id=error_id)


def _problem(
    request: Request,
    status: HTTPStatus,
    code: str,
    detail: str,
    *,
    errors: Sequence[FieldProblem] = (),
    error_id: str | None = None,
) -> Problem:
    return Problem(
        type=f"urn:broadsheet:{code}",
        title=_TITLES.get(status, status.phrase),
        status=int(status),
        detail=detail,
        instance=request.url.path,
        code=code,
        errors=tuple(errors),
        error_id=error_id,
    )
