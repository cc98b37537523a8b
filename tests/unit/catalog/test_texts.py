"""Texts are rendered in a sandbox, over data that is never a template itself."""

from __future__ import annotations

import pytest

from broadsheet.catalog.texts import render_text
from broadsheet.errors import DefinitionError


def test_markup_and_braces_in_data_stay_what_they_are() -> None:
    hostile = "{{ 7 * 7 }} <b>{% raw %} <img src='/etc/passwd'>"
    assert render_text("To {{ values.x }}", {"values": {"x": hostile}}, report_id="r") == f"To {hostile}"


def test_a_text_is_one_line_whatever_the_data_holds() -> None:
    rendered = render_text("{{ values.x }}", {"values": {"x": "a\r\nBcc: b@example.com"}}, report_id="r")
    assert rendered == "a Bcc: b@example.com"


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ values.__init__.__globals__ }}",
        "{{ (values | attr('__class__')).__mro__ }}",
        "{{ '%s' | format(values.nothing) }}",
        "{{ values.pop('x') }}",
        "{{ range(10**9) | list }}",
        "{{ 1 / 0 }}",
    ],
)
def test_a_text_cannot_leave_the_sandbox(source: str) -> None:
    with pytest.raises(DefinitionError, match=r"r\.yaml"):
        render_text(source, {"values": {"x": 1}}, report_id="r")
