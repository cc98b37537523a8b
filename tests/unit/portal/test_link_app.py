"""The public link application, on a real Postgres and a real S3."""

from __future__ import annotations

import hashlib
import logging
import socket
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import structlog
from httpx import RemoteProtocolError
from tests.seed import NOW, PDF
from tests.servers import Servers
from tests.unit.portal.link_site import Site, assert_page
from tests.web_server import served

from broadsheet.errors import StorageUnavailableError
from broadsheet.portal.links import create_link_app
from broadsheet.portal.rate_limit import RateLimiter
from broadsheet.store.database import transaction
from broadsheet.store.links import revoke_link
from broadsheet.store.objects import S3ObjectStore

DAY = timedelta(days=1)


@pytest.fixture
def site(database_dsn: str, object_store: S3ObjectStore) -> Site:
    return Site(database_dsn, object_store)


def test_a_valid_link_gives_the_pdf_as_it_is_stored(site: Site) -> None:
    answer = site.fetch()
    assert (answer.status_code, answer.content) == (200, PDF)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-length"] == str(len(PDF))
    assert answer.headers["etag"] == f'"{hashlib.sha256(PDF).hexdigest()}"'
    assert answer.headers["content-disposition"] == (
        "inline; filename=\"Ubersicht 2013-W12.pdf\"; filename*=UTF-8''%C3%9Cbersicht%202013-W12.pdf"
    )


def test_nothing_keeps_or_passes_on_what_a_link_shows(site: Site) -> None:
    headers = site.fetch().headers
    assert headers["cache-control"] == "private, no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "noindex" in headers["x-robots-tag"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "set-cookie" not in headers


def test_head_tells_the_same_without_the_document(site: Site) -> None:
    get, head = site.fetch(), site.fetch(method="HEAD")
    assert (head.status_code, head.content) == (200, b"")
    same = ("content-type", "content-length", "etag", "content-disposition", "cache-control")
    assert [head.headers[name] for name in same] == [get.headers[name] for name in same]


def test_a_link_stops_at_the_second_of_its_end(site: Site) -> None:
    site.now = NOW + DAY - timedelta(seconds=1)
    assert site.fetch().status_code == 200
    site.now = NOW + DAY
    assert_page(site.fetch(), 410, "This link has expired")


def test_a_revoked_link_is_gone_at_once(site: Site) -> None:
    with transaction(site.dsn) as connection:
        revoke_link(connection, site.token, at=NOW, by="operator")
    assert_page(site.fetch(), 410, "This link was withdrawn")


@pytest.mark.parametrize(
    "path", ["nothing", "x" * 5000, "%00", "..%2F..%2Fetc", "a/b", "", "%F0%9F%98%80", "'%20OR%201=1--"]
)
def test_what_is_no_link_is_not_found(site: Site, path: str) -> None:
    assert_page(site.fetch(path), 404, "There is no such link")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_a_link_takes_nothing_but_get_and_head(site: Site, method: str) -> None:
    answer = site.fetch(method=method)
    assert_page(answer, 405, "This page can only be read")
    assert answer.headers["allow"] == "GET, HEAD"
    assert site.audit() == []


def test_scanners_that_fetch_again_and_again_change_nothing_but_the_audit(site: Site) -> None:
    before = site.state()
    for _ in range(5):
        site.fetch()
        site.fetch(method="HEAD")
    assert site.state() == before
    assert site.fetch().status_code == 200


def test_each_fetch_leaves_one_row_in_the_audit(site: Site) -> None:
    with site.client() as client:
        client.get(f"/r/{site.token}", headers={"User-Agent": "Mozilla/5.0"})
        client.head(f"/r/{site.token}")
        client.get("/r/nothing")
    site.now = NOW + DAY
    site.fetch()
    found = [(row["method"], row["outcome"], row["link_id"] is not None) for row in site.audit()]
    assert found == [
        ("GET", "served", True),
        ("HEAD", "served", True),
        ("GET", "unknown", False),
        ("GET", "expired", True),
    ]
    assert site.audit()[0]["user_agent"] == "Mozilla/5.0"
    assert site.audit()[0]["remote_address"] == "127.0.0.1"


def test_the_pdf_leaves_uncompressed_and_with_its_length_also_to_who_offers_gzip(site: Site) -> None:
    with site.client() as client:
        answer = client.get(f"/r/{site.token}", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-length"] == str(len(PDF))
    assert answer.content == PDF


def test_no_log_line_holds_a_token(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    site.store.delete_prefix(site.key)
    with structlog.testing.capture_logs() as lines:
        for path in (site.token, f"{site.token}/", f"{site.token}/more"):
            site.fetch(path)
    # Airflow's own middleware has logged each request.
    access = [line for line in lines if line["event"] == "request finished"]
    assert [line["path"] for line in access] == ["/r/(token)"] * 3
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name != "httpx")
    assert site.token not in ours
    assert site.token not in str(lines)


def test_with_s3_away_the_page_asks_to_come_back(site: Site, servers: Servers) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        away = S3ObjectStore(servers.storage_endpoint(url=url), "broadsheet")
        answer = site.fetch(artifacts=lambda: away)
    assert_page(answer, 503, "cannot be opened just now")
    assert answer.headers["retry-after"] == "30"
    assert site.fetch().status_code == 200
    assert site.outcomes() == ["unavailable", "served"]


def test_with_postgres_away_the_page_asks_to_come_back(site: Site) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        away = f"postgresql://a:b@127.0.0.1:{unused.getsockname()[1]}/x"
        answer = site.fetch(dsn=lambda: away)
    assert_page(answer, 503, "cannot be opened just now")
    assert answer.headers["retry-after"] == "30"


def test_without_its_connections_the_application_still_answers(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_BROADSHEET_DB", raising=False)
    with served(create_link_app()) as client:
        assert_page(client.get(f"/{site.token}"), 500, "cannot be opened just now")


def test_a_document_that_is_gone_or_was_cut_is_never_shown_in_part(site: Site) -> None:
    site.store.put(site.key, PDF[:-1], content_type="application/pdf")
    assert_page(site.fetch(), 500, "cannot be opened just now")
    site.store.delete_prefix(site.key)
    assert_page(site.fetch(), 500, "cannot be opened just now")
    assert site.outcomes() == ["unavailable", "unavailable"]


def test_an_unforeseen_error_shows_a_page_and_no_details(site: Site) -> None:
    def fail() -> str:
        raise RuntimeError("canary-detail")

    answer = site.fetch(dsn=fail)
    assert_page(answer, 500, "cannot be opened just now")
    assert "canary-detail" not in answer.text


def test_a_download_that_breaks_off_is_not_mistaken_for_a_whole_one(site: Site) -> None:
    class Breaking(S3ObjectStore):
        def __init__(self, inner: S3ObjectStore) -> None:
            self._inner = inner

        def stream(self, key: str) -> Any:
            whole = self._inner.stream(key)

            def pieces() -> Any:
                yield PDF[:100]
                raise StorageUnavailableError("gone")

            return replace(whole, chunks=pieces())

    with pytest.raises(RemoteProtocolError):
        site.fetch(artifacts=lambda: Breaking(site.store))


def test_an_address_that_asks_too_often_waits_and_is_not_audited(site: Site) -> None:
    site.limiter = RateLimiter(burst=3, per_second=0.5, monotonic=lambda: 0.0)
    with site.client() as client:
        answers = [client.get("/r/nothing") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 429, 429]
    assert_page(answers[3], 429, "One moment, please")
    assert answers[3].headers["retry-after"] == "2"
    assert len(site.audit()) == 3


def test_nothing_but_links_is_public(site: Site) -> None:
    app = create_link_app(site.services)
    assert [getattr(route, "path", route) for route in app.routes] == ["/unsubscribe/{token}", "/{token}"]
