"""Words that are set again are set as before, and what is kept of them is nobody's to change."""

from __future__ import annotations

import pytest

from broadsheet.pipeline.document.fonts import load_fonts
from broadsheet.pipeline.document.lines import Line, plain
from broadsheet.pipeline.document.theme import Theme, load_theme
from broadsheet.settings import Settings

WORDS = "Arrivals that were late by more than an hour, by the day of the week on which they were due"


@pytest.fixture
def theme() -> Theme:
    load_fonts(Settings().static_dir)
    return load_theme(Settings().themes_dir, "broadsheet")


def words(lines: list[Line]) -> list[str]:
    return [line.text for line in lines]


def test_lines_that_are_kept_are_not_changed_with_those_given_out(theme: Theme) -> None:
    first = plain(WORDS, theme.notice, width=120)
    expected = words(first)
    first.clear()
    assert words(plain(WORDS, theme.notice, width=120)) == expected


def test_lines_are_set_for_their_width_style_and_number(theme: Theme) -> None:
    wide, narrow = (plain(WORDS, theme.notice, width=width) for width in (300, 120))
    assert len(wide) < len(narrow)
    assert len(plain(WORDS, theme.notice, width=120, most=2)) == 2
    larger = theme.notice.but(size=theme.notice.size * 2)
    assert len(plain(WORDS, larger, width=120)) > len(narrow)


def test_a_long_text_is_set_as_short_ones_are(theme: Theme) -> None:
    long = plain(" ".join([WORDS] * 40), theme.notice, width=120)
    assert " ".join(words(long)).split() == WORDS.split() * 40
