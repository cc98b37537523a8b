"""A font whose glyphs can be drawn by number, so that what a shaper has joined is embedded and copied right.

Reportlab's fonts know characters only. Here a subset has, beside the places of characters, places of glyphs:
each stands for a piece of text, which the subset's ToUnicode map gives to whoever copies it.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from functools import cached_property

import uharfbuzz
from reportlab.pdfbase.pdfdoc import (
    PDFArray,
    PDFDictionary,
    PDFDocument,
    PDFStream,
    PDFTrueTypeFont,
    PDFZCompress,
)
from reportlab.pdfbase.ttfonts import SUBSETN, TTFont

# Places of glyphs are told from places of characters by numbers that no character has.
_FIRST_GLYPH = 0x110000
_PER_BLOCK = 100


@dataclass
class _Drawn:
    """What one document draws of a font by the number of the glyph."""

    codes: dict[tuple[int, str], int] = field(default_factory=dict)
    glyphs: dict[int, tuple[int, str]] = field(default_factory=dict)


class DocumentFont(TTFont):  # type: ignore[misc]
    """A TrueType font that draws characters, as reportlab's do, and glyphs by their number."""

    def __init__(self, name: str, filename: str, *, ascii_readable: bool) -> None:
        # The files come with the project: their checksums need no look at every start.
        super().__init__(name, filename, validate=0, shapable=False, asciiReadable=ascii_readable)

    @cached_property
    def shaper(self) -> uharfbuzz.Font:
        """The font as HarfBuzz sees it, in thousandths of its size."""
        font = uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob(self.face._ttf_data)))
        font.scale = (1000, 1000)
        return font

    def glyph_of(self, character: str) -> int:
        """Return the number of a character's glyph, 0 where the font has none."""
        return int(self.face.charToGlyph.get(ord(character), 0))

    def advance(self, glyph: int) -> float:
        """Return how wide a glyph is, in thousandths of the size."""
        return float(self.face.hmetrics[glyph][0] * 1000 / self.face.unitsPerEm)

    def place(self, glyph: int, text: str, document: PDFDocument) -> tuple[str, int]:
        """Return the name of the subset and the code in it that draw a glyph which stands for a text."""
        # A font's state in a document begins with its first text; asked for a name first, it knows no glyphs.
        if document not in self.state:
            self.splitString(" ", document)
        state = self.state[document]
        drawn = state.__dict__.setdefault("drawn", _Drawn())
        key = (glyph, text)
        if key not in drawn.codes:
            code = drawn.codes[key] = _FIRST_GLYPH + len(drawn.codes)
            drawn.glyphs[code] = key
            state.assignments[code] = self._assign(code, state)
        place = state.assignments[drawn.codes[key]]
        return str(self.getSubsetInternalName(place >> 8, document)), int(place & 0xFF)

    def _assign(self, code: int, state: TTFont.State) -> int:
        """Give a code the next free place, as reportlab does for characters: 0 and 32 are taken."""
        place = max(state.nextCode, 128 if self._asciiReadable else 33)
        if place & 0xFF == 0:
            state.subsets.append([0])
            place += 1
        elif place & 0xFF == 32:
            state.subsets[place >> 8].append(32)
            place += 1
        subset = state.subsets[place >> 8]
        subset += [0] * ((place & 0xFF) - len(subset))
        subset.append(code)
        state.nextCode = place + 1
        return int(place)

    def addObjects(self, doc: PDFDocument) -> None:  # noqa: N802 - reportlab's name
        """Add the fonts of this document's subsets, with the texts that their codes stand for."""
        state = self.state[doc]
        state.frozen = 1
        drawn: _Drawn = state.__dict__.get("drawn", _Drawn())
        fonts = doc.idToObject["BasicFonts"].dict
        for number, subset in enumerate(state.subsets):
            name = self.getSubsetInternalName(number, doc)[1:]
            base = b"".join((SUBSETN(number), b"+", self.face.name, self.face.subfontNameX)).decode("pdfdoc")
            face = copy(self.face)
            face.charToGlyph = {
                code: drawn.glyphs[code][0] if code in drawn.glyphs else self.face.charToGlyph.get(code, 0)
                for code in subset
            }
            fonts[name] = self._subset_font(doc, name, base, subset, face, drawn)
            doc.Reference(fonts[name], name)
        del self.state[doc]

    def _subset_font(
        self,
        doc: PDFDocument,
        name: str,
        base: str,
        subset: list[int],
        face: object,
        drawn: _Drawn,
    ) -> PDFDictionary:
        font = PDFTrueTypeFont()
        font.Name, font.BaseFont = name, base
        font.FirstChar, font.LastChar = 0, len(subset) - 1
        font.Widths = PDFArray(
            [
                self.advance(drawn.glyphs[code][0]) if code in drawn.glyphs else self.face.getCharWidth(code)
                for code in subset
            ]
        )
        stream = PDFStream()
        texts = [drawn.glyphs[code][1] if code in drawn.glyphs else chr(code) for code in subset]
        stream.content = _to_unicode(base, texts)
        if doc.compression:
            stream.filters = [PDFZCompress]
        font.ToUnicode = doc.Reference(stream, f"toUnicodeCMap:{base}")
        font.FontDescriptor = face.addSubsetObjects(doc, base, subset)  # type: ignore[attr-defined]
        return font


def _to_unicode(name: str, texts: list[str]) -> str:
    """Return the map from codes to texts; a code that stands for nothing is left out."""
    entries = [
        f"<{code:02X}> <{text.encode('utf-16-be', 'replace').hex().upper()}>"
        for code, text in enumerate(texts)
        if text and text != "\0"
    ]
    blocks = [entries[at : at + _PER_BLOCK] for at in range(0, len(entries), _PER_BLOCK)]
    lines = [
        "/CIDInit /ProcSet findresource begin",
        "12 dict begin",
        "begincmap",
        f"/CIDSystemInfo << /Registry ({name}) /Ordering ({name}) /Supplement 0 >> def",
        f"/CMapName /{name} def",
        "/CMapType 2 def",
        "1 begincodespacerange",
        "<00> <FF>",
        "endcodespacerange",
    ]
    for block in blocks:
        lines += [f"{len(block)} beginbfchar", *block, "endbfchar"]
    lines += ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"]
    return "\n".join(lines)
