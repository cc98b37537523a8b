"""The page of an error. It needs neither database nor log-in, since either may be what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from broadsheet.portal.addresses import MOUNT, site_prefix
from broadsheet.settings import get_settings

if TYPE_CHECKING:
    from broadsheet.portal.problems import Problem


def problem_page(request: Request, problem: Problem, headers: Mapping[str, str]) -> Response:
    """Render an error: a whole page, or for htmx the part that it puts into one."""
    name = "problem_part.html.j2" if "hx-request" in request.headers else "problem.html.j2"
    root = site_prefix(request) + MOUNT
    text = _templates().get_template(name).render(problem=problem, root=root)
    return HTMLResponse(text, status_code=problem.status, headers=dict(headers))


@cache
def _templates() -> Environment:
    folder = get_settings().templates_dir / "portal"
    return Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined)
