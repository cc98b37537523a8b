"""A rendered page's Markdown, turned into flowables with values and blocks in their places.

CommonMark without HTML and pictures, and of GitHub's: tables, footnotes, and quotes that begin with
``[!note]``, ``[!good]`` or ``[!warning]``, which are call-outs. Links lead to https and mailto only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from markdown_it import MarkdownIt
from markdown_it.token import Token
from reportlab.platypus.flowables import Flowable

from broadsheet.pipeline.document.alerts import is_titled, title_of, tone_of
from broadsheet.pipeline.document.callouts import Callout, Tone
from broadsheet.pipeline.document.elements import HEADINGS, Element, Numbering, Tag
from broadsheet.pipeline.document.figures import Rule
from broadsheet.pipeline.document.fonts import Face
from broadsheet.pipeline.document.footnotes import Footnotes, take_out
from broadsheet.pipeline.document.inline import InlineReader, MakeReference
from broadsheet.pipeline.document.layout import Columns
from broadsheet.pipeline.document.lines import Span
from broadsheet.pipeline.document.notes import FootnoteLine, FootnoteRule
from broadsheet.pipeline.document.page_notes import PageNotes
from broadsheet.pipeline.document.template import Block, Page
from broadsheet.pipeline.document.text import TextBlock
from broadsheet.pipeline.document.text_table import Cell, TextTable
from broadsheet.pipeline.document.theme import TextStyle, Theme

_INDENT = 18.0
_MOST_AT_FOOT = 0.25
"""Share of a page that a footnote may take at its foot."""
_WHOLE_WIDTH = ("pagebreak", "columns", "contents", "cover")


class BlockBuilder(Protocol):
    """Makes a block's flowables; ``narrow`` ones stand in a column."""

    def __call__(self, block: Block, *, narrow: bool) -> Sequence[Flowable]: ...


def build_flowables(
    page: Page, build_block: BlockBuilder, *, theme: Theme, refer: MakeReference
) -> list[Flowable]:
    """Parse a page and return its flowables in reading order; DefinitionError for what it may not hold."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    markdown, footnotes = take_out(page)
    reader = _Reader(page, build_block, theme, footnotes=footnotes, refer=refer, parser=parser)
    return reader.read(parser.parse(markdown))


@dataclass
class _Container:
    """A part that holds others, while it is read: a call-out, or columns."""

    kind: str
    outer: list[Flowable]
    tone: Tone = Tone.NOTE
    stacks: list[list[Flowable]] = field(default_factory=list)


@dataclass
class _Table:
    """A Markdown table, while it is read."""

    right: list[bool] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)


class _Reader:
    """Walks through the parser's tokens; its state is where in the page it is."""

    def __init__(
        self,
        page: Page,
        build_block: BlockBuilder,
        theme: Theme,
        *,
        footnotes: Footnotes,
        refer: MakeReference,
        parser: MarkdownIt,
    ) -> None:
        self.page = page
        self.theme = theme
        self.build_block = build_block
        self.footnotes = footnotes
        self.parser = parser
        self.inline = InlineReader(page, theme, footnotes=footnotes, refer=refer)
        self.story: list[Flowable] = []
        self.containers: list[_Container] = []
        self.quotes: list[bool] = []
        self.lists: list[int | None] = []
        # The lists, items and quotations around what comes next, from the outermost inwards.
        self.around: list[Element] = []
        self.table: _Table | None = None
        self.mark = ""
        self.heading: int | None = None
        self.page_notes: dict[int, FootnoteLine] = {}

    def read(self, tokens: Sequence[Token]) -> list[Flowable]:
        for number, token in enumerate(tokens):
            # Of what follows, a quote asks for its first words.
            self._take(token, tokens[number + 1 : number + 3])
        if self.containers:
            raise self.page.problem("columns() is never ended: write {{ end_columns() }}", near="columns(")
        self._set_footnotes()
        self.footnotes.check()
        return [*self.story, PageNotes(self.page_notes)] if self.page_notes else self.story

    def _take(self, token: Token, following: Sequence[Token]) -> None:
        match token.type:
            case "heading_open":
                self.heading = min(int(token.tag[1]), 3)
                if self.heading < 3 and not self.containers:
                    self._set_footnotes()
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
                self._open_quote(following)
            case "blockquote_close":
                self._close_quote()
            case "hr":
                self.story.append(Rule(self.theme))
            case "fence" | "code_block":
                self._code(token.content)
            case "table_open":
                self.table = _Table()
            case "tr_open":
                self._table.rows.append([])
            case "th_open":
                self._table.right.append("right" in str(token.attrs.get("style", "")))
            case "table_close":
                self._close_table()
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
        lines = self.inline.values(content.rstrip("\n")).split("\n")
        spans = [Span(line or " ", Face.SANS, breaks=True) for line in lines]
        element = Element("Code", parent=Element("P", parent=self._here))
        self.story.append(TextBlock(spans, self.theme.code, indent=12, element=element))

    def _inline(self, token: Token) -> None:
        if blocks := self._blocks_alone(token.content):
            for block in blocks:
                self._block(block)
            return
        style = self._style()
        children = token.children or []
        if self.table is not None:
            head = len(self.table.rows) == 1
            self._table.rows[-1].append(
                self.inline.spans(children, self.theme.cell_head if head else self.theme.cell)
            )
            return
        if self._in_callout and is_titled(token.content) and not self.story:
            title, children = title_of(token, self.containers[-1].tone, inline=self.inline, theme=self.theme)
            self.story.append(title)
        spans = self.inline.spans(children, style)
        if not any(span.text.strip() for span in spans):
            return
        indent = _INDENT * (len(self.lists) + sum(self.quotes))
        outline = None if self.heading is None else self.heading - 1
        element = Element("P" if outline is None else HEADINGS[outline], parent=self._here)
        self.story.append(
            TextBlock(spans, style, indent=indent, mark=self.mark, outline=outline, element=element)
        )
        self.mark = ""

    def _blocks_alone(self, content: str) -> list[Block]:
        """Return the blocks of a paragraph that holds nothing else, each on a line."""
        if self.heading is not None or self.lists or self.table is not None:
            return []
        parts = [self.page.parts.get(line.strip()) for line in content.split("\n")]
        blocks = [part for part in parts if isinstance(part, Block) and part.kind != "ref"]
        return blocks if len(blocks) == len(parts) else []

    @property
    def _in_callout(self) -> bool:
        return bool(self.containers) and self.containers[-1].kind == "callout"

    @property
    def _table(self) -> _Table:
        return self.table if self.table is not None else _Table()

    def _style(self) -> TextStyle:
        theme = self.theme
        if self.heading is not None:
            return theme.headings[self.heading - 1]
        if any(container.kind == "callout" for container in self.containers):
            return theme.callout
        if any(self.quotes):
            return theme.lead.but(color=theme.quiet)
        return replace(theme.body, space_after=3.5) if self.lists else theme.body

    # -- blocks, and what holds them

    def _block(self, block: Block) -> None:
        """Add a block. One that holds nothing, such as a set without pictures, takes its heading with it."""
        narrow = any(container.kind == "columns" for container in self.containers)
        if self.containers and block.kind in _WHOLE_WIDTH:
            raise self.page.problem(
                f"{block.kind}() cannot stand within columns or a call-out", near=f"{block.kind}("
            )
        match block.kind:
            case "columns":
                self.containers.append(_Container("columns", self.story))
                self.story = []
            case "column" | "end_columns":
                self._end_column(block.kind)
            case _:
                flowables = self.build_block(block, narrow=narrow)
                last = self.story[-1] if self.story else None
                if not flowables and isinstance(last, TextBlock) and last.outline is not None:
                    self.story.pop()
                self.story.extend(flowables)

    def _end_column(self, kind: str) -> None:
        if not self.containers or self.containers[-1].kind != "columns":
            raise self.page.problem(f"{kind}() needs a {{{{ columns() }}}} before it", near=f"{kind}(")
        columns = self.containers[-1]
        columns.stacks.append(self.story)
        if len(columns.stacks) > 2 or (kind == "column" and len(columns.stacks) == 2):
            raise self.page.problem("columns() has two columns, one column() between them", near="columns(")
        self.story = []
        if kind == "end_columns":
            self.containers.pop()
            self.story = columns.outer
            if any(columns.stacks):
                self.story.append(Columns(columns.stacks, theme=self.theme))

    def _open_quote(self, following: Sequence[Token]) -> None:
        """Begin a quote, or a call-out where its first words say so."""
        tone = tone_of(following, self.page)
        self.quotes.append(tone is None)
        if tone is None:
            self._enter("BlockQuote")
            return
        self.containers.append(_Container("callout", self.story, tone))
        self.story = []

    def _close_quote(self) -> None:
        if self.quotes.pop():
            self.around.pop()
            return
        callout = self.containers.pop()
        content, self.story = self.story, callout.outer
        self.story.append(Callout(callout.tone, content, theme=self.theme))

    def _close_table(self) -> None:
        table, self.table = self._table, None
        if table.rows:
            self.story.append(TextTable(table.rows[0], table.rows[1:], right=table.right, theme=self.theme))

    def _set_footnotes(self) -> None:
        """Set the footnotes that were referred to since the last heading.

        They stand at the foot of their page, but those that would take too much of it end the section.
        """
        ending: list[FootnoteLine] = []
        for number, text in self.footnotes.take():
            children = self.parser.parseInline(text)[0].children or []
            spans = self.inline.spans(children, self.theme.footnote)
            note = FootnoteLine(spans, self.theme.footnote, number=number)
            if note.wrap(self.theme.content_width, 0)[1] > _MOST_AT_FOOT * self.theme.content_height:
                ending.append(note)
            else:
                self.page_notes[number] = note
        if ending:
            self.story += [FootnoteRule(self.theme), *ending]
