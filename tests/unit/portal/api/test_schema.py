"""The API against its own description: no 5xx, answers as described, nothing of others, whoever asks what."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from requests import Response
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.unit.portal.api.site import ROOT, Site, bearer

from broadsheet.domain.run import RunState
from broadsheet.portal.api import operations, pictures
from broadsheet.portal.api.app import create_api
from broadsheet.portal.api.schema import describe
from broadsheet.services.engine import PartHealth
from broadsheet.services.health import Health

CANARY = "canary-7f3a"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    negative_data_rejection,
]
# Of each kind, as described and not as described; nobody is refused before anything is looked at.
EXAMPLES = {None: 1, "ada": 3, "olga": 3}
DOCUMENT = describe(create_api())


@pytest.fixture
def world(site: Site, monkeypatch: pytest.MonkeyPatch) -> tuple[Site, dict[str, list[str]]]:
    """Return a site where Ada and Bob have the same things, Bob's with a canary in every text."""
    # What needs servers that are not here; they have tests of their own.
    part = PartHealth(name="mail server", is_healthy=True, words="answered a greeting")
    monkeypatch.setattr(
        operations, "check_health", lambda _: Health(at=site.now, is_healthy=True, parts=(part,))
    )
    monkeypatch.setattr(pictures, "preview_page", lambda *_, **__: b"PNG")
    site.streams.longest = 0.05
    site.streams.most_of_one = site.streams.most = 10_000
    ids: dict[str, list[str]] = {"job_id": [], "name": [], "delivery_id": [], "link_id": []}
    for who, word in (("ada", "mine"), ("bob", CANARY)):
        for state in (None, RunState.FAILED):
            job = site.ask(by=who)
            site.finish(job, state=state or RunState.COMPLETED, reason=f"because of {word}")
            delivery, link = site.mail(job, f"{word}@broadsheet.example")
            ids["job_id"].append(job)
            ids["delivery_id"].append(delivery)
            ids["link_id"].append(link)
        ids["job_id"].append(site.ask(by=who))
        made = site.subscribe(
            by=who, title=word, name=f"about-{word}", recipients=[f"{word}@broadsheet.example"]
        )
        ids["name"].append(made["name"])
    return site, ids


@pytest.mark.parametrize("who", EXAMPLES)
def test_every_answer_is_as_described_and_tells_nothing_of_others(
    world: tuple[Site, dict[str, list[str]]], who: str | None
) -> None:
    site, ids = world
    schema = schemathesis.openapi.from_asgi(f"{ROOT}/openapi.json", site.app, headers=bearer("olga"))
    seen = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in GenerationMode:
            cases = operation.as_strategy(generation_mode=mode)

            @settings(
                max_examples=EXAMPLES[who],
                derandomize=True,
                deadline=None,
                database=None,
                phases=[Phase.explicit, Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=cases, data=st.data())
            def ask(case: Case, data: st.DataObject) -> None:
                nonlocal seen
                seen += 1
                for name, known in ids.items():
                    # An id that is none finds little; most of the time it is Ada's or Bob's.
                    if name in case.path_parameters and data.draw(st.integers(0, 3)):
                        case.path_parameters[name] = data.draw(st.sampled_from(known))
                check(case, case.call(headers=bearer(who)), who)

            try:
                ask()
            except Exception as error:
                error.add_note(f"{operation.label} as {who or 'nobody'}")
                raise
    assert seen >= 2 * len(DOCUMENT["paths"])


def check(case: Case, answer: Response, who: str | None) -> None:
    """Hold an answer against the description, and against what its reader may know."""
    case.validate_response(answer, checks=CHECKS)
    if who is None:
        assert answer.status_code in (401, 404, 405), answer.text
    if who != "olga":
        asked = f"{answer.request.url} {answer.request.body!r}"
        told = f"{answer.headers} {answer.text}"
        assert CANARY not in told or CANARY in asked, told
        assert "bob" not in told or "bob" in asked, told


def properties() -> list[tuple[str, str, dict[str, Any]]]:
    """Return every field of every schema."""
    return [
        (name, field, described)
        for name, schema in DOCUMENT["components"]["schemas"].items()
        for field, described in schema.get("properties", {}).items()
    ]


def test_every_field_has_a_description_and_an_example() -> None:
    bare = [
        f"{name}.{field}"
        for name, field, described in properties()
        if "description" not in described or not ("examples" in described or "$ref" in described)
    ]
    assert properties()
    assert bare == []


def test_every_operation_and_parameter_is_described() -> None:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (method, path)
            assert operation["description"], (method, path)
            assert len(operation["tags"]) == 1, (method, path)
            assert "401" in operation["responses"], (method, path)
            for parameter in operation.get("parameters", []):
                assert parameter["description"], (method, path, parameter["name"])
                assert "examples" in parameter["schema"] or "examples" in parameter, parameter


def test_every_problem_is_told_as_problem_details() -> None:
    for methods in DOCUMENT["paths"].values():
        for operation in methods.values():
            for status, response in operation["responses"].items():
                if status >= "400" and "Health" not in str(response):
                    assert set(response["content"]) == {"application/problem+json"}


def test_inputs_refuse_unknown_fields() -> None:
    inputs = {
        schema["$ref"].rpartition("/")[2]
        for methods in DOCUMENT["paths"].values()
        for operation in methods.values()
        for content in operation.get("requestBody", {}).get("content", {}).values()
        if "$ref" in (schema := content["schema"])
    }
    assert inputs
    for name in inputs:
        assert DOCUMENT["components"]["schemas"][name]["additionalProperties"] is False
