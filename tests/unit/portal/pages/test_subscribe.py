"""The form of a subscription: subscribe, edit, next dates, preview, test."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from tests.office import ADA, REPORT, Office
from tests.unit.portal.pages.browser import Browser, fields_of, words

from broadsheet.catalog import Catalog
from broadsheet.catalog.themes import Themes
from broadsheet.domain.report import ExportFormat
from broadsheet.errors import QuotaError
from broadsheet.portal.pages import subscribe as pages
from broadsheet.services.subscriptions import get_subscription

SUBSCRIBE = f"/catalog/{REPORT}/subscribe"
DATES = f"/catalog/{REPORT}/dates"
FORM = "subscription-form"


def test_the_form_begins_with_the_defaults_and_the_next_five_dates(browser: Browser) -> None:
    page = browser.get(SUBSCRIBE)

    fields = fields_of(page, FORM)
    assert fields["parameters.carrier"] == ["UA"]
    assert fields["schedule.kind"] == ["weekly"]
    assert fields["zone"] == ["America/New_York"]
    assert fields["me"] == ["yes"]
    assert "Every Monday at 07:00 (New York time)" in words(page)
    assert "Mon 1 Apr, 07:00 covers Week 13, 25–31 March 2013" in words(page)
    assert page.text.count('class="slot"') == 5


def test_dates_of_another_zone_are_told_in_the_readers_zone_too(browser: Browser) -> None:
    browser.zone = "Europe/Vienna"

    assert "The first is Mon 1 Apr, 13:00 in Europe/Vienna." in words(browser.get(SUBSCRIBE))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("schedule.kind=daily&schedule.at=06:30", "Every day at 06:30 (New York time) Tue 26 Mar, 06:30"),
        (
            "schedule.kind=weekly&schedule.at=07:00&schedule.days=TUE&schedule.days=FRI",
            "Every Tuesday and Friday at 07:00",
        ),
        ("schedule.kind=monthly_last_day&schedule.at=07:00&period_kind=month", "covers February 2013"),
        (
            "schedule.kind=monthly_weekday&schedule.at=07:00&schedule.nth=-1&schedule.weekday=MON",
            "On the last Monday of every month at 07:00",
        ),
        ("schedule.kind=cron&cron=0+7+1+1,7+*&zone=UTC", "Mon 1 Jul, 07:00"),
    ],
)
def test_the_next_dates_follow_what_is_typed(browser: Browser, query: str, expected: str) -> None:
    assert expected in words(browser.get(f"{DATES}?{query}", htmx=True))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("schedule.kind=cron&cron=61+*", "must have five fields"),
        ("schedule.kind=weekly&schedule.at=07:00", "Choose at least one day of the week"),
        ("schedule.kind=daily&schedule.at=", "Give the time of day"),
        ("schedule.kind=daily&schedule.at=07:00&zone=Mars%2FBase", "does not exist"),
        ("", "Choose how often"),
    ],
)
def test_a_schedule_that_is_not_finished_says_what_it_lacks(
    browser: Browser, query: str, expected: str
) -> None:
    answer = browser.get(f"{DATES}?{query}", htmx=True)

    assert answer.status_code == 200
    assert expected in words(answer)


def test_subscribing_stores_what_the_form_says_and_leads_to_it(office: Office, browser: Browser) -> None:
    fields = fields_of(browser.get(SUBSCRIBE), FORM)
    fields |= {
        "parameters.origin": ["JFK"],
        "schedule.kind": ["monthly_day"],
        "schedule.day": ["31"],
        "schedule.at": ["06:15"],
        "zone": ["Europe/Vienna"],
        "period_kind": ["month"],
        "recipients": ["bob@broadsheet.example; carol@broadsheet.example"],
        "title": ["Ada’s Kennedy"],
    }

    answer = browser.post(SUBSCRIBE, fields)

    assert answer.status_code == 204, words(answer)
    found = re.fullmatch(r"/reports/subscriptions/([a-z0-9-]+)\?saved=new", answer.headers["HX-Redirect"])
    assert found is not None
    terms = get_subscription(office.inst, ADA, found.group(1)).subscription.terms
    assert (terms.cron, terms.zone, terms.period_kind) == ("15 6 31 * *", "Europe/Vienna", "month")
    assert terms.recipients == (
        "ada@broadsheet.example",
        "bob@broadsheet.example",
        "carol@broadsheet.example",
    )
    assert terms.parameters == {"carrier": "UA", "origin": "JFK"}
    assert terms.title == "Ada’s Kennedy"
    assert terms.resend_unknown


def test_all_faults_of_a_subscription_stand_beside_their_fields_and_what_was_typed_stays(
    office: Office, browser: Browser
) -> None:
    office.limit(recipient_domains=("broadsheet.example",))
    fields = fields_of(browser.get(SUBSCRIBE), FORM)
    fields |= {
        "parameters.carrier": ["ZZ"],
        "schedule.kind": ["cron"],
        "cron": ["61 * <b>"],
        "zone": ["Mars/Base"],
        "recipients": ["x@evil.example"],
        "title": ["x" * 121],
    }

    answer = browser.post(SUBSCRIBE, fields)

    assert answer.status_code == 422
    assert answer.headers["HX-Retarget"] == "#subscription-form"
    assert "5 things need your attention" in words(answer)
    for field in ("parameters-carrier", "cron", "zone", "recipients", "title"):
        assert f'<a href="#f-{field}">' in answer.text
        assert f'id="f-{field}-error"' in answer.text
        assert f'id="f-{field}"' in answer.text
    assert 'value="61 * &lt;b&gt;"' in answer.text
    assert "<b>" not in answer.text
    assert 'value="Mars/Base"' in answer.text


def test_a_subscription_without_recipients_is_told_so(browser: Browser) -> None:
    fields = fields_of(browser.get(SUBSCRIBE), FORM)
    del fields["me"]

    assert "Give at least one mail address" in words(browser.post(SUBSCRIBE, fields))


def test_an_edit_begins_with_the_present_terms_and_makes_a_revision(office: Office, browser: Browser) -> None:
    office.subscribe(
        cron="30 18 * * MON-FRI",
        zone="Europe/Vienna",
        recipients=("ada@broadsheet.example", "bob@broadsheet.example"),
        resend_unknown=False,
    )
    fields = fields_of(browser.get("/subscriptions/united/edit"), FORM)
    assert fields["schedule.kind"] == ["weekdays"]
    assert fields["schedule.at"] == ["18:30"]
    assert fields["zone"] == ["Europe/Vienna"]
    assert fields["recipients"] == ["bob@broadsheet.example"]
    assert "resend_unknown" not in fields

    answer = browser.post("/subscriptions/united/edit", fields | {"title": ["United at night"]})

    assert answer.headers["HX-Redirect"] == "/reports/subscriptions/united?saved=edit"
    subscription = get_subscription(office.inst, ADA, "united").subscription
    assert subscription.revision == 2
    assert subscription.terms.title == "United at night"
    assert subscription.terms.cron == "30 18 * * MON-FRI"
    assert not subscription.terms.resend_unknown


def test_the_second_of_two_editors_is_told_and_sees_what_the_first_changed(
    office: Office, browser: Browser
) -> None:
    office.subscribe()
    path = "/subscriptions/united/edit"
    first, second = (fields_of(browser.get(path, who=who), FORM) for who in ("olga", "ada"))
    assert browser.post(path, first | {"parameters.carrier": ["AA"]}, who="olga").status_code == 204

    told = browser.post(path, second | {"title": ["Mine <b>"]})

    assert told.status_code == 412
    assert "Somebody changed this subscription while you were editing it." in words(told)
    assert "olga" in words(told)
    assert "Airline was: United Air Lines is now: American Airlines" in words(told)
    assert 'value="Mine &lt;b&gt;"' in told.text
    assert get_subscription(office.inst, ADA, "united").subscription.revision == 2

    again = browser.post(path, fields_of(told, FORM))

    assert again.status_code == 204
    terms = get_subscription(office.inst, ADA, "united").subscription.terms
    assert (terms.title, terms.parameters["carrier"]) == ("Mine <b>", "UA")


def test_an_edit_without_its_revision_never_wins(office: Office, browser: Browser) -> None:
    office.subscribe()
    fields = fields_of(browser.get("/subscriptions/united/edit"), FORM)
    del fields["revision"]

    assert browser.post("/subscriptions/united/edit", fields | {"title": ["x"]}).status_code == 412


def test_other_peoples_subscriptions_cannot_be_edited_nor_seen(office: Office, browser: Browser) -> None:
    office.subscribe()

    for path in ("/subscriptions/united/edit", "/subscriptions/united", "/subscriptions/united/history"):
        assert browser.get(path, who="bob").status_code == 404
    assert browser.post("/subscriptions/united/edit", who="bob").status_code == 404


def test_a_preview_shows_page_one_with_the_settings_of_the_form(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[object, object]] = []

    def draw(*_: object, parameters: object, kind: object, **__: object) -> bytes:
        asked.append((parameters, kind))
        return b"png"

    monkeypatch.setattr(pages, "preview_page", draw)
    fields = fields_of(browser.get(SUBSCRIBE), FORM)
    answer = browser.post(
        f"/catalog/{REPORT}/preview", fields | {"parameters.origin": ["LGA"], "period_kind": ["day"]}
    )

    assert '<img src="data:image/png;base64,cG5n"' in answer.text
    assert "Sunday, 24 March 2013" in words(answer)
    assert asked == [({"carrier": "UA", "origin": "LGA"}, "day")]


def test_a_preview_that_cannot_be_made_says_why_in_its_place(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> bytes:
        raise QuotaError("2 previews are being made already", retry_after=5)

    monkeypatch.setattr(pages, "preview_page", refuse)
    answer = browser.post(f"/catalog/{REPORT}/preview", fields_of(browser.get(SUBSCRIBE), FORM))

    assert answer.status_code == 200
    assert "2 previews are being made already" in words(answer)
    wrong_zone = browser.post(f"/catalog/{REPORT}/preview", {"zone": "Mars/Base"})
    assert "does not exist" in words(wrong_zone)


def test_a_test_goes_to_its_reader_alone(office: Office, browser: Browser) -> None:
    fields = fields_of(browser.get(SUBSCRIBE), FORM) | {"recipients": ["bob@broadsheet.example"]}

    answer = browser.post(f"/catalog/{REPORT}/test", fields)

    assert "A test is on its way to ada@broadsheet.example." in words(answer)
    (run,) = office.engine.runs.values()
    assert run.conf["recipients"] == ["ada@broadsheet.example"]


def test_a_test_with_something_wrong_shows_the_form_with_it(office: Office, browser: Browser) -> None:
    office.subscribe()
    fields = fields_of(browser.get("/subscriptions/united/edit"), FORM)

    answer = browser.post(f"/catalog/{REPORT}/test", fields | {"schedule.at": ["late"], "title": ["Mine"]})

    assert (answer.status_code, answer.headers["HX-Retarget"]) == (422, f"#{FORM}")
    assert "Give the time of day" in words(answer)
    assert 'aria-describedby=" f-schedule-at-error"' in answer.text
    assert fields_of(answer, FORM) == fields | {"schedule.at": ["late"], "title": ["Mine"]}
    assert "Save changes" in words(answer)
    assert office.engine.runs == {}


def test_language_theme_and_files_are_chosen_tried_and_kept(office: Office, browser: Browser) -> None:
    office.catalog = polyglot(office.catalog)
    fields = fields_of(browser.get(SUBSCRIBE), FORM)
    assert (fields["locale"], fields["theme"], fields["files"]) == ([""], [""], ["pdf", "csv", "xlsx"])

    wanted = fields | {"locale": ["de-DE"], "theme": ["broadsheet"], "files": ["pdf", "xlsx"]}
    browser.post(f"/catalog/{REPORT}/test", wanted)
    (run,) = office.engine.runs.values()
    assert (run.conf["locale"], run.conf["theme"], run.conf["formats"]) == (
        "de-DE",
        "broadsheet",
        ["pdf", "xlsx"],
    )

    saved = browser.post(SUBSCRIBE, wanted)
    slug = saved.headers["HX-Redirect"].split("/")[-1].partition("?")[0]
    terms = get_subscription(office.inst, ADA, slug).subscription.terms
    assert (terms.locale, terms.theme, terms.formats) == ("de-DE", "broadsheet", ("pdf", "xlsx"))
    told = words(browser.get(f"/subscriptions/{slug}"))
    assert "Language German (Germany) Theme Broadsheet Files PDF, XLSX" in told
    again = fields_of(browser.get(f"/subscriptions/{slug}/edit"), FORM)
    assert {name: again[name] for name in ("locale", "theme", "files")} == {
        name: wanted[name] for name in ("locale", "theme", "files")
    }


def test_what_a_report_has_only_one_of_is_no_question(browser: Browser) -> None:
    page = browser.get(SUBSCRIBE)

    assert 'name="locale"' not in page.text
    assert fields_of(page, FORM).get("theme", [""]) == [""]


def test_a_language_that_a_report_does_not_come_in_is_told_beside_its_field(browser: Browser) -> None:
    fields = fields_of(browser.get(SUBSCRIBE), FORM)

    answer = browser.post(SUBSCRIBE, fields | {"locale": "tlh"})

    assert answer.status_code == 422
    assert re.search(r'id="f-locale-error">\s*<p class="error">.*?is not offered', answer.text, re.DOTALL)


def polyglot(catalog: Catalog) -> Catalog:
    """Return a catalog of two themes whose report has two languages and every file."""
    report = catalog.reports[REPORT].model_copy(
        update={"languages": ("de-DE",), "exports": (ExportFormat.CSV, ExportFormat.XLSX)}
    )
    themes = Themes({**catalog.themes.found, "night": catalog.themes.found["broadsheet"]}, {})
    return replace(catalog, reports={REPORT: report}, themes=themes)


def test_who_has_as_many_subscriptions_as_the_setting_allows_is_told(
    office: Office, browser: Browser
) -> None:
    office.limit(max_subscriptions=1)
    office.subscribe(name="bobs", owner="bob")
    office.subscribe()

    answer = browser.post(SUBSCRIBE, fields_of(browser.get(SUBSCRIBE), FORM))

    assert answer.status_code == 422
    assert "has 1 subscriptions, which is the most that anybody may have" in words(answer)


def test_time_zones_are_offered(browser: Browser) -> None:
    offered = browser.get("/zones", htmx=True).text

    assert '<option value="Europe/Vienna">' in offered
    assert '<option value="UTC">' in offered
