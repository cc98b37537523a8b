"""What is wrong with a template that does not parse: the brace or the tag that is to blame, and its line.

Jinja notices an open brace where the next one follows, and an open ``if`` at the end of the file.
"""

from __future__ import annotations

import re

from jinja2 import TemplateSyntaxError

_TAG = re.compile(r"\{%[-+]?\s*(\w+)")
_ENDED = frozenset({"if", "for", "macro", "call", "filter", "raw", "with", "block"})
_BRACES = (("{{", "}}"), ("{%", "%}"), ("{#", "#}"))


def explain(source: str, error: TemplateSyntaxError) -> tuple[int, str]:
    """Return the line of a fault, from 1, and what is wrong there."""
    line, message = _guess(source.splitlines(), source, error)
    return line, f"the template does not parse: {message}"


def _guess(lines: list[str], source: str, error: TemplateSyntaxError) -> tuple[int, str]:
    for number in range(min(error.lineno, len(lines)), 0, -1):
        for opening, closing in _BRACES:
            text = lines[number - 1]
            # A longer one ends on a line below it, before anything else begins.
            rest = "\n".join(lines[number:]).partition("{")[0]
            if text.count(opening) > text.count(closing) and closing not in rest:
                return number, f"the {opening} on this line is never closed: write {closing}"
    if "Unexpected end of template" in str(error.message) and (open_tag := _open_tag(source)):
        number, tag = open_tag
        return number, f"the {{% {tag} %}} on this line is never ended: write {{% end{tag} %}}"
    return error.lineno, str(error.message)


def _open_tag(source: str) -> tuple[int, str] | None:
    """Return the innermost tag that is never ended, and its line."""
    tags: list[tuple[int, str]] = []
    for found in _TAG.finditer(source):
        name = found[1]
        if name in _ENDED:
            tags.append((source.count("\n", 0, found.start()) + 1, name))
        elif name.startswith("end") and tags:
            tags.pop()
    return tags[-1] if tags else None
