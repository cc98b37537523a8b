"""A report's page: its Markdown, its blocks, and errors that name file and line."""

from __future__ import annotations

from typing import Any

import pytest

from broadsheet.errors import DefinitionError


@pytest.mark.parametrize(
    ("page", "line", "words"),
    [
        ("text\n\n{{ chart('nosuch') }}", 3, "no chart 'nosuch'; it has: by_day, by_place"),
        ("{{ kpis('nosuch') }}", 1, "no KPI set 'nosuch'"),
        ("\n{{ table('nosuch') }}", 2, "no table 'nosuch'"),
        ("\n{{ table('rows', limit=0) }}", 2, "limit of table 'rows'"),
        ("\n\n\n{{ images('nosuch') }}", 4, "no image set 'nosuch'"),
        ("{{ images('pictures', across=9) }}", 1, "1 to 4 across, not 9"),
        ("{{ charts('by_day') }}", 1, "side by side"),
        ("{% if values.share > 1 %}\n{% endif %}\n{{ values.nosuch }}", 3, "nosuch"),
        ("ok\n{{ 1 / 0 }}", 2, "division by zero"),
        ("ok\n{% if %}", 2, "Expected an expression"),
        ("ok\n{{ ''.__class__.__mro__ }}", 2, "unsafe"),
        ("{{ values.name | safe }}", 1, "safe"),
        ("ok\n{{ 'x' * 10**9 }}", 2, "20,000 are the most"),
        ("ok\n{% include 'probe.md.j2' %}", 2, "includes itself without end"),
        ("ok\n{% include '../../../../../../etc/passwd' %}", None, "does not exist"),
        ("one\n\ntext {{ chart('by_day') }} text", 3, "paragraph of its own"),
        ("one\n\n[x](http://plain.example)", 3, "only https and mailto"),
        ("one\n\n[x](https://plain.example{{ values.name }}/a)", 3, "within the host"),
        ("one\n\n[x](https://{{ values.name }})", 3, "within the host"),
        ("one\n\n![x](picture.jpg)", 3, "pictures are not written in Markdown"),
    ],
)
def test_a_wrong_page_is_refused_with_its_line(
    build: Any, payload: Any, page: str, line: int | None, words: str
) -> None:
    with pytest.raises(DefinitionError) as caught:
        build(payload, page)
    problem = caught.value.problems[0]
    assert problem.path.name == "probe.md.j2"
    assert (problem.line, words in problem.message) == (line, True), problem


def test_markdown_becomes_headings_lists_quotes_and_rules(build: Any, payload: Any) -> None:
    built = build(
        payload, "## Head\n\n- one\n- *two*\n\n3. three\n\n> quoted **well**\n\n---\n\n`code`\n\n    block\n"
    )
    words = built.words
    assert [
        words.index(part) for part in ("Head", "• one", "• two", "3. three", "quoted well", "code", "block")
    ] == sorted(
        words.index(part) for part in ("Head", "• one", "• two", "3. three", "quoted well", "code", "block")
    )


def test_html_in_a_page_is_text(build: Any, payload: Any) -> None:
    assert "<b>x</b>" in build(payload, "<b>x</b>").text


def test_a_link_leads_to_its_https_address(build: Any, payload: Any) -> None:
    page = build(payload, "[more](https://example.org/{{ values.name }}?q=1)").reader.pages[0]
    (link,) = (reference.get_object() for reference in page["/Annots"])
    assert link["/A"]["/URI"] == "https://example.org/flights?q=1"


def test_data_in_an_address_cannot_change_where_it_leads(build: Any, payload: Any) -> None:
    payload["values"]["name"] = "javascript:alert(1)//"
    assert "/Annots" not in build(payload, "[more]({{ values.name }})").reader.pages[0]
    payload["values"]["name"] = "@evil.example/"
    (reference,) = build(payload, "[more](https://example.org/{{ values.name }})").reader.pages[0]["/Annots"]
    assert reference.get_object()["/A"]["/URI"] == "https://example.org/%40evil.example%2F"


def test_a_macro_prints_markdown_with_its_values(build: Any, payload: Any) -> None:
    page = "{% macro bold(x) %}**{{ x }}**{% endmacro %}a {{ bold(values.name) }} b"
    assert "a flights b" in build(payload, page).words


def test_a_page_break_starts_a_page(build: Any, payload: Any) -> None:
    first, second = build(payload, "one\n\n{{ pagebreak() }}\n\ntwo").pages
    assert "one" in first
    assert "two" in second


def test_a_heading_is_not_left_alone_at_the_foot_of_a_page(build: Any, payload: Any) -> None:
    for filler in range(20, 40):
        page = "\n\n".join(["word " * 15] * filler) + '\n\n## Lonely\n\n{{ chart("by_day") }}'
        pages = build(payload, page).pages
        assert [("Lonely" in text) == ("A line chart" in text) for text in pages] == [True] * len(pages)


@pytest.mark.parametrize("opening", ["", "{% autoescape false %}"])
def test_a_constant_of_a_page_is_text_in_every_document_of_a_process(
    build: Any, payload: Any, opening: str
) -> None:
    page = f"{opening}{{{{ 'a *plain* constant' }}}} and {{{{ values.name }}}}"
    page += "{% endautoescape %}" if opening else ""
    for name in ("flights", "trains"):
        payload["values"]["name"] = name
        assert f"a *plain* constant and {name}" in build(payload, page).words


def test_a_page_that_is_changed_is_not_the_one_before(build: Any, payload: Any) -> None:
    assert "first words" in build(payload, "first words").words
    assert "other words" in build(payload, "other words").words
