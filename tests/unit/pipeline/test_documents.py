"""Sets of documents: what is taken, and what is said of the rest, in its place and on the last page."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from pikepdf import Encryption
from PIL import Image
from tests.unit.pipeline.document.conftest import make_jpeg
from tests.unit.pipeline.foreign import changed, make_pdf

from broadsheet.domain.objects import MemoryObjectStore
from broadsheet.domain.report import Documents
from broadsheet.errors import DocumentError
from broadsheet.pipeline.documents import Manifest, gather_appendices, gather_pictures


def gather(kind: str, objects: dict[str, bytes], **changes: Any) -> tuple[Manifest, MemoryObjectStore]:
    source, staging = MemoryObjectStore(), MemoryObjectStore()
    for name, data in objects.items():
        source.put(f"set/{name}", data, content_type="")
    definition = Documents.model_validate({"kind": kind, "prefix": "set/", "required": False} | changes)
    gathered = gather_appendices if kind == "pdf" else gather_pictures
    return gathered(definition, prefix="copies/", source=source, staging=staging), staging


def encrypted() -> bytes:
    return changed(lambda _: None, encryption=Encryption(owner="o", user=""))


def test_pdf_files_are_taken_in_the_order_of_their_names() -> None:
    manifest, staging = gather(
        "pdf", {"2_b.pdf": make_pdf(2), "1_a.pdf": make_pdf(1)}, captions={"1_a.pdf": "A"}
    )
    assert [(part.title, part.pages, part.key) for part in manifest.appendices] == [
        ("A", 1, "copies/001.pdf"),
        ("B", 2, "copies/002.pdf"),
    ]
    assert staging.get("copies/002.pdf").startswith(b"%PDF")


def test_pages_beyond_the_cap_are_counted_over_all_files() -> None:
    files = {"a.pdf": make_pdf(3), "b.pdf": make_pdf(30), "c.pdf": make_pdf(1)}
    manifest, _ = gather("pdf", files, max_pages=10)
    assert [(part.pages, part.total_pages) for part in manifest.appendices] == [(3, 3), (7, 30), (0, 0)]
    assert "PDF b.pdf: pages 1 to 7 of 30 are appended." in manifest.faults
    assert manifest.appendices[2].fault == "Left out: PDF 'set/c.pdf' comes after 10 pages of others."


def test_a_file_that_cannot_be_used_keeps_its_place_with_the_reason() -> None:
    manifest, _ = gather("pdf", {"a.pdf": encrypted(), "b.pdf": make_pdf(1), "c.pdf": make_jpeg()})
    assert ["encrypted" in part.fault for part in manifest.appendices] == [True, False, False]
    assert "is no PDF" in manifest.appendices[2].fault
    assert {part.fault for part in manifest.appendices if part.fault} <= set(manifest.faults)


@pytest.mark.parametrize(("kind", "data"), [("pdf", encrypted()), ("pictures", b"none"), ("pictures", b"")])
def test_a_required_file_that_cannot_be_used_is_an_error_by_its_name(kind: str, data: bytes) -> None:
    with pytest.raises(DocumentError, match=r"set/bad.*required: true"):
        gather(kind, {"bad": data}, required=True)


@pytest.mark.parametrize(("kind", "words"), [("pdf", "no PDF file under"), ("pictures", "no picture under")])
def test_a_set_without_files_says_so(kind: str, words: str) -> None:
    manifest, _ = gather(kind, {})
    assert words in manifest.notices[0]
    assert manifest.faults == manifest.notices


def test_pictures_stand_in_order_with_what_is_missing_among_them() -> None:
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    gif = BytesIO()
    frames[0].save(gif, "GIF", save_all=True, append_images=frames[1:])
    manifest, _ = gather(
        "pictures", {"a.png": make_jpeg(), "b.jpg": b"?", "c.gif": gif.getvalue()}, max_count=3
    )
    assert [bool(image.fault) for image in manifest.images] == [False, True, False]
    assert manifest.images[2].note == "the first of several pictures in its file"
    assert len(manifest.faults) == 2
