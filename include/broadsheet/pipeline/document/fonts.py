"""Fonts as the rest of the document knows them: the faces of texts, and how wide texts are in them.

Latin, Cyrillic and Greek are set in Source Serif 4 and Source Sans 3 (digits of one width). Other scripts
have fonts of their own, which come in run by run; what no font has is drawn as a box.
"""

from __future__ import annotations

from itertools import accumulate

from reportlab.pdfbase import pdfmetrics

from broadsheet.pipeline.document.faces import (
    BOX,
    TEXT_FACES,
    Face,
    clusters,
    load_fonts,
    split_by_font,
)
from broadsheet.pipeline.document.shaping import set_text

__all__ = ["BOX", "TEXT_FACES", "Face", "load_fonts", "shorten", "split_by_font", "text_width"]


def text_width(text: str, face: Face, size: float) -> float:
    """Return how wide text is when set in a face and size, in points."""
    if text.isascii():
        font = pdfmetrics.getFont(face.value)
        try:
            # Reportlab's own way asks each character's type first, and takes five times as long.
            return 0.001 * size * float(sum(map(font.face.charWidths.__getitem__, text.encode())))
        except KeyError:
            return float(pdfmetrics.stringWidth(text, face.value, size))
    return set_text(text, face).width * size / 1000


def shorten(text: str, face: Face, size: float, *, width: float) -> str:
    """Return text that fits a width, cut between characters with an ellipsis where it does not."""
    # A hair more, for what sums of widths lose.
    if text_width(text, face, size) <= width + 1e-6:
        return text
    ends = range(len(text) + 1) if text.isascii() else [0, *accumulate(map(len, clusters(text)))]
    low, high = 0, len(ends) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if text_width(text[: ends[middle]].rstrip() + "…", face, size) <= width:
            low = middle
        else:
            high = middle - 1
    return text[: ends[low]].rstrip() + "…"
