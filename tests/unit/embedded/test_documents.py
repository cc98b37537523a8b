"""The demo's documents: what lies in the bucket afterwards, and that it is fit to print."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pypdf
import pytest
from PIL import Image

from broadsheet.domain.objects import MemoryObjectStore
from broadsheet.embedded.documents import load_documents
from broadsheet.errors import ConfigurationError
from broadsheet.settings import Settings


@pytest.fixture
def store() -> MemoryObjectStore:
    return MemoryObjectStore()


def test_images_and_appendices_are_stored_and_their_keys_returned(store: MemoryObjectStore) -> None:
    keys = load_documents(store)

    assert keys == sorted(store.objects)
    assert keys == [
        "airline_punctuality/images/1_network_from_above.jpg",
        "airline_punctuality/images/2_contiguous_states.jpg",
        "airline_punctuality/images/3_north_east.jpg",
        "airport_dossier/appendices/azimuthal_projections.pdf",
        "airport_dossier/appendices/conic_projections.pdf",
        "airport_dossier/ewr/1_all_routes.jpg",
        "airport_dossier/ewr/2_contiguous_states.jpg",
        "airport_dossier/jfk/1_all_routes.jpg",
        "airport_dossier/jfk/2_contiguous_states.jpg",
        "airport_dossier/lga/1_all_routes.jpg",
        "airport_dossier/lga/2_contiguous_states.jpg",
    ]


def test_loading_twice_leaves_the_same_objects(store: MemoryObjectStore) -> None:
    load_documents(store)
    first = dict(store.objects)
    load_documents(store)
    assert store.objects == first


def test_every_image_is_a_small_landscape_jpeg(store: MemoryObjectStore) -> None:
    load_documents(store)
    for stored in (one for one in store.list("") if one.key.endswith(".jpg")):
        assert stored.size_bytes <= 200_000
        with Image.open(BytesIO(store.get(stored.key))) as image:
            image.load()
            assert (image.format, image.size) == ("JPEG", (1600, 1000))


def test_every_appendix_is_a_small_pdf_of_two_pages(store: MemoryObjectStore) -> None:
    load_documents(store)
    for stored in store.list("airport_dossier/appendices/"):
        assert stored.size_bytes <= 300_000
        assert len(pypdf.PdfReader(BytesIO(store.get(stored.key))).pages) == 2


def test_every_font_of_the_appendices_is_in_them_and_says_its_characters(store: MemoryObjectStore) -> None:
    load_documents(store)
    fonts = [
        font.get_object()
        for stored in store.list("airport_dossier/appendices/")
        for page in pypdf.PdfReader(BytesIO(store.get(stored.key))).pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index]
    ]
    assert fonts
    for font in fonts:
        assert "/FontFile2" in font["/FontDescriptor"]
        assert "/ToUnicode" in font


def test_every_document_is_named_where_its_licence_is_stated(store: MemoryObjectStore) -> None:
    readme = (Settings().home / "deploy" / "demo" / "documents" / "README.md").read_text()
    for key in load_documents(store):
        assert Path(key).name in readme


def test_a_missing_folder_is_answered_with_what_to_set(
    store: MemoryObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("broadsheet.embedded.documents.get_settings", lambda: Settings(home=tmp_path))
    with pytest.raises(ConfigurationError, match="BROADSHEET_HOME"):
        load_documents(store)
