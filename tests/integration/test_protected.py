"""Documents behind a password, through the whole stack: who has it reads them, and it stands nowhere."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pikepdf
import psycopg
import pypdf
import pytest
from psycopg import sql

from tests.integration.airflow_api import PATIENCE, Airflow, wait_for
from tests.integration.conftest import Broadsheet, Inbox

pytestmark = pytest.mark.integration

NAME, DAG = "behind-a-password", "subscription__behind-a-password"
READER = "reader-with-password@example.com"
# Without letters that JSON would escape, so that a search finds them wherever they stand.
FIRST, SECOND = "twelve-blackbirds-in-the-rain", "eleven-finches-in-the-sun"
SLOTS = ("2013-08-05T11:00:00Z", "2013-08-12T11:00:00Z", "2013-08-19T11:00:00Z")
ORDER = {
    "report": "airline_punctuality",
    "name": NAME,
    "title": "Only for those who know",
    "parameters": {"carrier": "UA"},
    "cron": "0 7 * * MON",
    "zone": "America/New_York",
    "recipients": [READER],
}


@dataclass(frozen=True)
class Owner:
    """The subscriber, with the portal's API and its pages."""

    api: httpx.Client
    pages: httpx.Client

    def job(self, dag_run_id: str) -> dict[str, Any]:
        """Return the job of a run of the subscription."""
        tab = self.pages.get("/of-run", params={"dag_id": DAG, "run_id": dag_run_id})
        job_id = tab.headers["location"].rpartition("/")[2]
        return dict(self.api.get(f"/jobs/{job_id}").raise_for_status().json())

    def press(self, path: str, **form: str) -> str:
        """Send one of the portal's forms and return what the page shows then."""
        return self.pages.post(path, data=form).raise_for_status().text


@pytest.fixture(scope="module")
def owner(broadsheet: Broadsheet) -> Iterator[Owner]:
    wish = {"username": "subscriber", "password": broadsheet.stack.secrets.user_subscriber}
    token = httpx.post(f"{broadsheet.url}/auth/token", json=wish, timeout=PATIENCE).json()["access_token"]
    own = {"Authorization": f"Bearer {token}"}
    htmx = {"X-Broadsheet": "1", "Origin": broadsheet.url, "HX-Request": "true"}
    base = f"{broadsheet.url}/reports"
    with (
        httpx.Client(base_url=f"{base}/api/v1", headers=own, timeout=PATIENCE) as api,
        httpx.Client(base_url=base, headers=htmx, cookies={"_token": token}, timeout=PATIENCE) as pages,
    ):
        yield Owner(api, pages)


@pytest.fixture(scope="module")
def run_id(owner: Owner, airflow: Airflow) -> str:
    """Subscribe with a password by the API, and run the subscription for a week with data."""
    made = owner.api.post("/subscriptions", json={**ORDER, "password": FIRST})
    assert made.status_code == 201, made.text
    assert owner.api.get(f"/subscriptions/{NAME}/password").json()["is_protected"] is True
    airflow.wait_for_dag(DAG)
    return airflow.complete(DAG, logical_date=SLOTS[0])


def test_the_mailed_link_gives_an_aes_256_document_that_opens_with_its_password_only(
    broadsheet: Broadsheet, inbox: Inbox, run_id: str
) -> None:
    (mail,) = inbox.to(READER)
    assert "opens with a password" in mail["text"]
    assert "%" not in mail["text"].partition("/r/")[0]
    link = re.search(r"http://\S+/r/[A-Za-z0-9_-]{43}", mail["text"])
    answer = httpx.get(link.group(), follow_redirects=True, timeout=PATIENCE)
    assert answer.content == broadsheet.pdf(DAG, run_id)
    for wrong in ("", SECOND, FIRST.upper()):
        with pytest.raises(pikepdf.PasswordError):
            pikepdf.open(io.BytesIO(answer.content), password=wrong)
    with pikepdf.open(io.BytesIO(answer.content), password=FIRST) as pdf:
        assert (pdf.encryption.R, pdf.encryption.bits) == (6, 256)
        assert {pdf.encryption.stream_method.name, pdf.encryption.string_method.name} == {"aesv3"}
    assert "United Air Lines" in texts(answer.content, FIRST)


def test_beside_it_lies_nothing_in_clear_and_its_last_page_says_so(
    broadsheet: Broadsheet, owner: Owner, run_id: str
) -> None:
    job = owner.job(run_id)
    (file,) = job["artifacts"]
    assert (file["format"], file["is_protected"]) == ("pdf", True)
    bucket = broadsheet.bucket("broadsheet")
    kept = [found.key for found in bucket.list("") if job["id"] in found.key]
    assert [key.rpartition(".")[2] for key in kept] == ["pdf"]
    assert "Left out: the files beside this document" in texts(broadsheet.pdf(DAG, run_id), FIRST)


def test_its_run_shows_a_lock_instead_of_page_one(owner: Owner, run_id: str) -> None:
    job = owner.job(run_id)
    page = owner.pages.get(f"/runs/{job['id']}").text
    assert "Protected by a password" in page
    assert "picture.png" not in page
    assert owner.api.get(f"/jobs/{job['id']}/picture").status_code == 404


def test_another_password_counts_from_the_next_run_on_and_so_does_none(
    broadsheet: Broadsheet, owner: Owner, airflow: Airflow, run_id: str
) -> None:
    assert airflow.run(DAG, run_id)["state"] == "success"
    # It would be the same document without its password.
    assert owner.api.post(f"/subscriptions/{NAME}/test").status_code == 409
    assert "Protected by subscriber" in owner.press(f"/subscriptions/{NAME}/password", password=SECOND)
    second = triggered(airflow, SLOTS[1])
    wait_for(
        lambda: airflow.task_states(DAG, second).get("plan") == "success", what="the second run to be opened"
    )
    # It is under way: this is for the next one.
    assert "open without a password" in owner.press(f"/subscriptions/{NAME}/password/remove")
    third = triggered(airflow, SLOTS[2])
    for run in (second, third):
        assert airflow.wait_for_run(DAG, run) == "success", airflow.task_states(DAG, run)

    assert "United Air Lines" in texts(broadsheet.pdf(DAG, second), SECOND)
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(broadsheet.pdf(DAG, second)), password=FIRST)
    assert "United Air Lines" in texts(broadsheet.pdf(DAG, third), "")
    assert {file["format"] for file in owner.job(third)["artifacts"]} == {"pdf", "xlsx", "csv"}


def test_neither_password_stands_anywhere(broadsheet: Broadsheet, owner: Owner, run_id: str) -> None:
    job = owner.job(run_id)
    told = [
        client.get(path).raise_for_status().text
        for client in (owner.api, owner.pages)
        for path in (f"/subscriptions/{NAME}", f"/subscriptions/{NAME}/history")
    ]
    told += [owner.api.get(f"/subscriptions/{NAME}/password").text, str(job)]
    for password in (FIRST, SECOND):
        assert not [text for text in told if password in text]
        assert list(rows_with(broadsheet, password)) == []
        assert list(files_with(broadsheet.stack.state.root, password)) == []
    # The searches find what is there.
    assert "broadsheet.deliveries" in rows_with(broadsheet, READER)
    assert "airflow.dag_run" in rows_with(broadsheet, DAG)
    assert list(files_with(broadsheet.stack.state.root, DAG))


def triggered(airflow: Airflow, slot: str) -> str:
    """Start a run for a slot, which mails nobody, and return its id."""
    answer = airflow.trigger(DAG, logical_date=slot, deliver="no")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["dag_run_id"])


def texts(data: bytes, password: str) -> str:
    """Return all that a document says."""
    return "\n".join(
        page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data), password=password or None).pages
    )


def rows_with(broadsheet: Broadsheet, text: str) -> Iterator[str]:
    """Yield the tables of Airflow and of the ledger that hold a text, also as bytes."""
    for database in ("airflow", "broadsheet"):
        with psycopg.connect(broadsheet.stack.owner_dsn(database)) as connection:
            tables = connection.execute(
                "SELECT schemaname, tablename FROM pg_tables "
                "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
            ).fetchall()
            for table in tables:
                query = sql.SQL(
                    "SELECT 1 FROM {} AS t WHERE strpos(t::text, %s) > 0 OR strpos(t::text, %s) > 0 LIMIT 1"
                ).format(sql.Identifier(*table))
                if connection.execute(query, (text, text.encode().hex())).fetchone():
                    yield f"{database}.{table[1]}"


def files_with(folder: Path, text: str) -> Iterator[Path]:
    """Yield the files of a folder that hold a text: logs, DAG files, queues, mails, stored objects."""
    for path in folder.rglob("*"):
        # Some come and go while the stack runs.
        with suppress(FileNotFoundError):
            if path.is_file() and text.encode() in path.read_bytes():
                yield path
