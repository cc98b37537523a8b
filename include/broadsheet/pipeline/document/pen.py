"""A text as drawing operators: font by font, by characters or by glyphs, with what each stands for."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from reportlab.pdfbase.pdfdoc import PDFDocument

from broadsheet.pipeline.document.faces import BOX, Face, font_of
from broadsheet.pipeline.document.shaping import Piece, Setting

_PRINTABLE = frozenset(map(chr, range(32, 127)))
LITERAL = {
    code: chr(code) if chr(code) in _PRINTABLE - set("()\\") else f"\\{code:03o}" for code in range(256)
} | {ord(character): f"\\{character}" for character in "()\\"}
"""What stands for each byte between the parentheses of a literal string."""
_OUTLINE = 0.024
"""Width of the outline that makes a letter bold, as a share of its size."""
_LEAST_MOVE = 0.05
_MOST_MAPPED = 16
"""Characters that one code can stand for; the format allows more, readers do not."""
_SILENT = "\N{COMBINING GRAPHEME JOINER}"
"""What a glyph stands for whose text is said by another one: programs that look no further see nothing."""

_missing: WeakKeyDictionary[PDFDocument, set[str]] = WeakKeyDictionary()


def missing_characters(document: PDFDocument) -> list[str]:
    """Return the characters that were drawn as boxes so far, since no font has them, as ``U+1F9FF``."""
    return sorted(
        {f"U+{ord(character):04X}" for text in _missing.get(document, ()) for character in text},
        key=lambda name: (len(name), name),
    )


def show_operators(setting: Setting, size: float, document: PDFDocument, *, tracking: float = 0.0) -> str:
    """Return the operators that show a text from the current point on, in the current colour.

    They stand between BT and ET and leave another font than they found.
    """
    operators = "\n".join(piece_operators(piece, size, document) for piece in setting.pieces)
    # Letters that join must not be moved apart.
    return operators if setting.plain or not tracking else f"0 Tc\n{operators}\n{tracking:g} Tc"


def piece_operators(piece: Piece, size: float, document: PDFDocument) -> str:
    """Return the operators that show a run of one font."""
    if piece.clusters is None:
        shown = "\n".join(_characters(piece, size, document))
    else:
        shown = "\n".join(_clusters(piece, size, document))
    return f"2 Tr {size * _OUTLINE:.3f} w\n{shown}\n0 Tr" if piece.heavy else shown


def has_outline(setting: Setting) -> bool:
    """Whether some of a text is made bold by an outline, which needs the colour of strokes set."""
    return any(piece.heavy for piece in setting.pieces)


def _characters(piece: Piece, size: float, document: PDFDocument) -> Iterator[str]:
    font = font_of(piece.face)
    for subset, data in font.splitString(piece.text, document):
        name = font.getSubsetInternalName(subset, document)
        yield f"{name} {size:g} Tf ({data.decode('latin-1').translate(LITERAL)}) Tj"


def _clusters(piece: Piece, size: float, document: PDFDocument) -> Iterator[str]:
    """Show clusters, each glyph in its place, with what they stand for.

    What runs from right to left is said by marks of its own where a glyph does not say it; around what runs
    to the right its text is said by whoever draws it.
    """
    font = font_of(piece.face)
    box = font.glyph_of(BOX) if piece.face is Face.FALLBACK else -1
    line = _Line(size)
    pen = 0.0
    clusters = piece.clusters or ()
    blank = font.glyph_of(" ")
    if clusters and blank and not piece.rtl and clusters[0].glyphs[0].x > _LEAST_MOVE:
        # A text that is said for a word begins, to programs that copy it, where its first glyph does.
        name, code = font.place(blank, _SILENT, document)
        line.add(name, code, before=0.0, rise=0.0)
        pen = font.advance(blank)
    for cluster in clusters:
        if cluster.glyphs[0].number == box and cluster.text != BOX:
            _missing.setdefault(document, set()).add(cluster.text)
        wide = [glyph for glyph in cluster.glyphs if glyph.wide]
        first = wide[0] if wide else cluster.glyphs[0]
        whole = piece.rtl and (len(cluster.text) > _MOST_MAPPED or len(wide) != 1)
        if whole:
            line.mark(f"/Span <</ActualText {_hexadecimal(cluster.text)}>> BDC")
        for glyph in cluster.glyphs:
            means = not whole and glyph is first
            said = cluster.text[:_MOST_MAPPED] if means else _SILENT
            name, code = font.place(glyph.number, said, document)
            # A mark: what it stands for comes with the letter below it.
            silent = piece.rtl and not (means or whole)
            if silent:
                line.mark("/Span <</ActualText <FEFF>>> BDC")
            line.add(name, code, before=pen - glyph.x, rise=glyph.y)
            pen = glyph.x + font.advance(glyph.number)
            if silent:
                line.mark("EMC")
        if whole:
            line.mark("EMC")
    line.end(after=pen - piece.width)
    yield from line.operators


def _hexadecimal(text: str) -> str:
    return f"<FEFF{text.encode('utf-16-be', 'replace').hex().upper()}>"


class _Line:
    """Gathers glyphs into as few operators as their fonts and heights allow."""

    def __init__(self, size: float) -> None:
        self._size = size
        self.operators: list[str] = []
        self._shown = ""
        self._font = ""
        self._rise = 0.0

    def add(self, font: str, code: int, *, before: float, rise: float) -> None:
        """Add a glyph by its subset and code; ``before`` is the move to it in thousandths, as TJ has it."""
        if (font, rise) != (self._font, self._rise):
            self.end()
            self._font, self._rise = font, rise
        if abs(before) >= _LEAST_MOVE:
            self._shown += f"{before:.1f}"
        self._shown += f"({LITERAL[code]})"

    def end(self, *, after: float = 0.0) -> None:
        """Close the operator that is under way, with a move behind it."""
        if abs(after) >= _LEAST_MOVE:
            self._shown += f"{after:.1f}"
        if self._shown:
            shown = f"{self._font} {self._size:g} Tf [{self._shown}] TJ".replace(")(", "")
            if self._rise:
                shown = f"{self._rise * self._size / 1000:.3f} Ts {shown} 0 Ts"
            self.operators.append(shown)
        self._shown = ""

    def mark(self, operator: str) -> None:
        """Add an operator that begins or ends a piece of marked content."""
        self.end()
        self.operators.append(operator)
