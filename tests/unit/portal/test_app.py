"""The whole portal: no route of it, however deep, does anything for somebody who is not logged in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import pytest
from fastapi import FastAPI, Request
from fastapi.routing import APIRoute
from httpx import Client
from starlette.routing import BaseRoute, Mount, Route
from tests.fakes import FakeEngine
from tests.office import ADA, Office
from tests.web_server import served

from broadsheet.domain.access import Caller
from broadsheet.errors import UnauthenticatedError
from broadsheet.portal.app import create_portal_app
from broadsheet.portal.gate import OPEN_PATHS
from broadsheet.portal.registration import create_portal, external_views
from broadsheet.portal.slash import AddSlash

# What anybody may read: style sheet, scripts, fonts and icons.
OPEN_MOUNTS = {"/static"}
UUID = "3f0c9f4e-6d1f-5a55-9a53-b0ad5ee70001"


def identify(request: Request) -> Caller:
    if request.cookies.get("_token") == "ada":
        return ADA
    raise UnauthenticatedError("log in first")


def portal_app() -> FastAPI:
    # No database: whoever is not let in must not reach one.
    return create_portal_app(Office("host=127.0.0.1 port=1").inst, identify=identify)


@pytest.fixture
def site() -> Iterator[Client]:
    airflow = FastAPI()
    airflow.mount("/reports", portal_app())
    with served(airflow) as client:
        yield client


def routes(found: Iterable[BaseRoute], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield method and path of every route, those of mounted applications included."""
    for route in found:
        if isinstance(route, Mount):
            if prefix + route.path not in OPEN_MOUNTS:
                yield from routes(route.routes, prefix + route.path)
        elif isinstance(route, APIRoute | Route):
            for method in route.methods or ():
                yield method, prefix + route.path
        else:
            pytest.fail(f"{route!r} under {prefix!r} is of a kind that this test does not know")


def every_route() -> list[tuple[str, str]]:
    return sorted(set(routes(portal_app().routes)))


def filled(path: str) -> str:
    """Put something in the place of each parameter."""
    return re.sub(r"\{[^}]*id[^}]*\}", UUID, path, flags=re.IGNORECASE).replace("{", "").replace("}", "")


def test_only_the_static_files_are_open() -> None:
    assert {path.rstrip("/") for path in OPEN_PATHS} == OPEN_MOUNTS


def test_there_are_pages_and_an_api() -> None:
    paths = {path for _, path in every_route()}
    assert {"/", "/subscriptions", "/runs", "/of-run"} <= paths
    assert {"/api/v1/reports/generate", "/api/v1/openapi.json"} <= paths


def test_every_route_denies_who_is_not_logged_in(site: Client) -> None:
    wrong = []
    for method, path in every_route():
        answer = site.request(method, f"/reports{filled(path)}")
        is_page = not path.startswith("/api/")
        is_read = method in ("GET", "HEAD")
        expected = 302 if is_page and is_read else 401
        if answer.status_code != expected:
            wrong.append((method, path, answer.status_code))
        if expected == 302:
            assert answer.headers["location"].startswith("/api/v2/auth/login?next=%2Freports")
    assert wrong == []


def test_every_write_by_cookie_needs_to_come_from_our_own_pages(site: Client) -> None:
    site.cookies.set("_token", "ada")
    writes = [one for one in every_route() if one[0] not in ("GET", "HEAD")]
    answers = {
        (method, path): site.request(method, f"/reports{filled(path)}").status_code for method, path in writes
    }
    assert len(answers) > 10
    assert {key: status for key, status in answers.items() if status != 403} == {}


def test_a_form_of_more_than_64_kib_is_refused(site: Client) -> None:
    site.cookies.set("_token", "ada")
    headers = {"X-Broadsheet": "1", "Origin": str(site.base_url).rstrip("/")}
    answer = site.post("/reports/subscriptions/x/edit", data={"title": "x" * 70_000}, headers=headers)
    assert answer.status_code == 413


def test_static_files_need_no_log_in_and_are_kept_when_their_address_names_a_version(site: Client) -> None:
    answer = site.get("/reports/static/portal.css")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert answer.headers["cache-control"] == "public, no-cache"
    versioned = site.get("/reports/static/portal.css?v=1a2b")
    assert "immutable" in versioned.headers["cache-control"]
    assert site.get("/reports/static/../../settings.py").status_code in (302, 404)
    assert site.get("/reports/static/%2e%2e/fonts").status_code in (302, 404)


def test_nothing_is_written_to_static_files(site: Client) -> None:
    assert site.post("/reports/static/portal.css").status_code == 401


def test_a_portal_that_cannot_be_built_serves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ImportError("a piece is missing")

    monkeypatch.setattr("broadsheet.portal.app.create_portal_app", broken)
    with served(create_portal()) as client:
        for path in ("/", "/static/portal.css", "/api/v1/jobs", "/subscriptions"):
            for method in ("GET", "POST", "DELETE"):
                answer = client.request(method, path)
                assert answer.status_code == 503
                assert "missing" not in answer.text


@pytest.mark.parametrize("base", ["", "/airflow"])
def test_the_address_without_a_slash_leads_to_the_portal(base: str) -> None:
    airflow = FastAPI(root_path=base)
    airflow.add_middleware(AddSlash)
    with served(airflow) as client:
        answer = client.get(f"{base}/reports?a=b")
        assert (answer.status_code, answer.headers["location"]) == (308, f"{base}/reports/?a=b")
        for path in ("/reportsx", "/x/reports", "/"):
            assert client.get(base + path).status_code == 404
        assert client.post(f"{base}/reports").status_code == 404


@pytest.mark.parametrize("prefix", ["", "/", "/airflow", "/a/b/"])
def test_the_places_in_airflows_ui_lie_below_its_own_path(prefix: str) -> None:
    base = prefix.rstrip("/")
    nav, tab = external_views(prefix)
    assert (nav["name"], nav["destination"], nav["href"]) == ("Reports", "nav", f"{base}/reports/")
    assert (tab["destination"], tab["href"]) == (
        "dag_run",
        f"{base}/reports/of-run?dag_id={{DAG_ID}}&run_id={{RUN_ID}}",
    )
    for view in (nav, tab):
        for icon in ("icon", "icon_dark_mode"):
            assert str(view[icon]).startswith(f"{base}/reports/static/nav-")


def test_the_fake_engine_is_never_asked_for_anybody_unknown() -> None:
    engine = FakeEngine()
    office = Office("host=127.0.0.1 port=1", engine=engine)
    engine.fail("nobody may ask")
    with served(create_portal_app(office.inst, identify=identify)) as client:
        assert client.get("/api/v1/jobs").status_code == 401
    assert engine.asked == []
