"""Conditional and partial requests (RFC 9110): If-Match, If-None-Match, Range."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from starlette.exceptions import HTTPException

from broadsheet.errors import StaleError

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


@dataclass(frozen=True)
class ByteRange:
    """Bytes of a file from ``first`` to ``last``, both included."""

    first: int
    last: int

    @property
    def size(self) -> int:
        """Number of bytes."""
        return self.last - self.first + 1


def revision_tag(revision: int) -> str:
    """Return the ETag of a subscription's revision."""
    return f'"{revision}"'


def expected_revision(if_match: str | None, current: int) -> int:
    """Return the revision that an edit is meant for.

    Raises HTTPException 428 without If-Match, and StaleError when it does not name the current revision.
    """
    if if_match is None:
        raise HTTPException(
            HTTPStatus.PRECONDITION_REQUIRED,
            "Send If-Match with the ETag of the subscription as you read it, so that nobody's edit is lost.",
        )
    if if_match.strip() != "*" and revision_tag(current) not in _tags(if_match):
        raise StaleError(
            f"somebody else changed the subscription since you read it: it is at revision {current} now; "
            "read it again"
        )
    return current


def is_unchanged(if_none_match: str | None, tag: str) -> bool:
    """Whether the caller has the present version already, by If-None-Match, which compares weakly."""
    if if_none_match is None:
        return False
    known = [one.removeprefix("W/") for one in _tags(if_none_match)]
    return if_none_match.strip() == "*" or tag in known


def requested_range(headers: Mapping[str, str], *, size: int, tag: str) -> ByteRange | None:
    """Return which part of a file is asked for, or None for all of it.

    Several ranges at once, and what is no range of bytes, are answered with all of it, as the standard
    permits. Raises HTTPException 416 for a range that the file does not have.
    """
    if headers.get("if-range", tag) != tag:
        return None
    found = _RANGE.fullmatch(headers.get("range", "").replace(" ", ""))
    if found is None or found.group() == "bytes=-":
        return None
    start, end = found.groups()
    first = int(start) if start else max(0, size - int(end))
    last = min(int(end), size - 1) if start and end else size - 1
    if start and end and int(end) < first:
        return None
    if first >= size:
        raise HTTPException(
            HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
            f"The file has {size} bytes.",
            headers={"Content-Range": f"bytes */{size}"},
        )
    return ByteRange(first, last)


def _tags(header: str) -> list[str]:
    return [one.strip() for one in header.split(",")]
