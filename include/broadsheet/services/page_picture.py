"""The pages of a PDF as pictures.

For a server PDFium draws in a process of its own (``python -m broadsheet.services.page_picture``): threads
cannot share it, and a document that makes it crash must not take the api-server with it.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import BoundedSemaphore

import pypdfium2
from PIL.Image import Image

from broadsheet.errors import DocumentError, QuotaError

WIDTH = 1000
"""Pixels across."""

_SECONDS = 20
_TALLEST = 2.5
# Each holds a core for some tenths of a second.
_at_once = BoundedSemaphore(2)
# Who waits for one of them holds a thread that Airflow's own pages need.
_PATIENCE = 5.0
_RETRY_AFTER = 5


def draw_first_page(pdf: bytes) -> bytes:
    """Return page one as PNG.

    Raises DocumentError when the bytes are no document that can be drawn, and QuotaError while too many wait.
    """
    with tempfile.TemporaryDirectory(prefix="broadsheet-picture-") as folder:
        source, target = Path(folder) / "document.pdf", Path(folder) / "page.png"
        source.write_bytes(pdf)
        command = [sys.executable, "-m", "broadsheet.services.page_picture", str(source), str(target)]
        if not _at_once.acquire(timeout=_PATIENCE):
            raise QuotaError("too many pictures of pages are being drawn", retry_after=_RETRY_AFTER)
        try:
            done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
        except subprocess.TimeoutExpired as error:
            raise DocumentError(f"page one could not be drawn within {_SECONDS} s") from error
        finally:
            _at_once.release()
        if done.returncode != 0 or not target.exists():
            said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2][:300]
            raise DocumentError(f"page one could not be drawn (status {done.returncode}): {said}")
        return target.read_bytes()


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
