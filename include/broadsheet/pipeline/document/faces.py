"""Fonts of a document: which font draws which character, and how wide text is.

Text is set in Source Serif 4 and Source Sans 3 (Latin, Cyrillic, Greek; digits of one width). Each other
script has a family of its own, opened when the first text needs it; what remains comes from DejaVu Sans, and
what no font has is drawn as a box.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError

from broadsheet.errors import ConfigurationError
from broadsheet.pipeline.document.glyphs import DocumentFont

BOX = "\u25a1"
"""Stands for a character that no font has."""


class Face(StrEnum):
    """Styles that a document is set in; the values are the names under which reportlab knows them."""

    SERIF = "Broadsheet-Serif"
    SERIF_BOLD = "Broadsheet-Serif-SemiBold"
    SERIF_ITALIC = "Broadsheet-Serif-Italic"
    SANS = "Broadsheet-Sans"
    SANS_BOLD = "Broadsheet-Sans-SemiBold"
    ARABIC = "Broadsheet-Arabic"
    ARABIC_BOLD = "Broadsheet-Arabic-Bold"
    HEBREW = "Broadsheet-Hebrew"
    HEBREW_BOLD = "Broadsheet-Hebrew-Bold"
    DEVANAGARI = "Broadsheet-Devanagari"
    DEVANAGARI_BOLD = "Broadsheet-Devanagari-Bold"
    CHINESE = "Broadsheet-Chinese"
    JAPANESE = "Broadsheet-Japanese"
    KOREAN = "Broadsheet-Korean"
    RARE_HAN = "Broadsheet-Rare-Han"
    FALLBACK = "Broadsheet-Fallback"


TEXT_FACES = (Face.SERIF, Face.SERIF_BOLD, Face.SERIF_ITALIC, Face.SANS, Face.SANS_BOLD)
"""Faces that a text asks for; the others come in for what these lack."""

_FILES = {
    Face.SERIF: "SourceSerif4-Regular.ttf",
    Face.SERIF_BOLD: "SourceSerif4-SemiBold.ttf",
    Face.SERIF_ITALIC: "SourceSerif4-Italic.ttf",
    Face.SANS: "SourceSans3-Regular.ttf",
    Face.SANS_BOLD: "SourceSans3-SemiBold.ttf",
    Face.ARABIC: "NotoSansArabic-Regular.ttf",
    Face.ARABIC_BOLD: "NotoSansArabic-Bold.ttf",
    Face.HEBREW: "NotoSansHebrew-Regular.ttf",
    Face.HEBREW_BOLD: "NotoSansHebrew-Bold.ttf",
    Face.DEVANAGARI: "NotoSansDevanagari-Regular.ttf",
    Face.DEVANAGARI_BOLD: "NotoSansDevanagari-Bold.ttf",
    Face.CHINESE: "NotoSansSC-Regular.ttf",
    Face.JAPANESE: "NotoSansJP-Regular.ttf",
    Face.KOREAN: "NotoSansKR-Regular.ttf",
    Face.RARE_HAN: "WenQuanYiMicroHei-Han.ttf",
    Face.FALLBACK: "DejaVuSans.ttf",
}
_HEAVY = frozenset({Face.SERIF_BOLD, Face.SANS_BOLD})
_CJK = (Face.CHINESE, Face.JAPANESE, Face.KOREAN, Face.RARE_HAN)
_SCRIPTS: tuple[tuple[int, int, tuple[Face, ...], tuple[Face, ...]], ...] = (
    (0x0590, 0x05FF, (Face.HEBREW,), (Face.HEBREW_BOLD,)),
    (0x0600, 0x08FF, (Face.ARABIC,), (Face.ARABIC_BOLD,)),
    (0x0900, 0x097F, (Face.DEVANAGARI,), (Face.DEVANAGARI_BOLD,)),
    (0x1100, 0x11FF, (Face.KOREAN,), (Face.KOREAN,)),
    (0x1CD0, 0x1CFF, (Face.DEVANAGARI,), (Face.DEVANAGARI_BOLD,)),
    (0x2E80, 0xA4CF, _CJK, _CJK),
    (0xA830, 0xA8FF, (Face.DEVANAGARI,), (Face.DEVANAGARI_BOLD,)),
    (0xAC00, 0xD7FF, (Face.KOREAN,), (Face.KOREAN,)),
    (0xF900, 0xFAFF, _CJK, _CJK),
    (0xFB1D, 0xFB4F, (Face.HEBREW,), (Face.HEBREW_BOLD,)),
    (0xFB50, 0xFDFF, (Face.ARABIC,), (Face.ARABIC_BOLD,)),
    (0xFE30, 0xFE4F, _CJK, _CJK),
    (0xFE70, 0xFEFC, (Face.ARABIC,), (Face.ARABIC_BOLD,)),
    (0xFF00, 0xFFEF, _CJK, _CJK),
)
_KANA = re.compile("[\u3040-\u30ff\uff66-\uff9f]")
_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7ff]")
IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f"
    "\ufeff\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


@lru_cache(maxsize=32)
def _open(folder: Path, face: Face) -> DocumentFont:
    path = folder / _FILES[face]
    try:
        font = DocumentFont(face.value, str(path), ascii_readable=face in TEXT_FACES)
    except (TTFError, OSError) as error:
        raise ConfigurationError(
            f"font {path} cannot be read: {error}; restore include/static/fonts"
        ) from error
    pdfmetrics.registerFont(font)
    # Reportlab keeps the first font of a name: one from another folder must not be drawn with beside it.
    kept = pdfmetrics.getFont(face.value)
    return kept if isinstance(kept, DocumentFont) else font


class _Fonts:
    """Where the fonts are, and which Chinese, Japanese or Korean forms the document's language has."""

    folder: Path | None = None
    han: Face | None = None


_HAN_OF = {"zh": Face.CHINESE, "ja": Face.JAPANESE, "ko": Face.KOREAN}


def load_fonts(static_dir: Path, *, language: str = "en") -> None:
    """Get the fonts ready for a document: those of Latin text are opened, once per process.

    ``language`` (BCP 47) says whose forms Chinese characters have. ConfigurationError names a missing file.
    """
    folder, han = static_dir / "fonts", _HAN_OF.get(language.partition("-")[0].lower())
    if (folder, han) != (_Fonts.folder, _Fonts.han):
        _Fonts.folder, _Fonts.han = folder, han
        has_glyph.cache_clear()
        face_of.cache_clear()
    for face in TEXT_FACES:
        _open(folder, face)


def fonts_in_use() -> tuple[Path | None, Face | None]:
    """Return what every choice of a font depends on, for those who remember choices."""
    return _Fonts.folder, _Fonts.han


def font_of(face: Face) -> DocumentFont:
    """Return the font of a face, opened if it is not yet; ConfigurationError names a file that is missing."""
    if _Fonts.folder is None:
        raise ConfigurationError("no fonts yet: call load_fonts before any text is measured")
    return _open(_Fonts.folder, face)


@lru_cache(maxsize=65_536)
def has_glyph(face: Face, character: str) -> bool:
    """Whether a face can draw a character."""
    return ord(character) in font_of(face).face.charToGlyph


def is_heavy(face: Face, drawn: Face) -> bool:
    """Whether a bold text is drawn in a face that has no bold."""
    return face in _HEAVY and (drawn in _CJK or drawn is Face.FALLBACK)


def visible(text: str) -> str:
    """Return text without characters that are never drawn: soft hyphens, marks of direction, selectors."""
    return text if text.isascii() else IGNORABLE.sub("", text)


def han_face(text: str) -> Face | None:
    """Return the face that Chinese characters of a text take: that of the kana or Hangul beside them."""
    if text.isascii():
        return None
    if _Fonts.han:
        return _Fonts.han
    if _KANA.search(text):
        return Face.JAPANESE
    return Face.KOREAN if _HANGUL.search(text) else None


@lru_cache(maxsize=65_536)
def face_of(character: str, face: Face, han: Face | None = None) -> Face | None:
    """Return the face that draws a character in text of a face, None where no font has it."""
    if has_glyph(face, character):
        return face
    code = ord(character)
    for first, last, faces, heavy in _SCRIPTS:
        if first <= code <= last:
            candidates = heavy if face in _HEAVY else faces
            if han in candidates:
                candidates = (han, *candidates)
            for candidate in candidates:
                if has_glyph(candidate, character):
                    return candidate
    return Face.FALLBACK if has_glyph(Face.FALLBACK, character) else None


def clusters(text: str) -> Iterator[str]:
    """Cut text into what a reader takes for one character: a letter with its marks, a conjunct, an emoji."""
    start, joins = 0, False
    for at, character in enumerate(text):
        if at and not joins and not _extends(character, text[at - 1]):
            yield text[start:at]
            start = at
        code = ord(character)
        joins = code == 0x200D or (unicodedata.combining(character) == 9 and 0x0900 <= code <= 0x0DFF)
    if start < len(text):
        yield text[start:]


def _extends(character: str, before: str) -> bool:
    code = ord(character)
    if code < 0x300:
        return False
    if unicodedata.category(character) in ("Mn", "Mc", "Me"):
        return True
    # Joiners, tones of skin, tags; the vowels and finals of Korean syllables written in letters.
    if code in (0x200C, 0x200D) or 0x1F3FB <= code <= 0x1F3FF or 0xE0020 <= code <= 0xE007F:
        return True
    return 0x1160 <= code <= 0x11FF and 0x1100 <= ord(before) <= 0x11FF


def split_by_font(text: str, face: Face) -> list[tuple[Face, str]]:
    """Cut text into runs of one font each, in the order of reading: the asked face or one that has the rest.

    A letter and its marks stay together. What no font has is in a run of the fallback, drawn as a box.
    """
    if text.isascii():
        return [(face, text)] if text else []
    han = han_face(text)
    runs: list[tuple[Face, list[str]]] = []
    for cluster in clusters(text):
        for chosen, part in _cluster_faces(cluster, face, han):
            if runs and runs[-1][0] is chosen:
                runs[-1][1].append(part)
            else:
                runs.append((chosen, [part]))
    return [(chosen, "".join(parts)) for chosen, parts in runs]


def _cluster_faces(cluster: str, face: Face, han: Face | None) -> Iterator[tuple[Face, str]]:
    """Return the face that has all of a cluster, else one for each of its characters."""
    if len(cluster) == 1:
        yield face_of(cluster, face, han) or Face.FALLBACK, cluster
        return
    seen = frozenset(visible(cluster))
    tried: set[Face | None] = set()
    for character in sorted(seen, key=cluster.index):
        candidate = face_of(character, face, han)
        if candidate and candidate not in tried and all(has_glyph(candidate, other) for other in seen):
            yield candidate, cluster
            return
        tried.add(candidate)
    if all(has_glyph(Face.FALLBACK, other) for other in seen):
        yield Face.FALLBACK, cluster
        return
    for part in re.findall(f".{IGNORABLE.pattern}*", cluster, re.DOTALL):
        yield face_of(part[0], face, han) or Face.FALLBACK, part
