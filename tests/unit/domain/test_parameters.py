"""Parameters: what is given is checked against the report's schema, and every wrong one is named."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadsheet.domain.parameters import display_parameter, read_parameters, validate_parameters
from broadsheet.errors import InputErrors

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "carrier": {
            "type": "string",
            "enum": ["all", "9E", "UA"],
            "default": "UA",
            "values_display": {"all": "All airlines", "UA": "United"},
        },
        "top": {"type": "integer", "minimum": 1, "maximum": 50, "default": 10},
        "share": {"type": "number", "default": 0.5},
        "detail": {"type": "boolean", "default": False},
        "city": {"type": "string", "default": "New York"},
        "day": {"type": "string", "format": "date", "default": "2013-03-18"},
    },
}
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.lists(st.integers(), max_size=2),
)
DEFAULTS = {
    "carrier": "UA", "top": 10, "share": 0.5, "detail": False, "city": "New York", "day": "2013-03-18",
}  # fmt: skip


def faults(**values: object) -> dict[str | None, str]:
    with pytest.raises(InputErrors) as caught:
        validate_parameters(SCHEMA, values)
    return {error.field: str(error) for error in caught.value.errors}


def test_what_is_not_given_gets_its_default_in_the_order_of_the_schema() -> None:
    assert list(validate_parameters(SCHEMA, {"city": "Málaga"}).items()) == list(
        {**DEFAULTS, "city": "Málaga"}.items()
    )


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("carrier", "ZZ", "use one of all, 9E, UA"),
        ("carrier", 9, "use one of"),
        ("carrier", ["UA"], "use one of"),
        ("carrier", "UA'; DROP TABLE flights; --", "use one of"),
        ("top", "10", "is not a whole number"),
        ("top", 10.5, "is not a whole number"),
        ("top", True, "is not a whole number"),
        ("top", 51, "maximum is 50"),
        ("top", 10**30, "too large"),
        ("share", math.nan, "not a finite number"),
        ("share", math.inf, "not a finite number"),
        ("detail", 1, "is not true or false"),
        ("city", 3, "is not a text"),
        ("city", None, "is not a text"),
        ("city", "x" * 1_000_000, "too long"),
        ("city", "a\x00b", "control characters"),
        ("city", "a\nb", "control characters"),
        ("city", "\ud800", "control characters or broken Unicode"),
        ("day", "2013-02-30", "format is"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_permitted(name: str, value: object, words: str) -> None:
    found = faults(**{name: value})
    assert list(found) == [f"parameters.{name}"]
    assert words in found[f"parameters.{name}"]
    assert len(found[f"parameters.{name}"]) < 300


def test_every_wrong_value_and_every_unknown_name_is_reported_at_once() -> None:
    found = faults(carier="UA", carrier="ZZ", top=0)
    assert set(found) == {"parameters.carier", "parameters.carrier", "parameters.top"}
    assert "did you mean 'carrier'" in found["parameters.carier"]


def test_what_may_be_left_out_may_be_given_as_nothing_and_what_was_checked_is_taken_again() -> None:
    schema: dict[str, Any] = {
        "properties": {"note": {"type": "string"}, "city": {"type": "string"}, "top": {"type": "integer"}},
        "required": ["city"],
    }
    checked = validate_parameters(schema, {"city": "Wien", "note": None})
    assert checked == {"note": None, "city": "Wien", "top": None}
    assert validate_parameters(schema, checked) == checked
    with pytest.raises(InputErrors, match="null is not a text"):
        validate_parameters(schema, {"city": None})


def test_a_whole_number_written_with_a_fraction_of_zero_is_whole() -> None:
    top = validate_parameters(SCHEMA, {"top": 7.0})["top"]
    assert (top, type(top)) == (7, int)


def test_quotes_and_percent_signs_in_a_free_text_are_just_text() -> None:
    city = "O'Hare %s %(carrier)s; -- “”"
    assert validate_parameters(SCHEMA, {"city": city})["city"] == city


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from([*DEFAULTS, "other"]), ANYTHING))
def test_any_values_are_either_taken_as_they_are_or_named(values: dict[str, Any]) -> None:
    fields: set[str | None] = set()
    taken: dict[str, Any] = {**DEFAULTS, **values}
    try:
        taken = validate_parameters(SCHEMA, values)
    except InputErrors as refused:
        fields = {error.field for error in refused.errors}
    assert fields <= {f"parameters.{name}" for name in values}
    assert taken == {**DEFAULTS, **values}


def test_texts_of_a_command_line_are_read_by_their_type() -> None:
    given_texts = ["carrier=all", "top=3", "share=0.25", "detail=TRUE", "city=a=b"]
    assert read_parameters(SCHEMA, given_texts) == {
        **DEFAULTS, "carrier": "all", "top": 3, "share": 0.25, "detail": True, "city": "a=b",
    }  # fmt: skip
    with pytest.raises(InputErrors, match="write name=value"):
        read_parameters(SCHEMA, ["carrier"])
    with pytest.raises(InputErrors, match="is not a whole number"):
        read_parameters(SCHEMA, ["top=three"])


def test_values_are_shown_in_their_words() -> None:
    carrier = SCHEMA["properties"]["carrier"]
    assert [display_parameter(carrier, value) for value in ("all", "9E", None, True)] == [
        "All airlines", "9E", "–", "yes",
    ]  # fmt: skip
