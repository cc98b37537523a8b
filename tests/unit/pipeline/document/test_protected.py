"""A protected document leaves the step that builds it encrypted, and alone."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from tests.unit.pipeline.document.conftest import Build

from broadsheet.domain.objects import MemoryObjectStore
from broadsheet.pipeline.protection import ProtectedDocument, encrypt_pdf

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Safe:
    """Keeps documents as a run's protector does, without a database."""

    staging: MemoryObjectStore

    def protect(self, variant: str, plain: bytes) -> ProtectedDocument:
        data = encrypt_pdf(plain, password=PASSWORD)
        self.staging.put(f"{variant}/protected", data, content_type="")
        return ProtectedDocument(key=f"{variant}/protected", sha256="of it", size_bytes=len(data))


def test_no_open_document_and_no_picture_of_it_lie_in_staging(build: Build, payload: dict[str, Any]) -> None:
    open_one, kept = MemoryObjectStore(), MemoryObjectStore()
    build(payload, exports=("png",), staging=open_one)
    built = build(payload, exports=("png",), staging=kept, protector=Safe(kept))

    assert {key.rpartition("/")[2] for key in set(open_one.objects) - set(kept.objects)} == {
        "report.pdf",
        "report.png",
    }
    documents = [data for data in kept.objects.values() if data.startswith(b"%PDF-")]
    assert documents == [built.data]
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(BytesIO(built.data))
    with pikepdf.open(BytesIO(built.data), password=PASSWORD) as pdf:
        assert len(pdf.pages) == built.summary.pages
    assert (built.summary.picture, built.summary.sha256) == (None, "of it")
