"""Conditional and partial requests, by the letter of RFC 9110."""

from __future__ import annotations

import pytest
from starlette.exceptions import HTTPException

from broadsheet.errors import StaleError
from broadsheet.portal.api.conditions import ByteRange, expected_revision, is_unchanged, requested_range
from broadsheet.portal.api.waiting import preferred_wait

TAG = '"abc"'


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-9", ByteRange(0, 9)),
        ("bytes=90-", ByteRange(90, 99)),
        ("bytes=-5", ByteRange(95, 99)),
        ("bytes=-500", ByteRange(0, 99)),
        ("bytes=50-5000", ByteRange(50, 99)),
        ("bytes = 1-1", ByteRange(1, 1)),
    ],
)
def test_a_range_is_cut_to_the_file(header: str, expected: ByteRange) -> None:
    assert requested_range({"range": header}, size=100, tag=TAG) == expected


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes=-",
        "bytes=9-1",
        "bytes=0-1,5-6",
        "lines=0-9",
        "bytes=a-b",
        "bytes=\u0661-\u0662",
        "bytes=1" + "0" * 30 + "-",
    ],
)
def test_what_is_no_single_range_gets_the_whole_file(header: str) -> None:
    assert requested_range({"range": header}, size=100, tag=TAG) is None


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_range_behind_the_end_is_refused_with_the_size(header: str) -> None:
    with pytest.raises(HTTPException) as caught:
        requested_range({"range": header}, size=100, tag=TAG)
    assert caught.value.status_code == 416
    assert caught.value.headers == {"Content-Range": "bytes */100"}


def test_a_range_of_another_version_gets_the_whole_file() -> None:
    assert requested_range({"range": "bytes=0-9", "if-range": '"old"'}, size=100, tag=TAG) is None
    assert requested_range({"range": "bytes=0-9", "if-range": TAG}, size=100, tag=TAG) == ByteRange(0, 9)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, False),
        ('"xyz"', False),
        (TAG, True),
        ("*", True),
        (f"W/{TAG}", True),
        (f'"xyz", {TAG}', True),
    ],
)
def test_an_unchanged_file_is_known_by_its_tag(header: str | None, expected: bool) -> None:
    assert is_unchanged(header, TAG) is expected


@pytest.mark.parametrize("header", ['"3"', "*", '"1", "3"'])
def test_an_edit_of_the_current_revision_goes_on(header: str) -> None:
    assert expected_revision(header, 3) == 3


@pytest.mark.parametrize("header", ['"2"', 'W/"3"', "3", ""])
def test_an_edit_of_another_revision_is_stale(header: str) -> None:
    with pytest.raises(StaleError, match="revision 3"):
        expected_revision(header, 3)


def test_an_edit_without_a_revision_is_refused() -> None:
    with pytest.raises(HTTPException) as caught:
        expected_revision(None, 3)
    assert caught.value.status_code == 428


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ([], 0),
        (["wait=5"], 5),
        (["respond-async, wait=10"], 10),
        (["respond-async", "Wait = 7; x=1"], 7),
        (["wait=100000"], 60),
        (["wait=-1"], 0),
        (["wait=many"], 0),
        (["waiting=5"], 0),
    ],
)
def test_a_preferred_wait_is_read_and_bounded(headers: list[str], seconds: int) -> None:
    assert preferred_wait(headers) == seconds
