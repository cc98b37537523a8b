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
        "SELECT '-- none' -- it's one\n, '/*' ORDER BY 1",
    ],
)
def test_a_good_query_has_no_fault(tmp_path: Path, query: str) -> None:
    assert faults(tmp_path, HEAD + query) == []


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("SELECT 1 ORDER BY 1;\nDELETE FROM t", "3: one query only"),
        ("DELETE FROM t RETURNING 1 ORDER BY 1", "None: the file must hold a SELECT"),
        ("SELECT 1", "None: add ORDER BY"),
        ("SELECT 1 -- ORDER BY 1", "None: add ORDER BY"),
        ("SELECT 'ORDER BY 1'", "None: add ORDER BY"),
        ("SELECT\n7 % 2 ORDER BY 1", "4: a single % stands here"),
        ("SELECT %(b)s ORDER BY 1", "3: %(b)s binds nothing"),
        ("SELECT %(a) ORDER BY 1", "3: write %(a)s"),
        ("-- nothing", "None: the file holds no query"),
    ],
)
def test_a_fault_is_found_before_the_database_sees_the_query(tmp_path: Path, query: str, fault: str) -> None:
    assert any(one.startswith(fault) for one in faults(tmp_path, HEAD + query)), faults(
        tmp_path, HEAD + query
    )


def test_a_query_that_does_not_exist_is_a_fault(tmp_path: Path) -> None:
    assert "does not exist" in next(check_query(tmp_path / "none.sql", [])).message
