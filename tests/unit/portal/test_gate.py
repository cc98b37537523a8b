"""Nobody gets past the gate without credentials, and no foreign page makes a browser change anything."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, Request
from httpx import Client
from starlette.types import Message
from tests.fakes import AT, FakeEngine
from tests.web_server import served

from broadsheet.catalog import Catalog
from broadsheet.domain.access import Caller
from broadsheet.errors import (
    ConflictError,
    DatabaseUnavailableError,
    InputError,
    InputErrors,
    NotFoundError,
    QuotaError,
    StaleError,
    UnauthenticatedError,
)
from broadsheet.portal.gate import Gate
from broadsheet.portal.identity import CallerDep, OperatorDep
from broadsheet.portal.problems import handle_problems, handle_problems_by_pages
from broadsheet.services.installation import Installation
from broadsheet.settings import Settings

# Stands for the address of the site, whose port is known only when it runs.
SITE = "SITE"


def installation() -> Installation:
    def nothing() -> Any:
        raise DatabaseUnavailableError("there is no server in this test")

    return Installation(
        dsn=nothing,
        catalog=lambda: Catalog({}, {}),
        settings=Settings,
        artifacts=nothing,
        engine=FakeEngine(),
        clock=lambda: AT,
    )


def identify(request: Request) -> Caller:
    """Believe a cookie or a bearer token that says the caller's name."""
    name = request.headers.get("authorization", "").removeprefix("Bearer ") or request.cookies.get("_token")
    if not name:
        raise UnauthenticatedError("log in first")
    return Caller(name=name, is_operator=name == "op")


ERRORS = {
    "missing": NotFoundError("there is no job 7"),
    "conflict": ConflictError("the run is over"),
    "stale": StaleError("read it again"),
    "wrong": InputErrors([InputError("cron: no", field="cron"), InputError("zone: no", field="zone")]),
    "quota": QuotaError("too many", retry_after=90),
    "down": DatabaseUnavailableError("password=hunter2 at 10.0.0.7"),
    "broken": RuntimeError("SELECT secret FROM x"),
}


def inner_routes() -> APIRouter:
    router = APIRouter()

    @router.get("/me")
    def me(caller: CallerDep) -> dict[str, str]:
        return {"name": caller.name}

    @router.get("/operators")
    def operators(caller: OperatorDep) -> dict[str, str]:
        return {"name": caller.name}

    @router.post("/change")
    def change(count: int = 1) -> dict[str, int]:
        return {"count": count}

    @router.get("/forgotten")
    def forgotten() -> dict[str, str]:
        return {"secret": "a router that has no dependency"}

    @router.get("/fail/{name}")
    def fail(name: str) -> None:
        raise ERRORS[name]

    return router


@pytest.fixture
def site() -> Iterator[Client]:
    """The gate before pages and an API, mounted as in Airflow, which lives under a path of its own."""
    portal = FastAPI()
    portal.add_middleware(Gate, installation=installation(), identify=identify)
    handle_problems_by_pages(portal)
    api = FastAPI()
    handle_problems(api)
    api.include_router(inner_routes())
    portal.mount("/api/v1", api)
    portal.include_router(inner_routes())
    airflow = FastAPI(root_path="/airflow")
    airflow.mount("/reports", portal)
    with served(airflow) as client:
        yield client


def change_headers(site: Client, headers: dict[str, str]) -> dict[str, str]:
    own = str(site.base_url).rstrip("/")
    return {name: value.replace(SITE, own) for name, value in headers.items()}


def pages(path: str) -> str:
    return f"/airflow/reports{path}"


def api(path: str) -> str:
    return f"/airflow/reports/api/v1{path}"


@pytest.mark.parametrize("path", ["/me", "/forgotten", "/no/such/route", "/fail/broken"])
def test_a_page_without_credentials_leads_to_the_log_in_and_back(site: Client, path: str) -> None:
    answer = site.get(pages(path) + "?q=a%26b")
    assert answer.status_code == 302
    assert answer.headers["location"] == (
        "/airflow/api/v2/auth/login?next=%2Fairflow%2Freports" + path.replace("/", "%2F") + "%3Fq%3Da%2526b"
    )


@pytest.mark.parametrize("path", ["/me", "/forgotten", "/no/such/route", "/fail/broken"])
def test_the_api_without_credentials_answers_401(site: Client, path: str) -> None:
    answer = site.get(api(path))
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json() == {
        "type": "urn:broadsheet:unauthenticated",
        "title": "You are not logged in",
        "status": 401,
        "detail": "log in first",
        "instance": api(path),
        "code": "unauthenticated",
    }


def test_a_part_that_htmx_asks_for_leads_the_whole_page_to_the_log_in(site: Client) -> None:
    answer = site.get(pages("/me"), headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"].startswith("/airflow/api/v2/auth/login?next=")


def test_a_write_without_credentials_is_not_redirected(site: Client) -> None:
    assert site.post(pages("/change"), headers={"X-Broadsheet": "1"}).status_code == 401


def test_callers_are_let_in_by_cookie_and_by_bearer_token(site: Client) -> None:
    assert site.get(api("/me"), headers={"Authorization": "Bearer ada"}).json() == {"name": "ada"}
    site.cookies.set("_token", "ada")
    assert site.get(pages("/me")).json() == {"name": "ada"}


def test_operators_pages_are_for_operators(site: Client) -> None:
    assert site.get(api("/operators"), headers={"Authorization": "Bearer ada"}).status_code == 403
    assert site.get(api("/operators"), headers={"Authorization": "Bearer op"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Broadsheet": "1"},
        {"Origin": SITE},
        {"X-Broadsheet": "1", "Origin": "https://evil.example"},
        {"X-Broadsheet": "1", "Origin": "null"},
        {"X-Broadsheet": "1", "Origin": f"{SITE}.evil.example"},
        {"X-Broadsheet": "yes", "Origin": SITE},
        {"X-Broadsheet": "1", "Referer": f"{SITE}/"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_change_by_cookie_that_a_foreign_page_could_send_is_refused(
    site: Client, method: str, headers: dict[str, str]
) -> None:
    site.cookies.set("_token", "ada")
    headers = change_headers(site, headers)
    assert site.request(method, pages("/change"), headers=headers).status_code == 403
    assert site.request(method, api("/change"), headers=headers).status_code == 403


@pytest.mark.parametrize("origin", [SITE, "http://127.0.0.1:8080"])
def test_a_change_from_a_page_of_the_site_is_done(site: Client, origin: str) -> None:
    site.cookies.set("_token", "ada")
    headers = change_headers(site, {"X-Broadsheet": "1", "Origin": origin})
    assert site.post(pages("/change"), headers=headers).status_code == 200


def test_a_change_by_bearer_token_needs_no_origin(site: Client) -> None:
    assert site.post(api("/change"), headers={"Authorization": "Bearer ada"}).status_code == 200


@pytest.mark.parametrize("value", [b"Bearer", b"Bearer \xa0", b"Basic ada"])
def test_a_change_by_cookie_is_not_taken_for_one_by_token(site: Client, value: bytes) -> None:
    site.cookies.set("_token", "ada")
    assert site.post(api("/change"), headers={b"Authorization": value}).status_code == 403


def test_every_answer_carries_the_security_headers(site: Client) -> None:
    site.cookies.set("_token", "ada")
    for path in (pages("/me"), api("/me"), pages("/nothing"), api("/fail/broken")):
        headers = site.get(path).headers
        assert headers["cache-control"] == "private, no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "script-src 'self'; style-src 'self'" in headers["content-security-policy"]
        assert "frame-ancestors 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]


@pytest.mark.parametrize(
    ("name", "status"), [("missing", 404), ("conflict", 409), ("stale", 412), ("wrong", 422), ("quota", 429)]
)
def test_what_the_caller_may_mend_is_said(site: Client, name: str, status: int) -> None:
    answer = site.get(api(f"/fail/{name}"), headers={"Authorization": "Bearer ada"})
    assert answer.status_code == status
    assert answer.json()["detail"] == str(ERRORS[name])
    page = site.get(pages(f"/fail/{name}"), headers={"Authorization": "Bearer ada"})
    assert page.status_code == status
    assert page.headers["content-type"] == "text/html; charset=utf-8"


def test_each_wrong_input_is_named(site: Client) -> None:
    answer = site.get(api("/fail/wrong"), headers={"Authorization": "Bearer ada"}).json()
    assert answer["errors"] == [
        {"field": "cron", "message": "cron: no"},
        {"field": "zone", "message": "zone: no"},
    ]
    answer = site.post(api("/change?count=many"), headers={"Authorization": "Bearer ada"}).json()
    assert [one["field"] for one in answer["errors"]] == ["count"]
    assert answer["code"] == "input_errors"


def test_a_quota_says_when_to_ask_again(site: Client) -> None:
    answer = site.get(api("/fail/quota"), headers={"Authorization": "Bearer ada"})
    assert answer.headers["retry-after"] == "90"


@pytest.mark.parametrize(("name", "status"), [("down", 503), ("broken", 500)])
def test_what_is_wrong_inside_stays_in_the_log_under_an_id(
    site: Client, name: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    for path in (api(f"/fail/{name}"), pages(f"/fail/{name}")):
        caplog.clear()
        answer = site.get(path, headers={"Authorization": "Bearer ada"})
        assert answer.status_code == status
        for secret in ("hunter2", "SELECT", "Traceback", "RuntimeError"):
            assert secret not in answer.text
        (record,) = [one for one in caplog.records if one.name == "broadsheet.portal.problems"]
        error_id = record.getMessage().split()[1].rstrip(":")
        assert error_id in answer.text
        assert str(ERRORS[name]) in record.getMessage()


def test_a_web_socket_is_refused() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def inside(*_: object) -> None:
        pytest.fail("the gate let a web socket in")

    gate = Gate(inside, installation=installation(), identify=identify)
    asyncio.run(gate({"type": "websocket", "path": "/"}, receive, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]
