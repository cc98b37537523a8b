"""Ways to break a document, each with the rule that is there for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO

import pikepdf
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._c_m_a_p import cmap_format_4
from pikepdf import Array, Dictionary, Name, Object, Pdf, String

Break = Callable[[Pdf], None]
BREAKS: list[tuple[str, Break]] = []
LOCKED = pikepdf.Encryption(
    owner="o", user="", R=3, aes=False, metadata=False, allow=pikepdf.Permissions(accessibility=False)
)


def breaks(number: str) -> Callable[[Break], Break]:
    def register(function: Break) -> Break:
        BREAKS.append((number, function))
        return function

    return register


def elements(pdf: Pdf, tag: str) -> list[Object]:
    return [
        obj
        for obj in pdf.objects
        if isinstance(obj, Dictionary) and obj.get("/S") == Name(tag) and "/P" in obj
    ]


def fonts(pdf: Pdf) -> list[Object]:
    return list(pdf.pages[0].Resources.Font.values())


def draw(pdf: Pdf, operators: str) -> None:
    pdf.pages[0].contents_add(operators.encode(), prepend=False)


def renew_program(pdf: Pdf, change: Callable[[TTFont], None]) -> None:
    """Change the program of every font."""
    for font in fonts(pdf):
        stream = font.FontDescriptor.FontFile2
        program = TTFont(BytesIO(stream.read_bytes()), lazy=False)
        change(program)
        changed = BytesIO()
        program.save(changed)
        stream.write(changed.getvalue())


@breaks("tagged")
def _unmarked(pdf: Pdf) -> None:
    del pdf.Root.MarkInfo


@breaks("tagged")
def _no_tree(pdf: Pdf) -> None:
    del pdf.Root.StructTreeRoot


@breaks("parent-tree")
def _wrong_parents(pdf: Pdf) -> None:
    found = pdf.Root.StructTreeRoot.ParentTree.Nums
    parents = next(entry for entry in found if isinstance(entry, Array))
    parents[0] = parents[1]


@breaks("parent-tree")
def _no_parents(pdf: Pdf) -> None:
    del pdf.pages[0].StructParents


@breaks("01-003")
def _artifact_in_content(pdf: Pdf) -> None:
    draw(pdf, "/P << /MCID 0 >> BDC /Artifact BMC 0 0 9 9 re f EMC EMC")


@breaks("01-004")
def _content_in_artifact(pdf: Pdf) -> None:
    draw(pdf, "/Artifact BMC /P << /MCID 0 >> BDC 0 0 9 9 re f EMC EMC")


@breaks("01-005")
def _untagged(pdf: Pdf) -> None:
    draw(pdf, "0 0 9 9 re f")


@breaks("01-005")
def _untagged_in_a_form(pdf: Pdf) -> None:
    pdf.pages[0].Resources.XObject = Dictionary(F=make_form(pdf, b"0 0 9 9 re f"))
    draw(pdf, "/F Do")


@breaks("01-005")
def _mark_of_nobody(pdf: Pdf) -> None:
    draw(pdf, "/P << /MCID 999 >> BDC 0 0 9 9 re f EMC")


@breaks("01-006")
def _irregular(pdf: Pdf) -> None:
    row = elements(pdf, "/TR")[-1]
    row.K = Array([row.K[0]])


@breaks("01-007")
def _suspects(pdf: Pdf) -> None:
    pdf.Root.MarkInfo.Suspects = True


@breaks("02-001")
def _strange_tag(pdf: Pdf) -> None:
    elements(pdf, "/P")[0].S = Name.Paragraph


@breaks("02-003")
def _circle(pdf: Pdf) -> None:
    pdf.Root.StructTreeRoot.RoleMap = Dictionary(Aa=Name.Bb, Bb=Name.Aa)


@breaks("02-004")
def _remapped(pdf: Pdf) -> None:
    pdf.Root.StructTreeRoot.RoleMap = Dictionary(P=Name.Span)


@breaks("06-001")
def _no_metadata(pdf: Pdf) -> None:
    del pdf.Root.Metadata


@breaks("06-003")
def _no_title(pdf: Pdf) -> None:
    packet = pdf.Root.Metadata.read_bytes()
    pdf.Root.Metadata.write(re.sub(rb"<dc:title>.*?</dc:title>", b"", packet))


@breaks("07-001")
def _no_preference(pdf: Pdf) -> None:
    del pdf.Root.ViewerPreferences


@breaks("07-002")
def _title_hidden(pdf: Pdf) -> None:
    pdf.Root.ViewerPreferences.DisplayDocTitle = False


@breaks("09-004")
def _cell_outside_of_a_row(pdf: Pdf) -> None:
    elements(pdf, "/TR")[-1].S = Name.Div


@breaks("09-004")
def _two_captions(pdf: Pdf) -> None:
    table = elements(pdf, "/Table")[0]
    table.K.append(pdf.make_indirect(Dictionary(S=Name.Caption, P=table, K=Array())))


@breaks("09-005")
def _item_outside_of_a_list(pdf: Pdf) -> None:
    elements(pdf, "/L")[0].S = Name.Div


@breaks("09-006")
def _entry_outside_of_contents(pdf: Pdf) -> None:
    elements(pdf, "/P")[0].S = Name.TOCI


@breaks("10-001")
def _unmapped_code(pdf: Pdf) -> None:
    for font in fonts(pdf):
        font.ToUnicode.write(b"1 beginbfchar\n<01> <0041>\nendbfchar")


@breaks("11-001")
@breaks("11-002")
@breaks("11-003")
@breaks("11-004")
@breaks("11-006")
def _no_language(pdf: Pdf) -> None:
    del pdf.Root.Lang


@breaks("13-004")
def _no_alternative(pdf: Pdf) -> None:
    del elements(pdf, "/Figure")[0].Alt


@breaks("14-002")
def _starts_with_the_second(pdf: Pdf) -> None:
    elements(pdf, "/H1")[0].S = Name.H2


@breaks("14-003")
def _leaves_one_out(pdf: Pdf) -> None:
    elements(pdf, "/H2")[0].S = Name.H3


@breaks("14-006")
def _two_headings(pdf: Pdf) -> None:
    for tag in ("/H1", "/H2"):
        elements(pdf, tag)[0].S = Name.H


@breaks("14-007")
def _both_kinds(pdf: Pdf) -> None:
    elements(pdf, "/H2")[0].S = Name.H


@breaks("15-003")
def _no_scope(pdf: Pdf) -> None:
    del elements(pdf, "/TH")[0].A


@breaks("17-002")
def _formula(pdf: Pdf) -> None:
    figure = elements(pdf, "/Figure")[0]
    figure.S = Name.Formula
    del figure.Alt


@breaks("19-003")
def _nameless_note(pdf: Pdf) -> None:
    del elements(pdf, "/Note")[0].ID


@breaks("19-004")
def _one_name_for_two_notes(pdf: Pdf) -> None:
    first, second = elements(pdf, "/Note")
    second.ID = first.ID


@breaks("20-001")
@breaks("20-003")
def _layers(pdf: Pdf) -> None:
    pdf.Root.OCProperties = Dictionary(
        OCGs=Array(), D=Dictionary(Name=String("D")), Configs=Array([Dictionary(AS=Array())])
    )


@breaks("21-001")
def _attachment(pdf: Pdf) -> None:
    pdf.attachments["a.txt"] = b"a"
    del pdf.attachments["a.txt"].obj.UF


@breaks("25-001")
def _dynamic_form(pdf: Pdf) -> None:
    pdf.Root.AcroForm = Dictionary(Fields=Array(), XFA=Array())


def annotate(pdf: Pdf, kind: str, **entries: Object) -> None:
    """Put an annotation on the first page, in no element."""
    annotation = Dictionary(Type=Name.Annot, Subtype=Name(kind), Rect=Array([0, 0, 9, 9]), **entries)
    pdf.pages[0].Annots = Array([*pdf.pages[0].Annots, pdf.make_indirect(annotation)])


@breaks("28-002")
@breaks("28-004")
def _stamp(pdf: Pdf) -> None:
    annotate(pdf, "/Stamp")


@breaks("28-005")
@breaks("28-010")
def _field(pdf: Pdf) -> None:
    annotate(pdf, "/Widget")
    pdf.Root.AcroForm = Dictionary(Fields=Array([pdf.pages[0].Annots[-1]]))


@breaks("28-006")
def _unknown_annotation(pdf: Pdf) -> None:
    annotate(pdf, "/Scribble")


@breaks("28-007")
def _trap(pdf: Pdf) -> None:
    annotate(pdf, "/TrapNet")


@breaks("28-008")
def _no_tabs(pdf: Pdf) -> None:
    del pdf.pages[0].Tabs


@breaks("28-009")
def _tabs_by_rows(pdf: Pdf) -> None:
    pdf.pages[0].Tabs = Name.R


@breaks("28-011")
def _link_in_no_element(pdf: Pdf) -> None:
    annotate(pdf, "/Link", Contents=String("more"))


@breaks("28-011")
def _link_without_a_way_back(pdf: Pdf) -> None:
    del pdf.pages[0].Annots[0].StructParent


@breaks("28-012")
def _link_without_words(pdf: Pdf) -> None:
    del pdf.pages[0].Annots[0].Contents


@breaks("28-017")
def _printer_mark(pdf: Pdf) -> None:
    pdf.pages[0].Annots[0].Subtype = Name.PrinterMark


def make_form(pdf: Pdf, operators: bytes, **entries: Object) -> Object:
    return pdf.make_stream(
        operators, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]), **entries
    )


@breaks("30-001")
def _part_of_another_file(pdf: Pdf) -> None:
    pdf.pages[0].Resources.XObject = Dictionary(F=make_form(pdf, b"", Ref=Dictionary()))
    draw(pdf, "/Artifact BMC /F Do EMC")


@breaks("30-002")
def _form_drawn_twice(pdf: Pdf) -> None:
    form = make_form(pdf, b"/P << /MCID 900 >> BDC 0 0 9 9 re f EMC")
    pdf.pages[0].Resources.XObject = Dictionary(F=form)
    draw(pdf, "/F Do")
    pdf.pages.append(pdf.pages[0])


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
