"""First pages as pictures."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas
from tests.unit.portal.api.site import REPORT, SECRET_REPORT, Site

from broadsheet.portal.api import pictures
from broadsheet.services.catalog import offered_report

PNG = b"\x89PNG a picture"


def test_a_job_has_a_picture_of_its_first_page(site: Site) -> None:
    job = site.ask()
    assert site.get(f"/jobs/{job}/picture").status_code == 404
    drawn = BytesIO()
    canvas = Canvas(drawn)
    canvas.showPage()
    canvas.save()
    site.finish(job, data=drawn.getvalue())
    answer = site.get(f"/jobs/{job}/picture")
    assert answer.headers["content-type"] == "image/png"
    with Image.open(BytesIO(answer.content)) as picture:
        assert picture.height > picture.width
    assert site.get(f"/jobs/{job}/picture").content == answer.content


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Draw nothing, but note what was to be drawn."""
    asked: list[dict[str, Any]] = []

    def draw(inst: Any, caller: Any, report_id: str, **more: Any) -> bytes:
        asked.append({"report": offered_report(inst, caller, report_id).id, **more})
        return PNG

    monkeypatch.setattr(pictures, "preview_page", draw)
    return asked


def test_a_draft_is_previewed(offline: Site, asked: list[dict[str, Any]]) -> None:
    answer = offline.post(
        "/subscriptions/preview",
        json={
            "report": REPORT,
            "parameters": {"carrier": "DL"},
            "period": "2013-W12",
            "zone": "Europe/Vienna",
        },
    )
    assert (answer.status_code, answer.content) == (200, PNG)
    assert asked[0]["parameters"] == {"carrier": "DL"}
    assert (asked[0]["period"], asked[0]["zone"]) == ("2013-W12", "Europe/Vienna")


def test_a_subscription_is_previewed_as_it_stands(site: Site, asked: list[dict[str, Any]]) -> None:
    name = site.subscribe(parameters={"carrier": "DL"}, period_kind="month")["name"]
    answer = site.get(f"/subscriptions/{name}/preview", params={"period": "2013-02"})
    assert (answer.status_code, answer.content) == (200, PNG)
    assert asked[0]["parameters"]["carrier"] == "DL"
    assert (asked[0]["kind"], asked[0]["period"]) == ("month", "2013-02")
    assert site.get(f"/subscriptions/{name}/preview", params={"when": "now"}).status_code == 422


def test_a_report_that_is_not_for_the_caller_is_not_previewed(
    offline: Site, asked: list[dict[str, Any]]
) -> None:
    assert offline.post("/subscriptions/preview", json={"report": SECRET_REPORT}).status_code == 404
    assert asked == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "report"),
        ({"report": REPORT, "color": "red"}, "color"),
        ({"report": REPORT, "parameters": {"carrier": "XX"}}, "parameters.carrier"),
        ({"report": REPORT, "period": "soon"}, "period"),
        ({"report": REPORT, "zone": "Mars/Base"}, "zone"),
    ],
)
def test_what_is_wrong_with_a_draft_is_told(offline: Site, body: dict[str, Any], field: str) -> None:
    answer = offline.post("/subscriptions/preview", json=body)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]
