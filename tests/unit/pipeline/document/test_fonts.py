"""Fonts: digits of one width, fallback by run, text cut to a width."""

from __future__ import annotations

from pathlib import Path

import pytest

from broadsheet.errors import ConfigurationError
from broadsheet.pipeline.document.fonts import (
    TEXT_FACES,
    Face,
    load_fonts,
    shorten,
    split_by_font,
    text_width,
)
from broadsheet.settings import Settings


@pytest.fixture(autouse=True)
def _fonts() -> None:
    load_fonts(Settings().static_dir)


@pytest.mark.parametrize("face", [Face.SANS, Face.SANS_BOLD, Face.SERIF, Face.SERIF_BOLD])
def test_digits_have_one_width(face: Face) -> None:
    assert len({text_width(digit, face, 1000) for digit in "0123456789"}) == 1


@pytest.mark.parametrize("face", TEXT_FACES)
def test_latin_cyrillic_and_greek_need_no_fallback(face: Face) -> None:
    assert split_by_font("Łódź Москва Ελλάδα €–−…", face) == [(face, "Łódź Москва Ελλάδα €–−…")]


def test_other_characters_come_from_other_fonts_run_by_run() -> None:
    assert split_by_font("a שלום 日 \N{SNOWMAN}", Face.SANS) == [
        (Face.SANS, "a "),
        (Face.HEBREW, "שלום"),
        (Face.SANS, " "),
        (Face.CHINESE, "日"),
        (Face.SANS, " "),
        (Face.FALLBACK, "\N{SNOWMAN}"),
    ]


def test_text_is_cut_with_an_ellipsis_only_where_it_does_not_fit() -> None:
    assert shorten("short", Face.SANS, 8, width=100) == "short"
    cut = shorten("W" * 100, Face.SANS, 8, width=100)
    assert cut.endswith("W…")
    assert 90 < text_width(cut, Face.SANS, 8) <= 100


def test_a_missing_font_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"SourceSerif4-Regular\.ttf"):
        load_fonts(tmp_path)
