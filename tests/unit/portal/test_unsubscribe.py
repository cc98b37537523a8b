"""Leaving a subscription by the mail's own address: by page, by one click, and back again."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from urllib.parse import quote

import pytest
import structlog
from httpx import Client, Response
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.seed import NOW, subscribe
from tests.unit.portal.link_site import Site, assert_page

from broadsheet.portal.rate_limit import RateLimiter
from broadsheet.portal.unsubscribe import _multipart, shortened
from broadsheet.store.database import transaction
from broadsheet.store.links import revoke_link
from broadsheet.store.objects import S3ObjectStore
from broadsheet.store.unsubscribes import Means, Unsubscribed, unsubscribed

ADA = "ada@broadsheet.example"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
LEAVE, RETURN = {"action": "unsubscribe"}, {"action": "undo"}


class Exit(Site):
    """A mail of a subscription, and who has left it."""

    def __init__(self, dsn: str, store: S3ObjectStore) -> None:
        self.subscription = subscribe(dsn, ADA, "bob@broadsheet.example")
        super().__init__(dsn, store, subscription=self.subscription)

    @property
    def path(self) -> str:
        return f"/r/unsubscribe/{self.leave}"

    def left(self) -> tuple[Unsubscribed, ...]:
        with transaction(self.dsn) as connection:
            return unsubscribed(connection, self.subscription.subscription_id)

    def rows(self) -> int:
        with transaction(self.dsn) as connection:
            return len(connection.execute("SELECT * FROM unsubscribes").fetchall())

    def post(self, data: dict[str, str]) -> Response:
        with self.client() as client:
            return client.post(self.path, data=data)


@pytest.fixture
def site(database_dsn: str, object_store: S3ObjectStore) -> Exit:
    return Exit(database_dsn, object_store)


def assert_form(answer: Response, words: str, *, action: str) -> None:
    assert answer.status_code == 200
    assert words in answer.text
    assert re.findall(r'name="action" value="(\w+)"', answer.text) == [action]
    assert '<form method="post">' in answer.text
    assert "form-action 'self'" in answer.headers["content-security-policy"]
    assert "no-store" in answer.headers["cache-control"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in answer.headers
    # Nothing is loaded from anywhere, and who looks on learns no address.
    assert not re.search(r"(src|href)\s*=|@import|url\(|<script", answer.text)
    assert ADA not in answer.text


def test_the_page_says_what_would_happen_and_changes_nothing(site: Exit) -> None:
    before = site.state()
    with site.client() as client:
        for method in ("GET", "HEAD", "GET", "HEAD"):
            answer = client.request(method, site.path)
            assert answer.status_code == 200
        assert_form(client.get(site.path), "United, weekly", action="unsubscribe")
    assert site.state() == before
    assert site.rows() == 0


def test_one_click_unsubscribes_without_a_redirect_or_a_cookie(site: Exit) -> None:
    assert_form(site.post(ONE_CLICK), "You are unsubscribed", action="undo")
    assert site.left() == (Unsubscribed(ADA, NOW, Means.ONE_CLICK),)


def test_one_click_may_come_as_multipart_too(site: Exit) -> None:
    with site.client() as client:
        answer = client.post(site.path, files={"List-Unsubscribe": (None, b"One-Click")})
    assert answer.status_code == 200
    assert len(site.left()) == 1


def test_the_button_on_the_page_unsubscribes(site: Exit) -> None:
    assert_form(site.post(LEAVE), "You are unsubscribed", action="undo")
    assert [who.how for who in site.left()] == [Means.PAGE]
    with site.client() as client:
        assert_form(client.get(site.path), "You are unsubscribed", action="undo")


def test_doing_it_again_changes_nothing(site: Exit) -> None:
    for data in (ONE_CLICK, LEAVE, ONE_CLICK):
        assert site.post(data).status_code == 200
    assert site.rows() == 1


def test_undo_brings_the_mails_back_and_both_are_on_record(site: Exit) -> None:
    site.post(ONE_CLICK)
    assert_form(site.post(RETURN), "You are subscribed again", action="unsubscribe")
    assert site.left() == ()
    assert site.post(RETURN).status_code == 200
    site.post(LEAVE)
    assert len(site.left()) == 1
    assert site.rows() == 2


def test_an_expired_or_revoked_link_still_unsubscribes(site: Exit) -> None:
    site.now = NOW + timedelta(days=400)
    with transaction(site.dsn) as connection:
        revoke_link(connection, site.token, at=NOW, by="operator")
    assert site.post(ONE_CLICK).status_code == 200
    assert len(site.left()) == 1


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b"", ""),
        (b"List-Unsubscribe=one-click", "application/x-www-form-urlencoded"),
        (b"List-Unsubscribe=One-Click&x=1", "application/x-www-form-urlencoded"),
        (b"List-Unsubscribe=One-Click", "text/plain"),
        (b'{"List-Unsubscribe": "One-Click"}', "application/json"),
        (b"action=delete", "application/x-www-form-urlencoded"),
        (b"action=unsubscribe&action=undo", "application/x-www-form-urlencoded"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b"--x\r\n", "multipart/form-data"),
        (b"\xff\x00" * 100, "multipart/form-data; boundary=\xe9"),
        (b"x" * 100_000, "application/x-www-form-urlencoded"),
    ],
)
def test_whatever_else_is_posted_changes_nothing(site: Exit, body: bytes, kind: str) -> None:
    headers = {b"Content-Type": kind.encode("latin-1")} if kind else {}
    with site.client() as client:
        answer = client.post(site.path, content=body, headers=headers)
    assert_page(answer, 400, "Nothing was changed")
    assert site.rows() == 0


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=200), st.binary(max_size=200))
def test_no_body_that_claims_to_be_multipart_is_an_error(kind: bytes, body: bytes) -> None:
    text = "multipart/form-data; boundary=x" + kind.decode("latin-1")
    for field in _multipart(text, b"--x\r\n" + body + b"\r\n--x--"):
        assert [type(part) for part in field] == [str, str]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_token_that_is_none_is_not_found(site: Exit, method: str) -> None:
    with site.client() as client:
        for token in ("nothing", site.token, "x" * 5000, quote("../../etc", safe="")):
            answer = client.request(
                method, f"/r/unsubscribe/{token}", data=ONE_CLICK if method == "POST" else None
            )
            assert_page(answer, 404, "There is no such link")
    assert site.rows() == 0


def test_the_token_for_leaving_opens_no_report(site: Exit) -> None:
    assert_page(site.fetch(site.leave), 404, "There is no such link")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods_are_refused(site: Exit, method: str) -> None:
    with site.client() as client:
        answer = client.request(method, site.path)
    assert_page(answer, 405, "This page can only be read")
    assert answer.headers["allow"] == "GET, HEAD, POST"


def test_no_log_line_holds_the_token_or_the_address(site: Exit, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as lines:
        site.post(ONE_CLICK)
        site.post(RETURN)
        with site.client() as client:
            client.get(site.path + "/")
    assert {line["path"] for line in lines if line["event"] == "request finished"} == {"/r/(token)"}
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name != "httpx")
    assert str(site.subscription.subscription_id) in ours
    for secret in (site.leave, ADA):
        assert secret not in ours + str(lines)


def test_many_readers_behind_one_address_may_open_and_leave_but_nobody_may_guess(site: Exit) -> None:
    site.limiter = RateLimiter(burst=3, per_second=0.5, monotonic=lambda: 0.0)

    def statuses(client: Client, path: str, times: int) -> list[int]:
        return [client.get(path).status_code for _ in range(times)]

    with site.client() as client:
        assert set(statuses(client, f"/r/{site.token}", 10)) == {200}
        assert set(statuses(client, site.path, 10)) == {200}
        assert statuses(client, "/r/unsubscribe/nothing", 3)[-1] == 429


@pytest.mark.parametrize(
    ("address", "shown"), [(ADA, "a…@broadsheet.example"), ("x@y.example", "x…@y.example")]
)
def test_an_address_is_shown_to_its_owner_alone(address: str, shown: str) -> None:
    assert shortened(address) == shown
