"""The words of a table's cells: how they are wrapped, and how they stand in a page's operators."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfdoc import PDFDocument

from broadsheet.pipeline.document.bidi import has_right_to_left
from broadsheet.pipeline.document.lines import plain
from broadsheet.pipeline.document.measure import Ruler
from broadsheet.pipeline.document.objects import text_string
from broadsheet.pipeline.document.pen import LITERAL, piece_operators
from broadsheet.pipeline.document.shaping import is_spoken, set_text
from broadsheet.pipeline.document.spoken import actual_text
from broadsheet.pipeline.document.theme import TextStyle

_MOST_KEPT = 4_096


def cell_opening(tag: str, text: str, mark: int) -> str:
    """Return the operator that begins a cell, with its text where that is not to be read off its glyphs."""
    if not is_spoken(text):
        return f"/{tag}<</MCID {mark}>>BDC"
    return f"/Span<</MCID {mark}/ActualText {text_string(text)}>>BDC"


class CellWrap:
    """Wraps texts of one style into lines; of those that come again it knows the lines."""

    def __init__(self, ruler: Ruler, style: TextStyle) -> None:
        self._ruler = ruler
        self._style = style
        self._known: dict[tuple[str, float, int], tuple[str, ...]] = {}

    def lines(self, text: str, room: float, most: int) -> tuple[str, ...]:
        """Return the lines of a text: at most so many, the last with an ellipsis where that is not enough."""
        key = (text, room, most)
        if key not in self._known:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            self._known[key] = self._wrap_words(text, room, most) or tuple(
                "".join(piece.text for piece in line.pieces)
                for line in plain(text, self._style, width=room, most=most)
            )
        return self._known[key]

    def _wrap_words(self, text: str, room: float, most: int) -> tuple[str, ...] | None:
        """Wrap a text between its words; None where that is not enough, and something must be cut."""
        space, lines, line, used = self._ruler.width(" "), [], "", 0.0
        for word in text.split(" "):
            width = self._ruler.width(word)
            if not word or width > room:
                return None
            if line and used + space + width > room + 0.01:
                lines.append(line)
                line, used = word, width
            else:
                line, used = (f"{line} {word}", used + space + width) if line else (word, width)
        lines.append(line)
        return tuple(lines) if len(lines) <= most else None


class CellPen:
    """Turns texts into what stands between the parentheses of a document's text operators."""

    def __init__(self, document: PDFDocument, style: TextStyle) -> None:
        self.document = document
        self.nested = False
        """Whether texts that are not to be read off their glyphs are said within what is drawn."""
        self._style = style
        font = pdfmetrics.getFont(style.face.value)
        # A font's state in a document begins with its first text; asked for a name first, it knows no glyphs.
        font.splitString(" ", document)
        self._home = font.getSubsetInternalName(0, document)
        self._size = f"{style.size:g}"
        self._known: dict[tuple[str, tuple[str, str], bool], str] = {}
        self._readable = font._asciiReadable and all(map(font.face.charToGlyph.__contains__, range(32, 127)))

    @property
    def font(self) -> str:
        """Name and size of the font that cells are set in."""
        return f"{self._home} {self._size}"

    def literals(self, texts: Sequence[str], show: tuple[str, str]) -> Sequence[str]:
        """Return texts as literals; most columns need nothing done, which one look at all of it tells."""
        whole = "".join(texts)
        if not (self._readable and whole.isascii() and whole.isprintable()):
            return [self._literal(text, show) for text in texts]
        if "(" in whole or ")" in whole or "\\" in whole:
            return [text.translate(LITERAL) for text in texts]
        return texts

    def _literal(self, text: str, show: tuple[str, str]) -> str:
        key = (text, show, self.nested)
        if key not in self._known:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            self._known[key] = self._make_literal(text, show)
        return self._known[key]

    def _make_literal(self, text: str, show: tuple[str, str]) -> str:
        """Return one text, with changes of font where it has characters that the cells' font has not.

        A change ends the operator that the literal stands in, and begins it again afterwards.
        """
        if self._readable and text.isascii() and text.isprintable():
            return text.translate(LITERAL)
        opening, closing = show
        base = 1 if self._style.rtl and has_right_to_left(text) else None
        font = pdfmetrics.getFont(self._style.face.value)
        parts: list[str] = []
        for piece in set_text(text, self._style.face, base).pieces:
            if piece.face is self._style.face and piece.clusters is None:
                split = font.splitString(piece.text, self.document)
                if all(
                    font.getSubsetInternalName(subset, self.document) == self._home for subset, _ in split
                ):
                    parts += [data.decode("latin-1").translate(LITERAL) for _, data in split]
                    continue
            operators = piece_operators(piece, self._style.size, self.document)
            if piece.spoken and (self.nested or has_right_to_left(text)):
                operators = f"{actual_text(piece.text)} {operators} EMC"
            parts.append(f"){closing} {operators} {self.font} Tf{opening}(")
        return "".join(parts)
