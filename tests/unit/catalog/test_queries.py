"""A query's file is read for what a database would say too late."""

from __future__ import annotations

from pathlib import Path

import pytest

from broadsheet.catalog.queries import check_query

HEAD = "-- Grain: one row.\n-- Parameters: a.\n"


def faults(folder: Path, text: str) -> list[str]:
    path = folder / "one.sql"
    path.write_text(text, encoding="utf-8")
    return [f"{problem.line}: {problem.message}" for problem in check_query(path, ["a"])]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT %(a)s, %(period_start)s::timestamptz, %(zone)s ORDER BY 1",
        "SELECT 10 %% 3, 'a;b' LIKE 'a%%' ORDER BY 1;\n",
        "WITH t AS (SELECT 1) -- ; is no end here\nSELECT * FROM t /* ; */ ORDER BY 1",
        "SELECT (ARRAY[1, 2])[1:one], b::text, '{{1}}'::int[] FROM x ORDER BY 1",
        "SELECT updated, set FROM t ORDER BY 1",
        "SELECT '-- none' -- it's one\n, '/*' ORDER BY 1",
    ],
)
def test_a_good_query_has_no_fault(tmp_path: Path, query: str) -> None:
    assert faults(tmp_path, HEAD + query) == []


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("SELECT 1 ORDER BY 1;\nDELETE FROM t", "3: one query only"),
        ("DELETE FROM t RETURNING 1 ORDER BY 1", "3: a report only reads: take out DELETE FROM"),
        ("SELECT 1", "3: add ORDER BY"),
        ("SELECT 1 -- ORDER BY 1", "3: add ORDER BY"),
        ("SELECT 'ORDER BY 1'", "3: add ORDER BY"),
        ("SELECT\n7 % 2 ORDER BY 1", "4: a single % stands here"),
        ("SELECT %(b)s ORDER BY 1", "3: %(b)s binds nothing"),
        ("SELECT %(a) ORDER BY 1", "3: write %(a)s"),
        ("-- nothing", "None: the file holds no query"),
        (
            "SELCT 1 ORDER BY 1",
            "3: the file must hold a SELECT (or WITH … SELECT), and",
        ),
        ("WITH x AS (DELETE FROM t RETURNING 1)\nSELECT 1 ORDER BY 1", "3: a report only reads"),
        (
            "SELECT 1 FROM t WHERE b = :a ORDER BY 1",
            "3: :a is not how a parameter is bound here: write",
        ),
        ("SELECT 1 FROM t WHERE b = $1 ORDER BY 1", "3: $1 is not how a parameter is bound here"),
        ("SELECT 1 FROM t WHERE b = {{ a }} ORDER BY 1", "3: {{ a }} is not how a parameter is bound"),
        ("SELECT 1 FROM t WHERE b = '{{ a }}' ORDER BY 1", "3: {{ a }} is only text within quotes"),
        ("SELECT 1 FROM t WHERE b = '%(a)s' ORDER BY 1", "3: %(a)s is only text within quotes"),
    ],
)
def test_a_fault_is_found_before_the_database_sees_the_query(tmp_path: Path, query: str, fault: str) -> None:
    assert any(one.startswith(fault) for one in faults(tmp_path, HEAD + query)), faults(
        tmp_path, HEAD + query
    )


def test_a_query_that_does_not_exist_is_a_fault(tmp_path: Path) -> None:
    assert "does not exist" in next(check_query(tmp_path / "none.sql", [])).message


def test_a_byte_order_mark_and_dos_line_ends_are_no_fault_and_other_encodings_are(tmp_path: Path) -> None:
    query = f"{HEAD}SELECT 1 ORDER BY 1\n"
    path = tmp_path / "a.sql"
    path.write_bytes(b"\xef\xbb\xbf" + query.replace("\n", "\r\n").encode())
    assert list(check_query(path, [])) == []
    path.write_bytes(query.encode() + "-- Grüße".encode("latin-1"))
    (found,) = check_query(path, [])
    assert (found.line, found.message) == (
        4,
        "this line is not UTF-8 text (byte 0xfc); save the file as UTF-8",
    )
