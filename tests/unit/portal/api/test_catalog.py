"""The catalog by the API: only what the caller may have."""

from __future__ import annotations

import jsonschema
import pytest
from tests.unit.portal.api.site import REPORT, SECRET_REPORT, Site


@pytest.mark.parametrize(
    ("by", "expected"),
    [("ada", {REPORT}), ("eve", set()), ("olga", {REPORT, SECRET_REPORT}), ("art", {REPORT, SECRET_REPORT})],
)
def test_only_what_the_caller_may_have_is_offered(offline: Site, by: str, expected: set[str]) -> None:
    reports = {one["id"]: one for one in offline.get("/catalog", by=by).json()["reports"]}
    assert expected <= set(reports)
    assert (SECRET_REPORT in reports) == (SECRET_REPORT in expected)
    assert (REPORT in reports) == (REPORT in expected)
    for report in reports.values():
        path = report["url"].removeprefix("/reports/api/v1")
        assert offline.get(path, by=by).json()["title"] == report["title"]


def test_a_report_tells_the_schema_of_its_parameters(offline: Site) -> None:
    report = offline.get(f"/catalog/{REPORT}").json()
    jsonschema.Draft202012Validator.check_schema(report["parameters"])
    assert "UA" in report["parameters"]["properties"]["carrier"]["enum"]
    assert report["period_kinds"][0] == "week"
    assert "pdf" in report["formats"]


@pytest.mark.parametrize("report", [SECRET_REPORT, "no_such_report", "UPPER", "~", "%2e%2e", "x" * 64])
def test_what_the_caller_may_not_have_does_not_exist(offline: Site, report: str) -> None:
    answer = offline.get(f"/catalog/{report}")
    assert answer.status_code == 404
    assert "board" not in answer.text.replace(report, "")


def test_reports_are_found_by_words(offline: Site) -> None:
    found = offline.get("/catalog", params={"text": "AIRLINE punctuality"}).json()["reports"]
    assert [one["id"] for one in found] == [REPORT]
    assert offline.get("/catalog", params={"text": "nowhere"}).json()["reports"] == []
    assert offline.get("/catalog", params={"txt": "airline"}).status_code == 422


@pytest.mark.parametrize("path", ["/catalog", f"/catalog/{REPORT}"])
def test_without_credentials_there_is_nothing(offline: Site, path: str) -> None:
    assert offline.get(path, by=None).status_code == 401
