"""Texts are rendered in a sandbox, over data that is never a template itself."""

from __future__ import annotations

import pytest

from broadsheet.catalog.texts import render_text, text_faults
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
        "{{ 'x' * 10**9 }}",
        "{{ 10**9 * 'x' }}",
        "{{ [1] * 10**9 }}",
        "{{ ('x' * 15000) + ('x' * 15000) }}",
        "{{ 2 ** 100000000 }}",
        "{{ '%999999999d' % 1 }}",
        "{{ '%*d' % (10**9, 1) }}",
        "{{ '%999999999d' | format(1) }}",
        "{{ '{:>999999999}'.format(1) }}",
        "{{ '{:>{}}'.format(1, 10**9) }}",
        "{{ '{x:>999999999}'.format_map({'x': 1}) }}",
        "{{ 'x'.ljust(10**9) }}",
        "{{ 'x' | center(10**9) }}",
        "{{ [1, 2, 3] | random }}",
        "{{ lipsum() }}",
        "{% macro more() %}{{ more() }}{% endmacro %}{{ more() }}",
        "{{ 1 / 0 }}",
    ],
)
def test_a_text_cannot_leave_the_sandbox(source: str) -> None:
    with pytest.raises(DefinitionError, match=r"r\.yaml"):
        render_text(source, {"values": {"x": 1}}, report_id="r")


def test_a_text_reckons_and_formats_as_ever() -> None:
    source = "{{ 7 % 4 }} {{ 2 ** 10 }} {{ 'ab' * 2 }} {{ '%05.1f' % 2.25 }} {{ '{:03}'.format(values.x) }}"
    assert render_text(source, {"values": {"x": 1}}, report_id="r") == "3 1024 abab 002.2 001"
    source = (
        "{{ '%s of %s' | format(1, 2) }} {{ '%(n)d' | format(n=3) }} {{ 'a' + 'b' }} {{ values.x + 0.5 }}"
    )
    assert render_text(source, {"values": {"x": 1}}, report_id="r") == "1 of 2 3 ab 1.5"


def test_a_filter_that_a_page_does_not_have_is_found_before_it_is_rendered() -> None:
    faults = text_faults("{{ values.x | safe }}\n{{ values.x | round }}", context=("values",), names={})
    ((line, message),) = faults
    assert (line, message.partition(":")[0]) == (1, "filter 'safe' does not exist")
