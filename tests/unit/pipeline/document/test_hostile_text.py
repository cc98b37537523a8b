"""Text from data stays text, in every field of a document."""

from __future__ import annotations

from typing import Any

import pytest

HOSTILE = {
    "markup": "<b>bold</b>",
    "braces": "{{ 7 * 7 }} {% raw %}",
    "file": '<img src="/etc/passwd"/>',
    "color": "<font color=\"[[[getattr(pow, Word('__globals__'))]]]\">x</font>",
    "ampersand": "A & B &amp; &lt;",
    "markdown": "# head **bold** [link](https://evil.example) ![x](/etc/passwd) `c`",
    "script_link": "[x](javascript:alert(1))",
    "math": r"$\frac{a}{b",
    "percent": "100 % %s %(x)s {0}",
    "parens": r"unbalanced ) ( \ end",
}
UNDRAWABLE = {
    "emoji": "ok 😀👩‍👩‍👧 🇩🇪 end",
    "han": "a 日本語 b",
    "hebrew": "a שלום b",
    "arabic": "a مرحبا b",
    "controls": "a\x00\x01\x07\x1b\x7fb\r\nc\td",
    "direction": "a \u202egnp.exe\u202c b",
    "marks": "e" + "\u0301" * 5_000,
    "long": "W" * 10_000,
    "spaces": " " * 10_000 + "x",
    "empty": "",
}


def _spread(payload: dict[str, Any], text: str) -> dict[str, Any]:
    """Put a text into every field that can come from data."""
    payload["title"] = payload["subtitle"] = text
    payload["notices"] = [text]
    payload["data_as_of_display"] = text
    payload["parameters"][0] |= {"display": text, "label": text}
    payload["values"]["name"] = payload["displays"]["share"] = text
    payload["kpis"]["summary"][0] |= {
        key: text for key in ("label", "display", "unit", "change_display", "note")
    }
    for chart in payload["charts"].values():
        chart |= {key: text for key in ("title", "subtitle", "x_label", "y_label", "unit", "alt")}
        chart["x"] = [text, text, text]
        chart["reference"] = {"value": 0.5, "label": text}
        for series in chart["series"]:
            series["name"] = text
    table = payload["tables"]["rows"]
    table["title"] = text
    for column in table["columns"]:
        column |= {"label": text, "unit": text}
    table["rows"] = [[text, text, text] for _ in range(5)]
    payload["images"]["pictures"][0]["caption"] = text
    return payload


@pytest.mark.parametrize("name", HOSTILE)
def test_markup_in_data_is_printed_as_it_is(build: Any, payload: Any, name: str) -> None:
    built = build(_spread(payload, HOSTILE[name]))
    squeezed = "".join(built.text.split())
    assert squeezed.count("".join(HOSTILE[name].split())) >= 5
    assert "root:" not in built.text
    assert "49" not in squeezed.replace("{{7*7}}", "")


@pytest.mark.parametrize("name", UNDRAWABLE)
def test_what_cannot_be_drawn_stops_no_document(build: Any, payload: Any, name: str) -> None:
    built = build(_spread(payload, UNDRAWABLE[name]))
    assert built.summary.pages < 30
    assert "\x00" not in built.text


@pytest.mark.parametrize("name", [*HOSTILE, *UNDRAWABLE])
def test_data_makes_neither_links_nor_actions(build: Any, payload: Any, name: str) -> None:
    text = (HOSTILE | UNDRAWABLE)[name]
    for page in build(_spread(payload, text)).reader.pages:
        assert "/Annots" not in page
        assert "/AA" not in page


def test_letters_of_other_scripts_are_drawn_where_a_font_has_them(build: Any, payload: Any) -> None:
    payload["subtitle"] = "Ελλάδα Москва Łódź ☃ שלום"
    text = build(payload).text
    assert all(word in text for word in ("Ελλάδα", "Москва", "Łódź", "☃"))
    assert any(word in text for word in ("שלום", "םולש"))


def test_what_no_font_has_is_copied_all_the_same(build: Any, payload: Any) -> None:
    payload["subtitle"] = "before \U000f0000\U00020000 after"
    assert "before \U000f0000\U00020000 after" in build(payload).text


def test_a_value_cannot_forge_a_block_or_a_heading(build: Any, payload: Any) -> None:
    payload["values"]["name"] = '\n\n# Forged\n\n{{ kpis("summary") }}\n\n| a |\n'
    built = build(payload, "before {{ values.name }} after")
    assert "before # Forged {{ kpis(" in built.words
    title, below = built.reader.outline
    assert [title.title, *(entry.title for entry in below)] == ["Punctuality", "About this report"]


def test_a_missing_value_is_printed_as_a_dash(build: Any, payload: Any) -> None:
    assert "It was – in all." in build(payload, "It was {{ values.nothing }} in all.").text
