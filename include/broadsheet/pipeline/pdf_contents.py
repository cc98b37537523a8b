"""What a foreign PDF holds beside its pages' content: told, and taken out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf

from broadsheet.pipeline.content import rewrite_content

_MOST_PIXELS = 100_000_000
# Keys of streams that lead out of the file, or to what does not come along.
_STREAM_KEYS = (
    *("F", "FFilter", "FDecodeParms", "OPI", "Ref", "Alternates", "PieceInfo", "Metadata", "AF"),
    *("StructParent", "StructParents", "Measure", "PtData"),
)
_ANNOTATIONS = {
    "/Link": "link",
    "/FileAttachment": "attachment",
    "/Widget": "form field",
    "/Screen": "film",
    "/Movie": "film",
    "/Sound": "sound",
    "/RichMedia": "film",
    "/3D": "3D view",
}
_PLURALS = {"way out of the file": "ways out of the file"}
_MOST_NAMED = 100_000
_BROKEN = (pikepdf.PdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, RuntimeError)


def active_parts(source: Pdf) -> Iterator[str]:
    """Yield in words what a file holds that acts, leads elsewhere or is attached: ``3 links``."""
    root, counts = source.Root, Counter[str]()
    names = _dictionary(root.get("/Names"))
    scripts = "/JavaScript" in names
    # One that is associated with the document is named, too.
    associated = len(root.AF) if isinstance(root.get("/AF"), Array) else 0
    counts["attachment"] += max(_named(names.get("/EmbeddedFiles")), associated)
    form = _dictionary(root.get("/AcroForm"))
    for page in source.pages:
        scripts = scripts or "/AA" in page.obj
        for annotation in _annotations(page):
            action = _dictionary(annotation.get("/A"))
            kind = str(annotation.get("/Subtype", ""))
            scripts = scripts or "/AA" in annotation or str(action.get("/S", "")) == "/JavaScript"
            counts[_ANNOTATIONS.get(kind, "")] += 1
            if str(action.get("/S", "")) in ("/Launch", "/ImportData", "/SubmitForm", "/GoToR", "/GoToE"):
                counts["way out of the file"] += 1
    if scripts or "/AA" in root or str(_dictionary(root.get("/OpenAction")).get("/S", "")) == "/JavaScript":
        yield "JavaScript"
    if "/OpenAction" in root:
        yield "an action on opening"
    if "/XFA" in form:
        yield "an XFA form"
    for word, count in counts.items():
        if word and count:
            yield f"{count:,} {word if count == 1 else _PLURALS.get(word, f'{word}s')}"


def _dictionary(value: pikepdf.Object | None) -> pikepdf.Object:
    return value if isinstance(value, Dictionary) else Dictionary()


def _annotations(page: pikepdf.Page) -> Iterator[pikepdf.Object]:
    found = page.obj.get("/Annots")
    if isinstance(found, Array):
        yield from (one for one in found if isinstance(one, Dictionary))


def _named(tree: pikepdf.Object | None) -> int:
    """Count the entries of a name tree, whatever loops it has."""
    todo, seen, count = [tree], 0, 0
    while todo and seen < _MOST_NAMED:
        node, seen = todo.pop(), seen + 1
        if not isinstance(node, Dictionary):
            continue
        if isinstance(node.get("/Names"), Array):
            count += len(node.Names) // 2
        if isinstance(node.get("/Kids"), Array):
            todo.extend(node.Kids)
    return count


def keep_layers(source: Pdf, clean: Pdf) -> None:
    """Let layers that are hidden in a file be hidden in its copy, too."""
    properties = _dictionary(source.Root.get("/OCProperties"))
    layers = properties.get("/OCGs")
    if not isinstance(layers, Array):
        return
    default = _dictionary(properties.get("/D"))

    def among(key: str) -> list[pikepdf.Object]:
        return list(default[key]) if isinstance(default.get(key), Array) else []

    hidden = among("/OFF")
    if str(default.get("/BaseState", "")) == "/OFF":
        shown = {layer.objgen for layer in among("/ON")}
        hidden = [layer for layer in layers if layer.objgen not in shown]
    clean.Root.OCProperties = Dictionary(
        OCGs=Array([clean.copy_foreign(layer) for layer in layers if layer.is_indirect]),
        D=Dictionary(
            Name="Appendix",
            OFF=Array([clean.copy_foreign(layer) for layer in hidden if layer.is_indirect]),
        ),
    )


def without_ways_out(clean: Pdf) -> list[str]:
    """Take from a file's streams what leads out of it, and what no reader could draw; say what."""
    pictures = 0
    # The pages' own content has been written anew already.
    done = {page.resources.XObject.Content.objgen for page in clean.pages if "/XObject" in page.resources}
    for found in clean.objects:
        if not isinstance(found, pikepdf.Stream):
            continue
        for key in _STREAM_KEYS:
            if f"/{key}" in found:
                del found[f"/{key}"]
        kind = str(found.get("/Subtype", ""))
        if kind == "/Image" and _pixels(found) > _MOST_PIXELS:
            pictures += 1
            _empty(found)
        elif kind == "/PS":
            _empty(found)
        elif kind == "/Form" and found.objgen not in done:
            _rewrite(found)
    return [f"left out: {pictures:,} pictures of more than {_MOST_PIXELS:,} pixels"] if pictures else []


def _pixels(image: pikepdf.Object) -> int:
    try:
        return int(image.get("/Width", 0)) * int(image.get("/Height", 0))
    except (TypeError, ValueError):
        return 0


def _empty(found: pikepdf.Object) -> None:
    for key in list(found.keys()):
        if key not in ("/Length",):
            del found[key]
    found.Type, found.Subtype, found.BBox = Name.XObject, Name.Form, Array([0, 0, 1, 1])
    found.write(b"")


def _rewrite(form: pikepdf.Object) -> None:
    try:
        form.write(rewrite_content(form))
    except _BROKEN:
        form.write(b"")


def missing_fonts(clean: Pdf) -> list[str]:
    """Return the names of the fonts that a file uses and does not hold, sorted."""
    names = set()
    for found in clean.objects:
        if not isinstance(found, Dictionary) or str(found.get("/Type", "")) != "/Font":
            continue
        if str(found.get("/Subtype", "")) in ("/Type3", "/Type0"):
            continue
        descriptor = _dictionary(found.get("/FontDescriptor"))
        if not any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3")):
            names.add(str(found.get("/BaseFont", "/a font without a name")).removeprefix("/")[:60])
    return sorted(names)
