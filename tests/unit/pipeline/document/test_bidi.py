"""The order in which the characters of a line stand that runs from right to left."""

from __future__ import annotations

import pytest

from broadsheet.pipeline.document.bidi import levels_of, visual_runs


def shown(text: str) -> str:
    """Return a line's characters from left to right, as it is drawn in a document of such a language."""
    runs = visual_runs(text, levels_of(text, 1), 1)
    return "".join(text[start:stop][::-1] if turned else text[start:stop] for start, stop, turned in runs)


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("\N{BLACK DOWN-POINTING TRIANGLE} −39.3 אב", "בא −39.3 \N{BLACK DOWN-POINTING TRIANGLE}"),
        ("אב +32 גד", "דג +32 בא"),
        ("\u0623\u0628 −39.3 \u062c\u062f", "\u062f\u062c −39.3 \u0628\u0623"),
    ],
)
def test_a_sign_stands_at_the_left_of_its_number(text: str, drawn: str) -> None:
    assert shown(text) == drawn


def test_a_dash_between_two_numbers_is_no_sign() -> None:
    assert shown("\u0623\u0628 3−5 \u062c\u062f") == "\u062f\u062c 5−3 \u0628\u0623"
