"""Names of files as readers see them: safe to save anywhere, and safe to write into an HTTP header."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

# File systems stop at 255 bytes; browsers may add a number.
_LONGEST = 200
# What Windows, macOS or Linux refuses in a name, or reads as a path.
_RESERVED = re.compile(r'[\\/:*?"<>|]+')
# Device names on Windows, whatever the extension.
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


def safe_file_name(text: str, *, extension: str) -> str:
    """Return a file name that keeps the readable part of a text and ends in ``.extension``.

    Control characters, direction overrides (which hide the true extension), path separators and what file
    systems reserve are removed; the name is at most 200 bytes long.
    """
    suffix = f".{extension}"
    kept = "".join(
        " " if character.isspace() else character
        for character in unicodedata.normalize("NFC", text)
        if character.isspace() or unicodedata.category(character)[0] != "C"
    )
    stem = " ".join(_RESERVED.sub("-", kept).removesuffix(suffix).split()).strip(". -")
    stem = stem.encode()[: _LONGEST - len(suffix)].decode(errors="ignore").strip(". -")
    if not stem or _DEVICE.fullmatch(stem):
        stem = f"report {stem}".strip()
    return f"{stem}{suffix}"


def content_disposition(name: str) -> str:
    """Return the header that shows a file in the browser and saves it under its name (RFC 6266).

    ``name`` comes from :func:`safe_file_name`. Readers that do not know RFC 8187 get the ASCII part of it.
    """
    stem, dot, extension = name.rpartition(".")
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9 ._-]", "", plain).strip(". ") or "report"
    return f"inline; filename=\"{plain}{dot}{extension}\"; filename*=UTF-8''{quote(name, safe='')}"
