"""The product's words: every message that the code says is in the word files, and counts have their forms."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import broadsheet
from broadsheet.domain.parts import Format
from broadsheet.pipeline.formats import count_words, first_weekday, format_number, shown_of
from broadsheet.pipeline.languages import LOCALES, capitals, joined_sentences, say
from broadsheet.pipeline.units import localized, unit_first, unit_sign, with_unit

PACKAGE = Path(broadsheet.__file__).parent
TEMPLATES = PACKAGE.parent / "templates" / "email"
SPEAKERS = {"say": (1,), "say_many": (1, 2), "count_words": (1, 2)}
LANGUAGES = (
    "ar", "de", "el", "es", "fr", "he", "hi", "it", "ja", "ko", "nl", "pl", "pt", "ru", "zh_Hans",
)  # fmt: skip
ROWS = ("{count} row", "{count} rows")


def said() -> Iterator[tuple[str, ...]]:
    """Yield every message that is written out where it is said: one form, or that for one and for many."""
    for path in sorted((PACKAGE / "pipeline").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SPEAKERS:
                at = SPEAKERS[node.func.id]
                found = tuple(
                    argument.value
                    for argument in node.args[at[0] : at[-1] + 1]
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
                )
                if len(found) == len(at):
                    yield found
    for path in sorted(TEMPLATES.glob("*.j2")):
        yield from ((words,) for words in re.findall(r'say\("([^"]+)"', path.read_text(encoding="utf-8")))


def in_files(language: str) -> set[tuple[str, ...]]:
    with (LOCALES / f"{language}.po").open("rb") as file:
        catalog = read_po(file, locale=language)
    return {(one.id,) if isinstance(one.id, str) else tuple(one.id) for one in catalog if one.id}


def test_every_language_that_comes_with_the_product_has_its_words() -> None:
    assert {path.stem for path in LOCALES.glob("*.po")} >= set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_that_the_code_says_is_in_the_word_file(language: str) -> None:
    messages = set(said())
    assert len(messages) > 80
    assert messages - in_files(language) == set()


def test_no_message_is_left_that_nothing_says() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (PACKAGE / "pipeline").rglob("*.py"))
    source += "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.j2"))
    # What is longer than a line is written in several pieces.
    joined = re.sub(r'"\s+"', "", source)
    assert [words for one in sorted(in_files("de")) for words in one if words not in joined] == []


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("en-GB", {1: "1 row", 2: "2 rows", 5: "5 rows", 21: "21 rows"}),
        ("de", {1: "1 Zeile", 2: "2 Zeilen", 4112: "4.112 Zeilen"}),
        ("fr", {0: "0 ligne", 1: "1 ligne", 2: "2 lignes"}),
        (
            "ru",
            {1: "1 строка", 3: "3 строки", 5: "5 строк", 11: "11 строк", 21: "21 строка", 22: "22 строки"},
        ),
        ("pl", {1: "1 wiersz", 3: "3 wiersze", 5: "5 wierszy", 12: "12 wierszy", 22: "22 wiersze"}),
        ("ko", {1: "1행", 2: "2행"}),
        ("el", {1: "1 γραμμή", 2: "2 γραμμές"}),
        ("he", {1: "שורה 1", 2: "2 שורות"}),
        ("ar", {1: "صف واحد", 2: "صفّان", 3: "3 صفوف", 11: "11 صفًّا", 100: "100 صف"}),
        ("ja", {1: "1行", 2: "2行"}),
    ],
)
def test_counts_have_the_forms_of_their_language(language: str, forms: dict[int, str]) -> None:
    found = {count: count_words(language, *ROWS, count) for count in forms}
    assert {count: words.replace("\xa0", " ") for count, words in found.items()} == forms


def test_sentences_are_joined_as_the_language_does() -> None:
    assert joined_sentences(["A title.", "", "Two rows."]) == "A title. Two rows."
    assert joined_sentences(["折れ線グラフ。", "最高は9分。"]) == "折れ線グラフ。最高は9分。"
    assert joined_sentences(["रेखा।", "अधिकतम 9।"]) == "रेखा। अधिकतम 9।"
    # A name may end with a full stop of its own.
    assert joined_sentences(["Line chart: Acme Inc..", "Rows."]) == "Line chart: Acme Inc. Rows."


def test_capitals_are_those_of_the_language() -> None:
    assert capitals(say("el", "Daily report"), "el") == "ΗΜΕΡΗΣΙΑ ΑΝΑΦΟΡΑ"
    assert capitals("Μαΐου", "el") == "ΜΑΪΟΥ"
    assert capitals("istatistik", "tr") == "İSTATİSTİK"
    assert capitals("Ежедневный отчёт", "ru") == "ЕЖЕДНЕВНЫЙ ОТЧЁТ"


@pytest.mark.parametrize(
    ("language", "number", "share"),
    [
        ("en-GB", "−1,234,567.5", "78.1 %"),
        ("de", "−1.234.567,5", "78,1\xa0%"),
        ("hi", "−12,34,567.5", "78.1%"),
        ("es", "−1.234.567,5", "78,1\xa0%"),
        ("tr", "−1.234.567,5", "%78,1"),
        ("ru", "−1\xa0234\xa0567,5", "78,1\xa0%"),
        ("ar", "−1,234,567.5", "78.1%"),
    ],
)
def test_numbers_on_charts_are_written_as_in_texts(language: str, number: str, share: str) -> None:
    assert localized("−1,234,567.5", locale=language) == number
    assert localized("78.1 %", locale=language) == share


def test_spanish_writes_four_digits_without_a_point_on_charts_too() -> None:
    assert localized("4,112", locale="es") == "4112"
    assert shown_of(36, 4112, locale="es") == say("es", "{shown} of {all} shown", shown="36", all="4112")


@pytest.mark.parametrize(
    ("language", "day"),
    [("en-GB", 0), ("de", 0), ("fr", 0), ("ru", 0), ("en-US", 6), ("ja", 6), ("ko", 6), ("hi", 6), ("he", 6),
     ("ar", 5), ("ar-SA", 6), ("zh-Hans", 0), ("pt-BR", 6), ("xx", 0)],
)  # fmt: skip
def test_weeks_begin_where_calendars_of_the_language_begin_them(language: str, day: int) -> None:
    assert first_weekday(language) == day


@pytest.mark.parametrize(("language", "first"), [("en-GB", False), ("de", False), ("tr", True), ("he", True)])
def test_the_sign_for_per_cent_stands_where_the_language_has_it(language: str, first: bool) -> None:
    assert unit_first("%", locale=language) is first
    assert not unit_first("km", locale=language)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en-GB", "−€1,234.50"), ("de", "−1.234,50 €"), ("ja", "−€1,234.50"), ("nl", "−€ 1.234,50"),
     ("ru", "−1 234,50 €"), ("hi", "−€1,234.50"), ("ar", "\u200e−1,234.50 €")],
)  # fmt: skip
def test_money_stands_where_the_language_has_it(language: str, words: str) -> None:
    display = format_number(-1234.5, Format.DECIMAL2, locale=language)
    assert with_unit(display, "EUR", locale=language).replace("\xa0", " ") == words


def test_the_sign_of_money_is_the_languages_own_and_other_units_stay() -> None:
    assert [unit_sign("USD", locale=one) for one in ("en-GB", "en-US", "de")] == ["US$", "$", "$"]
    assert with_unit("5", "CHF") == "CHF\xa05"
    assert with_unit("5", "EUR", locale="fr") == "5\xa0€"
    assert [unit_sign(one) for one in ("min", "km", "ABC", "%", "")] == ["min", "km", "ABC", "%", ""]
    assert unit_first("EUR")
    assert not unit_first("EUR", locale="de")
    assert with_unit("–", "EUR") == "–"
