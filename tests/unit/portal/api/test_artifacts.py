"""Files of jobs: whole, in part, unchanged, and their headers alone."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import unquote

import pytest
from tests.seed import PDF
from tests.unit.portal.api.site import FILE, Site

from broadsheet.store.database import transaction

TAG = f'"{hashlib.sha256(PDF).hexdigest()}"'


@pytest.fixture
def path(site: Site) -> str:
    """Return the path of a file that is there."""
    job = site.ask()
    site.finish(job)
    return f"/jobs/{job}/artifacts/{FILE}"


def test_a_file_comes_whole_with_its_digest_and_name(site: Site, path: str) -> None:
    answer = site.get(path, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.content == PDF
    assert answer.headers["etag"] == TAG
    assert answer.headers["content-length"] == str(len(PDF))
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert unquote(answer.headers["content-disposition"].split("''")[1]) == FILE


def test_the_url_of_a_job_leads_to_its_file(site: Site, path: str) -> None:
    (artifact,) = site.get(path.split("/artifacts")[0]).json()["artifacts"]
    assert site.get(artifact["url"].removeprefix("/reports/api/v1")).content == PDF


def test_a_file_that_the_caller_has_is_not_sent_again(site: Site, path: str) -> None:
    answer = site.get(path, headers={"If-None-Match": TAG})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == TAG


@pytest.mark.parametrize(
    ("asked", "part"),
    [("bytes=0-99", slice(0, 100)), ("bytes=-10", slice(-10, None)), ("bytes=17000-", slice(17000, None))],
)
def test_a_part_is_sent_when_asked_for(site: Site, path: str, asked: str, part: slice) -> None:
    answer = site.get(path, headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.content == PDF[part]
    first, last, _ = part.indices(len(PDF))
    assert answer.headers["content-range"] == f"bytes {first}-{last - 1}/{len(PDF)}"
    assert answer.headers["content-length"] == str(len(PDF[part]))


def test_a_download_can_be_taken_up_where_it_broke_off(site: Site, path: str) -> None:
    first = site.get(path, headers={"Range": "bytes=0-4999"}).content
    rest = site.get(path, headers={"Range": "bytes=5000-", "If-Range": TAG}).content
    assert first + rest == PDF


def test_a_part_that_is_not_there_is_refused(site: Site, path: str) -> None:
    answer = site.get(path, headers={"Range": "bytes=999999-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(PDF)}"
    assert answer.json()["status"] == 416


@pytest.mark.parametrize(
    ("headers", "status", "length"), [({}, 200, len(PDF)), ({"Range": "bytes=0-9"}, 206, 10)]
)
def test_head_tells_the_headers_alone(
    site: Site, path: str, headers: dict[str, str], status: int, length: int
) -> None:
    answer = site.request("HEAD", path, headers=headers)
    assert (answer.status_code, answer.content) == (status, b"")
    assert answer.headers["content-length"] == str(length)
    assert answer.headers["etag"] == TAG


@pytest.mark.parametrize(
    "name", ["other.pdf", "..%2F..%2Fetc%2Fpasswd", "%2e%2e%2f", "%00", "x" * 300, FILE + "%0d%0aX: y"]
)
def test_a_name_that_is_no_file_of_the_job_leads_nowhere(site: Site, path: str, name: str) -> None:
    assert site.get(path.replace(FILE, name)).status_code == 404


def test_a_file_that_storage_has_lost_or_cut_is_an_error_not_half_a_file(site: Site, path: str) -> None:
    with transaction(site.dsn) as connection:
        row: Any = connection.execute("SELECT key FROM artifacts").fetchone()
    site.store.put(row["key"], PDF[:100], content_type="application/pdf")
    assert site.get(path).status_code == 500
    site.store.delete_prefix(row["key"])
    answer = site.get(path)
    assert answer.status_code == 500
    assert row["key"] not in answer.text
