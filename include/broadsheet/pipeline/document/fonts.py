"""Fonts of a document: which font draws which character, and how wide text is.

Text is set in Source Serif 4 and Source Sans 3 (Latin, Cyrillic, Greek; digits of one width). Characters
that these lack come from DejaVu Sans, run by run, and what none has is drawn as a box. Text is drawn in the
order in which it is stored: right-to-left scripts are shown letter by letter, without reordering or
joining.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from broadsheet.errors import ConfigurationError

BOX = "\u25a1"
"""Stands for a character that no font has."""


class Face(StrEnum):
    """Styles that a document is set in; the values are the names under which reportlab knows them."""

    SERIF = "Broadsheet-Serif"
    SERIF_BOLD = "Broadsheet-Serif-SemiBold"
    SERIF_ITALIC = "Broadsheet-Serif-Italic"
    SANS = "Broadsheet-Sans"
    SANS_BOLD = "Broadsheet-Sans-SemiBold"
    FALLBACK = "Broadsheet-Fallback"


_FILES = {
    Face.SERIF: "SourceSerif4-Regular.ttf",
    Face.SERIF_BOLD: "SourceSerif4-SemiBold.ttf",
    Face.SERIF_ITALIC: "SourceSerif4-Italic.ttf",
    Face.SANS: "SourceSans3-Regular.ttf",
    Face.SANS_BOLD: "SourceSans3-SemiBold.ttf",
    Face.FALLBACK: "DejaVuSans.ttf",
}


def load_fonts(static_dir: Path) -> None:
    """Register the fonts with reportlab, once per process; ConfigurationError names a missing file."""
    _load(static_dir / "fonts")


@lru_cache(maxsize=4)
def _load(folder: Path) -> None:
    for face, filename in _FILES.items():
        try:
            pdfmetrics.registerFont(TTFont(face.value, str(folder / filename)))
        except (TTFError, OSError) as error:
            raise ConfigurationError(
                f"font {folder / filename} cannot be read: {error}; restore include/static/fonts"
            ) from error
    _glyphs.cache_clear()


@lru_cache(maxsize=16)
def _glyphs(face: Face) -> frozenset[int]:
    return frozenset(pdfmetrics.getFont(face.value).face.charToGlyph)


def split_by_font(text: str, face: Face) -> list[tuple[Face, str]]:
    """Cut text into runs of one font each: the asked face, the fallback, and boxes for what neither has."""
    if text.isascii():
        return [(face, text)] if text else []
    own, fallback = _glyphs(face), _glyphs(Face.FALLBACK)
    runs: list[tuple[Face, list[str]]] = []
    for character in text:
        code = ord(character)
        if code in own:
            chosen = face
        elif code in fallback:
            chosen = Face.FALLBACK
        else:
            chosen, character = Face.FALLBACK, BOX
        if runs and runs[-1][0] is chosen:
            runs[-1][1].append(character)
        else:
            runs.append((chosen, [character]))
    return [(chosen, "".join(characters)) for chosen, characters in runs]


def text_width(text: str, face: Face, size: float) -> float:
    """Return how wide text is when set in a face and size, in points."""
    return sum(
        float(pdfmetrics.stringWidth(part, chosen.value, size)) for chosen, part in split_by_font(text, face)
    )


def shorten(text: str, face: Face, size: float, *, width: float) -> str:
    """Return text that fits a width, cut with an ellipsis where it does not."""
    if text_width(text, face, size) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if text_width(text[:middle].rstrip() + "…", face, size) <= width:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + "…"
