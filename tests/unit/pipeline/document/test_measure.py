"""Widths by the column: what the font says, digits measured once."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.pipeline.document import measure
from broadsheet.pipeline.document.fonts import Face, load_fonts, text_width
from broadsheet.pipeline.document.measure import Ruler
from broadsheet.settings import Settings

TEXTS = ["1,234.5", "9,876.0", "−4 %", "Łódź (WMI)", "日本", "", "שלום 7"]


@pytest.fixture(autouse=True, scope="module")
def _fonts() -> None:
    load_fonts(Settings().static_dir)


def test_numbers_of_one_shape_are_measured_as_one() -> None:
    assert list(Ruler(Face.SANS, 8).shapes(TEXTS)) == [
        "0,000.0", "0,000.0", "−0 %", "Łódź (WMI)", "日本", "", "שלום 0",
    ]  # fmt: skip


def test_in_a_font_with_digits_of_several_widths_each_text_is_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def narrow_one(text: str, face: Face, size: float) -> float:
        return text_width(text, face, size) - text.count("1") * size / 4

    monkeypatch.setattr(measure, "text_width", narrow_one)
    ruler = Ruler(Face.SANS, 8)
    assert list(ruler.shapes(TEXTS)) == TEXTS
    assert ruler.widest(["111", "77"]) == pytest.approx(narrow_one("77", Face.SANS, 8))


# Controls never come this far: payloads are clean of them. The first text of a script opens its font.
@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20), max_size=6))
def test_widths_are_those_of_the_font(texts: list[str]) -> None:
    ruler = Ruler(Face.SANS, 8.4)
    widths = [text_width(text, Face.SANS, 8.4) for text in texts]
    assert [ruler.width(shape) for shape in ruler.shapes(texts)] == pytest.approx(widths)
    assert ruler.widest(texts) == pytest.approx(max(widths, default=0.0))


def test_a_text_with_a_line_end_moves_none_of_the_others() -> None:
    assert list(Ruler(Face.SANS, 8).shapes(["a\nb", "12"])) == ["a\nb", "00"]


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "_MOST_KEPT", 3)
    ruler = Ruler(Face.SANS, 8)
    texts = ["a", "bb", "ccc", "dddd", "eeeee"]
    assert ruler.widest(texts) == pytest.approx(text_width("eeeee", Face.SANS, 8))
    assert len(ruler._known) <= 3
