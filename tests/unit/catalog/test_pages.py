"""A report's page and its other templates; each slip is named with its line."""

from __future__ import annotations

import pytest
from tests.unit.catalog.conftest import DEFINITION, PAGE, REPORT, Workshop

from broadsheet.catalog.pages import unplaced

# What is replaced by what in which file; the text of the line that must be named; what must be said.
FAULTS = [
    pytest.param(
        DEFINITION,
        "{{ parameters.carrier.display }} from",
        "{{ parameters.carier.display }} from",
        "subtitle:",
        "did you mean 'carrier'",
        id="text names no parameter",
    ),
    pytest.param(
        DEFINITION, "{{ shown }} of", "{{ shown of", 'subtitle: "mean', "does not parse", id="text syntax"
    ),
    pytest.param(
        PAGE, '{{ chart("on_time', '{{ chart("ontime', "chart(", "'on_time_by_day'", id="block's name"
    ),
    pytest.param(PAGE, "{{ kpis(", "{{ kpi(", "kpi(", "did you mean kpis?", id="block"),
    pytest.param(
        PAGE, "values.on_time_share_change", "values.on_time_chnage", "chnage", "on_time_share", id="value"
    ),
    pytest.param(PAGE, "{% endif %}", "{% endfi %}", "endfi", "does not parse", id="page syntax"),
    pytest.param(
        PAGE, "{{ displays.flights }}", "{{ displays.flights | uper }}", "uper", "'upper'", id="filter"
    ),
    pytest.param(
        PAGE,
        '{{ kpis("summary") }}',
        '{{ kpis("summary") }',
        "kpis(",
        "the {{ on this line is never closed: write }}",
        id="braces not closed",
    ),
    pytest.param(
        PAGE,
        '{{ kpis("summary") }}',
        '{ kpis("summary") }}',
        "kpis(",
        "write two braces: {{ kpis(…) }}",
        id="one brace",
    ),
    pytest.param(
        PAGE,
        "No flight was cancelled.",
        "{% if empty %}\n",
        "{% if",
        "never ended: write {% endif %}",
        id="if not ended",
    ),
    pytest.param(
        PAGE,
        "{{ displays.flights }}",
        "{{ flights }}",
        "{{ flights",
        "did you mean displays.flights in words, or values.flights as a number?",
        id="measure by its bare name",
    ),
    pytest.param(
        PAGE,
        "{{ displays.flights }}",
        "{{ origin }}",
        "{{ origin",
        "did you mean parameters.origin.display?",
        id="parameter by its bare name",
    ),
    pytest.param(
        PAGE,
        "{{ displays.flights }}",
        "{{ displays.flights | round }}",
        "round",
        "round goes with a number: values.flights",
        id="words rounded",
    ),
    pytest.param(
        PAGE,
        "{{ displays.flights }}",
        "{{ period.lable }}",
        "lable",
        "did you mean 'label'?",
        id="name of a period",
    ),
    pytest.param(
        PAGE,
        "{{ displays.flights }}",
        "{{ parameters.origin.dispaly }}",
        "dispaly",
        "did you mean 'display'?",
        id="name of a parameter",
    ),
    pytest.param(
        PAGE,
        '{{ kpis("summary") }}',
        "{{ kpis(summary) }}",
        "kpis(",
        'kpis() needs a name in quotes: {{ kpis("summary") }}',
        id="no quotes",
    ),
    pytest.param(
        PAGE,
        '{{ table("worst_routes"',
        '{{ table("worst_routes", limt=5',
        "limt",
        "did you mean 'limit'?",
        id="name of an argument",
    ),
    pytest.param(
        PAGE,
        '{{ kpis("summary") }}',
        'Here: {{ kpis("summary") }}',
        "Here:",
        "must stand on a line of its own",
        id="block in a text",
    ),
    pytest.param(
        PAGE,
        '{{ kpis("summary") }}',
        '## Here {{ kpis("summary") }}',
        "Here",
        "must stand on a line of its own",
        id="block in a heading",
    ),
    pytest.param(
        PAGE,
        '{{ kpis("summary") }}',
        '{{ kpis("summary") }} {{ kpis("summary") }}',
        "kpis(",
        "must stand on a line of its own",
        id="two blocks on a line",
    ),
    pytest.param(
        PAGE,
        "No flight was cancelled.",
        "No flight was <b>cancelled</b>.",
        "<b>",
        "<b> would be shown as it is",
        id="HTML",
    ),
    pytest.param(
        PAGE,
        "No flight was cancelled.",
        '<script src="x"></script>',
        "<script",
        "would be shown as it is",
        id="script",
    ),
    pytest.param(
        PAGE,
        "No flight was cancelled.",
        "[No](javascript:alert) flight.",
        "javascript",
        "only https and mailto addresses",
        id="link that runs",
    ),
    pytest.param(
        PAGE,
        "No flight was cancelled.",
        "[No](flights.html) flight.",
        "flights.html",
        "only https and mailto addresses",
        id="link into the file system",
    ),
    pytest.param(
        PAGE,
        "No flight was cancelled.",
        "![Logo](logo.png)",
        "logo.png",
        "pictures do not go into Markdown",
        id="picture in Markdown",
    ),
    pytest.param(
        PAGE,
        "No flight was cancelled.",
        '{% include "other.md.j2" %}',
        "include",
        "a page is one file",
        id="another file",
    ),
    pytest.param(
        PAGE,
        "No flight was cancelled.",
        '{% extends "airline_punctuality.md.j2" %}',
        "extends",
        "a page is one file",
        id="itself",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "line", "message"), FAULTS)
def test_a_fault_is_named_with_its_line_and_what_to_do(
    workshop: Workshop, file: str, old: str, new: str, line: str, message: str
) -> None:
    workshop.replace(file, old, new)
    workshop.expect(file, line=line, message=message)


def test_what_markdown_shows_as_code_or_comment_is_no_fault(workshop: Workshop) -> None:
    good = "`<b>` and `![a](b)` {# <b> #}\n\n```\n<table>\n```\n\n{# {{ kpis(nothing) }} #}\n1 < 2 > 1"
    workshop.replace(PAGE, "No flight was cancelled.", good)
    assert workshop.load().problems == ()


def test_an_unquoted_name_is_one_fault(workshop: Workshop) -> None:
    workshop.replace(PAGE, '{{ kpis("summary") }}', "{{ kpis(summary) }}")
    assert len(workshop.load().broken[REPORT]) == 1


def test_a_page_of_several_files_is_one_fault_and_not_that_its_blocks_are_missing(workshop: Workshop) -> None:
    workshop.replace(PAGE, "No flight was cancelled.", 'See {{ ref("worst_routes") }}.')
    workshop.replace(PAGE, '{{ table("worst_routes") }}', '{% include "routes.md.j2" %}')
    (problem,) = workshop.load().broken[REPORT]
    assert "a page is one file" in problem.message


def test_an_empty_page_is_a_fault_and_a_missing_one_is_another(workshop: Workshop) -> None:
    workshop.path(PAGE).write_text("\n", encoding="utf-8")
    (problem,) = workshop.load().broken[REPORT]
    assert "the page is empty" in problem.message
    workshop.path(PAGE).unlink()
    (problem,) = workshop.load().broken[REPORT]
    assert "does not exist; add it" in problem.message


def test_a_reference_that_could_lead_to_a_chart_or_a_table_is_refused(workshop: Workshop) -> None:
    workshop.replace(PAGE, "No flight was cancelled.", 'See {{ ref("worst_routes") }}.')
    assert workshop.load().problems == ()
    for file in (DEFINITION, PAGE):
        text = workshop.path(file).read_text(encoding="utf-8")
        workshop.path(file).write_text(text.replace("on_time_by_day", "worst_routes"), encoding="utf-8")
    workshop.expect(PAGE, line="See ", message="another name")


def test_what_a_page_does_not_show_is_told(workshop: Workshop) -> None:
    report = workshop.load().get(REPORT)
    source = workshop.path(PAGE).read_text(encoding="utf-8")
    assert unplaced(source, report) == []
    assert unplaced(source.replace('{{ kpis("summary") }}', ""), report) == ["kpis.summary"]
    without_table = source.replace('{{ table("worst_routes"', '{{ table("other"')
    assert unplaced(without_table, report) == [], "its rows are in the exports"
