"""What answers have in common: which problems a route can meet, and files in full, in part or unchanged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from broadsheet.domain.file_name import content_disposition
from broadsheet.portal.api.conditions import is_unchanged, requested_range
from broadsheet.services.job_views import ArtifactView
from broadsheet.store.objects import StoredStream

Responses = dict[int | str, dict[str, Any]]

_WHEN = {
    HTTPStatus.BAD_REQUEST: "The body is no JSON.",
    HTTPStatus.UNAUTHORIZED: "There are no credentials, or they are not valid any more.",
    HTTPStatus.FORBIDDEN: "The caller may not do this.",
    HTTPStatus.NOT_FOUND: "There is no such thing, or it is not the caller's.",
    HTTPStatus.CONFLICT: "The thing is not in a state in which this can be done.",
    HTTPStatus.PRECONDITION_FAILED: "Somebody else changed the thing since the caller read it.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body has more than 64 kB.",
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE: "The file has no such part.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Inputs are wrong; `errors` lists every one.",
    HTTPStatus.PRECONDITION_REQUIRED: "If-Match is missing.",
    HTTPStatus.TOO_MANY_REQUESTS: "The caller has asked for too much; `Retry-After` says when to ask again.",
    HTTPStatus.SERVICE_UNAVAILABLE: "A server behind this one does not answer; trying again may help.",
}
EVERYWHERE = (HTTPStatus.UNAUTHORIZED, HTTPStatus.SERVICE_UNAVAILABLE)
WRITES = (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def problems(*statuses: int) -> Responses:
    """Return the problems that a route can answer, for its description."""
    return {int(status): {"description": _WHEN[HTTPStatus(status)]} for status in statuses}


def binary(media_type: str, words: str) -> Responses:
    """Return the description of an answer that is a file."""
    schema = {"type": "string", "format": "binary"}
    return {200: {"description": words, "content": {media_type: {"schema": schema}}}}


def file_answer(
    request: Request,
    artifact: ArtifactView,
    open_file: Callable[[tuple[int, int] | None], StoredStream],
) -> Response:
    """Answer with a stored file: all of it, the part asked for, its headers alone, or 304.

    ``open_file`` takes the first and the last byte to read, or None for all of them.
    """
    tag = f'"{artifact.sha256}"'
    headers = _file_headers(artifact, tag)
    if is_unchanged(request.headers.get("if-none-match"), tag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    part = requested_range(request.headers, size=artifact.size_bytes, tag=tag)
    if part is not None:
        headers["Content-Range"] = f"bytes {part.first}-{part.last}/{artifact.size_bytes}"
    status = HTTPStatus.OK if part is None else HTTPStatus.PARTIAL_CONTENT
    headers["Content-Length"] = str(artifact.size_bytes if part is None else part.size)
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=artifact.media_type)
    stream = open_file(None if part is None else (part.first, part.last))
    return StreamingResponse(
        _pieces(stream), status_code=status, headers=headers, media_type=artifact.media_type
    )


def _file_headers(artifact: ArtifactView, tag: str) -> dict[str, str]:
    return {
        "ETag": tag,
        "Accept-Ranges": "bytes",
        "Content-Disposition": content_disposition(artifact.name),
        # The caller may keep it, but asks each time whether it still may have it.
        "Cache-Control": "private, no-cache",
        # Named so that Airflow's compression leaves it alone: ranges count the bytes of the file itself.
        "Content-Encoding": "identity",
    }


def _pieces(stream: StoredStream) -> Iterator[bytes]:
    with closing(stream):
        yield from stream.chunks


def header(name: str, words: str, example: str) -> Mapping[str, Any]:
    """Return the description of a header of an answer."""
    return {name: {"description": words, "schema": {"type": "string"}, "example": example}}
