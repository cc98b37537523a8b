"""What forms send, by the types of their fields; and the faults beside them."""

from __future__ import annotations

import pytest
from pydantic import JsonValue
from tests.office import REPORT, shipped_catalog

from broadsheet.errors import InputError, InputErrors
from broadsheet.portal.pages.forms import (
    Fault,
    anchor_of,
    faults_of,
    read_addresses,
    read_parameters,
    read_sent,
)
from broadsheet.services.catalog import ParameterField, report_card


def field(**schema: JsonValue) -> ParameterField:
    properties: dict[str, JsonValue] = {"x": schema}
    report = shipped_catalog().reports[REPORT]
    changed = report.model_copy(update={"parameters": {"type": "object", "properties": properties}})
    return report_card(changed).parameters[0]


@pytest.mark.parametrize(
    ("schema", "text", "expected"),
    [
        ({"type": "integer"}, "7", 7),
        ({"type": "integer"}, "seven", "seven"),
        ({"type": "number"}, "7.5", 7.5),
        ({"type": "boolean"}, "True", True),
        ({"type": "boolean"}, "False", False),
        ({"type": "string"}, " 7 ", "7"),
        ({"type": "integer", "enum": [1, 2]}, "2", 2),
        ({"type": "string", "format": "date"}, "2013-03-18", "2013-03-18"),
    ],
)
def test_a_parameter_gets_the_type_of_its_schema(
    schema: dict[str, JsonValue], text: str, expected: JsonValue
) -> None:
    sent = read_sent(f"parameters.x={text}")

    value = read_parameters([field(**schema)], sent)["x"]

    assert (type(value), value) == (type(expected), expected)


def test_a_field_that_is_left_empty_is_not_given() -> None:
    assert read_parameters([field(type="integer", default=3)], read_sent("parameters.x=")) == {}


def test_addresses_may_be_written_in_any_way_that_people_write_lists() -> None:
    expected = ("a@b.example", "c@d.example", "e@f.example")

    assert read_addresses("a@b.example, c@d.example;\r\n\te@f.example\n") == expected
    assert read_addresses(" \n") == ()


def test_a_fault_stands_beside_its_field_without_the_fields_name() -> None:
    error = InputErrors(
        [
            InputError("parameters.carrier: nothing is permitted", field="parameters.carrier"),
            InputError("parameters.day is missing", field="parameters.day"),
            InputError("schedule: choose how often", field="schedule.kind"),
            InputError("something else"),
        ]
    )

    assert [one.message for one in faults_of([error, error])] == [
        "Nothing is permitted",
        "This is missing",
        "Choose how often",
        "Something else",
    ]
    assert Fault(None, "x").anchor is None
    assert anchor_of("parameters.Weird <name>") == "f-parameters-weird--name-"
