"""What the lines of a page must not hold, found before any value is known: what is no Markdown here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

_CODE = re.compile(r"`[^`]*`")
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_TAGS = re.compile(r"\{%.*?%\}")
_HTML = re.compile(
    r"</?(?:a|b|br|center|div|em|font|h[1-6]|hr|i|img|li|ol|p|script|small|span|strong|style|sub|sup|table|td|tr|u|ul)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_LINK = re.compile(r"\]\(\s*<?(?P<address>[^)\s>]*)")
_ADDRESSES = ("https:", "mailto:", "{{")
_PICTURE = re.compile(r"!\[[^\]]*\]\(")


def line_faults(source: str, *, blocks: Collection[str]) -> Iterator[tuple[int, str]]:
    """Yield the line and the fault of blocks that share a line, and of HTML, pictures and odd links."""
    block = re.compile(rf"\{{\{{-?\s*(?:{'|'.join(sorted(blocks))})\s*\([^{{}}]*\)\s*-?\}}\}}")
    thin = re.compile(rf"(?<!\{{)\{{\s*(?P<name>{'|'.join(sorted(blocks))})\s*\(")
    text = _COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), source)
    fenced = False
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        if fenced:
            continue
        bare = _CODE.sub("", line)
        called = block.findall(bare)
        if called and (len(called) > 1 or _TAGS.sub("", block.sub("", bare)).strip()):
            yield (
                number,
                f"{called[0]} must stand on a line of its own, between empty lines",
            )
        if found := thin.search(bare):
            yield number, f"write two braces: {{{{ {found['name']}(…) }}}}"
        if found := _HTML.search(bare):
            yield (
                number,
                f"{found[0]} would be shown as it is: a page is Markdown (**bold**) without HTML",
            )
        if found := _PICTURE.search(bare):
            yield (
                number,
                'pictures do not go into Markdown: declare `documents`, use {{ images("…") }}',
            )
        elif (found := _LINK.search(bare)) and not found["address"].startswith(_ADDRESSES):
            yield number, f"link {found['address']!r}: only https and mailto addresses can be linked"
