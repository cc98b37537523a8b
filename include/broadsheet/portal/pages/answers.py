"""Answers to what htmx sends, beside whole pages."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import Response


def form_again(
    part: Response, element: str, *, status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY
) -> Response:
    """Let a rendered form take the place of the one that was sent, by its id, whatever asked for it."""
    part.status_code = status
    part.headers["HX-Retarget"] = f"#{element}"
    part.headers["HX-Reswap"] = "outerHTML"
    return part
