"""The text of an author's file, whatever editor has saved it."""

from __future__ import annotations

import codecs
from pathlib import Path

from broadsheet.errors import Problem

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_source(path: Path) -> str | Problem:
    """Return the text of a file, without its byte order mark, or what is wrong with it."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Problem(path, None, "the file does not exist")
    except OSError as error:
        return Problem(path, None, f"cannot be read: {error.strerror}")
    if data.startswith(_UTF16):
        return Problem(path, 1, "is saved as UTF-16; save it as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = f"{data[error.start]:#04x}"
        return Problem(path, line, f"this line is not UTF-8 text (byte {byte}); save the file as UTF-8")
    if (at := text.find("\0")) >= 0:
        return Problem(path, text.count("\n", 0, at) + 1, "this line holds a NUL character; take it out")
    return text.replace("\r\n", "\n")
