"""Rules about the file as a whole: what its catalog, metadata and encryption say."""

from __future__ import annotations

from collections.abc import Iterator

from pikepdf import Dictionary, Name, Object

from broadsheet.pipeline.document.conformance.reading import Reading
from broadsheet.pipeline.document.conformance.rules import rule
from broadsheet.pipeline.document.conformance.standard import STANDARD_TAGS

_DC = "{http://purl.org/dc/elements/1.1/}"


@rule("01-007", "nothing in the file says that its tags are doubtful (Suspects)")
def _suspects(reading: Reading) -> Iterator[str]:
    marked = reading.catalog.get("/MarkInfo", Dictionary())
    if bool(marked.get("/Suspects", False)):
        yield "Suspects is true"


@rule("tagged", "the file says that it is tagged, and has a structure tree (ISO 14289-1, 7.1)")
def _tagged(reading: Reading) -> Iterator[str]:
    if not bool(reading.catalog.get("/MarkInfo", Dictionary()).get("/Marked", False)):
        yield "MarkInfo does not say that the file is tagged"
    if not reading.nodes:
        yield "the structure tree has no element"


@rule("02-001", "every tag is one of the standard or leads to one")
def _unknown_tags(reading: Reading) -> Iterator[str]:
    for tag in sorted({node.tag for node in reading.nodes} - STANDARD_TAGS):
        yield f"{tag} is no standard tag"


@rule("02-003", "no role leads back to itself")
def _circles(reading: Reading) -> Iterator[str]:
    for tag in sorted(reading.roles):
        seen, at = {tag}, reading.roles[tag]
        while at in reading.roles and at not in seen:
            seen.add(at)
            at = reading.roles[at]
        if at in seen:
            yield f"the role of {tag} leads back to {at}"


@rule("02-004", "no standard tag is given another role")
def _remapped(reading: Reading) -> Iterator[str]:
    yield from (
        f"{tag} stands for {reading.roles[tag]}" for tag in sorted(STANDARD_TAGS & set(reading.roles))
    )


@rule("06-001", "the catalog has XMP metadata")
def _metadata(reading: Reading) -> Iterator[str]:
    if "/Metadata" not in reading.catalog:
        yield "the catalog has no Metadata"


@rule("06-003", "the metadata has a title (dc:title)")
def _title(reading: Reading) -> Iterator[str]:
    if "/Metadata" in reading.catalog:
        with reading.pdf.open_metadata(update_docinfo=False, set_pikepdf_as_editor=False) as metadata:
            if not str(metadata.get(f"{_DC}title", "")).strip():
                yield "dc:title is missing or empty"


@rule("07-001", "the viewer is told whether to show the title (DisplayDocTitle)")
def _display_title(reading: Reading) -> Iterator[str]:
    if "/DisplayDocTitle" not in reading.catalog.get("/ViewerPreferences", Dictionary()):
        yield "ViewerPreferences has no DisplayDocTitle"


@rule("07-002", "the viewer is told to show the title, not the file's name")
def _hidden_title(reading: Reading) -> Iterator[str]:
    preferences = reading.catalog.get("/ViewerPreferences", Dictionary())
    if "/DisplayDocTitle" in preferences and not bool(preferences["/DisplayDocTitle"]):
        yield "DisplayDocTitle is false"


@rule("11-001", "the language of text on pages is known")
def _text_language(reading: Reading) -> Iterator[str]:
    for node in reading.nodes:
        if node.marks and not _language_of(reading, node):
            yield f"neither {node} nor the document has a Lang"


@rule("11-002", "the language of alternative texts is known")
def _alt_language(reading: Reading) -> Iterator[str]:
    for node in reading.nodes:
        if any(key in node.obj for key in ("/Alt", "/ActualText", "/E")) and not _language_of(reading, node):
            yield f"neither {node} nor the document has a Lang"


def _language_of(reading: Reading, node: object) -> str:
    from_elements = (around.text("/Lang") for around in getattr(node, "lineage", ()))
    return next(filter(None, from_elements), reading.language)


@rule("11-003", "the language of bookmarks is known")
def _outline_language(reading: Reading) -> Iterator[str]:
    outlines = reading.catalog.get("/Outlines", Dictionary())
    if "/First" in outlines and not reading.language:
        yield "the document has no Lang"


@rule("11-004", "the language of annotations' descriptions is known")
def _contents_language(reading: Reading) -> Iterator[str]:
    for number, annotation in reading.annotations:
        if "/Contents" in annotation and "/Lang" not in annotation and not reading.language:
            yield f"an annotation on page {number} and the document have no Lang"


@rule("11-006", "the language of the metadata is known")
def _metadata_language(reading: Reading) -> Iterator[str]:
    if "/Metadata" in reading.catalog and not reading.language:
        yield "the document has no Lang"


@rule("20-001", "every set of layers has a name")
def _layer_names(reading: Reading) -> Iterator[str]:
    for configuration in _layer_sets(reading):
        if not str(configuration.get("/Name", "")):
            yield "a set of layers has no Name"


@rule("20-003", "no layer turns itself on or off (AS)")
def _layer_states(reading: Reading) -> Iterator[str]:
    yield from ("a set of layers has AS" for layers in _layer_sets(reading) if "/AS" in layers)


def _layer_sets(reading: Reading) -> Iterator[Object]:
    layers = reading.catalog.get("/OCProperties")
    if layers is not None:
        yield from layers.get("/Configs", [])
        if "/D" in layers and "/AS" in layers["/D"]:
            yield layers["/D"]


@rule("21-001", "attached files have their names in both forms (F and UF)")
def _attachments(reading: Reading) -> Iterator[str]:
    for name in reading.pdf.attachments:
        spec = reading.pdf.attachments[name].obj
        if "/F" not in spec or "/UF" not in spec:
            yield f"the attached file {name} has not both F and UF"


@rule("25-001", "there is no form that is laid out only when it is opened (XFA)")
def _dynamic_forms(reading: Reading) -> Iterator[str]:
    form = reading.catalog.get("/AcroForm", Dictionary())
    if "/XFA" in form:
        yield "the form has XFA"


@rule("26-002", "an encrypted file lets programs for reading aloud read it")
def _encryption(reading: Reading) -> Iterator[str]:
    if reading.pdf.is_encrypted and not reading.pdf.allow.accessibility:
        yield "the permissions forbid to extract text for accessibility"


@rule("30-001", "no page shows a part of another file")
def _references(reading: Reading) -> Iterator[str]:
    for page in reading.pages:
        yield from (f"page {page.number} draws {name}, which is in another file" for name in page.references)


@rule("28-009", "tabulator keys follow the structure on pages with annotations (Tabs)")
def _tabs(reading: Reading) -> Iterator[str]:
    for page in reading.pages:
        tabs = page.page.obj.get("/Tabs")
        if "/Annots" in page.page.obj and tabs is not None and tabs != Name.S:
            yield f"page {page.number} has Tabs {tabs}"


@rule("28-008", "pages with annotations say in which order tabulator keys go")
def _no_tabs(reading: Reading) -> Iterator[str]:
    for page in reading.pages:
        if "/Annots" in page.page.obj and "/Tabs" not in page.page.obj:
            yield f"page {page.number} has no Tabs"
