"""The inbox: pages and the JSON API, over HTTP."""

import asyncio
import re
from datetime import UTC, datetime
from email.message import EmailMessage

import httpx
import pytest
from tests.conftest import HOME

from broadsheet.embedded.mail.faults import Fault, Faults
from broadsheet.embedded.mail.inbox import USER, create_app
from broadsheet.embedded.mail.mailbox import Mailbox

PASSWORD = "right"
HOSTILE = (
    "<html><head><title>x</title></head><body><script>alert(1)</script><a href='https://x.example'>x</a>"
)
PATHS = ("/", "/messages/{id}", "/messages/{id}/html", "/api/messages", "/api/messages/{id}", "/api/faults")
PATHS += ("/api/messages/{id}/raw", "/api/messages/{id}/attachments/0")


@pytest.fixture
def ident(mailbox: Mailbox) -> str:
    """Store a mail with text, hostile HTML and an attachment, and return its id."""
    message = EmailMessage()
    message["Subject"] = "Wöchentlich <b>"
    message["X-Twice"] = "one"
    message["X-Twice"] = "two"
    message.set_content("plain €\n")
    message.add_alternative(HOSTILE, subtype="html")
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename='bé"r.pdf')
    return mailbox.store(
        message.as_bytes(),
        mail_from="reports@example.com",
        recipients=["reader@example.com"],
        now=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    )


def client(mailbox: Mailbox, faults: Faults, *, auth: tuple[str, str] | None = (USER, PASSWORD)) -> "Client":
    return Client(mailbox, faults, auth)


class Client:
    """A synchronous face of httpx's in-process client."""

    def __init__(self, mailbox: Mailbox, faults: Faults, auth: tuple[str, str] | None) -> None:
        self._app = create_app(mailbox, faults, password=PASSWORD, home=HOME)
        self._auth = auth

    def request(self, method: str, path: str, **arguments: object) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://127.0.0.1", auth=self._auth
            ) as inner:
                return await inner.request(method, path, **arguments)  # type: ignore[arg-type]

        return asyncio.run(ask())

    def get(self, path: str, **arguments: object) -> httpx.Response:
        return self.request("GET", path, **arguments)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("auth", [None, (USER, "wrong"), ("other", PASSWORD)])
def test_nothing_is_shown_without_the_right_log_in(
    mailbox: Mailbox, faults: Faults, ident: str, path: str, auth: tuple[str, str] | None
):
    answer = client(mailbox, faults, auth=auth).get(path.format(id=ident))
    assert answer.status_code == 401
    assert "reader@example.com" not in answer.text


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_forbids_sniffing_and_caching(mailbox: Mailbox, faults: Faults, ident: str, path: str):
    answer = client(mailbox, faults).get(path.format(id=ident))
    assert answer.status_code == 200
    if not path.startswith("/api") or "raw" in path or "attachments" in path:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_name_that_somebody_else_resolves_to_this_machine_is_refused(mailbox: Mailbox, faults: Faults):
    assert client(mailbox, faults).get("/", headers={"Host": "evil.example"}).status_code == 400


def test_the_api_tells_everything_about_a_mail(mailbox: Mailbox, faults: Faults, ident: str):
    inbox = client(mailbox, faults)
    (summary,) = inbox.get("/api/messages").json()
    assert summary["subject"] == "Wöchentlich <b>"
    assert summary["recipients"] == ["reader@example.com"]
    assert summary["received_at"] == "2026-01-02T03:04:05Z"
    detail = inbox.get(f"/api/messages/{ident}").json()
    assert detail["text"] == "plain €\n"
    assert "alert" in detail["html"]
    assert [value for name, value in detail["headers"] if name == "X-Twice"] == ["one", "two"]
    assert detail["attachments"] == [
        {"index": 0, "name": 'bé"r.pdf', "content_type": "application/pdf", "size_bytes": 8}
    ]


def test_an_attachment_is_offered_for_download_only(mailbox: Mailbox, faults: Faults, ident: str):
    answer = client(mailbox, faults).get(f"/api/messages/{ident}/attachments/0")
    assert answer.content == b"%PDF-1.7"
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''b%C3%A9%22r.pdf"
    assert answer.headers["Content-Type"] == "application/octet-stream"


def test_a_mails_html_cannot_run_or_load_anything(mailbox: Mailbox, faults: Faults, ident: str):
    answer = client(mailbox, faults).get(f"/messages/{ident}/html")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups allow-popups-to-escape-sandbox;")
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy
    assert '<head><base target="_blank">' in answer.text


def test_the_page_shows_a_mail_in_a_sandbox_and_escapes_its_subject(
    mailbox: Mailbox, faults: Faults, ident: str
):
    page = client(mailbox, faults).get(f"/messages/{ident}").text
    assert (
        f'<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" src="/messages/{ident}/html"' in page
    )
    assert "Wöchentlich &lt;b&gt;" in page
    assert "<script>" not in page


@pytest.mark.parametrize("path", ["/messages/nothing", "/api/messages/nothing", "/messages/nothing/html"])
def test_a_mail_that_is_not_there_is_404(mailbox: Mailbox, faults: Faults, path: str):
    assert client(mailbox, faults).get(path).status_code == 404


@pytest.mark.parametrize("index", [-1, 1])
def test_an_attachment_that_is_not_there_is_404(mailbox: Mailbox, faults: Faults, ident: str, index: int):
    assert client(mailbox, faults).get(f"/api/messages/{ident}/attachments/{index}").status_code == 404


@pytest.mark.usefixtures("ident")
def test_mails_can_be_deleted(mailbox: Mailbox, faults: Faults):
    inbox = client(mailbox, faults)
    assert inbox.request("DELETE", "/api/messages").json() == {"deleted": 1}
    assert inbox.get("/api/messages").json() == []


def test_faults_are_set_and_read_back(mailbox: Mailbox, faults: Faults):
    inbox = client(mailbox, faults)
    wanted = [{"kind": "reply", "step": "rcpt", "match": "a@", "times": 2, "code": 450}]
    assert inbox.request("PUT", "/api/faults", json=wanted).status_code == 200
    (pending,) = faults.pending()
    assert (pending.match, pending.times, pending.code) == ("a@", 2, 450)
    assert [Fault(**one) for one in inbox.get("/api/faults").json()] == [pending]


@pytest.mark.parametrize(
    "fault", [{"kind": "boom"}, {"kind": "reply", "text": "a\r\nb"}, {"kind": "drop", "x": 1}]
)
def test_a_fault_that_makes_no_sense_is_refused(mailbox: Mailbox, faults: Faults, fault: dict[str, object]):
    assert client(mailbox, faults).request("PUT", "/api/faults", json=[fault]).status_code == 422
    assert faults.pending() == []


def test_a_mail_in_a_charset_nobody_knows_is_still_shown(mailbox: Mailbox, faults: Faults):
    raw = b"Content-Type: text/plain; charset=klingon\r\n\r\nQapla\r\n"
    ident = mailbox.store(raw, mail_from="a", recipients=[], now=datetime(2026, 1, 1, tzinfo=UTC))
    assert client(mailbox, faults).get(f"/api/messages/{ident}").json()["text"].strip() == "Qapla"


HOSTILE_MAILS = {
    "8-bit headers": b"Subject: caf\xe9\r\nFrom: \xff@x\r\n\r\n\xff\r\n",
    "nothing": b"",
    "addresses that are none": b"To: <<<>>,,@\r\nFrom: (((\r\nMessage-ID: <\r\nDate: never\r\n\r\nx",
    "a lone surrogate": b'Content-Type: text/html; charset="unicode_escape"\r\n\r\n\\ud800x',
    "a charset that is a trick": b"Content-Type: text/plain; charset=idna\r\n\r\n\xff",
    "a charset with a NUL": b'Content-Type: text/plain; charset="a\x00b"\r\n\r\nx',
    "an undefined charset": b"Content-Type: text/html; charset=undefined\r\n\r\nx",
    "a multipart of nothing": b"Content-Type: multipart/mixed; boundary=x\r\n\r\n",
    "a file name of bytes": (
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nhi\r\n"
        b"--x\r\n"
        b'Content-Disposition: attachment; filename="\xe9../a/b"\r\n\r\nq\r\n--x--'
    ),
}


@pytest.mark.parametrize("raw", HOSTILE_MAILS.values(), ids=HOSTILE_MAILS)
def test_whatever_is_wrong_with_a_mail_it_and_the_list_are_shown(
    mailbox: Mailbox, faults: Faults, raw: bytes
):
    ident = mailbox.store(raw, mail_from="a@\udcff", recipients=["b@x"], now=datetime(2026, 1, 1, tzinfo=UTC))
    inbox = client(mailbox, faults)
    for path in ("/", "/messages/{id}", "/messages/{id}/html", "/api/messages", "/api/messages/{id}"):
        assert inbox.get(path.format(id=ident)).status_code == 200
    assert inbox.get(f"/api/messages/{ident}/attachments/0").status_code in (200, 404)


def _store(mailbox: Mailbox, subject: str, *, second: int, recipient: str = "ada@example.com") -> None:
    raw = f"Subject: {subject}\r\n\r\nx".encode()
    now = datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC)
    mailbox.store(raw, mail_from="reports@example.com", recipients=[recipient], now=now)


def test_the_list_has_the_newest_first(mailbox: Mailbox, faults: Faults):
    for second in (1, 3, 2):
        _store(mailbox, f"number {second}", second=second)
    page = client(mailbox, faults).get("/").text
    assert page.index("number 3") < page.index("number 2") < page.index("number 1")


@pytest.mark.parametrize("words", ["WÖCHENTLICH", "ben@", " wöchentlich "])
def test_mails_are_found_by_subject_and_address(mailbox: Mailbox, faults: Faults, words: str):
    _store(mailbox, "=?utf-8?q?w=C3=B6chentlich?=", second=1, recipient="ben@example.com")
    _store(mailbox, "other", second=2)
    page = client(mailbox, faults).get("/", params={"q": words}).text
    assert "wöchentlich</span>" in page
    assert "other</span>" not in page


@pytest.mark.parametrize("words", ["PLAIN €", "Ada Lovelace"])
def test_mails_are_found_by_their_text_and_sender(mailbox: Mailbox, faults: Faults, words: str):
    raw = "From: Ada Lovelace <ada@example.com>\r\nSubject: wanted\r\n\r\nit is plain €".encode()
    mailbox.store(raw, mail_from="a", recipients=["b@x"], now=datetime(2026, 1, 1, tzinfo=UTC))
    _store(mailbox, "other", second=2)
    page = client(mailbox, faults).get("/", params={"q": words}).text
    assert "wanted</span>" in page
    assert "other</span>" not in page
    assert "1 of 2" in page


def test_a_search_that_finds_nothing_says_so_and_leads_back(mailbox: Mailbox, faults: Faults):
    _store(mailbox, "one", second=1)
    page = client(mailbox, faults).get("/", params={"q": "zebra"}).text
    assert "Nothing found" in page
    assert 'href="/">show all' in page


@pytest.mark.parametrize(
    ("view", "shown", "hidden"),
    [
        ("html", "<iframe", "plain €"),
        ("text", "plain €", "<iframe"),
        ("headers", "<dt>X-Twice</dt>", "<iframe"),
    ],
)
def test_a_mail_has_a_tab_for_each_way_to_see_it(
    mailbox: Mailbox, faults: Faults, ident: str, view: str, shown: str, hidden: str
):
    page = client(mailbox, faults).get(f"/messages/{ident}", params={"view": view}).text
    assert shown in page
    assert hidden not in page
    assert f'href="/messages/{ident}?view={view}" aria-current="page"' in page


def test_a_mail_without_html_has_no_tab_for_it(mailbox: Mailbox, faults: Faults):
    _store(mailbox, "one", second=1)
    (ident,) = mailbox.idents()
    page = client(mailbox, faults).get(f"/messages/{ident}", params={"view": "html"}).text
    assert "view=html" not in page
    assert '<pre class="text">x</pre>' in page


def test_a_tab_that_is_none_is_refused(mailbox: Mailbox, faults: Faults, ident: str):
    answer = client(mailbox, faults).get(f"/messages/{ident}", params={"view": "raw"})
    assert answer.status_code == 422


def test_a_mail_leads_to_its_neighbours(mailbox: Mailbox, faults: Faults):
    for second in (1, 2, 3):
        _store(mailbox, f"number {second}", second=second)
    newest, middle, oldest = mailbox.idents()
    page = client(mailbox, faults).get(f"/messages/{middle}").text
    assert f'href="/messages/{newest}" rel="prev"' in page
    assert f'href="/messages/{oldest}" rel="next"' in page
    assert 'rel="prev"' not in client(mailbox, faults).get(f"/messages/{newest}").text


def test_an_empty_inbox_says_what_will_be_there(mailbox: Mailbox, faults: Faults):
    page = client(mailbox, faults).get("/").text
    assert "No mail yet" in page
    assert "/clear" not in page


def test_the_list_shows_how_a_mail_begins_and_how_many_files_it_has(
    mailbox: Mailbox, faults: Faults, ident: str
):
    del ident
    page = client(mailbox, faults).get("/").text
    assert '<span class="beginning">plain €</span>' in page
    assert "1 file · " in page


def test_times_are_written_in_the_readers_zone_by_a_script_of_the_inbox_alone(
    mailbox: Mailbox, faults: Faults, ident: str
):
    inbox = client(mailbox, faults)
    for path in ("/", f"/messages/{ident}"):
        page = inbox.get(path)
        assert '<time datetime="2026-01-02T03:04:05+00:00">' in page.text
        assert '<script src="/static/times.js" defer></script>' in page.text
        assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    assert "time[datetime]" in inbox.get("/static/times.js").text


def test_what_is_searched_for_is_escaped(mailbox: Mailbox, faults: Faults):
    _store(mailbox, "one", second=1)
    page = client(mailbox, faults).get("/", params={"q": '"><script>alert(1)</script>'}).text
    assert "<script>" not in page
    assert "&#34;&gt;&lt;script&gt;" in page


def test_the_list_shows_so_many_and_says_so(
    mailbox: Mailbox, faults: Faults, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("broadsheet.embedded.mail.pages.MOST_MAILS", 2)
    for second in range(3):
        _store(mailbox, f"number {second}", second=second)
    page = client(mailbox, faults).get("/").text
    assert page.count("<li>") == 2
    assert "The newest 2 of 3" in page


@pytest.fixture
def page_token(mailbox: Mailbox, faults: Faults) -> tuple[Client, str]:
    """Return the inbox with one mail, and the token of its button."""
    _store(mailbox, "one", second=1)
    inbox = client(mailbox, faults)
    found = re.search(r'name="token" value="([\w-]{43})"', inbox.get("/").text)
    assert found
    return inbox, found[1]


def test_the_button_of_the_page_deletes_every_mail(mailbox: Mailbox, page_token: tuple[Client, str]):
    inbox, token = page_token
    answer = inbox.request("POST", "/clear", data={"token": token}, headers={"Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert mailbox.idents() == []


@pytest.mark.parametrize("sent", [{}, {"token": ""}, {"token": "x" * 43}, {"token": "é"}])
def test_a_form_without_the_token_of_the_page_deletes_nothing(
    mailbox: Mailbox, page_token: tuple[Client, str], sent: dict[str, str]
):
    inbox, _ = page_token
    assert inbox.request("POST", "/clear", data=sent).status_code == 403
    assert inbox.get("/clear").status_code == 405
    assert len(mailbox.idents()) == 1


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/clear"), ("DELETE", "/api/messages"), ("PUT", "/api/faults")]
)
def test_what_another_site_makes_a_browser_send_changes_nothing(
    mailbox: Mailbox, page_token: tuple[Client, str], site: str, method: str, path: str
):
    inbox, token = page_token
    answer = inbox.request(method, path, data={"token": token}, headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 403
    assert len(mailbox.idents()) == 1


def test_a_form_may_only_be_sent_to_the_inbox_itself(mailbox: Mailbox, faults: Faults, ident: str):
    inbox = client(mailbox, faults)
    assert "form-action 'self'" in inbox.get("/").headers["Content-Security-Policy"]
    assert "form-action 'none'" in inbox.get(f"/messages/{ident}/html").headers["Content-Security-Policy"]
