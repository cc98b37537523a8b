"""The first page of a PDF as a picture, for a server.

PDFium draws in a process of its own (``python -m broadsheet.pipeline.page_picture``): threads cannot share
it, and a document that makes it crash must not take the api-server with it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from threading import BoundedSemaphore

from broadsheet.errors import DocumentError, QuotaError

_SECONDS = 20
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
        command = [sys.executable, "-m", "broadsheet.pipeline.page_picture", str(source), str(target)]
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
