"""A text as drawing operators: font by font, by characters or by glyphs, with what each stands for."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from reportlab.pdfbase.pdfdoc import PDFDocument

from broadsheet.pipeline.document.faces import BOX, Face, font_of
from broadsheet.pipeline.document.shaping import Cluster, Piece, Setting

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
        shown = "\n".join(_clusters(piece.clusters, piece.face, size, document))
    return f"2 Tr {size * _OUTLINE:.3f} w\n{shown}\n0 Tr" if piece.heavy else shown


def has_outline(setting: Setting) -> bool:
    """Whether some of a text is made bold by an outline, which needs the colour of strokes set."""
    return any(piece.heavy for piece in setting.pieces)


def _characters(piece: Piece, size: float, document: PDFDocument) -> Iterator[str]:
    font = font_of(piece.face)
    for subset, data in font.splitString(piece.text, document):
        name = font.getSubsetInternalName(subset, document)
        yield f"{name} {size:g} Tf ({data.decode('latin-1').translate(LITERAL)}) Tj"


def _clusters(clusters: tuple[Cluster, ...], face: Face, size: float, document: PDFDocument) -> Iterator[str]:
    """Show clusters from left to right; those of several glyphs say by themselves what they stand for."""
    font = font_of(face)
    box = font.glyph_of(BOX) if face is Face.FALLBACK else -1
    line = _Line(size)
    for cluster in clusters:
        if cluster.glyphs[0].number == box and cluster.text != BOX:
            _missing.setdefault(document, set()).add(cluster.text)
        wide = [glyph for glyph in cluster.glyphs if glyph.advance]
        whole = len(wide) > 1 or not wide or len(cluster.text) > _MOST_MAPPED
        if whole:
            line.mark(f"/Span <</ActualText {_hexadecimal(cluster.text)}>> BDC")
        for glyph in cluster.glyphs:
            means = not whole and glyph is wide[0]
            name, code = font.place(glyph.number, cluster.text if means else _SILENT, document)
            after = font.advance(glyph.number) + glyph.dx - glyph.advance
            if not (means or whole):
                # A mark: what it stands for comes with the letter below it.
                line.mark("/Span <</ActualText <FEFF>>> BDC")
            line.add(name, code, before=-glyph.dx, after=after, rise=glyph.dy)
            if not (means or whole):
                line.mark("EMC")
        if whole:
            line.mark("EMC")
    line.end()
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
        self._owed = 0.0

    def add(self, font: str, code: int, *, before: float, after: float, rise: float) -> None:
        """Add a glyph by its subset and code; moves are in thousandths, as TJ has them."""
        if (font, rise) != (self._font, self._rise):
            self.end()
            self._font, self._rise = font, rise
        move = self._owed + before
        if abs(move) >= _LEAST_MOVE:
            self._shown += f"{move:.1f}"
        self._shown += f"({LITERAL[code]})"
        self._owed = after

    def end(self) -> None:
        """Close the operator that is under way."""
        if abs(self._owed) >= _LEAST_MOVE:
            self._shown += f"{self._owed:.1f}"
        self._owed = 0.0
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
