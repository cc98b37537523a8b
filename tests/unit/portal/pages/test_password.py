"""The password of documents on a subscription's page: set, replaced, taken away, never shown."""

from __future__ import annotations

from cryptography.fernet import Fernet
from pydantic import SecretStr
from tests.office import REPORT, Office
from tests.unit.portal.pages.browser import Browser, fields_of, words

PAGE = "/subscriptions/united"
PASSWORD = "correct horse battery"


def test_a_password_is_set_replaced_and_taken_away_and_never_shown(office: Office, browser: Browser) -> None:
    office.limit(secret_key=SecretStr(Fernet.generate_key().decode()))
    office.subscribe()
    assert "Documents open without a password." in words(browser.get(PAGE))

    answer = browser.post(f"{PAGE}/password", {"password": PASSWORD})
    assert "Protected by ada" in words(answer)
    shown = browser.get(PAGE)
    assert "Protected by ada since Mon 25 Mar, 11:00" in words(shown)
    assert PASSWORD not in answer.text + shown.text

    browser.post(f"{PAGE}/password/remove")
    assert "Documents open without a password." in words(browser.get(PAGE))


def test_what_is_wrong_with_a_password_is_told_beside_its_field(office: Office, browser: Browser) -> None:
    office.limit(secret_key=SecretStr(Fernet.generate_key().decode()))
    office.subscribe()

    answer = browser.post(f"{PAGE}/password", {"password": "short"})

    assert (answer.status_code, answer.headers["HX-Retarget"]) == (422, "#password-card")
    assert "8 characters or more, and 127 bytes at most" in words(answer)
    assert 'aria-invalid="true"' in answer.text
    assert "short" not in answer.text.replace("shorter", "")


def test_nobody_else_sets_it(office: Office, browser: Browser) -> None:
    office.limit(secret_key=SecretStr(Fernet.generate_key().decode()))
    office.subscribe()

    assert browser.post(f"{PAGE}/password", {"password": PASSWORD}, who="bob").status_code == 404


def test_without_a_key_nothing_is_offered(office: Office, browser: Browser) -> None:
    office.subscribe()

    assert "password-card" not in browser.get(PAGE).text


def test_a_subscription_is_made_with_its_password_by_the_form(office: Office, browser: Browser) -> None:
    address = f"/catalog/{REPORT}/subscribe"
    assert "f-password" not in browser.get(address).text
    office.limit(secret_key=SecretStr(Fernet.generate_key().decode()))
    fields = fields_of(browser.get(address), "subscription-form")
    assert fields["password"] == [""]

    wrong = browser.post(address, {**fields, "password": "short"})
    assert wrong.status_code == 422
    assert "8 characters or more, and 127 bytes at most" in words(wrong)
    assert 'value="short"' not in wrong.text
    test = browser.post(f"/catalog/{REPORT}/test", {**fields, "password": PASSWORD})
    assert test.status_code == 409

    made = browser.post(address, {**fields, "password": PASSWORD})
    page = made.headers["HX-Redirect"].partition("?")[0].removeprefix("/reports")
    assert "Protected by ada" in words(browser.get(page))
