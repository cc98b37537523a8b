"""Ways to break a document's file, structure and content, each with the rule that is there for it."""

from __future__ import annotations

import re
from functools import partial

from pikepdf import Array, Dictionary, Name, Pdf, String
from tests.unit.pipeline.document.conformance.breaking import Breaks, draw, elements, gathering, make_form

BREAKS: Breaks = []
breaks = partial(gathering, BREAKS)


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
