"""What is said of a text beside the glyphs that show it: its characters, and its language."""

from __future__ import annotations

import re

from broadsheet.pipeline.document.bidi import has_right_to_left
from broadsheet.pipeline.document.objects import text_string

_KANA = re.compile("[\u3040-\u30ff\uff66-\uff9f]")
_OWN = (
    ("el", re.compile("[\u0370-\u03ff\u1f00-\u1fff]+")),
    ("he", re.compile("[\u0590-\u05ff\ufb1d-\ufb4f]+")),
    ("ko", re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7ff]+")),
    ("ja", re.compile("[\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f]+")),
)
"""Scripts that one language has for itself in business texts; Cyrillic, Arabic and Devanagari have many."""


def language_of(text: str) -> str:
    """Return the language of a text all of whose letters are of a script that is one language's own."""
    if text.isascii():
        return ""
    letters = "".join(filter(str.isalpha, text))
    for language, script in _OWN:
        # Chinese characters alone are Japanese no more than Chinese.
        if letters and script.fullmatch(letters) and (language != "ja" or _KANA.search(letters)):
            return language
    return ""


def spoken_entries(text: str, language: str) -> str:
    """Return what an element says of its text where its content alone does not tell it.

    Letters that run from right to left stand on the page in the order of their places; and a text in a
    script that is one language's own is in that language, whatever the document's is.
    """
    if text.isascii():
        return ""
    entries = f"/ActualText {text_string(text)}" if has_right_to_left(text) else ""
    own = language_of(text)
    return f"{entries} /Lang {text_string(own)}" if own and own != language.partition("-")[0] else entries


def actual_text(text: str) -> str:
    """Return the operator that says which text is shown from here to ``EMC``, whatever glyphs show it."""
    return f"/Span << /ActualText {text_string(text)} >> BDC"
