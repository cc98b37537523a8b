"""The catalog as cards, and "Get it now"."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.office import REPORT, Office, shipped_catalog
from tests.unit.portal.pages.browser import Browser, browsing, fields_of, words

from broadsheet.domain.report import ReportDefinition

GET = f"/catalog/{REPORT}/get"
FORM = "request-form"
HOSTILE = "<script>alert(1)</script>\"'&"


def changed(**changes: object) -> ReportDefinition:
    return shipped_catalog().reports[REPORT].model_copy(update=changes)


def offer(office: Office, *reports: ReportDefinition) -> None:
    office.catalog = replace(office.catalog, reports={report.id: report for report in reports})


def test_a_card_says_what_the_report_tells_and_for_whom_and_leads_on(browser: Browser) -> None:
    page = browser.get("/")

    assert page.status_code == 200
    said = words(page)
    assert "Airline punctuality On-time arrivals, delays and cancellations" in said
    assert "a week, a day or a month" in said
    assert "Airline, Origin airport" in said
    assert "role subscriber" in said
    assert f'href="/reports/catalog/{REPORT}/subscribe"' in page.text
    assert f'href="/reports{GET}"' in page.text
    assert f"/reports/static/samples/{REPORT}.png?v=" in page.text


def test_nobody_sees_a_report_that_their_roles_do_not_give_them(browser: Browser) -> None:
    page = browser.get("/", who="eve")

    assert "Airline" not in words(page)
    assert "No reports for you yet" in words(page)
    assert browser.get(GET, who="eve").status_code == 404
    assert browser.post(GET, who="eve").status_code == 404
    assert browser.get(f"/catalog/{REPORT}/subscribe", who="eve").status_code == 404


def test_a_search_leaves_the_reports_that_say_every_word(office: Office, browser: Browser) -> None:
    offer(office, changed(), changed(id="cash", title="Cash flow", summary="Money in and out."))

    assert "Cash flow" in words(browser.get("/?q=MONEY+out"))
    assert "Airline punctuality" not in words(browser.get("/?q=MONEY+out"))
    assert "No report says that" in words(browser.get("/?q=weather+on+mars"))


def test_only_operators_are_led_to_operations(browser: Browser) -> None:
    assert "/operations" not in browser.get("/").text
    assert 'href="/reports/operations"' in browser.get("/", who="olga").text


def test_what_authors_and_readers_write_is_shown_as_text(office: Office, browser: Browser) -> None:
    schema = {
        "type": "object",
        "properties": {"x": {"type": "string", "title": HOSTILE, "description": HOSTILE, "default": HOSTILE}},
    }
    offer(
        office, changed(title=HOSTILE, summary=HOSTILE, audience=("subscriber", HOSTILE), parameters=schema)
    )

    for path in ("/", f"/?q={HOSTILE}", GET, f"/catalog/{REPORT}/subscribe"):
        page = browser.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text


def test_every_address_of_a_page_is_below_the_base_url(office: Office) -> None:
    with browsing(office, prefix="/airflow") as browser:
        paths = ("/", GET, f"/catalog/{REPORT}/subscribe", "/subscriptions")
        pages = [browser.get(path).text for path in paths]

    for page in pages:
        assert 'data-base="/airflow/reports"' in page
        assert '"/reports' not in page
        assert "url(/" not in page


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "integer", "minimum": 1}, 'inputmode="numeric"'),
        ({"type": "number"}, 'inputmode="decimal"'),
        ({"type": "string", "format": "date"}, 'type="date"'),
        ({"type": "boolean", "default": False}, '<option value="False" selected>No</option>'),
        ({"type": "string", "enum": ["a", "b"], "default": "b"}, '<option value="b" selected>B</option>'),
        ({"type": "string", "maxLength": 40}, 'maxlength="40"'),
    ],
)
def test_a_parameter_is_asked_for_by_its_type(
    office: Office, browser: Browser, schema: dict[str, object], expected: str
) -> None:
    offer(
        office, changed(parameters={"type": "object", "properties": {"x": {"title": "Threshold", **schema}}})
    )

    page = browser.get(GET)

    assert expected in page.text
    assert '<label for="f-parameters-x">Threshold' in page.text


def test_asking_leads_to_the_run_of_the_period_that_was_chosen(office: Office, browser: Browser) -> None:
    fields = fields_of(browser.get(GET), FORM)
    fields |= {"which": ["named"], "day": ["2013-02-14"], "period_kind": ["month"], "me": ["yes"]}

    answer = browser.post(GET, fields)

    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"].startswith("/reports/runs/")
    (run,) = office.engine.runs.values()
    assert run.conf["period"] == "2013-02"
    assert run.conf["recipients"] == ["ada@broadsheet.example"]


def test_a_form_that_is_sent_twice_asks_once(office: Office, browser: Browser) -> None:
    fields = fields_of(browser.get(GET), FORM)

    first, second = browser.post(GET, fields), browser.post(GET, fields)

    assert first.headers["HX-Redirect"] == second.headers["HX-Redirect"]
    assert office.runs() == 1


def test_everything_that_is_wrong_is_said_at_once_beside_its_field(office: Office, browser: Browser) -> None:
    office.limit(recipient_domains=("broadsheet.example",))
    fields = fields_of(browser.get(GET), FORM)
    fields |= {
        "parameters.carrier": ["ZZ"],
        "which": ["named"],
        "day": ["someday"],
        "recipients": [f"x@evil.example\n{HOSTILE}"],
    }

    answer = browser.post(GET, fields)

    assert answer.status_code == 422
    assert answer.headers["HX-Retarget"] == "#request-form"
    assert "4 things need your attention" in words(answer)
    assert '<a href="#f-parameters-carrier">' in answer.text
    assert '<a href="#f-period">Give a day, such as 2013-03-18.</a>' in answer.text
    for field in ("parameters-carrier", "period", "recipients"):
        assert f'id="f-{field}-error"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "outside the permitted domains" in words(answer)
    assert "<script>alert" not in answer.text
    assert office.runs() == 0


def test_the_rule_of_domains_is_said_before_it_is_broken(office: Office, browser: Browser) -> None:
    office.limit(recipient_domains=("broadsheet.example", "partner.example"))

    assert "Only addresses at broadsheet.example or partner.example ." in words(browser.get(GET))


def test_a_change_that_no_page_of_ours_asked_for_is_refused(office: Office, browser: Browser) -> None:
    answer = browser.client.post(f"/reports{GET}", headers={"Cookie": "who=ada"})

    assert answer.status_code == 403
    assert office.runs() == 0


def test_a_form_that_is_too_long_is_refused(browser: Browser) -> None:
    assert browser.post(GET, {"recipients": "x" * 70_000}).status_code == 413
    assert browser.post(GET, {"x": ["1"] * 600}).status_code == 413
