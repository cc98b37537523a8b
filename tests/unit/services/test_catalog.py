"""The catalog as a caller sees it: nothing that is not theirs, and forms made from the parameters' schema."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.fakes import FakeEngine

from broadsheet.catalog import Catalog, load_catalog
from broadsheet.domain.access import Caller
from broadsheet.domain.report import ReportDefinition
from broadsheet.errors import DefinitionError, NotFoundError, Problem
from broadsheet.services.catalog import (
    Choice,
    ParameterField,
    offered_report,
    offered_reports,
    report_card,
    report_cards,
)
from broadsheet.services.installation import Installation
from broadsheet.settings import Settings

SETTINGS = Settings()
GIVEN = load_catalog(
    SETTINGS.catalog_dir, sql_dir=SETTINGS.sql_dir, templates_dir=SETTINGS.templates_dir
).get("airline_punctuality")
CASH = GIVEN.model_copy(update={"id": "cash", "title": "Cash", "audience": ("Finance",)})
SUBSCRIBER = Caller(name="ada", roles=frozenset({"subscriber"}))
FINANCE = Caller(name="eve", roles=frozenset({"subscriber", "finance"}))
AUTHOR = Caller(name="joe", is_author=True)
OPERATOR = Caller(name="root", is_operator=True)
STRANGER = Caller(name="x", roles=frozenset({"viewer"}))


def installation() -> Installation:
    problem = Problem(Path("broken.yaml"), 3, "no such column")
    catalog = Catalog({GIVEN.id: GIVEN, CASH.id: CASH}, {"broken": (problem,)})

    def nowhere() -> Any:
        raise NotImplementedError

    return Installation(
        dsn=nowhere,
        catalog=lambda: catalog,
        settings=lambda: SETTINGS,
        artifacts=nowhere,
        engine=FakeEngine(),
        clock=lambda: datetime(2013, 3, 25, tzinfo=UTC),
    )


INST = installation()


def with_parameters(**properties: Any) -> ReportDefinition:
    required = [name for name in properties if name.startswith("needed")]
    schema = {"type": "object", "properties": properties, "required": required}
    return GIVEN.model_copy(update={"parameters": schema})


def only_field(**schema: Any) -> ParameterField:
    (field,) = report_card(with_parameters(needed_one=schema)).parameters
    return field


@pytest.mark.parametrize(
    ("caller", "ids"),
    [
        (SUBSCRIBER, ["airline_punctuality"]),
        (FINANCE, ["airline_punctuality", "cash"]),
        (AUTHOR, ["airline_punctuality", "cash"]),
        (OPERATOR, ["airline_punctuality", "cash"]),
        (STRANGER, []),
    ],
)
def test_everybody_is_offered_what_their_roles_may_have_by_title(caller: Caller, ids: list[str]) -> None:
    assert [report.id for report in offered_reports(INST, caller)] == ids
    assert [card.id for card in report_cards(INST, caller)] == ids
    for report_id in ids:
        assert offered_report(INST, caller, report_id).id == report_id


@pytest.mark.parametrize("report_id", ["cash", "broken", "nothing", "", "airline_punctualty", "a\0b\n"])
def test_what_is_not_theirs_is_not_found_and_no_hint_names_it(report_id: str) -> None:
    for caller in (SUBSCRIBER, STRANGER):
        with pytest.raises(NotFoundError) as caught:
            offered_report(INST, caller, report_id)
        said = str(caught.value).replace(repr(report_id), "")
        assert "cash" not in said
        assert "broken" not in said


def test_a_slip_of_the_pen_is_told_what_was_meant() -> None:
    with pytest.raises(NotFoundError, match="did you mean 'airline_punctuality'"):
        offered_report(INST, SUBSCRIBER, "airline_punctualty")


@pytest.mark.parametrize("caller", [AUTHOR, OPERATOR])
def test_who_mends_reports_is_told_what_is_wrong_with_a_broken_one(caller: Caller) -> None:
    with pytest.raises(DefinitionError, match="no such column"):
        offered_report(INST, caller, "broken")


@pytest.mark.parametrize(
    ("search", "ids"),
    [
        ("", ["airline_punctuality", "cash"]),
        ("  CASH ", ["cash"]),
        ("on-time cancellations", ["airline_punctuality", "cash"]),
        ("airport cash", ["cash"]),
        ("zeppelin", []),
    ],
)
def test_a_search_finds_the_cards_that_say_every_word(search: str, ids: list[str]) -> None:
    assert [card.id for card in report_cards(INST, FINANCE, search=search)] == ids


def test_a_card_says_what_a_reader_and_a_form_need() -> None:
    card = report_card(GIVEN)
    assert (card.title, card.audience, card.zone) == (GIVEN.title, ("subscriber",), "America/New_York")
    assert card.period_kinds == GIVEN.period_kinds
    assert card.formats[0] == "pdf"
    carrier, origin = card.parameters
    assert (carrier.name, carrier.title, carrier.type, carrier.default) == (
        "carrier",
        "Airline",
        "string",
        "UA",
    )
    assert carrier.description == "Whose flights the report is about."
    assert Choice(value="UA", words="United Air Lines") in carrier.choices
    assert origin.choices[0].words == "all New York airports"
    assert not carrier.required


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string"}, {"type": "string", "required": True, "default": None, "title": "Needed one"}),
        ({"type": "string", "default": "x"}, {"required": False, "default": "x"}),
        (
            {"type": "string", "pattern": "^a", "minLength": 1, "maxLength": 9},
            {"pattern": "^a", "min_length": 1, "max_length": 9},
        ),
        ({"type": "string", "format": "date"}, {"type": "date"}),
        ({"type": "integer", "minimum": 1, "maximum": 5}, {"type": "integer", "minimum": 1, "maximum": 5}),
        ({"type": "number", "multipleOf": 0.5}, {"type": "number", "step": 0.5}),
        (
            {"type": "boolean"},
            {
                "type": "boolean",
                "choices": (Choice(value=True, words="yes"), Choice(value=False, words="no")),
            },
        ),
        (
            {"type": "integer", "enum": [1, 2], "values_display": {"1": "one"}},
            {"choices": (Choice(value=1, words="one"), Choice(value=2, words="2"))},
        ),
    ],
)
def test_a_field_is_made_of_its_schema(schema: dict[str, Any], expected: dict[str, Any]) -> None:
    field = only_field(**schema)
    assert {name: getattr(field, name) for name in expected} == expected


def test_what_need_not_be_given_is_not_required() -> None:
    (field,) = report_card(with_parameters(extra={"type": "string", "title": "Extra"})).parameters
    assert (field.required, field.default, field.title) == (False, None, "Extra")
