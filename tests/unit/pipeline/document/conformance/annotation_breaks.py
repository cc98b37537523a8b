"""Ways to break a document's annotations, each with the rule that is there for it."""

from __future__ import annotations

from functools import partial

from pikepdf import Array, Dictionary, Name, Object, Pdf, String
from tests.unit.pipeline.document.conformance.breaking import Breaks, gathering

BREAKS: Breaks = []
breaks = partial(gathering, BREAKS)


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
