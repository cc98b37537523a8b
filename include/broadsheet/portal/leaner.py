"""Makes pages, style sheets and scripts smaller as they are served: comments and indentation go.

The files stay as people read them, and no build step is needed. What is ours is written so that this is
enough: a comment of a script has its line to itself, and no text runs over several lines.
"""

from __future__ import annotations

import re
from pathlib import Path

_QUOTED = r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
# A text in quotes, which stays as it is; or a comment.
_COMMENT = re.compile(rf"{_QUOTED}|/\*.*?\*/", re.DOTALL)
# The same; or space around signs that need none; or other space.
_SPACE = re.compile(rf"{_QUOTED}|\s*([{{}};,>])\s*|\s+")
# After a property's name, not after a pseudo-class in a selector: that has no space.
_AFTER_NAME = re.compile(r"(?<=[{;])([-a-z0-9]+): ")
# Text whose space counts; or space that begins a line.
_INDENT = re.compile(r"(<(textarea|pre)\b.*?</\2>)|\n\s+", re.DOTALL)


def served_bytes(path: Path) -> bytes:
    """Return a file as it is served: our style sheets and scripts leaner, everything else as it is."""
    data = path.read_bytes()
    if path.name.endswith(".min.js"):
        return data
    match path.suffix:
        case ".css":
            return lean_css(data.decode()).encode()
        case ".js":
            return lean_js(data.decode()).encode()
    return data


def lean_css(text: str) -> str:
    """Return a style sheet without comments, and without space that says nothing."""
    text = _COMMENT.sub(lambda found: found[1] or "", text)
    text = _SPACE.sub(lambda found: found[1] or found[2] or " ", text)
    return _AFTER_NAME.sub(r"\1:", text).replace(";}", "}").strip()


def lean_html(text: str) -> str:
    """Return a page without indentation and empty lines; what is typed into a form stays as it is."""
    return _INDENT.sub(lambda found: found[1] or "\n", text)


def lean_js(text: str) -> str:
    """Return a script without lines that are comments, indentation and empty lines."""
    lines = (line.strip() for line in text.splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("//"))
