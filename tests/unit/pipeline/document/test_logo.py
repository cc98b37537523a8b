"""A theme's logo: on the first page and on covers, said in words, without touching what it lies on."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

from broadsheet.errors import DefinitionError
from broadsheet.pipeline.document.canvas import Colophon
from broadsheet.pipeline.document.conformance import check_pdf
from broadsheet.pipeline.document.cover import Cover
from broadsheet.pipeline.document.fonts import load_fonts
from broadsheet.pipeline.document.frame import write_document
from broadsheet.pipeline.document.masthead import build_masthead
from broadsheet.pipeline.document.theme import Theme, load_theme
from broadsheet.pipeline.payload import Payload
from broadsheet.settings import Settings

COLOPHON = Colophon(
    title="Probe", subject="P", author="B", period="P", as_of="", made_for=datetime(2013, 3, 25, tzinfo=UTC)
)


@pytest.fixture(autouse=True)
def _fonts() -> None:
    load_fonts(Settings().static_dir)


def themed(folder: Path, name: str, logo: bytes) -> Theme:
    """Return a shipped theme with a logo."""
    themes = Path(shutil.copytree(Settings().themes_dir, folder / "themes"))
    (themes / "acme.png").write_bytes(logo)
    with (themes / f"{name}.yaml").open("a", encoding="utf-8") as file:
        file.write("logo: {file: acme.png, height: 20, alt: Acme Airways}\n")
    return load_theme(themes, name)


def picture() -> bytes:
    """Return a picture of which one half is transparent."""
    image = Image.new("RGBA", (120, 40), (0, 0, 0, 0))
    image.paste((200, 30, 30, 255), (0, 0, 60, 40))
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["broadsheet", "boardroom"])
def test_a_logo_opens_the_document_and_is_said_in_words(payload: Any, tmp_path: Path, name: str) -> None:
    theme = themed(tmp_path, name, picture())
    assert theme.logo is not None
    assert (theme.logo.width, theme.logo.height) == (60, 20)
    told = Payload.model_validate(payload)
    for story in (build_masthead(told, theme), [Cover(told, subtitle="", photo=None, theme=theme)]):
        data, _ = write_document(story, COLOPHON, theme=theme)
        assert len(PdfReader(BytesIO(data)).pages[0].images) == 1
        assert check_pdf(data) == []
        assert data == write_document(story, COLOPHON, theme=theme)[0]


@pytest.mark.parametrize("logo", [b"not a picture", picture()[:90]])
def test_a_logo_that_is_no_picture_or_half_of_one_is_refused_by_name(tmp_path: Path, logo: bytes) -> None:
    with pytest.raises(DefinitionError, match=r"acme\.png.*the logo cannot be read"):
        themed(tmp_path, "broadsheet", logo)
