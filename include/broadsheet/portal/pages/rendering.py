"""Renders templates as pages and parts of them: addresses under the base URL, the reader's zone, messages."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from broadsheet.domain.presentation_words import language_words, theme_words
from broadsheet.portal.addresses import MOUNT, site_prefix
from broadsheet.portal.identity import caller_of_request, installation_of_request
from broadsheet.portal.leaner import lean_html, served_bytes
from broadsheet.portal.pages import readable
from broadsheet.portal.pages.forms import anchor_of

ZONE_COOKIE = "broadsheet_zone"
"""Holds the IANA name of the reader's time zone; set by a script, read by the server."""

_TIME = Markup('<time datetime="{machine}" title="{title}" data-show="{show}">{words}</time>')


def page(request: Request, name: str, *, status: HTTPStatus = HTTPStatus.OK, **context: object) -> Response:
    """Render ``<name>.html.j2`` for whoever sent the request.

    Templates get ``context`` and, beside it, ``caller``, ``now``, ``zone`` and the functions of
    :func:`_environment`. Parts of pages, which htmx puts into one, are rendered the same way.
    """
    installation = installation_of_request(request)
    settings = installation.settings()
    template = _environment(settings.templates_dir, settings.static_dir).get_template(f"{name}.html.j2")
    text = template.render(
        {
            "section": None,
            **context,
            "caller": caller_of_request(request),
            "now": installation.clock(),
            "zone": reader_zone(request),
            "root": portal_root(request),
            "airflow_root": site_prefix(request),
            "path": request.url.path,
        }
    )
    return HTMLResponse(lean_html(text), status_code=status)


def say(response: Response, text: str, *, tone: Literal["good", "bad"] = "good") -> Response:
    """Let a response to htmx show a short message, and return it."""
    response.headers["HX-Trigger"] = json.dumps({"say": {"text": text, "tone": tone}})
    return response


def go_to(request: Request, path: str) -> Response:
    """Lead the browser to a page of the portal after a change that htmx asked for."""
    return Response(status_code=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": portal_root(request) + path})


def portal_root(request: Request) -> str:
    """Return the path of the portal's first page, without a slash at its end: ``/airflow/reports``."""
    return site_prefix(request) + MOUNT


def reader_zone(request: Request) -> ZoneInfo:
    """Return the reader's time zone; UTC before their browser has told it."""
    try:
        return ZoneInfo(request.cookies.get(ZONE_COOKIE, "UTC"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


@cache
def _environment(templates: Path, static: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(templates / "portal"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        when=_when,
        ago=_ago,
        when_in=_when_in,
        day=readable.day_words,
        language=language_words,
        theme=theme_words,
        number=readable.number_words,
        size=readable.size_words,
        duration=readable.duration_words,
    )
    versions = _versions(static / "portal")
    environment.globals.update(
        anchor=anchor_of,
        url=_url,
        airflow=_airflow,
        static=_static_with(versions),
        samples=frozenset(path.stem for path in (static / "portal" / "samples").glob("*.png")),
    )
    return environment


@pass_context
def _url(context: Context, path: str = "/") -> str:
    """Return the address of a page of the portal: ``url("/subscriptions")``."""
    return f"{context['root']}{path}"


@pass_context
def _airflow(context: Context, path: str) -> str:
    """Return the address of one of Airflow's own pages; its link needs attribute ``data-airflow``."""
    return f"{context['airflow_root']}{path}"


def _static_with(versions: Mapping[str, str]) -> object:
    @pass_context
    def static(context: Context, name: str) -> str:
        """Return the address of a file in ``static/portal``, which changes with its content."""
        version = versions.get(name)
        return f"{context['root']}/static/{name}" + (f"?v={version}" if version else "")

    return static


def _versions(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(served_bytes(path)).hexdigest()[:10]
        for path in folder.rglob("*")
        if path.is_file()
    }


@pass_context
def _when(context: Context, at: datetime) -> Markup:
    """Write an instant in the reader's zone."""
    return _time(at, context["zone"], "when", readable.when_words(at, context["zone"], now=context["now"]))


@pass_context
def _when_in(context: Context, at: datetime, zone: str) -> Markup:
    """Write an instant in a zone that is not the reader's choice: a schedule's."""
    there = ZoneInfo(zone)
    words = readable.when_words(at, there, now=context["now"])
    return _time(at, there, "there", words)


@pass_context
def _ago(context: Context, at: datetime) -> Markup:
    """Write how far an instant is from now."""
    return _time(at, context["zone"], "ago", readable.ago_words(at, context["zone"], now=context["now"]))


def _time(at: datetime, zone: tzinfo, show: str, words: str) -> Markup:
    machine = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return _TIME.format(machine=machine, title=readable.long_words(at, zone), show=show, words=words)
