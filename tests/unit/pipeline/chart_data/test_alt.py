"""Charts in words, in each language: nothing of them stays English, and numbers are the language's own."""

from __future__ import annotations

import ast
import inspect

import pytest
from babel.messages.pofile import read_po

from broadsheet.pipeline.chart_data import alt
from broadsheet.pipeline.chart_data.alt import alt_text
from broadsheet.pipeline.languages import LOCALES
from broadsheet.pipeline.payload import ChartPart, SeriesPart

PLACES = ["Mo.", "Di.", "Mi."]
LINE = ChartPart(
    kind="line",
    title="Verspätung",
    unit="min",
    x=tuple(PLACES),
    series=(SeriesPart(name="Diese Woche", values=(1234.5, 3.0, 12.25), role="current"),),
)


def test_a_chart_is_described_in_its_document_s_language() -> None:
    assert alt_text(LINE, PLACES, locale="de").replace("\xa0", " ") == (
        "Liniendiagramm: Verspätung. Diese Woche: am höchsten 1.234,5 min bei Mo., "
        "am niedrigsten 3,0 min bei Di., fällt von 1.234,5 min auf 12,3 min."
    )
    assert alt_text(LINE, PLACES, locale="ja").endswith("へ下降。")


def test_british_english_is_what_it_was_without_a_language() -> None:
    assert alt_text(LINE, PLACES).replace("\xa0", " ") == (
        "Line chart: Verspätung. Diese Woche: highest 1,234.5 min at Mo., lowest 3.0 min at Di., "
        "falling from 1,234.5 min to 12.3 min."
    )


def test_a_rectangle_of_values_begins_its_sentences_with_capitals() -> None:
    heatmap = LINE.model_copy(update={"kind": "heatmap"})
    words = alt_text(heatmap, PLACES, locale="fr").replace("\xa0", " ")
    assert words.startswith("Carte de chaleur : Verspätung. 1 ligne sur 3 colonnes. Maximum 1 234,5 min pour")


def test_what_is_drawn_against_the_axis_at_the_right_has_the_unit_of_that_axis() -> None:
    series = (
        SeriesPart(name="Rain", values=(0.5, 0.25), role="other"),
        SeriesPart(name="Sight", values=(10.0, 2.5), role="other", second=True),
    )
    combo = ChartPart(
        kind="combo", title="Rain and sight", unit="in", format="decimal2", second_unit="mi", x=("6", "7"),
        series=series,
    )  # fmt: skip
    words = alt_text(combo, ["6", "7"]).replace("\xa0", " ")
    assert "Rain: highest 0.50 in at 6, lowest 0.25 in at 7." in words
    assert "Sight: highest 10.0 mi at 6, lowest 2.5 mi at 7." in words


@pytest.mark.parametrize("path", sorted(LOCALES.glob("*.po")), ids=lambda path: path.stem)
def test_every_language_has_all_that_is_said_of_charts(path: object) -> None:
    with path.open("rb") as file:  # type: ignore[attr-defined]
        known = {message.id for message in read_po(file, locale=path.stem)}  # type: ignore[attr-defined]
    said = {
        node.args[1].value
        for node in ast.walk(ast.parse(inspect.getsource(alt)))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say"
        if isinstance(node.args[1], ast.Constant)
    }
    ways = {alt._RISING, alt._FALLING, alt._LEVEL, alt._LARGEST_RISE, alt._LARGEST_FALL}
    assert len(said) > 10
    assert said | ways | set(alt._WORDS.values()) | {"Stacked shares of 100 %"} <= known
