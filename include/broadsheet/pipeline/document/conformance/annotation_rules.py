"""Rules about annotations: links, and anything else that lies on a page instead of being drawn on it."""

from __future__ import annotations

from collections.abc import Iterator

from pikepdf import Object

from broadsheet.pipeline.document.conformance.reading import Node, Reading
from broadsheet.pipeline.document.conformance.rules import rule

_HIDDEN = 2
_KINDS = """
    Text Link FreeText Line Square Circle Polygon PolyLine Highlight Underline Squiggly StrikeOut
    Stamp Caret Ink Popup FileAttachment Sound Movie Widget Screen PrinterMark TrapNet Watermark 3D
    Redact
"""
_KNOWN = frozenset(f"/{kind}" for kind in _KINDS.split())


def _shown(reading: Reading) -> Iterator[tuple[int, Object, str]]:
    for number, annotation in reading.annotations:
        if not int(annotation.get("/F", 0)) & _HIDDEN:
            yield number, annotation, str(annotation.get("/Subtype", ""))


def _owner(reading: Reading, annotation: Object) -> Node | None:
    for node in reading.nodes:
        if annotation.objgen in node.annotations:
            return node
    return None


@rule("28-002", "an annotation of another kind than a link stands in an Annot element")
def _annotations(reading: Reading) -> Iterator[str]:
    for number, annotation, kind in _shown(reading):
        owner = _owner(reading, annotation)
        if kind not in ("/Widget", "/Link", "/PrinterMark", "/Popup") and (
            not owner or owner.tag != "/Annot"
        ):
            yield f"page {number}: {kind} stands in no Annot"


@rule("28-004", "an annotation says in words what it is")
def _descriptions(reading: Reading) -> Iterator[str]:
    for number, annotation, kind in _shown(reading):
        owner = _owner(reading, annotation)
        described = str(annotation.get("/Contents", "")).strip() or (owner and owner.text("/Alt").strip())
        if kind not in ("/Widget", "/Link", "/PrinterMark", "/Popup") and not described:
            yield f"page {number}: {kind} has no Contents"


@rule("28-005", "a field of a form says in words what it is")
def _fields(reading: Reading) -> Iterator[str]:
    for number, annotation, kind in _shown(reading):
        owner = _owner(reading, annotation)
        if kind == "/Widget" and "/TU" not in annotation and not (owner and owner.text("/Alt").strip()):
            yield f"page {number}: a field has neither TU nor an alternative text"


@rule("28-006", "there are only annotations of known kinds")
def _unknown(reading: Reading) -> Iterator[str]:
    yield from (f"page {number}: {kind}" for number, _, kind in _shown(reading) if kind not in _KNOWN)


@rule("28-007", "there are no annotations for trapping")
def _traps(reading: Reading) -> Iterator[str]:
    yield from (f"page {number}" for number, _, kind in _shown(reading) if kind == "/TrapNet")


@rule("28-010", "a field of a form stands in a Form element")
def _widgets(reading: Reading) -> Iterator[str]:
    for number, annotation, kind in _shown(reading):
        owner = _owner(reading, annotation)
        if kind == "/Widget" and (owner is None or owner.tag != "/Form"):
            yield f"page {number}: a field stands in no Form"


@rule("28-011", "a link stands in a Link element")
def _links(reading: Reading) -> Iterator[str]:
    for number, annotation, kind in _shown(reading):
        if kind != "/Link":
            continue
        owner = _owner(reading, annotation)
        if owner is None or all(node.tag != "/Link" for node in owner.lineage):
            yield f"page {number}: a link stands in no Link"
        elif not _leads_back(reading, annotation, owner):
            yield f"page {number}: the parent tree does not lead from a link to {owner}"


def _leads_back(reading: Reading, annotation: Object, owner: Node) -> bool:
    key = annotation.get("/StructParent")
    found = reading.parent_tree.get(int(key)) if key is not None else None
    return found is not None and found.objgen == owner.obj.objgen


@rule("28-012", "a link says in words where it leads")
def _link_words(reading: Reading) -> Iterator[str]:
    for number, annotation, kind in _shown(reading):
        if kind == "/Link" and not str(annotation.get("/Contents", "")).strip():
            yield f"page {number}: a link has no Contents"


@rule("28-017", "marks for printers belong to no element")
def _printer_marks(reading: Reading) -> Iterator[str]:
    for number, annotation, kind in _shown(reading):
        if kind == "/PrinterMark" and _owner(reading, annotation):
            yield f"page {number}: a printer's mark is in the structure"
