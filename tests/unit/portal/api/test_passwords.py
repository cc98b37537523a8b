"""The password of a subscription's documents by the API: written, never read."""

from __future__ import annotations

from cryptography.fernet import Fernet
from pydantic import SecretStr
from tests.unit.portal.api.site import Site, terms

PATH = "/subscriptions/mine/password"
PASSWORD = "correct horse battery"
DRAFT = terms(name="mine")


def test_a_password_is_set_and_taken_away_and_never_told(site: Site) -> None:
    site.settings = site.settings.model_copy(update={"secret_key": SecretStr(Fernet.generate_key().decode())})
    site.subscribe(name="mine")

    told = site.put(PATH, json={"password": PASSWORD})
    assert (told.status_code, told.json()["is_protected"], told.json()["set_by"]) == (200, True, "ada")
    assert site.get(PATH).json() == told.json()
    assert PASSWORD not in told.text
    wrong = site.put(PATH, json={"password": "short"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "password")
    assert site.put(PATH, by="bob", json={"password": PASSWORD}).status_code == 404
    assert site.delete(PATH).json() == {"is_protected": False, "set_by": None, "set_at": None}


def test_without_a_key_the_operator_is_named(site: Site) -> None:
    site.subscribe(name="mine")
    refused = site.put(PATH, json={"password": PASSWORD})
    assert refused.status_code == 409
    assert "no key to keep passwords with" in refused.json()["detail"]


def test_a_test_of_a_protected_subscription_is_refused_since_it_would_be_open(site: Site) -> None:
    site.settings = site.settings.model_copy(update={"secret_key": SecretStr(Fernet.generate_key().decode())})
    site.subscribe(name="mine")
    site.put(PATH, json={"password": PASSWORD})
    refused = site.post("/subscriptions/mine/test")
    assert refused.status_code == 409
    assert "run the subscription instead" in refused.json()["detail"]
    site.delete(PATH)
    assert site.post("/subscriptions/mine/test").status_code == 202


def test_a_subscription_is_made_with_its_password_so_that_no_document_is_ever_open(site: Site) -> None:
    refused = site.post("/subscriptions", json={**DRAFT, "password": PASSWORD})
    assert (refused.status_code, site.get("/subscriptions/mine").status_code) == (409, 404)
    site.settings = site.settings.model_copy(update={"secret_key": SecretStr(Fernet.generate_key().decode())})
    wrong = site.post("/subscriptions", json={**DRAFT, "password": "short"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "password")
    assert site.get("/subscriptions/mine").status_code == 404

    made = site.post("/subscriptions", json={**DRAFT, "password": PASSWORD})

    assert made.status_code == 201, made.text
    assert PASSWORD not in made.text
    assert site.get(PATH).json()["is_protected"] is True
    assert site.post("/subscriptions/test", json={**DRAFT, "password": PASSWORD}).status_code == 422
