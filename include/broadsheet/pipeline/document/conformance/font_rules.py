"""Rules about fonts: every glyph is in the file, and every code leads to a character."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

from fontTools.ttLib import TTFont, TTLibError
from pikepdf import Dictionary, Name, Object

from broadsheet.pipeline.document.conformance.drawing import UsedFont
from broadsheet.pipeline.document.conformance.reading import Reading
from broadsheet.pipeline.document.conformance.rules import rule

_SYMBOLIC = 4
_CHARACTERS = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_RANGES = re.compile(rb"beginbfrange(.*?)endbfrange", re.DOTALL)
_PAIR = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]*)>")
_SPAN = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*(?:<([0-9A-Fa-f]*)>|\[(.*?)\])", re.DOTALL)


@dataclass(frozen=True)
class _Font:
    """A font of the file, its codes that are drawn, and its program where that can be read."""

    used: UsedFont
    name: str
    descendant: Object
    descriptor: Object

    @property
    def composite(self) -> bool:
        return bool(self.used.obj.get("/Subtype") == Name.Type0)

    @property
    def true_type(self) -> bool:
        return bool(self.used.obj.get("/Subtype") == Name.TrueType)

    @property
    def symbolic(self) -> bool:
        return bool(int(self.descriptor.get("/Flags", 0)) & _SYMBOLIC)

    @property
    def program(self) -> TTFont | None:
        stream = self.descriptor.get("/FontFile2")
        return None if stream is None else _open_program(stream.read_bytes())

    @property
    def characters(self) -> dict[int, str]:
        stream = self.used.obj.get("/ToUnicode")
        return {} if stream is None else _read_map(stream.read_bytes())


@lru_cache(maxsize=64)
def _open_program(data: bytes) -> TTFont | None:
    try:
        return TTFont(BytesIO(data), lazy=False)
    except (TTLibError, ValueError, KeyError):
        return None


def _read_map(data: bytes) -> dict[int, str]:
    """Return the characters of a ToUnicode map by code."""

    def text(digits: bytes) -> str:
        return bytes.fromhex(digits.decode()).decode("utf-16-be", "replace")

    found: dict[int, str] = {}
    for block in _CHARACTERS.findall(data):
        found |= {int(code, 16): text(value) for code, value in _PAIR.findall(block)}
    for block in _RANGES.findall(data):
        for first, last, start, values in _SPAN.findall(block):
            codes = range(int(first, 16), int(last, 16) + 1)
            if values:
                found |= dict(zip(codes, map(text, re.findall(rb"<([0-9A-Fa-f]*)>", values)), strict=False))
            elif start:
                base = text(start)
                found |= {code: base[:-1] + chr(ord(base[-1]) + at) for at, code in enumerate(codes)}
    return found


def _fonts(reading: Reading) -> list[_Font]:
    used: dict[tuple[int, int], UsedFont] = {}
    for page in reading.pages:
        for key, font in page.fonts.items():
            used.setdefault(key, UsedFont(font.obj)).codes.update(font.codes)
    fonts = []
    for font in used.values():
        below = font.obj.get("/DescendantFonts")
        descendant = below[0] if below is not None else font.obj
        descriptor = descendant.get("/FontDescriptor", Dictionary())
        fonts.append(_Font(font, str(font.obj.get("/BaseFont", "?")), descendant, descriptor))
    return fonts


@rule("10-001", "every code that is drawn leads to a character")
def _unmapped(reading: Reading) -> Iterator[str]:
    for font in _fonts(reading):
        if "/ToUnicode" in font.used.obj:
            missing = sorted(code for code in font.used.codes if not font.characters.get(code))
            if missing:
                yield f"{font.name}: codes {', '.join(map(str, missing[:8]))}"


@rule("31-005", "a composite TrueType font says which glyph a code means")
def _glyph_maps(reading: Reading) -> Iterator[str]:
    for font in _fonts(reading):
        if font.descendant.get("/Subtype") == Name.CIDFontType2 and "/CIDToGIDMap" not in font.descendant:
            yield f"{font.name} has no CIDToGIDMap"


@rule("31-009", "every font is in the file")
def _embedded(reading: Reading) -> Iterator[str]:
    for font in _fonts(reading):
        files = ("/FontFile", "/FontFile2", "/FontFile3")
        if font.used.obj.get("/Subtype") != Name.Type3 and not any(key in font.descriptor for key in files):
            yield f"{font.name} is not embedded"


def _glyphs(font: _Font) -> dict[int, str]:
    """Return the names of the glyphs that codes are drawn with; nothing where it cannot be told."""
    program = font.program
    if program is None or "cmap" not in program:
        return {}
    if font.composite:
        order = program.getGlyphOrder()
        return {code: order[code] for code in font.used.codes if code < len(order)}
    if not font.symbolic:
        return {}
    for table in program["cmap"].tables:
        # A symbol table has the codes themselves or moved to U+F000; a Macintosh one the codes.
        if (table.platformID, table.platEncID) == (3, 0):
            found = {code & 0xFF: name for code, name in table.cmap.items()}
            return {code: found[code] for code in font.used.codes if code in found}
        if (table.platformID, table.platEncID) == (1, 0):
            return {code: table.cmap[code] for code in font.used.codes if code in table.cmap}
    return {}


@rule("31-011", "every glyph that is drawn is in its font's program")
def _missing_glyphs(reading: Reading) -> Iterator[str]:
    for font in _fonts(reading):
        if missing := _missing(font):
            yield f"{font.name}: codes {', '.join(map(str, missing[:8]))}"


def _missing(font: _Font) -> list[int]:
    """Return the codes for which a font's program has no glyph, where that can be told."""
    if font.program is None or not _tables(font) or not (font.symbolic or font.composite):
        return []
    return sorted(font.used.codes - set(_glyphs(font)))


@rule("31-016", "widths in the file are those of the font's program, to a thousandth")
def _widths(reading: Reading) -> Iterator[str]:
    for font in _fonts(reading):
        if font.composite or "/Widths" not in font.used.obj or font.program is None:
            continue
        first, widths = int(font.used.obj["/FirstChar"]), font.used.obj["/Widths"]
        scale = 1000 / font.program["head"].unitsPerEm
        for code, glyph in sorted(_glyphs(font).items()):
            at = code - first
            own = float(widths[at]) if 0 <= at < len(widths) else 0.0
            if abs(own - font.program["hmtx"][glyph][0] * scale) > 1:
                yield f"{font.name}: code {code} has width {own:g}"


@rule("31-019", "a font of letters says how its codes are meant")
def _no_encoding(reading: Reading) -> Iterator[str]:
    for font in _fonts(reading):
        if font.true_type and not font.symbolic and "/Encoding" not in font.used.obj:
            yield f"{font.name} has no Encoding"


@rule("31-024", "a font of symbols does not say how its codes are meant")
def _encoding(reading: Reading) -> Iterator[str]:
    for font in _fonts(reading):
        if font.true_type and font.symbolic and "/Encoding" in font.used.obj:
            yield f"{font.name} has an Encoding"


@rule("31-025", "the program of a font of symbols says which glyph a code means")
def _no_tables(reading: Reading) -> Iterator[str]:
    for font in _fonts(reading):
        if font.true_type and font.symbolic and font.program is not None and not _tables(font):
            yield f"{font.name} has no cmap"


@rule("31-026", "where that program says it in several ways, one of them is for symbols")
def _many_tables(reading: Reading) -> Iterator[str]:
    for font in _fonts(reading):
        tables = _tables(font)
        if font.true_type and font.symbolic and len(tables) > 1 and (3, 0) not in tables:
            yield f"{font.name} has {len(tables)} tables and none for symbols"


def _tables(font: _Font) -> list[tuple[int, int]]:
    if font.program is None or "cmap" not in font.program:
        return []
    return [(table.platformID, table.platEncID) for table in font.program["cmap"].tables]


@rule("31-027", "every font says which characters its codes stand for (ToUnicode)")
def _to_unicode(reading: Reading) -> Iterator[str]:
    known = (Name.WinAnsiEncoding, Name.MacRomanEncoding)
    for font in _fonts(reading):
        if "/ToUnicode" not in font.used.obj and font.used.obj.get("/Encoding") not in known:
            yield f"{font.name} has no ToUnicode"


@rule("31-028", "no code stands for the character zero")
def _zeros(reading: Reading) -> Iterator[str]:
    for font in _fonts(reading):
        codes = sorted(code for code in font.used.codes if "\0" in font.characters.get(code, ""))
        yield from (f"{font.name}: code {code}" for code in codes)


@rule("31-029", "no code stands for a byte order mark")
def _byte_order_marks(reading: Reading) -> Iterator[str]:
    for font in _fonts(reading):
        for code in sorted(font.used.codes):
            if set(font.characters.get(code, "")) & {"\ufeff", "\ufffe"}:
                yield f"{font.name}: code {code}"


@rule("31-030", "no text is drawn with the glyph for what a font lacks")
def _notdef(reading: Reading) -> Iterator[str]:
    for font in _fonts(reading):
        program, codes = font.program, _missing(font)
        if program is not None:
            # The first glyph of every font is the one for what it lacks, whatever it is called.
            codes += [code for code, name in _glyphs(font).items() if program.getGlyphID(name) == 0]
        if codes:
            yield f"{font.name}: codes {', '.join(map(str, sorted(codes)[:8]))}"
