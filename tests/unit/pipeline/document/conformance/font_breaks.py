"""Ways to break a document's fonts, each with the rule that is there for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from io import BytesIO

from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._c_m_a_p import cmap_format_4
from pikepdf import Array, Dictionary, Name, Pdf
from tests.unit.pipeline.document.conformance.breaking import Breaks, draw, fonts, gathering

BREAKS: Breaks = []
breaks = partial(gathering, BREAKS)


def renew_program(pdf: Pdf, change: Callable[[TTFont], None]) -> None:
    """Change the program of every font."""
    for font in fonts(pdf):
        stream = font.FontDescriptor.FontFile2
        program = TTFont(BytesIO(stream.read_bytes()), lazy=False)
        change(program)
        changed = BytesIO()
        program.save(changed)
        stream.write(changed.getvalue())


@breaks("10-001")
def _unmapped_code(pdf: Pdf) -> None:
    for font in fonts(pdf):
        font.ToUnicode.write(b"1 beginbfchar\n<01> <0041>\nendbfchar")


@breaks("31-005")
def _composite_without_a_map(pdf: Pdf) -> None:
    below = Dictionary(Type=Name.Font, Subtype=Name.CIDFontType2, FontDescriptor=fonts(pdf)[0].FontDescriptor)
    pdf.pages[0].Resources.Font.Composite = pdf.make_indirect(
        Dictionary(Type=Name.Font, Subtype=Name.Type0, DescendantFonts=Array([below]))
    )
    draw(pdf, "/Artifact BMC BT /Composite 9 Tf (ab) Tj ET EMC")


@breaks("31-009")
def _not_embedded(pdf: Pdf) -> None:
    del fonts(pdf)[0].FontDescriptor.FontFile2


@breaks("31-011")
def _glyph_missing(pdf: Pdf) -> None:
    name = next(iter(pdf.pages[0].Resources.Font))
    draw(pdf, f"/Artifact BMC BT {name} 9 Tf (\\377) Tj ET EMC")


@breaks("31-016")
def _wrong_widths(pdf: Pdf) -> None:
    for font in fonts(pdf):
        font.Widths = Array([5] * len(font.Widths))


@breaks("31-019")
def _letters_without_encoding(pdf: Pdf) -> None:
    fonts(pdf)[0].FontDescriptor.Flags = 32


@breaks("31-024")
def _symbols_with_encoding(pdf: Pdf) -> None:
    fonts(pdf)[0].Encoding = Name.WinAnsiEncoding


@breaks("31-025")
def _no_table_of_glyphs(pdf: Pdf) -> None:
    def remove(program: TTFont) -> None:
        program["cmap"].tables = []

    renew_program(pdf, remove)


@breaks("31-026")
def _tables_without_symbols(pdf: Pdf) -> None:
    def add(program: TTFont) -> None:
        table = cmap_format_4(4)
        table.platformID, table.platEncID, table.language = 3, 1, 0
        table.cmap = dict(program["cmap"].tables[0].cmap)
        program["cmap"].tables.append(table)

    renew_program(pdf, add)


@breaks("31-027")
def _no_to_unicode(pdf: Pdf) -> None:
    del fonts(pdf)[0].ToUnicode


@breaks("31-028")
def _zero(pdf: Pdf) -> None:
    for font in fonts(pdf):
        font.ToUnicode.write(b"1 beginbfchar\n<65> <0000>\nendbfchar")


@breaks("31-029")
def _byte_order_mark(pdf: Pdf) -> None:
    for font in fonts(pdf):
        font.ToUnicode.write(b"1 beginbfrange\n<65> <65> [<FEFF>]\nendbfrange")


@breaks("31-030")
def _placeholder(pdf: Pdf) -> None:
    _composite_without_a_map(pdf)
    draw(pdf, "/Artifact BMC BT /Composite 9 Tf (\\000\\000) Tj ET EMC")
