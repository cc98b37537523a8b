"""The numbers on a drawn chart as its language writes them."""

from __future__ import annotations

import re

from broadsheet.pipeline.document.drawing import Drawing, TextMark
from broadsheet.pipeline.formats import separators
from broadsheet.pipeline.languages import is_english

_NUMBER = re.compile(r"[+\N{MINUS SIGN}]?\d{1,3}(,\d{3})*(\.\d+)?( %)?")


def in_digits_of(drawing: Drawing, locale: str) -> Drawing:
    """Return a drawing whose numbers have the comma and point of a language.

    Only texts that are nothing but a number are changed, and stay as wide as they were to a hair: so they
    stand where they stood.
    """
    if is_english(locale):
        return drawing
    table = separators(locale)
    marks = [
        mark.model_copy(update={"text": mark.text.translate(table)})
        if isinstance(mark, TextMark) and _NUMBER.fullmatch(mark.text)
        else mark
        for mark in drawing.marks
    ]
    return drawing.model_copy(update={"marks": tuple(marks)})
