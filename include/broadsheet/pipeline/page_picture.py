"""The pages of a PDF as pictures, drawn by PDFium in this process: the same document, the same bytes."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pypdfium2
from PIL.Image import Image

WIDTH = 1000
"""Pixels across."""

_TALLEST = 2.5


def draw_to_file(source: Path, target: Path) -> None:
    """Draw page one of a file into another, in this process."""
    with closing(pypdfium2.PdfDocument(source)) as document:
        picture = _picture(document[0])
    picture.save(target, format="PNG", optimize=True)


def draw_pages(pdf: bytes) -> Iterator[bytes]:
    """Yield every page as PNG, drawn in this process: for commands, which have one thread."""
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        for page in document:
            with io.BytesIO() as file:
                _picture(page).save(file, format="PNG")
                yield file.getvalue()


def _picture(page: pypdfium2.PdfPage) -> Image:
    width, height = page.get_size()
    # A page of odd proportions is made narrower instead of very tall.
    scale = min(WIDTH / width, WIDTH * _TALLEST / height)
    picture: Image = page.render(scale=scale).to_pil().convert("RGB")
    return picture


if __name__ == "__main__":
    draw_to_file(Path(sys.argv[1]), Path(sys.argv[2]))
