"""Text from data, made safe to draw."""

from __future__ import annotations

import pytest

from broadsheet.pipeline.cleaning import clean


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("plain", "plain"),
        ("a\x00b\x1bc", "abc"),
        ("a\r\n\tb  c", "a b c"),
        ("evil\u202etxt.exe", "eviltxt.exe"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("क\u200d\u200d\u200cख", "क\u200dख"),
        ("a\ufdd0\U0001fffe\U0010ffffb", "a\ufffd\ufffd\ufffdb"),
        ("e\u0301", "é"),
        ("e" + "\u0323" * 9, "ẹ" + "\u0323" * 3),
        ("a\ud800b", "a\ufffdb"),
        ("x" * 50, "x" * 19 + "…"),
    ],
)
def test_text_is_cleaned_to_one_drawable_line(text: str, cleaned: str) -> None:
    assert clean(text, limit=20) == cleaned
