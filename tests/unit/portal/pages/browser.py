"""The portal as a browser sees it: by pages, and by what htmx sends and gets."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from httpx import Client, Response
from tests.office import ADA, BOB, EVE, OPERATOR, Office
from tests.web_server import served

from broadsheet.domain.access import Caller
from broadsheet.errors import UnauthenticatedError
from broadsheet.portal.app import create_portal_app

PEOPLE = {person.name: person for person in (ADA, BOB, EVE, OPERATOR)}
Fields = Mapping[str, str | list[str]]


def identify(request: Request) -> Caller:
    """Know people by a cookie with their name."""
    name = request.cookies.get("who", "")
    if name not in PEOPLE:
        raise UnauthenticatedError("log in first")
    return PEOPLE[name]


@dataclass
class Browser:
    """Somebody's browser, at the portal."""

    client: Client
    who: str = "ada"
    zone: str = "UTC"
    prefix: str = ""

    def get(self, path: str, *, who: str | None = None, htmx: bool = False) -> Response:
        """Open a page; its answer must be one."""
        headers = {"HX-Request": "true"} if htmx else {}
        return self.client.get(f"{self.prefix}/reports{path}", headers=self._headers(who) | headers)

    def post(self, path: str, fields: Fields | None = None, *, who: str | None = None) -> Response:
        """Send a form as htmx does."""
        base = self.client.base_url
        headers = {
            "HX-Request": "true",
            "X-Broadsheet": "1",
            "Origin": f"{base.scheme}://{base.netloc.decode()}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        body = urlencode(fields or {}, doseq=True)
        return self.client.post(
            f"{self.prefix}/reports{path}", content=body, headers=self._headers(who) | headers
        )

    def _headers(self, who: str | None) -> dict[str, str]:
        return {"Cookie": f"who={who or self.who}; broadsheet_zone={self.zone}"}


@contextmanager
def browsing(office: Office, *, prefix: str = "") -> Iterator[Browser]:
    """Yield a browser at a portal; ``prefix`` is the path that Airflow's base URL has."""
    airflow = FastAPI(root_path=prefix)
    airflow.mount("/reports", create_portal_app(office.inst, identify=identify))
    with served(airflow) as client:
        yield Browser(client, prefix=prefix)


def words(page: Response | str) -> str:
    """Return what a reader reads of a page: no tags, no more than one space."""
    text = page if isinstance(page, str) else page.text
    text = re.sub(r"<(script|style|head)\b.*?</\1>", " ", text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def fields_of(page: Response, form: str) -> dict[str, list[str]]:
    """Return what a browser would send of a form as it stands."""
    found = re.search(rf'<form id="{form}".*?</form>', page.text, re.DOTALL)
    assert found is not None, f"no form {form!r}"
    sent: dict[str, list[str]] = {}
    for tag in re.finditer(r"<input\b[^>]*>", found.group()):
        kind, name, value = (_attribute(tag.group(), one) for one in ("type", "name", "value"))
        if name and (kind not in ("checkbox", "radio") or " checked" in tag.group()):
            sent.setdefault(name, []).append(value)
    for tag in re.finditer(r"<textarea\b([^>]*)>(.*?)</textarea>", found.group(), re.DOTALL):
        sent[_attribute(tag.group(1), "name")] = [html.unescape(tag.group(2))]
    for tag in re.finditer(r"<select\b([^>]*)>(.*?)</select>", found.group(), re.DOTALL):
        options = re.findall(r"<option\b[^>]*>", tag.group(2))
        chosen = next((one for one in options if " selected" in one), options[0])
        sent[_attribute(tag.group(1), "name")] = [_attribute(chosen, "value")]
    return sent


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return html.unescape(found.group(1)) if found else ""
