"""Text within a paragraph: emphasis, code, links, values, references and the numbers of footnotes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import quote, urlsplit

from markdown_it.token import Token

from broadsheet.pipeline.document.fonts import Face
from broadsheet.pipeline.document.footnotes import Footnotes
from broadsheet.pipeline.document.lines import Span
from broadsheet.pipeline.document.template import Block, Page
from broadsheet.pipeline.document.theme import TextStyle, Theme

_SCHEMES = ("https", "mailto")
_STRONG = {Face.SERIF: Face.SERIF_BOLD, Face.SERIF_ITALIC: Face.SERIF_BOLD, Face.SANS: Face.SANS_BOLD}
# Source Sans comes without an italic.
_EMPHASIS = {Face.SERIF: Face.SERIF_ITALIC, Face.SANS: Face.SANS_BOLD}
_NOTE = re.compile(r"\[\^([\w-]+)\]")

MakeReference = Callable[[str, Face], Span]


class InlineReader:
    """Turns the parser's inline tokens into spans; ``refer`` makes the words of a cross reference."""

    def __init__(self, page: Page, theme: Theme, *, footnotes: Footnotes, refer: MakeReference) -> None:
        self.page = page
        self.theme = theme
        self.footnotes = footnotes
        self.refer = refer

    def spans(self, children: Sequence[Token], style: TextStyle) -> list[Span]:
        """Return the spans of a text that is set in a style."""
        spans: list[Span] = []
        faces = [style.face]
        link: str | None = None
        for child in children:
            face = faces[-1]
            color = self.theme.accent if link else None
            match child.type:
                case "text":
                    spans += self._text(child.content, Span("", face, color, link))
                case "code_inline":
                    spans.append(Span(self.values(child.content), Face.SANS, color, link))
                case "softbreak":
                    spans.append(Span(" ", face, color, link))
                case "hardbreak":
                    spans.append(Span("", face, breaks=True))
                case "strong_open":
                    faces.append(_STRONG.get(face, face))
                case "em_open":
                    faces.append(_EMPHASIS.get(face, face))
                case "strong_close" | "em_close":
                    faces.pop()
                case "link_open":
                    link = self._link(str(child.attrs.get("href", "")))
                case "link_close":
                    link = None
                case "image":
                    raise self.page.problem(
                        'pictures are not written in Markdown: declare documents and use {{ images("…") }}',
                        near="![",
                    )
        return spans

    def _text(self, text: str, look: Span) -> Iterator[Span]:
        """Cut an author's text at footnote marks and references; what data holds is never looked at."""
        at = 0
        marks = [(found, True) for found in _NOTE.finditer(text)]
        marks += [(found, False) for found in self.page.token.finditer(text) if self._is_reference(found)]
        for found, is_note in sorted(marks, key=lambda mark: mark[0].start()):
            yield from self._plain(text[at : found.start()], look)
            if is_note:
                number, anchor = self.footnotes.refer(found.group(1))
                yield Span(number, look.face, self.theme.accent, anchor)
            else:
                part = self.page.parts[found.group()]
                yield self.refer(part.names[0] if isinstance(part, Block) else "", look.face)
            at = found.end()
        yield from self._plain(text[at:], look)

    def _is_reference(self, found: re.Match[str]) -> bool:
        part = self.page.parts[found.group()]
        return isinstance(part, Block) and part.kind == "ref"

    def _plain(self, text: str, look: Span) -> Iterator[Span]:
        if text:
            yield Span(self.values(text), look.face, look.color, look.link)

    def values(self, text: str) -> str:
        """Put values in their places; a block inside a line of text is an error."""

        def value(token: str) -> str:
            part = self.page.parts[token]
            if isinstance(part, Block):
                raise self.page.problem(
                    f"{{{{ {part.kind}(…) }}}} must stand in a paragraph of its own", near=f"{part.kind}("
                )
            return part

        return self.page.token.sub(lambda found: value(found.group()), text)

    def _link(self, address: str) -> str | None:
        """Return a link's address, with values in it quoted.

        An author's other schemes are an error, data's none.
        """
        holds_data = bool(self.page.token.search(address))

        def quoted(token: str) -> str:
            part = self.page.parts[token]
            return "" if isinstance(part, Block) else quote(part, safe="")

        full = self.page.token.sub(lambda found: quoted(found.group()), address)
        try:
            scheme, host = urlsplit(full).scheme.lower(), urlsplit(address).netloc
        except ValueError:
            scheme = host = ""
        if self.page.token.search(host):
            # Quoted, a value is still a name of its own: `.example.net` behind ours is another's.
            raise self.page.problem(
                "a value within the host of a link could lead anywhere: write the host out", near="](https://"
            )
        if scheme in _SCHEMES and not any(ord(character) < 33 or ord(character) > 126 for character in full):
            return full
        if holds_data:
            return None
        raise self.page.problem(
            f"link {address!r}: only https and mailto addresses can be linked", near=address
        )
