"""A rendered page's Markdown, turned into flowables with values and blocks in their places.

CommonMark without HTML and pictures: headings, paragraphs, lists, quotes, rules, code, emphasis and links.
Links lead to https and mailto addresses only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from urllib.parse import quote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from reportlab.platypus.flowables import Flowable

from broadsheet.pipeline.document.figures import Rule
from broadsheet.pipeline.document.fonts import Face
from broadsheet.pipeline.document.structure import HEADINGS, Element, Numbering, Tag
from broadsheet.pipeline.document.template import Block, Page
from broadsheet.pipeline.document.text import Span, TextBlock
from broadsheet.pipeline.document.theme import TextStyle, Theme

_SCHEMES = ("https", "mailto")
_STRONG = {Face.SERIF: Face.SERIF_BOLD, Face.SERIF_ITALIC: Face.SERIF_BOLD, Face.SANS: Face.SANS_BOLD}
_EMPHASIS = {Face.SERIF: Face.SERIF_ITALIC}
_INDENT = 18.0

BlockBuilder = Callable[[Block], Sequence[Flowable]]


def build_flowables(page: Page, build_block: BlockBuilder, *, theme: Theme) -> list[Flowable]:
    """Parse a page and return its flowables in reading order; DefinitionError for what it may not hold."""
    parser = MarkdownIt("commonmark", {"html": False})
    return _Reader(page, build_block, theme).read(parser.parse(page.markdown))


class _Reader:
    """Walks through the parser's tokens; its state is where in the page it is."""

    def __init__(self, page: Page, build_block: BlockBuilder, theme: Theme) -> None:
        self.page = page
        self.theme = theme
        self.build_block = build_block
        self.story: list[Flowable] = []
        self.lists: list[int | None] = []
        # The lists, items and quotations around what comes next, from the outermost inwards.
        self.around: list[Element] = []
        self.mark = ""
        self.quoted = 0
        self.heading: int | None = None
        self.leading = True

    def read(self, tokens: Sequence[Token]) -> list[Flowable]:
        for token in tokens:
            self._take(token)
        return self.story

    def _take(self, token: Token) -> None:
        match token.type:
            case "heading_open":
                self.heading = min(int(token.tag[1]), 3)
            case "heading_close":
                self.heading = None
            case "bullet_list_open":
                self.lists.append(None)
                self._enter("L", numbering="Disc")
            case "ordered_list_open":
                self.lists.append(int(token.attrs.get("start", 1)))
                self._enter("L", numbering="Decimal")
            case "bullet_list_close" | "ordered_list_close":
                self.lists.pop()
                self.around.pop()
            case "list_item_open":
                self._next_mark()
                self._enter("LI")
                self._enter("LBody")
            case "list_item_close":
                del self.around[-2:]
            case "blockquote_open":
                self.quoted += 1
                self._enter("BlockQuote")
            case "blockquote_close":
                self.quoted -= 1
                self.around.pop()
            case "hr":
                self.story.append(Rule(self.theme))
            case "fence" | "code_block":
                self._code(token.content)
            case "inline":
                self._inline(token)

    def _enter(self, tag: Tag, *, numbering: Numbering = "") -> None:
        self.around.append(Element(tag, parent=self._here, numbering=numbering))

    @property
    def _here(self) -> Element | None:
        """The element that what comes next belongs to; None for the document itself."""
        return self.around[-1] if self.around else None

    def _next_mark(self) -> None:
        number = self.lists[-1]
        if number is None:
            self.mark = "•"
        else:
            self.mark = f"{number}."
            self.lists[-1] = number + 1

    def _code(self, content: str) -> None:
        lines = self._values(content.rstrip("\n")).split("\n")
        spans = [Span(line or " ", Face.SANS, breaks=True) for line in lines]
        element = Element("Code", parent=Element("P", parent=self._here))
        self.story.append(TextBlock(spans, self.theme.code, indent=12, element=element))

    def _inline(self, token: Token) -> None:
        alone = self.page.parts.get(token.content.strip())
        if isinstance(alone, Block) and self.heading is None and not self.lists:
            self._block(alone)
            return
        style = self._style()
        spans = self._spans(token.children or [], style)
        if not any(span.text.strip() for span in spans):
            return
        indent = _INDENT * (len(self.lists) + self.quoted)
        self.story.append(
            TextBlock(
                spans,
                style,
                indent=indent,
                mark=self.mark,
                outline=None if self.heading is None else self.heading - 1,
                element=Element(
                    "P" if self.heading is None else HEADINGS[self.heading - 1], parent=self._here
                ),
            )
        )
        self.mark = ""

    def _block(self, block: Block) -> None:
        """Add a block. One that holds nothing, such as a set without pictures, takes its heading with it."""
        flowables = self.build_block(block)
        last = self.story[-1] if self.story else None
        if not flowables and isinstance(last, TextBlock) and last.outline is not None:
            self.story.pop()
        self.story.extend(flowables)

    def _style(self) -> TextStyle:
        if self.heading is not None:
            return self.theme.headings[self.heading - 1]
        if self.quoted:
            return self.theme.lead.but(color=self.theme.quiet)
        return replace(self.theme.body, space_after=3.5) if self.lists else self.theme.body

    def _spans(self, children: Sequence[Token], style: TextStyle) -> list[Span]:
        spans: list[Span] = []
        faces = [style.face]
        link: str | None = None
        for child in children:
            face = faces[-1]
            color = self.theme.accent if link else None
            match child.type:
                case "text" | "code_inline":
                    font = Face.SANS if child.type == "code_inline" else face
                    spans.append(Span(self._values(child.content), font, color, link))
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

    def _values(self, text: str) -> str:
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
            scheme = urlsplit(full).scheme.lower()
        except ValueError:
            scheme = ""
        if scheme in _SCHEMES and not any(ord(character) < 33 or ord(character) > 126 for character in full):
            return full
        if holds_data:
            return None
        raise self.page.problem(
            f"link {address!r}: only https and mailto addresses can be linked", near=address
        )
