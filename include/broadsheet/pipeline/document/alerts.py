"""Quotations that begin with ``[!note]``, ``[!good]`` or ``[!warning]``: which they are, and their titles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from markdown_it.token import Token

from broadsheet.domain.suggestion import suggest
from broadsheet.pipeline.document.callouts import Tone, edge_color
from broadsheet.pipeline.document.fonts import Face
from broadsheet.pipeline.document.inline import InlineReader
from broadsheet.pipeline.document.lines import Span
from broadsheet.pipeline.document.template import Page
from broadsheet.pipeline.document.text import TextBlock
from broadsheet.pipeline.document.theme import Theme
from broadsheet.pipeline.languages import say

_ALERT = re.compile(r"^\[!(\w+)\][ \t]*")
_WORDS = {Tone.NOTE: "Note", Tone.GOOD: "Good", Tone.WARNING: "Warning"}


def tone_of(following: Sequence[Token], page: Page) -> Tone | None:
    """Return what a quotation is by the tokens that follow its opening; None for words that are quoted.

    DefinitionError for a name that no call-out has.
    """
    first = following[1].content if len(following) > 1 and following[1].type == "inline" else ""
    found = _ALERT.match(first)
    if not found:
        return None
    name = found.group(1).lower()
    if name not in set(Tone):
        hint = suggest(name, [tone.value for tone in Tone])
        raise page.problem(f"there is no call-out {name!r}: {hint}", near=f"[!{found.group(1)}]")
    return Tone(name)


def is_titled(content: str) -> bool:
    """Whether a paragraph begins with the name of a call-out."""
    return _ALERT.match(content) is not None


def title_of(
    token: Token, tone: Tone, *, inline: InlineReader, theme: Theme
) -> tuple[TextBlock, list[Token]]:
    """Return the first line of a call-out as its title, and the tokens behind it."""
    children, found = token.children or [], _ALERT.match(token.content)
    breaks = [n for n, child in enumerate(children) if child.type in ("softbreak", "hardbreak")]
    end = breaks[0] if breaks else len(children)
    left = len(found.group()) if found else 0
    title: list[Span] = []
    for span in inline.spans(children[:end], theme.callout):
        text, left = span.text[left:], max(left - len(span.text), 0)
        if text:
            title.append(replace(span, text=text, face=Face.SANS_BOLD))
    kind = say(theme.locale, _WORDS[tone])
    kicker = Span(f"{kind}  " if title else kind, Face.SANS_BOLD, edge_color(tone, theme))
    return TextBlock([kicker, *title], theme.callout.but(space_after=2.0)), list(children[end + 1 :])
